"""Forgetting as a follower: nothing that was asked is missed whatever crashes, and nothing is looked for again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest

from events.admission import PartitionFold
from events.identity import WrongLog
from events.judging import LARGEST_BATCH
from events.postgres.marks import PostgresMarks, connect, standings
from events.schemas.person import PersonForgotten
from events.sealing import OwnerKind
from events.standing import lag
from events.stopping import stop
from registry.engine import hearing
from registry.engine.heads import Heads
from registry.people import forgetting
from registry.people.forgetting import Forgetting
from tests.projections.trials import TOPIC, Writer, memory_log, registered, trial_id
from tests.projections.views import eventually
from tests.support.faults import Fault, UnreliableVault
from tests.support.vault import MemoryVault


@pytest.fixture(autouse=True)
def _not_quiet_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "QUIET", 0.2)


class Destroying:
    """A log that asks for keys to be destroyed, and a vault that lists which it was asked for."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.writer = Writer(memory_log())
        self.destroyed: list[str] = []
        self.vault = UnreliableVault(Listing(self.destroyed))

    async def ask(self, *persons: int) -> None:
        for person in persons:
            await self.writer.append(f"person/{UUID(int=person)}", PersonForgotten())
            await self.writer.append(f"trial/{trial_id(self.writer.written)}", registered())

    @asynccontextmanager
    async def node(self, started_at: dict[int, PartitionFold] | None = None) -> AsyncIterator[asyncio.Task[None]]:
        """Reads the log and forgets, as a node does; from these folds on, as one that starts from a snapshot."""
        heads = Heads(self.writer.log, TOPIC)
        heads._folds |= started_at or {}
        store = PostgresMarks(self.database, forgetting.NAME, TOPIC)
        task = Forgetting(heads, self.writer.log, self.vault, store)
        running = [asyncio.create_task(task.run()), asyncio.create_task(heads.run())]
        try:
            yield running[0]
        finally:
            await stop(running)

    async def until_marked(self) -> None:
        async def marked() -> bool:
            async with await connect(self.database) as connection:
                found = {one.follower: one.next_offsets for one in await standings(connection)}
            ends = await self.writer.log.ends(TOPIC)
            return set(lag(found.get(forgetting.NAME, {}), ends).values()) == {0}

        await eventually(marked)

    def names(self, *persons: int) -> list[str]:
        return [str(UUID(int=person)) for person in persons]


class Listing(MemoryVault):
    """Lists what it is asked to destroy."""

    def __init__(self, destroyed: list[str]) -> None:
        super().__init__()
        self.listed = destroyed

    async def destroy(self, kind: OwnerKind, owner: str) -> bool:
        self.listed.append(owner)
        return await super().destroy(kind, owner)


@pytest.fixture
def destroying(database_url: str) -> Destroying:
    return Destroying(database_url)


async def test_what_was_destroyed_before_a_restart_is_not_looked_for_again(destroying: Destroying) -> None:
    await destroying.ask(1, 2, 3)
    async with destroying.node():
        await destroying.until_marked()
    assert sorted(destroying.destroyed) == destroying.names(1, 2, 3)
    destroying.destroyed.clear()
    await destroying.ask(4)
    async with destroying.node():
        await destroying.until_marked()

    assert destroying.destroyed == destroying.names(4)


@pytest.mark.parametrize("fault", Fault)
async def test_a_crash_before_the_mark_destroys_again_and_misses_nothing(destroying: Destroying, fault: Fault) -> None:
    await destroying.ask(1, 2, 3)
    destroying.vault.planned["destroy"] = [fault] * 1_000
    async with destroying.node():
        await eventually(lambda: _destroys(destroying))
    destroying.vault.planned.clear()
    async with destroying.node():
        await destroying.until_marked()

    assert {*destroying.destroyed} == {*destroying.names(1, 2, 3)}


async def _destroys(destroying: Destroying) -> bool:
    return "destroy" in destroying.vault.calls


async def test_a_node_that_starts_after_the_marks_reads_again_what_it_did_not_hear(destroying: Destroying) -> None:
    await destroying.ask(1, 2)
    async with destroying.node():
        await destroying.until_marked()
    await destroying.ask(3, 4)
    later = Heads(destroying.writer.log, TOPIC)
    reading = asyncio.create_task(later.run())
    await later.until_ready()
    await stop([reading])
    await destroying.ask(5)
    async with destroying.node(later._folds):
        await destroying.until_marked()

    assert sorted(destroying.destroyed) == destroying.names(1, 2, 3, 4, 5)


async def test_two_nodes_destroy_what_is_asked_once(destroying: Destroying) -> None:
    async with destroying.node(), destroying.node():
        for person in range(1, 6):
            await destroying.ask(person)
            await destroying.until_marked()

    assert destroying.destroyed == destroying.names(1, 2, 3, 4, 5)


async def test_when_the_node_that_destroys_ends_another_goes_on(destroying: Destroying) -> None:
    async with destroying.node() as first:
        await destroying.ask(1)
        await destroying.until_marked()
        async with destroying.node():
            await destroying.ask(2)
            await destroying.until_marked()
            await stop([first])
            await destroying.ask(3)
            await destroying.until_marked()

    assert sorted(destroying.destroyed) == destroying.names(1, 2, 3)


async def test_five_hundred_that_are_asked_at_once_are_destroyed_a_batch_after_the_other(
    destroying: Destroying,
) -> None:
    persons = range(1, 501)
    assert len(persons) > 2 * LARGEST_BATCH
    await destroying.ask(*persons)
    async with destroying.node():
        await destroying.until_marked()

    assert sorted(destroying.destroyed) == sorted(destroying.names(*persons))


async def test_marks_of_another_log_are_refused_and_nothing_is_destroyed(destroying: Destroying) -> None:
    await destroying.ask(1)
    async with destroying.node():
        await destroying.until_marked()
    other = Destroying(destroying.database)
    await other.writer.append(f"person/{uuid4()}", PersonForgotten())
    async with other.node() as task:
        with pytest.raises(WrongLog, match="not the one that forgetting has followed"):
            await task

    assert other.destroyed == []
