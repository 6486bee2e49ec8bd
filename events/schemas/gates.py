"""A gate: what a region or a programme means for the sites of a trial that is linked to it.

It is computed from the state of the region or the programme and kept in the trial's own stream, so that whether a site
may open is decided from one stream alone.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Final, TypeAlias
from uuid import UUID, uuid5

from pydantic import Field, StringConstraints

from events.schemas.bounds import UpTo1000
from events.schemas.ethics import EthicsShape
from events.schemas.halts import StandingHalt
from events.schemas.status import RegionState
from events.schemas.values import CountryCode, Identifier, Value
from events.streams import Stream

REGION: Final = r"^[A-Z]{2}(-[a-z0-9]{1,16})?$"
RegionCode: TypeAlias = Annotated[str, StringConstraints(pattern=REGION)]
"""A country (`JP`); with a suffix where the country takes part under more than one regime (`JP-crb`)."""


def stream_of_region(programme: str, code: RegionCode) -> Stream:
    """The stream of a region of a programme, by the id of the programme, which is a UUID, and the region's code."""
    return Stream.of("region", uuid5(UUID(programme), code))


class Publication(StrEnum):
    """Whether what was filed in a region is published, where its regime asks for that before the start."""

    NOT_ASKED = "not_asked"
    AWAITED = "awaited"
    PUBLISHED = "published"


class GateReason(StrEnum):
    """Why nobody can join behind a gate."""

    PROGRAMME_ENDED = "programme_ended"
    REGION_NOT_PERMITTED = "region_not_permitted"
    """Not yet, or no longer."""
    REGION_BLOCKED = "region_blocked"
    """It is permitted, with a condition that forbids the start."""
    FILING_NOT_PUBLISHED = "filing_not_published"
    HALTED = "halted"


class Gate(Value):
    """What stands between the sites of a linked trial and recruitment."""

    programme: Identifier
    """The UUID of its stream."""
    region: RegionCode | None = None
    """Absent: the gate of the programme itself, for all its regions and for countries that joined none."""
    country: CountryCode | None = None
    """The region's. Sites of this country are behind its gate."""
    version: Annotated[int, Field(ge=1)]
    """Of the region's or the programme's stream. What is older than the one that stands is late, and ignored."""
    state: RegionState | None = None
    """The region's, from its first decision on: nothing of an application is public before. Absent in the gate of a
    programme."""
    publication: Publication = Publication.NOT_ASKED
    ethics: EthicsShape | None = None
    """Which acts of its own a site of the region waits for."""
    halts: UpTo1000[StandingHalt] = ()
    """Those that stand, in the order in which they were decided."""
    ended: bool = False

    def shut_by(self) -> Iterator[GateReason]:
        """Why nobody can join at sites behind it; nothing where it is open."""
        if self.ended and self.region is None:
            yield GateReason.PROGRAMME_ENDED
        if self.state is RegionState.PERMITTED_BLOCKED:
            yield GateReason.REGION_BLOCKED
        elif self.region is not None and self.state is not RegionState.PERMITTED:
            yield GateReason.REGION_NOT_PERMITTED
        if self.publication is Publication.AWAITED:
            yield GateReason.FILING_NOT_PUBLISHED
        if any(halt.touches_recruitment for halt in self.halts):
            yield GateReason.HALTED
