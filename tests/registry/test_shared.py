"""One answer for a crowd, and long work in turns."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from registry.engine.shared import Shared
from registry.engine.turns import Turns


class Oracle:
    """Answers with the number of the question, once it is let go."""

    def __init__(self) -> None:
        self.calls = 0
        self.under_way = 0
        self.may_answer = asyncio.Semaphore(0)

    async def __call__(self) -> int:
        self.calls += 1
        mine = self.calls
        self.under_way += 1
        assert self.under_way == 1, "two questions are under way"
        try:
            await self.may_answer.acquire()
        finally:
            self.under_way -= 1
        return mine


async def settle() -> None:
    """Lets everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_comes_while_a_question_is_under_way_shares_the_next() -> None:
    oracle = Oracle()
    shared = Shared(oracle)
    first = [asyncio.create_task(shared()) for _ in range(3)]
    await settle()
    later = [asyncio.create_task(shared()) for _ in range(3)]
    await settle()
    assert oracle.calls == 1
    oracle.may_answer.release()
    assert await asyncio.gather(*first) == [1, 1, 1]
    await settle()
    assert oracle.calls == 2
    last = asyncio.create_task(shared())
    oracle.may_answer.release()
    oracle.may_answer.release()
    assert await asyncio.gather(*later) == [2, 2, 2]
    assert await last == 3


async def test_who_gives_up_takes_the_answer_from_nobody() -> None:
    oracle = Oracle()
    shared = Shared(oracle)
    impatient, patient = asyncio.create_task(shared()), asyncio.create_task(shared())
    await settle()
    impatient.cancel()
    await settle()
    oracle.may_answer.release()

    assert await patient == 1
    assert impatient.cancelled()


async def test_a_fault_is_told_to_all_who_asked_and_the_next_question_is_asked_anew() -> None:
    faults = [ValueError("planned")]

    async def ask() -> str:
        if faults:
            raise faults.pop()
        return "well"

    shared = Shared(ask)
    faults_raised = await asyncio.gather(shared(), shared(), return_exceptions=True)

    assert [str(one) for one in faults_raised] == ["planned", "planned"]
    assert await shared() == "well"


def counting(most: list[int], at_once: list[int], go: threading.Event) -> Callable[[str], str]:
    """Work that notes how many do it at once."""

    def work(name: str) -> str:
        at_once[0] += 1
        most.append(at_once[0])
        go.wait(10)
        at_once[0] -= 1
        return name

    return work


async def test_long_work_is_done_beside_the_loop_by_one_at_a_time() -> None:
    turns, go = Turns(), threading.Event()
    most: list[int] = []
    work = counting(most, [0], go)
    under_way = [asyncio.create_task(turns.do(True, work, name)) for name in "abc"]
    # The loop goes on meanwhile, and so does what is short.
    assert await turns.do(False, lambda name, end: name + end, "x", end="y") == "xy"
    await asyncio.to_thread(lambda: None)
    go.set()

    assert await asyncio.gather(*under_way) == ["a", "b", "c"]
    assert most == [1, 1, 1]


async def test_what_long_or_short_work_raises_is_raised_and_the_next_has_its_turn() -> None:
    turns = Turns()
    for long in (True, False):
        with pytest.raises(ZeroDivisionError):
            await turns.do(long, lambda: 1 / 0)
    assert await turns.do(True, threading.get_ident) != threading.get_ident()
    assert await turns.do(False, threading.get_ident) == threading.get_ident()
