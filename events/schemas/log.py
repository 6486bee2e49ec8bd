"""The event that founds a log. It is the first record, in a stream of its own."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from pydantic import Field, StringConstraints

from events.schemas.values import Line, Payload

Id: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class LogFounded(Payload):
    """What holds for the log for ever, whatever the settings of a later day say."""

    REVISION: ClassVar[int] = 3

    log: Id
    """A UUID: no other log has it, be it a test system's or a second one of the same registry."""
    base: Line
    """The registry's public address then, without a slash at its end: `source` and `dataschema` begin so."""
    partitions: Annotated[int, Field(ge=1)]
    """Of the events topic. Another number would look for streams where they are not."""
    invented: Literal[True] | None = None
    """That the log began as a demo: its trials, hospitals and people are invented."""
    vault: Id | None = None
    """The vault with the keys of all that is sealed in this log: another one opens nothing of it."""


EVENTS: Final[Mapping[str, type[Payload]]] = MappingProxyType(
    {
        "log.founded.v1": LogFounded,
    }
)
"""By literal name. A class may be renamed, a name never."""
