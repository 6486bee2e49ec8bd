"""Questions that many callers ask at about the same moment, put as one: a round trip costs more than its content."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

Q = TypeVar("Q", bound=Hashable)
A = TypeVar("A")

HELD_UP: Final = 0.1
"""Seconds that a question waits for the one before it. One that meets a lock or a dead connection holds up no other."""


@dataclass(slots=True, eq=False)
class _Question(Generic[Q, A]):
    """A question of several callers. It ends with the last of them that waits for the answer."""

    wanted: set[Q] = field(default_factory=set)
    waiting: int = 0
    task: asyncio.Task[Mapping[Q, A]] | None = None


class Together(Generic[Q, A]):
    """One question is under way at a time, if it is answered soon. Questions that come meanwhile form the next one."""

    def __init__(self, ask: Callable[[Collection[Q]], Awaitable[Mapping[Q, A]]]) -> None:
        """`ask` answers each of them, or raises for all."""
        self._ask = ask
        self._now: asyncio.Task[Mapping[Q, A]] | None = None
        self._next: _Question[Q, A] = _Question()

    async def __call__(self, wanted: Collection[Q]) -> Mapping[Q, A]:
        """Answers, among them those to what is wanted, asked no earlier than now; raises what the asking raises."""
        if not wanted:
            return {}
        question = self._next
        question.wanted.update(wanted)
        task = question.task = question.task or asyncio.create_task(self._put(question, self._now))
        question.waiting += 1
        try:
            return await asyncio.shield(task)
        finally:
            question.waiting -= 1
            if not question.waiting and not task.done():
                self._give_up(question, task)

    async def _put(self, question: _Question[Q, A], before: asyncio.Task[Mapping[Q, A]] | None) -> Mapping[Q, A]:
        if before is not None:
            await asyncio.wait([before], timeout=HELD_UP)
        self._now, self._next = question.task, _Question()
        return await self._ask(question.wanted)

    def _give_up(self, question: _Question[Q, A], task: asyncio.Task[Mapping[Q, A]]) -> None:
        """Nobody waits for it any more; a later caller asks another."""
        task.cancel()
        if self._next is question:
            self._next = _Question()
