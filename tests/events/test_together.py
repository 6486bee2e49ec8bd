"""Questions of many, put as one."""

import asyncio
from collections.abc import Collection, Mapping

import pytest

from events.together import HELD_UP, Together


class Oracle:
    """Answers each word with the number of the question that it was part of, once it is let go."""

    def __init__(self) -> None:
        self.questions: list[set[str]] = []
        self.ended = 0
        self.may_answer = asyncio.Semaphore(0)

    async def __call__(self, wanted: Collection[str]) -> Mapping[str, int]:
        self.questions.append(set(wanted))
        mine = len(self.questions)
        try:
            await self.may_answer.acquire()
        finally:
            self.ended += 1
        if "fault" in wanted:
            raise LookupError(mine)
        return dict.fromkeys(wanted, mine)


async def settle() -> None:
    """Lets everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_is_asked_while_a_question_is_under_way_is_put_in_one_more() -> None:
    oracle = Oracle()
    together = Together(oracle)
    first = [asyncio.create_task(together([word])) for word in ("one", "two")]
    await settle()
    later = [asyncio.create_task(together([word])) for word in ("two", "three", "four")]
    await settle()
    assert oracle.questions == [{"one", "two"}]
    oracle.may_answer.release()
    assert [answers["one"] for answers in await asyncio.gather(*first)] == [1, 1]
    await settle()
    assert oracle.questions[1:] == [{"two", "three", "four"}]
    oracle.may_answer.release()
    assert [answers["two"] for answers in await asyncio.gather(*later)] == [2, 2, 2]


async def test_nothing_wanted_is_no_question() -> None:
    oracle = Oracle()
    assert await Together(oracle)([]) == {}
    assert oracle.questions == []


async def test_a_fault_is_raised_for_all_of_the_question_and_for_nobody_after() -> None:
    oracle = Oracle()
    together = Together(oracle)
    calls = [asyncio.create_task(together([word])) for word in ("one", "fault")]
    oracle.may_answer.release()
    assert [type(one) for one in await asyncio.gather(*calls, return_exceptions=True)] == [LookupError, LookupError]
    oracle.may_answer.release()
    assert await together(["one"]) == {"one": 2}


async def test_a_question_ends_with_the_last_who_waits_for_it() -> None:
    oracle = Oracle()
    together = Together(oracle)
    one, other = (asyncio.create_task(together([word])) for word in ("one", "other"))
    await settle()
    one.cancel()
    await settle()
    assert oracle.ended == 0
    other.cancel()
    await settle()
    assert oracle.ended == 1
    oracle.may_answer.release()
    assert await together(["next"]) == {"next": 2}


async def test_who_gives_up_before_the_question_is_put_leaves_none_behind() -> None:
    oracle = Oracle()
    together = Together(oracle)
    first = asyncio.create_task(together(["one"]))
    await settle()
    given_up = asyncio.create_task(together(["two"]))
    await settle()
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    last = asyncio.create_task(together(["three"]))
    oracle.may_answer.release()
    await first
    oracle.may_answer.release()
    assert await last == {"three": 2}


async def test_a_question_without_an_answer_holds_up_no_other() -> None:
    oracle = Oracle()
    together = Together(oracle)
    stuck = asyncio.create_task(together(["stuck"]))
    await settle()
    other = asyncio.create_task(together(["other"]))
    await asyncio.sleep(HELD_UP * 3)
    assert oracle.questions == [{"stuck"}, {"other"}]
    oracle.may_answer.release()
    oracle.may_answer.release()
    assert [await stuck, await other] == [{"stuck": 1}, {"other": 2}]
