"""The small cache of states: what it holds is what the log says, and it stays small."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest

from events.catalogue import payload_of
from events.event import Event
from events.stopping import stop
from registry.domain.trial.decider import TRIAL
from registry.engine import states as module
from registry.engine.heads import Heads
from registry.engine.states import NotInTime, States, Versioned
from tests.projections.trials import NAMESPACE, TOPIC, Writer, amended, memory_log, registered
from tests.support.history import MemoryHistory

ONE, OTHER, THIRD = "trial/1", "trial/2", "trial/3"


@dataclass
class Stand:
    """A cache over a log in memory, and who writes to that log as another node would."""

    writer: Writer
    heads: Heads
    history: MemoryHistory
    states: States

    async def write(self, stream: str, count: int = 1) -> list[UUID]:
        """Appends events to the stream, registering its trial first; returns their ids once the node has read them."""
        made = []
        for _ in range(count):
            version = self.heads.head(stream).version
            payload = amended(("/planned_size", None, version)) if version else registered()
            made.append(UUID(int=self.writer.written + 1, version=4))
            await self.writer.append(stream, payload, id=made[-1])
            await self.heads.catch_up(stream)
        return made

    async def load(self, stream: str) -> Versioned:
        return await self.states.load(stream, 1)

    @property
    def behind(self) -> int:
        """Bytes that the cached states are behind with; what the cache counts must be the same."""
        size = sum(cached.size for cached in self.states._cache.values())
        assert self.states._behind == size
        return size

    @property
    def weight(self) -> int:
        """What the cached states weigh; what the cache counts must be the same."""
        together = sum(cached.weight for cached in self.states._cache.values())
        assert self.states._weight == together > 0
        return together


@asynccontextmanager
async def standing() -> AsyncIterator[Stand]:
    log = memory_log()
    heads, history = Heads(log, TOPIC), MemoryHistory(log, TOPIC)
    running = asyncio.create_task(heads.run())
    await heads.until_ready()
    try:
        yield Stand(Writer(log), heads, history, States(heads, history, {"trial": TRIAL}))
    finally:
        await stop([running])


async def folded(stand: Stand, stream: str) -> Versioned:
    """The state by the log alone."""
    state = TRIAL.initial
    events = await MemoryHistory(stand.history.log, TOPIC).events(stream)
    for event in events:
        state = TRIAL.evolve(state, payload_of(event.record))
    return Versioned(len(events), events[-1].digest, state)


async def test_a_stream_without_events_has_the_initial_state_and_nobody_is_asked() -> None:
    async with standing() as stand:
        assert await stand.load(ONE) == Versioned(0, bytes(32), None)
        assert not await stand.states.holds(ONE, UUID(int=1), 1)
        assert stand.history.streams_read == []


@pytest.mark.parametrize("ahead", [0, 1, 3, 20, 21, 30])
async def test_a_state_is_what_the_log_says_however_far_it_was_behind(ahead: int) -> None:
    async with standing() as stand:
        keys = await stand.write(ONE, 2)
        await stand.load(ONE)
        keys += await stand.write(ONE, ahead)
        assert (stand.behind > 0) == (0 < ahead <= 20)

        assert await stand.load(ONE) == await folded(stand, ONE)
        assert stand.behind == 0
        assert stand.history.streams_read == [ONE] * (1 if ahead <= 20 else 2)
        assert all([await stand.states.holds(ONE, key, 1) for key in keys])
        assert not await stand.states.holds(ONE, NAMESPACE, 1)


async def test_streams_are_kept_apart() -> None:
    async with standing() as stand:
        [one], [other] = await stand.write(ONE), await stand.write(OTHER)
        assert await stand.load(ONE) == await folded(stand, ONE)
        assert await stand.load(OTHER) == await folded(stand, OTHER)
        assert await stand.states.holds(ONE, one, 1)
        assert not await stand.states.holds(ONE, other, 1)
        assert stand.states.decider(ONE) is TRIAL


async def test_who_was_not_asked_for_the_longest_time_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CAPACITY", 2)
    async with standing() as stand:
        for stream in (ONE, OTHER, THIRD):
            await stand.write(stream)
        for stream in (ONE, OTHER, ONE, THIRD):
            await stand.load(stream)
        assert list(stand.states._cache) == [ONE, THIRD]
        await stand.load(OTHER)
        assert list(stand.states._cache) == [THIRD, OTHER]
        assert stand.history.streams_read == [ONE, OTHER, THIRD, OTHER]


async def test_what_states_are_behind_with_has_a_size_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    async with standing() as stand:
        for stream in (ONE, OTHER):
            await stand.write(stream)
            await stand.load(stream)
        await stand.write(ONE, 2)
        of_one = stand.behind
        await stand.write(OTHER)
        monkeypatch.setattr(module, "LARGEST_BEHIND", stand.behind)
        assert of_one < stand.behind
        await stand.write(OTHER)

        assert list(stand.states._cache) == [OTHER]
        assert 0 < stand.behind <= module.LARGEST_BEHIND
        assert await stand.load(ONE) == await folded(stand, ONE)
        assert await stand.load(OTHER) == await folded(stand, OTHER)


async def test_states_have_a_weight_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    async with standing() as stand:
        for stream in (ONE, OTHER, THIRD):
            await stand.write(stream)
        await stand.write(ONE, 2)
        await stand.load(ONE)
        heavy = stand.weight
        await stand.load(OTHER)
        assert list(stand.states._cache) == [ONE, OTHER]
        assert heavy < stand.weight < 2 * heavy
        monkeypatch.setattr(module, "LARGEST", stand.weight)
        await stand.load(THIRD)
        assert list(stand.states._cache) == [OTHER, THIRD]
        monkeypatch.setattr(module, "LARGEST", 1)
        await stand.load(ONE)
        assert list(stand.states._cache) == [ONE]
        assert stand.weight == heavy
        assert await stand.load(ONE) == await folded(stand, ONE)


async def test_a_state_that_is_amended_again_and_again_weighs_what_it_holds() -> None:
    summary = {"ja": "要約" * 100}
    async with standing() as stand:
        await stand.write(ONE)
        weights = []
        for number in range(50):
            change = ("/plain_summary", summary if number else None, summary)
            await stand.writer.append(ONE, amended(change), id=UUID(int=1_000 + number, version=4))
            await stand.heads.catch_up(ONE)
            await stand.load(ONE)
            weights.append(stand.weight)

        assert weights[0] < weights[-1] < weights[0] + 50 * 300
        assert await stand.load(ONE) == await folded(stand, ONE)


async def test_views_that_are_behind_are_told_and_the_next_time_the_state_is_there() -> None:
    async with standing() as stand:
        await stand.write(ONE, 2)
        stand.history.behind = True
        with pytest.raises(NotInTime, match=r"^the history view is behind the log$"):
            await stand.load(ONE)
        with pytest.raises(NotInTime):
            await stand.states.holds(ONE, UUID(int=1), 1)
        assert list(stand.states._cache) == []
        stand.history.behind = False
        assert await stand.load(ONE) == await folded(stand, ONE)


async def event_at(stand: Stand, stream: str, version: int) -> Event:
    return (await MemoryHistory(stand.history.log, TOPIC).events(stream))[version - 1]


async def test_what_this_node_recorded_is_folded_at_once_and_not_read_again() -> None:
    async with standing() as stand:
        await stand.write(ONE)
        before = await stand.load(ONE)
        [key] = await stand.write(ONE)
        event = await event_at(stand, ONE, 2)
        stand.states.recorded(event, before, payload_of(event.record))

        assert stand.behind == 0
        assert await stand.load(ONE) == await folded(stand, ONE)
        assert await stand.states.holds(ONE, key, 1)
        assert stand.history.streams_read == [ONE]


async def test_what_was_recorded_on_another_state_is_left_to_be_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    async with standing() as stand:
        await stand.write(ONE)
        before = await stand.load(ONE)
        await stand.write(ONE, 2)
        second, third = await event_at(stand, ONE, 2), await event_at(stand, ONE, 3)
        behind = stand.behind
        stand.states.recorded(second, before, payload_of(second.record))
        stand.states.recorded(third, before, payload_of(third.record))
        stand.states.recorded(third, await folded(stand, ONE), payload_of(third.record))
        assert stand.behind == behind

        state = await stand.load(ONE)
        await stand.write(ONE)
        monkeypatch.setattr(module, "LONG", stand.behind - 1)
        fourth = await event_at(stand, ONE, 4)
        stand.states.recorded(fourth, state, payload_of(fourth.record))
        assert stand.behind > 0, "a large one waits until it is asked for"
        monkeypatch.setattr(module, "LONG", stand.behind)
        stand.states.recorded(fourth, state, payload_of(fourth.record))
        assert stand.behind == 0
        assert await stand.load(ONE) == await folded(stand, ONE)
        stand.states.recorded(await event_at(stand, ONE, 1), state, registered())
        assert await stand.load(ONE) == await folded(stand, ONE)


async def test_a_retry_that_the_fold_refuses_changes_no_state() -> None:
    async with standing() as stand:
        await stand.write(ONE, 2)
        await stand.load(ONE)
        head = stand.writer.heads[ONE]
        [key] = await stand.write(ONE)
        stand.writer.heads[ONE] = head
        await stand.writer.append(ONE, amended(("/phase", None, "2")), id=key)
        stand.writer.heads[ONE] = head
        await stand.writer.append(ONE, amended(("/phase", None, "3")), id=NAMESPACE)
        await stand.heads.catch_up(ONE)
        assert await stand.load(ONE) == await folded(stand, ONE)
        assert (await stand.load(ONE)).version == 3
