"""The facts that decisions about a programme need."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from events.schemas.halts import Halt
from events.schemas.programme import (
    Details,
    HaltReach,
    ProgrammeEvent,
    Protocol,
    ProtocolVersion,
    RegionDeclared,
    RegistrationLinked,
    Sponsor,
    SponsorKind,
)
from events.schemas.region_parts import EndKind, JointStep, Terms
from registry.domain.correcting import Occurrence


@dataclass(frozen=True, slots=True)
class Halted:
    """A halt that stands, and the part of the programme that it is for."""

    halt: Halt
    reach: HaltReach | None


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme that exists."""

    version: int
    owner: str
    details: Details
    sponsors: Mapping[str, Sponsor] = field(default_factory=dict)
    """Beside the owner, by organisation; the owner, too, where an event names the protocols that it sponsors."""
    protocols: Mapping[str, Protocol] = field(default_factory=dict)
    versions: Mapping[tuple[str, str], ProtocolVersion] = field(default_factory=dict)
    """By protocol and version."""
    links: Mapping[str, RegistrationLinked] = field(default_factory=dict)
    declared: tuple[RegionDeclared, ...] = ()
    """Countries that somebody named; some of them may have joined since."""
    regions: Mapping[str, Terms] = field(default_factory=dict)
    """Those that joined, by code."""
    joint_steps: Mapping[str, JointStep] = field(default_factory=dict)
    halts: Mapping[str, Halted] = field(default_factory=dict)
    """Those that stand."""
    halted_before: frozenset[str] = frozenset()
    ended: EndKind | None = None
    occurrences: tuple[Occurrence[ProgrammeEvent], ...] = ()

    def sponsoring(self, kind: SponsorKind) -> tuple[str, ...]:
        """The organisations that are sponsors of a kind; the owner is one."""
        named = tuple(one.organisation for one in self.sponsors.values() if one.kind is kind)
        own = (self.owner,) if kind is SponsorKind.SPONSOR else ()
        return tuple(dict.fromkeys((*own, *named)))

    @property
    def trials(self) -> tuple[str, ...]:
        """The trials of this registry that are linked."""
        return tuple(one.trial for one in self.links.values() if one.trial is not None)


State: TypeAlias = Programme | None
"""None: no programme is registered under this id."""
