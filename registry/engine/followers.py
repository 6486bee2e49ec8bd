"""How far those that follow the log are behind it: the views, forgetting, and whatever else acts on events."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from events.standing import Standing, lag


@dataclass(frozen=True, slots=True)
class Behind:
    """A follower as it stands, with its lag by partition; below zero where it has handled more than the log holds."""

    standing: Standing
    lag: Mapping[int, int]

    @property
    def name(self) -> str:
        """The follower's name."""
        return self.standing.follower

    @property
    def records(self) -> int:
        """How many records it has still to handle."""
        return sum(max(0, records) for records in self.lag.values())

    @property
    def beyond(self) -> int:
        """How many records it has handled that the log does not hold."""
        return sum(max(0, -records) for records in self.lag.values())


class Followers:
    """Tells how the followers of all nodes stand."""

    def __init__(
        self,
        standings: Callable[[], Awaitable[Sequence[Standing]]],
        ends: Callable[[], Awaitable[Mapping[int, int]]],
    ) -> None:
        self._standings, self._ends = standings, ends

    async def behind(self) -> list[Behind]:
        """Every follower that has marks, by name. Raises what reading the marks, or the log's ends, raises."""
        found = await self._standings()
        # After the marks: of ends that were taken before, a follower that is quick would seem to be beyond.
        ends = await self._ends()
        return [Behind(one, lag(one.next_offsets, ends) if one.next_offsets else {}) for one in found]
