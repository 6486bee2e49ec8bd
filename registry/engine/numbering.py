"""Registration numbers for this node: reserved in blocks through the log, handed out one by one."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from uuid import UUID

from events.event import Event
from events.streams import Stream
from registry.domain.decider import Fault, Rejection
from registry.domain.numbers.decider import ReserveNumbers, SetNumbersAside
from registry.domain.numbers.grammar import Grammar
from registry.domain.permissions import CONSOLE
from registry.engine.order import Order

SPAN: Final = 500

Execute: TypeAlias = Callable[[Order, float], Awaitable[Event | None]]


def _of(series: str) -> Stream:
    """The stream that keeps the numbers of the series."""
    return Stream.of("numbers", series)


class Numbering:
    """Implements `NumberSource` of the command loop. What a stopped node reserved and did not use stays unused."""

    def __init__(self, execute: Execute, grammar: Grammar, block: int, new_id: Callable[[], UUID], deadline: float):
        self._execute, self._grammar, self._block = execute, grammar, block
        self._new_id, self._deadline = new_id, deadline
        self._free: dict[str, deque[str]] = {}
        self._reserving = asyncio.Lock()

    async def take(self, year: int) -> str:
        """A number of the year's series that nobody else has; raises what `Commanding.execute` raises."""
        series = self._grammar.series(year)
        free = self._free.setdefault(series, deque())
        async with self._reserving:
            if not free:
                free.extend(await self._reserve(series))
            return free.popleft()

    async def set_aside(self, number: str) -> None:
        """Keeps a number for the registration that bore it before.

        Raises Rejection where it is none of this registry's, or may be another trial's here.
        """
        read = self._grammar.read(number)
        if read is None:
            raise Rejection(Fault("number-unknown", "this is no number of this registry: its form or check is wrong"))
        series, running = read
        # More than the one: the next records of an export find theirs set aside, and take no event.
        through = -(-running // SPAN) * SPAN
        command = SetNumbersAside(number=running, through=through)
        await self._execute(Order(self._new_id(), _of(series), command, CONSOLE), self._deadline)

    def give_back(self, year: int, number: str) -> None:
        """Puts a number back that no event can bear any more."""
        self._free[self._grammar.series(year)].appendleft(number)

    async def _reserve(self, series: str) -> list[str]:
        order = Order(self._new_id(), _of(series), ReserveNumbers(count=self._block), CONSOLE)
        event = await self._execute(order, self._deadline)
        if event is None:
            raise RuntimeError("a reservation always is an event")
        first, count = event.record.data["first"], event.record.data["count"]
        return [self._grammar.render(series, number) for number in range(first, first + count)]
