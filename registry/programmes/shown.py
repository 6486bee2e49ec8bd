"""A programme as readers get it: its registrations, protocols and regions, its halts, and what it waits for."""

from collections.abc import Iterator

from events.schemas.gates import RegionCode
from events.schemas.halts import Halt, StandingHalt
from events.schemas.programme import (
    Details,
    GivenNumber,
    HaltReach,
    Protocol,
    ProtocolVersion,
    RegistrationLinked,
    Sponsor,
)
from events.schemas.region_parts import EndKind, JointStep
from events.schemas.status import RegionState
from events.schemas.values import CountryCode, Identifier, ItemId, Line, Value
from registry.programmes.board import NamedOnly, named_only, standing
from registry.programmes.seeing import Viewer


class LinkedRegistration(Value):
    """A registration of the programme."""

    registration: ItemId
    trial: Identifier | None = None
    """Of this registry; absent also where the asker may not read the trial."""
    number: GivenNumber | None = None
    protocol: ItemId | None = None


class RegionNamed(Value):
    """A region that has joined."""

    region: RegionCode
    country: CountryCode
    regime: Line
    state: RegionState | None = None
    """Absent where the asker may not read it: nothing is public before the authority has decided."""


class HaltShown(Value):
    """A halt of the programme that stands."""

    halt: Halt | StandingHalt
    """Its reason and the care of participants are in it where the asker may read them."""
    reach: HaltReach | None = None
    """Absent: the whole programme."""


class ProgrammeShown(Value):
    """A programme."""

    programme: Identifier
    owner: Identifier
    details: Details
    sponsors: tuple[Sponsor, ...]
    protocols: tuple[Protocol, ...]
    versions: tuple[ProtocolVersion, ...]
    registrations: tuple[LinkedRegistration, ...]
    regions: tuple[RegionNamed, ...]
    named: tuple[NamedOnly, ...]
    """Countries that were named and have not joined: nothing else is known of them."""
    joint_steps: tuple[JointStep, ...]
    halts: tuple[HaltShown, ...]
    ended: EndKind | None = None


def programme_shown(viewer: Viewer) -> ProgrammeShown:
    """The programme as the asker may read it."""
    state = viewer.whole.state
    return ProgrammeShown(
        programme=viewer.whole.id,
        owner=state.owner,
        details=state.details,
        sponsors=tuple(state.sponsors.values()),
        protocols=tuple(state.protocols.values()),
        versions=tuple(state.versions.values()),
        registrations=tuple(_registration(viewer, one) for one in state.links.values()),
        regions=tuple(_regions(viewer)),
        named=named_only(viewer.whole),
        joint_steps=tuple(_joint_steps(viewer)),
        halts=tuple(HaltShown(halt=halt_shown(viewer, one.halt), reach=one.reach) for one in state.halts.values()),
        ended=state.ended,
    )


def _joint_steps(viewer: Viewer) -> Iterator[JointStep]:
    """The joint steps whose lead region the asker may read: any other would reveal an application."""
    for step in viewer.whole.state.joint_steps.values():
        lead = viewer.whole.regions.get(step.lead)
        if viewer.takes_part or (lead is not None and viewer.reads_region(lead.state)):
            yield step


def halt_shown(viewer: Viewer, halt: Halt) -> Halt | StandingHalt:
    """The halt, without its texts where they are not public yet."""
    return halt if viewer.reads_halt(halt) else halt.standing()


def _registration(viewer: Viewer, link: RegistrationLinked) -> LinkedRegistration:
    readable = link.trial in viewer.whole.trials or viewer.sponsors
    trial = link.trial if readable else None
    return LinkedRegistration(registration=link.registration, trial=trial, number=link.number, protocol=link.protocol)


def _regions(viewer: Viewer) -> Iterator[RegionNamed]:
    for code, terms in sorted(viewer.whole.state.regions.items()):
        state = standing(viewer, code)
        yield RegionNamed(region=code, country=terms.country, regime=terms.regime, state=state)


class ProgrammeListed(Value):
    """A programme in a list."""

    programme: Identifier
    owner: Identifier
    details: Details
    regions: tuple[RegionNamed, ...]
    named: tuple[CountryCode, ...]
    """Countries that were only named."""
    halted: bool
    """Whether a halt of the programme, or of a part of it, stands."""
    ended: EndKind | None = None


def listed(viewer: Viewer) -> ProgrammeListed:
    """The programme as a list has it."""
    state = viewer.whole.state
    return ProgrammeListed(
        programme=viewer.whole.id,
        owner=state.owner,
        details=state.details,
        regions=tuple(_regions(viewer)),
        named=tuple(dict.fromkeys(one.country for one in named_only(viewer.whole))),
        halted=bool(state.halts),
        ended=state.ended,
    )
