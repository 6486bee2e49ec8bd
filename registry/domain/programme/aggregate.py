"""Declaration of the aggregate for programmes: commands, the roles that may give them, and owners."""

from collections.abc import Collection
from types import MappingProxyType
from typing import Final

from events.schemas.access import Role
from events.schemas.programme import SponsorKind
from registry.domain.aggregate import Aggregate, CommandType
from registry.domain.decider import Command
from registry.domain.permissions import OWNER, OWNER_AND_AUTHORITY, Allowed, Scope
from registry.domain.programme import commands as do
from registry.domain.programme import examples
from registry.domain.programme.decider import PROGRAMME
from registry.domain.programme.state import State

BY_SPONSORS: Final[Allowed] = MappingProxyType({**OWNER, Role.SECOND_SPONSOR: Scope.OWN})
BY_SPONSORS_PEOPLE: Final[Allowed] = MappingProxyType({**BY_SPONSORS, Role.COORDINATOR: Scope.OWN})


def owners_of(programme: State, role: Role, _: str | None) -> Collection[str]:
    """The owners of a programme in a role."""
    if programme is None:
        return ()
    match role:
        case Role.SPONSOR:
            return programme.sponsoring(SponsorKind.SPONSOR)
        case Role.SECOND_SPONSOR:
            return programme.sponsoring(SponsorKind.SECOND_SPONSOR)
        case Role.COORDINATOR:
            return [one.coordinator for one in programme.regions.values() if one.coordinator is not None]
        case _:
            return ()


def _type(action: str, model: type[Command], allowed: Allowed) -> CommandType:
    return CommandType(f"programme.{action}", model, allowed, examples.PROGRAMME[action])


AGGREGATE: Final = Aggregate(
    category="programme",
    decider=PROGRAMME,
    collection="programmes",
    owners=owners_of,
    readers=OWNER_AND_AUTHORITY,
    commands=(
        _type("register", do.RegisterProgramme, OWNER),
        _type("amend", do.AmendProgramme, OWNER),
        _type("add-sponsor", do.AddSponsor, OWNER),
        _type("remove-sponsor", do.RemoveSponsor, OWNER),
        _type("add-protocol", do.AddProtocol, BY_SPONSORS),
        _type("add-protocol-version", do.AddProtocolVersion, BY_SPONSORS),
        _type("link-registration", do.LinkToProgramme, OWNER),
        _type("unlink-registration", do.UnlinkFromProgramme, OWNER),
        _type("declare-region", do.DeclareRegion, BY_SPONSORS_PEOPLE),
        _type("join-region", do.JoinRegion, OWNER),
        _type("set-joint-step", do.SetJointStep, OWNER),
        _type("halt", do.HaltProgramme, BY_SPONSORS),
        _type("lift-halt", do.LiftProgrammeHalt, BY_SPONSORS),
        _type("end", do.EndProgramme, OWNER),
        _type("correct-event", do.CorrectProgrammeEvent, BY_SPONSORS),
    ),
)
