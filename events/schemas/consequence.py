"""Events of a consequence: a command that followed from an event and was refused. Streams are `consequence/{key}`.

The key is the command's own, so that the same refusal is told once.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeAlias

from pydantic import Field

from events.schemas.values import Line, Payload, Value

PolicyName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]


class BrokenRule(Value):
    """One reason for the refusal: the rule by its name, what is wrong, and the field, as a JSON Pointer."""

    rule: Line
    message: Annotated[str, Field(max_length=4_000)]
    field: str | None = None


class CommandRefused(Payload):
    """A command that follows from an event was refused, the first time or again.

    Without a command, the policy itself could not say what follows.
    """

    policy: PolicyName
    cause: Line
    """The event that it follows from: its stream, a slash, and its version there."""
    target: Line | None = None
    """The stream that the command went to."""
    command: Line | None = None
    """The command's name, as `trial.publish`."""
    content: dict[str, Any] | None = None
    """What the command says."""
    faults: Annotated[tuple[BrokenRule, ...], Field(min_length=1)]


class RetryAsked(Payload):
    """The office asked that the command is decided on again."""


class ConsequenceSettled(Payload):
    """The command was decided on again, and recorded, or there was nothing left to record."""

    version: Annotated[int, Field(ge=1)] | None = None
    """The version of the target stream that the command made; absent where there was nothing left to record."""


class ConsequenceClosed(Payload):
    """The office closed it without the command; the reason says why."""


EVENTS: Final[Mapping[str, type[Payload]]] = MappingProxyType(
    {
        "consequence.refused.v1": CommandRefused,
        "consequence.retry-asked.v1": RetryAsked,
        "consequence.settled.v1": ConsequenceSettled,
        "consequence.closed.v1": ConsequenceClosed,
    }
)
"""By literal name. A class may be renamed, a name never."""
