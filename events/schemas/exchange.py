"""Events of an import: what came of each record that a partner gave. Streams are `import/{import id}`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Final

from pydantic import Field

from events.schemas.registration import Count
from events.schemas.values import ON_ONE_LINE, Line, Payload, Value


class Refusal(Value):
    """A record that could not be taken: where it stood, which one as far as could be read, and why."""

    place: Line
    identifier: Line | None = None
    reason: Annotated[str, Field(min_length=1, max_length=4_000), ON_ONE_LINE]


class NotCarried(Value):
    """Values of one path of the source that no field of ours holds; they stay in the partner's own bytes."""

    path: Line
    values: Count
    records: Count


class RecordsRefused(Payload):
    """Some of an import's records were refused; a long list comes in several events."""

    refusals: Annotated[tuple[Refusal, ...], Field(min_length=1)]


class ImportFinished(Payload):
    """The receipt of an import: `given` is new + changed + unchanged + older + refused."""

    REVISION: ClassVar[int] = 2

    source: Line
    """The source as the operator named it, e.g. `ctgov`."""
    files: tuple[Line, ...]
    given: Count
    new: Count
    changed: Count
    unchanged: Count
    older: Count | None = None
    """Versions older than what their sender had said before: kept, and changing nothing. Absent where none were."""
    refused: Count
    adopted: Count
    restored: Count
    events: Count
    """Events of trials that the import recorded; the receipt itself is none of them."""
    carried: Count
    """Values of the records that fields of ours hold."""
    not_carried: tuple[NotCarried, ...]


EVENTS: Final[Mapping[str, type[Payload]]] = MappingProxyType(
    {
        "import.records-refused.v1": RecordsRefused,
        "import.finished.v1": ImportFinished,
    }
)
"""By literal name. A class may be renamed, a name never."""
