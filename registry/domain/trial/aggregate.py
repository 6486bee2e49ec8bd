"""Declaration of the aggregate for trials: commands, the roles that may give them, and owners."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from events.schemas import trial as events
from events.schemas.access import Role
from registry.domain.aggregate import Aggregate, CommandType
from registry.domain.decider import Command
from registry.domain.permissions import (
    AUTHORITY,
    ONLY_CONSOLE,
    OWNER,
    OWNER_AND_AUTHORITY,
    REGISTRY,
    SITE,
    Allowed,
    Scope,
)
from registry.domain.trial import commands as do
from registry.domain.trial import coordinating, examples
from registry.domain.trial.decider import TRIAL
from registry.domain.trial.occurrences import Dated, find
from registry.domain.trial.state import State

GIVEN_BY: Final[Mapping[type[Dated], type[Command]]] = MappingProxyType(
    {
        events.TrialAuthorisationChanged: do.ChangeAuthorisation,
        events.TrialRecruitmentChanged: do.ChangeRecruitment,
        events.FirstParticipantRecorded: do.RecordFirstParticipant,
        events.TrialCompleted: do.CompleteTrial,
        events.TrialDiscontinued: do.DiscontinueTrial,
        events.TrialWithdrawn: do.WithdrawTrial,
        events.SiteAuthorisationChanged: do.ChangeSiteAuthorisation,
        events.SiteOpened: do.OpenSite,
        events.SitePaused: do.PauseSite,
        events.SiteClosed: do.CloseSite,
        events.SiteLeft: do.LeaveTrial,
        events.SiteVerified: do.VerifySiteStatus,
        events.EnrolmentReported: do.ReportEnrolment,
    }
)
"""The command by which an event came about: an actor that may give it may correct the event."""


_OF_SITE: Final = frozenset({Role.SITE, Role.INSTITUTION, Role.ETHICS_BODY})
"""Roles to which a site may be their own, never a trial."""
AT_SITE: Final[Allowed] = MappingProxyType(dict(SITE) | dict.fromkeys((Role.INSTITUTION, Role.ETHICS_BODY), Scope.OWN))
"""The roles that state acts of a site or halt it, each in its own name."""
COORDINATOR: Final[Allowed] = MappingProxyType({Role.COORDINATOR: Scope.OWN})
"""A sponsor's own."""


def owners_of(trial: State, role: Role, site: str | None) -> Collection[str]:
    """A trial is its sponsor's; to a site, only what that site itself does is its own.

    Likewise for the institution of a site. To an ethics body, a site is its own where it is named as the one whose act
    the site waits for, or has.
    """
    if trial is None:
        return ()
    if role not in _OF_SITE:
        return () if trial.owner is None else (trial.owner,)
    known = trial.sites.get(site or "")
    if known is None:
        return ()
    if role is Role.ETHICS_BODY:
        return {one.body for one in known.milestones.values() if one.body is not None}
    return () if known.organisation is None else (known.organisation,)


def implied(command: Command, trial: State) -> type[Command] | None:
    """Correcting an event takes the right to give the command that it came about by."""
    if not isinstance(command, do.Correction) or trial is None:
        return None
    site = command.site if isinstance(command, do.CorrectSiteEvent) else None
    if site is not None and site not in trial.sites:
        return None
    occurrences = trial.occurrences if site is None else trial.sites[site].occurrences
    wrong = find(occurrences, command.corrects, of_site=site is not None)
    return None if wrong is None else GIVEN_BY[type(wrong.event)]


def _trial(action: str, model: type[Command], allowed: Allowed, *, numbered: bool = False) -> CommandType:
    example = examples.TRIAL[action] if allowed else {}
    return CommandType(f"trial.{action}", model, allowed, example, numbered=numbered)


def _site(action: str, model: type[Command], allowed: Allowed, *, at: tuple[str, ...] = ("site",)) -> CommandType:
    return CommandType(f"site.{action}", model, allowed, examples.SITES[action], part_at=at)


AGGREGATE: Final = Aggregate(
    category="trial",
    decider=TRIAL,
    collection="trials",
    parts=MappingProxyType({"site": "sites"}),
    owners=owners_of,
    implies=implied,
    readers=OWNER_AND_AUTHORITY,
    commands=(
        _trial("register", do.RegisterTrial, OWNER),
        _trial("publish", do.PublishTrial, REGISTRY, numbered=True),
        _trial("adopt", do.AdoptTrial, REGISTRY, numbered=True),
        _trial("amend", do.AmendTrial, OWNER),
        _trial("correct", do.CorrectTrial, OWNER),
        _trial("change-owner", do.ChangeOwner, REGISTRY),
        _trial("correct-event", do.CorrectEvent, {**OWNER, **AUTHORITY}),
        _trial("change-authorisation", do.ChangeAuthorisation, AUTHORITY),
        _trial("change-recruitment", do.ChangeRecruitment, OWNER),
        _trial("record-first-participant", do.RecordFirstParticipant, OWNER),
        _trial("complete", do.CompleteTrial, OWNER),
        _trial("discontinue", do.DiscontinueTrial, OWNER),
        _trial("withdraw", do.WithdrawTrial, OWNER),
        _trial("post-results", do.PostResults, OWNER),
        _trial("import", do.ImportTrial, ONLY_CONSOLE),
        _trial("restore", do.RestoreTrial, ONLY_CONSOLE),
        _trial("identify", do.IdentifyTrial, ONLY_CONSOLE),
        _trial("set-gate", coordinating.SetGate, ONLY_CONSOLE),
        _trial("remove-gate", coordinating.RemoveGate, ONLY_CONSOLE),
        _site("add", do.AddSite, OWNER, at=("site", "site")),
        _site("amend", do.AmendSite, OWNER),
        _site("identify", do.IdentifySite, REGISTRY),
        _site("change-authorisation", do.ChangeSiteAuthorisation, AUTHORITY),
        _site("open", do.OpenSite, SITE),
        _site("pause", do.PauseSite, SITE),
        _site("close", do.CloseSite, SITE),
        _site("leave", do.LeaveTrial, SITE),
        _site("verify", do.VerifySiteStatus, SITE),
        _site("report-enrolment", do.ReportEnrolment, SITE),
        _site("correct-event", do.CorrectSiteEvent, {**SITE, **AUTHORITY}),
        _site("record-milestone", coordinating.RecordMilestone, {**AT_SITE, **COORDINATOR}),
        _site("correct-milestone", coordinating.CorrectMilestone, {**AT_SITE, **COORDINATOR}),
        _site("halt", coordinating.HaltSite, AT_SITE),
        _site("lift-halt", coordinating.LiftSiteHalt, AT_SITE),
        _site("ask-take-back", do.AskTakeBack, SITE),
        _site("decline-take-back", do.DeclineTakeBack, REGISTRY),
    ),
)
