"""Who may do what: one table, and the function that reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Final

from events.schemas import trial as events
from events.schemas.access import Role
from registry.domain.commands import name_of
from registry.domain.decider import Command
from registry.domain.trial import commands as do
from registry.domain.trial.state import State, Trial
from registry.domain.trial.told import Dated, Told, find


class Scope(Enum):
    """On what a permission holds: one's own trials and sites, or any."""

    OWN = auto()
    ANY = auto()


class NotPermitted(Exception):
    """The bearer's role does not allow this command here."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: an opaque token id, its role, and the organisation it stands for."""

    token: str
    role: Role
    organisation: str


ANONYMOUS: Final = Actor(token="anonymous", role=Role.PUBLIC, organisation="public")
CONSOLE: Final = Actor(token="console", role=Role.REGISTRY, organisation="registry")
"""The operator at the installation's own command line."""

_OWNER = MappingProxyType({Role.SPONSOR: Scope.OWN, Role.REGISTRY: Scope.ANY})
_SITE = MappingProxyType({Role.SITE: Scope.OWN, Role.SPONSOR: Scope.OWN, Role.REGISTRY: Scope.ANY})
_AUTHORITY = MappingProxyType({Role.REGULATOR: Scope.ANY, Role.REGISTRY: Scope.ANY})
_REGISTRY = MappingProxyType({Role.REGISTRY: Scope.ANY})

PERMISSIONS: Final[Mapping[type[Command], Mapping[Role, Scope]]] = MappingProxyType(
    {
        do.RegisterTrial: _OWNER,
        do.PublishTrial: _REGISTRY,
        do.ImportTrial: _REGISTRY,
        do.AdoptTrial: _REGISTRY,
        do.RestoreTrial: _REGISTRY,
        do.IdentifyTrial: _REGISTRY,
        do.AmendTrial: _OWNER,
        do.CorrectTrial: _OWNER,
        do.ChangeOwner: _REGISTRY,
        do.CorrectEvent: _OWNER | _AUTHORITY,
        do.CorrectSiteEvent: _SITE | _AUTHORITY,
        do.ChangeAuthorisation: _AUTHORITY,
        do.ChangeRecruitment: _OWNER,
        do.RecordFirstParticipant: _OWNER,
        do.CompleteTrial: _OWNER,
        do.DiscontinueTrial: _OWNER,
        do.WithdrawTrial: _OWNER,
        do.PostResults: _OWNER,
        do.AddSite: _OWNER,
        do.AmendSite: _OWNER,
        do.IdentifySite: _REGISTRY,
        do.ChangeSiteAuthorisation: _AUTHORITY,
        do.OpenSite: _SITE,
        do.PauseSite: _SITE,
        do.CloseSite: _SITE,
        do.LeaveTrial: _SITE,
        do.VerifySiteStatus: _SITE,
        do.ReportEnrolment: _SITE,
        do.AskTakeBack: _SITE,
        do.DeclineTakeBack: _REGISTRY,
    }
)

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
"""By which command an event came about: who may give that may correct the event."""


def check_role(actor: Actor, kind: type[Command]) -> Scope:
    """On what the actor may give commands of this kind; raises NotPermitted where on nothing.

    Needs neither the command nor the trial, so that it can be asked before a body is read.
    """
    scope = PERMISSIONS[kind].get(actor.role)
    if scope is None:
        raise _refusal(actor, kind)
    return scope


def check_place(actor: Actor, kind: type[Command], state: Any, site: str | None = None) -> None:
    """Raises NotPermitted where the actor may give no command of this kind to the trial, or site, as it stands."""
    if check_role(actor, kind) is Scope.OWN and not _owns(actor, kind, state, site):
        raise _refusal(actor, kind)


def check(actor: Actor, command: Command, state: Any) -> None:
    """Raises NotPermitted where the actor may not give this command to the trial as it stands."""
    site = command.site if isinstance(command, do.OnSite) else None
    check_place(actor, type(command), state, site)
    if isinstance(command, do.Correction) and (wrong := _corrected(command, state, site)) is not None:
        check_place(actor, GIVEN_BY[type(wrong.event)], state, site)
    if isinstance(command, do.RegisterTrial) and not _registers_for(actor, command.owner):
        raise _refusal(actor, type(command))


def _corrected(command: do.Correction, state: State, site: str | None) -> Told | None:
    if state is None or (site is not None and site not in state.sites):
        return None
    told = state.told if site is None else state.sites[site].told
    return find(told, command.corrects, of_site=site is not None)


def _refusal(actor: Actor, kind: type[Command]) -> NotPermitted:
    return NotPermitted(f"{actor.role} of {actor.organisation} may not send {name_of(kind)} here")


def _registers_for(actor: Actor, owner: str | None) -> bool:
    return check_role(actor, do.RegisterTrial) is Scope.ANY or owner in (None, actor.organisation)


def _owns(actor: Actor, kind: type[Command], state: State, site: str | None) -> bool:
    if kind is do.RegisterTrial:
        return True
    if state is None:
        return False
    if actor.role is Role.SITE:
        return site is not None and issubclass(kind, do.OnSite) and _own_site(actor, state, site)
    return state.owner == actor.organisation


def _own_site(actor: Actor, trial: Trial, site: str) -> bool:
    known = trial.sites.get(site)
    return known is not None and known.organisation == actor.organisation


def may_see(actor: Actor, *, published: bool, owner: str | None) -> bool:
    """Whether the actor may read a trial: what is public, one's own, and everything for registry and regulators."""
    own = owner is not None and owner == owns_for(actor)
    return published or own or actor.role in (Role.REGISTRY, Role.REGULATOR)


def owns_for(actor: Actor) -> str | None:
    """The organisation whose drafts the actor may read; the public stands for nobody, whatever its name."""
    return None if actor.role is Role.PUBLIC else actor.organisation


def may_see_imports(actor: Actor) -> bool:
    """Whether the actor may read the receipts of imports, which name files and faults of partners."""
    return actor.role in (Role.REGISTRY, Role.REGULATOR)


def may_see_raw_documents(actor: Actor) -> bool:
    """Whether the actor may read what partners sent as it came, with whole contacts in it."""
    return actor.role in (Role.REGISTRY, Role.REGULATOR)


def may_see_actors(actor: Actor) -> bool:
    """Whether the actor may read who exactly did a thing; others see the organisation."""
    return actor.role in (Role.REGISTRY, Role.REGULATOR)


def may_see_withheld(actor: Actor) -> bool:
    """Whether the actor may read a text that a site asked to take back, while the office has not decided."""
    return actor.role in (Role.REGISTRY, Role.REGULATOR)
