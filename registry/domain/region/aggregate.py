"""Declaration of the aggregate for regions: commands, the roles that may give them, and owners."""

from collections.abc import Collection
from types import MappingProxyType
from typing import Final

from events.schemas.access import Role
from registry.domain.aggregate import Aggregate, CommandType
from registry.domain.decider import Command
from registry.domain.permissions import ONLY_CONSOLE, OWNER_AND_AUTHORITY, REGISTRY, Allowed, Scope
from registry.domain.region import commands as do
from registry.domain.region import examples
from registry.domain.region.decider import REGION
from registry.domain.region.state import State

BY_SPONSOR: Final[Allowed] = MappingProxyType(
    {
        Role.SPONSOR: Scope.OWN,
        Role.SECOND_SPONSOR: Scope.OWN,
        Role.COORDINATOR: Scope.OWN,
        Role.REGISTRY: Scope.ANY,
    }
)
"""The sponsors of the programme, and the coordinator of the region."""
BY_AUTHORITY: Final[Allowed] = MappingProxyType({Role.AUTHORITY: Scope.OWN, Role.REGISTRY: Scope.ANY})
BY_ETHICS: Final[Allowed] = MappingProxyType({Role.ETHICS_BODY: Scope.OWN, Role.REGISTRY: Scope.ANY})
BY_REVIEWERS: Final[Allowed] = MappingProxyType({**BY_AUTHORITY, **BY_ETHICS})
BY_BOTH: Final[Allowed] = MappingProxyType({**BY_SPONSOR, **BY_AUTHORITY})
BY_ALL: Final[Allowed] = MappingProxyType({**BY_BOTH, **BY_ETHICS})


def owners_of(region: State, role: Role, _: str | None) -> Collection[str]:
    """The owners of a region in a role: its authorities for their acts, and so on."""
    if region is None:
        return ()
    match role:
        case Role.SPONSOR:
            return region.sponsors
        case Role.SECOND_SPONSOR:
            return region.second_sponsors
        case Role.COORDINATOR:
            return () if region.terms.coordinator is None else (region.terms.coordinator,)
        case Role.AUTHORITY:
            return region.terms.authorities
        case Role.ETHICS_BODY:
            return region.terms.ethics_bodies
        case _:
            return ()


def _type(action: str, model: type[Command], allowed: Allowed) -> CommandType:
    return CommandType(f"region.{action}", model, allowed, examples.REGION[action] if allowed else {})


AGGREGATE: Final = Aggregate(
    category="region",
    decider=REGION,
    collection="regions",
    owners=owners_of,
    readers=OWNER_AND_AUTHORITY,
    commands=(
        _type("begin", do.BeginRegion, ONLY_CONSOLE),
        _type("note-programme", do.NoteProgramme, ONLY_CONSOLE),
        _type("link-registration", do.LinkRegistration, ONLY_CONSOLE),
        _type("unlink-registration", do.UnlinkRegistration, ONLY_CONSOLE),
        _type("note-joint-conclusion", do.NoteJointConclusion, ONLY_CONSOLE),
        _type("note-application-end", do.NoteApplicationEnd, ONLY_CONSOLE),
        _type("note-silence", do.NoteSilence, ONLY_CONSOLE),
        _type("amend-terms", do.AmendTerms, REGISTRY),
        _type("record-milestone", do.RecordRegionMilestone, BY_ALL),
        _type("set-due", do.SetDue, BY_REVIEWERS),
        _type("submit-application", do.SubmitApplication, BY_SPONSOR),
        _type("validate-application", do.ValidateApplication, BY_AUTHORITY),
        _type("ask-question", do.AskQuestion, BY_REVIEWERS),
        _type("answer-question", do.AnswerQuestion, BY_SPONSOR),
        _type("share-paper", do.SharePaper, BY_AUTHORITY),
        _type("stop-clock", do.StopClock, BY_AUTHORITY),
        _type("resume-clock", do.ResumeClock, BY_AUTHORITY),
        _type("conclude-assessment", do.ConcludeAssessment, BY_AUTHORITY),
        _type("opt-out", do.OptOutOfConclusion, BY_AUTHORITY),
        _type("give-ethics-opinion", do.GiveEthicsOpinion, BY_ETHICS),
        _type("decide-application", do.DecideApplication, BY_AUTHORITY),
        _type("meet-condition", do.MeetCondition, BY_AUTHORITY),
        _type("record-permission", do.RecordPermission, BY_BOTH),
        _type("withdraw-application", do.WithdrawApplication, BY_SPONSOR),
        _type("publish-filing", do.PublishFiling, BY_BOTH),
        _type("record-version", do.RecordVersion, BY_BOTH),
        _type("halt", do.HaltRegion, BY_ALL),
        _type("lift-halt", do.LiftRegionHalt, BY_ALL),
        _type("take-urgent-measure", do.TakeUrgentMeasure, BY_SPONSOR),
        _type("order-corrective-measure", do.OrderCorrectiveMeasure, BY_AUTHORITY),
        _type("expire-permission", do.ExpirePermission, BY_BOTH),
        _type("end", do.EndRegion, BY_SPONSOR),
        _type("leave", do.LeaveProgramme, BY_SPONSOR),
        _type("correct-event", do.CorrectRegionEvent, BY_ALL),
    ),
)
