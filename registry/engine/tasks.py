"""The tasks that a node keeps running, by names for operators."""

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
    """A task that reports failures that it retries."""

    @property
    def trouble(self) -> str:
        """The work that fails; empty if all is well."""
        ...
