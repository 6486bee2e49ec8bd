"""What a node keeps running, by names that an operator reads."""

from typing import Final, Protocol, runtime_checkable

READING: Final = "reading the log"
VIEWS: Final = "keeping the views"
DESTROYING: Final = "destroying keys"
REACTING: Final = "giving the commands that follow from events"
SNAPSHOTS: Final = "taking snapshots"
DATABASE: Final = "watching the embedded PostgreSQL"


class Task(Protocol):
    """Something a node keeps running."""

    async def run(self) -> None:
        """Runs until cancelled."""
        ...


@runtime_checkable
class Troubled(Protocol):
    """A task that tells when it fails at something and tries it again."""

    @property
    def trouble(self) -> str:
        """What it fails at; empty where all is well."""
        ...
