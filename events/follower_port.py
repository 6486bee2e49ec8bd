"""The ports of a follower: where its marks are kept, where its judged records come from, and when it has to go on."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from events.identity import Mark, Marks
from events.judging import Batch

T_co = TypeVar("T_co", covariant=True)


class Overtaken(Exception):
    """Another process moved the marks: nothing was written, and the known marks are out of date."""


class Session(Protocol[T_co]):
    """A connection to the store of the marks. A session that loses it loses the lead."""

    @property
    def connection(self) -> T_co:
        """The connection with which handlers write."""
        ...

    async def marks(self) -> dict[int, Mark]:
        """The marks of all partitions as they are now; at the beginning of the log where there were none."""
        ...

    async def leads(self) -> bool:
        """Whether this session leads: of all processes' sessions one does, until it ends."""
        ...

    def past(self, found: Marks, batch: Batch) -> AbstractAsyncContextManager[Mapping[int, Mark]]:
        """A transaction that moves the marks past the batch, to those that it gives.

        It moves them only from where they were found: raises Overtaken, with nothing written, where they are elsewhere.
        """
        ...


class Store(Protocol[T_co]):
    """The store of one follower's marks."""

    @property
    def follower(self) -> str:
        """The follower's name."""
        ...

    def session(self) -> AbstractAsyncContextManager[Session[T_co]]:
        """A session of its own."""
        ...

    async def note(self, trouble: str) -> bool:
        """Notes the follower's trouble for reports of its standing; empty if all is well. Returns whether it did."""
        ...


class Source(Protocol):
    """Judged records for one follower. `events.judging.Judging` reads the log for it alone."""

    async def resume(self, marks: Marks) -> bool:
        """Takes the marks as they are now; whether they are at the log's end.

        Raises WrongLog where one is beyond the log's end, LogUnavailable.
        """
        ...

    async def verify(self, marks: Marks) -> None:
        """Raises WrongLog where the log has other records than those that the marks are past; LogUnavailable."""
        ...

    def passed(self, marks: Marks) -> None:
        """Drops records that the marks are past."""
        ...

    async def stand_by(self) -> None:
        """Keeps up with the marks, as far as that is needed to take over quickly."""
        ...

    def batches(self, until: Mapping[int, int] | None, needed: Callable[[], bool]) -> AsyncGenerator[Batch, None]:
        """Records that the marks are not past, in the order of each partition, then new ones; ends at `until`.

        Raises IntegrityAlarm and the errors of `EventLog.read`.
        """
        ...


class Need(Protocol):
    """Whether a follower has to go on."""

    @property
    def wanted(self) -> bool:
        """Whether it has to, now."""
        ...

    async def until_wanted(self) -> None:
        """Returns when it has to."""
        ...


class Always:
    """The need of a follower that handles records as they come."""

    wanted = True

    async def until_wanted(self) -> None:
        """Returns at once."""
