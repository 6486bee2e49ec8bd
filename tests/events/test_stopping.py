"""Waiting for work with a limit, whatever the work does."""

import asyncio
from contextlib import suppress

import pytest

from events.stopping import all_of, heed_cancellation, within
from tests.support.waiting import PATIENCE


async def cancelled_from_within() -> None:
    """Ends as aiokafka's consumer does when it is stopped while it fetches: by a cancellation of its own."""
    task = asyncio.create_task(asyncio.Event().wait())
    task.cancel()
    await task


async def deaf() -> None:
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if cancelled.is_set():
                raise
            cancelled.set()


cancelled = asyncio.Event()


async def test_work_that_cancels_itself_does_not_cancel_who_waits_for_it() -> None:
    with pytest.raises(TimeoutError):
        await within(5, cancelled_from_within())


async def test_work_that_does_not_stop_keeps_nobody_waiting() -> None:
    with pytest.raises(TimeoutError):
        await within(0.01, deaf())
    async with asyncio.timeout(PATIENCE):
        await cancelled.wait()


async def test_work_in_time_gives_its_result_and_its_failure() -> None:
    async def failing() -> None:
        raise LookupError

    assert await within(5, asyncio.sleep(0, "done")) == "done"
    with pytest.raises(LookupError):
        await within(5, failing())


async def test_works_done_at_once_give_their_results_in_order_and_none_outlives_a_failure() -> None:
    ended = []

    async def waiting() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(True)

    async def failing() -> None:
        await asyncio.sleep(0)
        raise LookupError

    assert await all_of([]) == []
    assert await all_of([asyncio.sleep(0.01, "first"), asyncio.sleep(0, "last")]) == ["first", "last"]
    with pytest.raises(LookupError):
        await all_of([waiting(), failing(), waiting()])
    assert ended == [True, True]


async def test_a_cancellation_that_was_swallowed_is_heeded_and_nothing_else_is() -> None:
    begun = asyncio.Event()

    async def start() -> None:
        heed_cancellation()
        begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        heed_cancellation()

    starting = asyncio.create_task(start())
    await begun.wait()
    starting.cancel()
    await asyncio.wait([starting])

    assert starting.cancelled()
