"""Policies: pure functions from an event, and the state after it, to commands on other streams."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID, uuid5

from events.schemas.values import Value
from registry.domain.decider import Command

NAMESPACE: Final = UUID("6f3b0e5a-2c55-5b0e-9c0e-6d2a4b6f7a11")
"""Makes the keys of commands that follow from events. It never changes: a command is recognised by its key."""
_NAME: Final = re.compile("[a-z][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Cause:
    """The event that something follows from: its stream, and its version there. Written `{stream}/{version}`."""

    stream: str
    version: int

    def __str__(self) -> str:
        return f"{self.stream}/{self.version}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The inverse of `str`; raises ValueError."""
        stream, _, version = text.rpartition("/")
        if not (stream and version.isascii() and version.isdigit()):
            raise ValueError(f"a cause is written stream/version, not {text!r}")
        return cls(stream, int(version))


@dataclass(frozen=True, slots=True)
class Happened:
    """An accepted event, as a policy reads it.

    `occurred` is when the sender says that it occurred, with the sender's offset; `recorded` is the log's own clock,
    UTC. Both are in the log, so every later reader of the event gets the same.
    """

    cause: Cause
    payload: Value
    recorded: datetime
    occurred: datetime
    organisation: str

    @property
    def stream(self) -> str:
        """The stream of the event."""
        return self.cause.stream


@dataclass(frozen=True, slots=True)
class Reaction:
    """A command that follows from an event.

    It contains no personal data, no reason and nothing sealed: it is stored in clear while it waits or if it is
    refused. A value that is sealed for one stream does not open in another; name the stream and the item instead.

    `at`: the moment from which on it is given; None means at once. `name`: distinguishes it from other reactions of
    the same policy to the same event that go to the same stream, and never changes.
    """

    stream: str
    command: Command
    at: datetime | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """Derives commands from the events of one category of streams.

    `react` gets an event and the state of its stream just after it, never a later one, and always gives the same answer
    for the same event. It may be asked again for an old event, so the `decide` of each command answers None if nothing
    is left to do, however late the command comes. This also ends a circle of policies.
    """

    name: str
    category: str
    react: Callable[[Happened, Any], Iterable[Reaction]]

    def __post_init__(self) -> None:
        """Refuses a name that no actor may have."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name of a policy: write small letters, digits and hyphens")


def key_of(policy: str, cause: Cause, stream: str, name: str = "") -> UUID:
    """The key of a command that follows: the same whenever, and wherever, the same reaction is given."""
    return uuid5(NAMESPACE, f"{policy}/{cause}/{stream}/{name}")
