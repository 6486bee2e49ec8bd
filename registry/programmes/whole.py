"""A programme with its regions and linked trials, folded from their documents by the fold that decisions rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import Any

from events.catalogue import EVENTS
from events.schemas.values import Payload
from projections.base.view import Document
from registry.domain.programme.decider import PROGRAMME
from registry.domain.programme.state import Programme
from registry.domain.region.decider import REGION
from registry.domain.region.state import Region


@dataclass(frozen=True, slots=True)
class RegionRead:
    """A region that has begun: its document, and the state after the last event in it."""

    id: str
    document: Document
    state: Region

    def data(self, version: int) -> Document:
        """The data of the event of a version, with its sealed texts."""
        found: Document = self.document["events"][version - 1]["data"]
        return found


@dataclass(frozen=True, slots=True)
class Whole:
    """A programme as of a moment. `trials` has the linked trials that the asker may read, by id."""

    id: str
    document: Document
    state: Programme
    regions: Mapping[str, RegionRead]
    """Those that have begun, by code."""
    trials: Mapping[str, Document]
    day: date
    """The day in Japan for which answers hold."""
    now: datetime
    """Now, even if the programme is read as of a past moment: data that is public today may be read as of then."""

    @property
    def states(self) -> dict[str, Region]:
        """The states of the regions that have begun, by code."""
        return {code: region.state for code, region in self.regions.items()}


def programme_in(document: Document) -> Programme:
    """The programme's state."""
    state: Programme = _folded(PROGRAMME.evolve, document)
    return state


def region_in(document: Document) -> RegionRead:
    """The region's state, beside its document."""
    return RegionRead(document["region"], document, _folded(REGION.evolve, document))


def _folded(evolve: Any, document: Document) -> Any:
    payloads = (_payload(entry) for entry in document["events"])
    return reduce(evolve, payloads, None)


def _payload(entry: Document) -> Payload:
    return EVENTS[entry["type"]].from_stored(entry["data"])


def whole_of(
    programme: Document, regions: Sequence[Document], trials: Mapping[str, Document], day: date, now: datetime
) -> Whole:
    """The programme with all that was read beside it."""
    read = [region_in(one) for one in regions]
    by_code = {one.state.terms.region: one for one in read}
    ordered = dict(sorted(by_code.items()))
    return Whole(programme["programme"], programme, programme_in(programme), ordered, trials, day, now)
