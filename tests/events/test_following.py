"""What every follower can rely on, on logs in PostgreSQL and Kafka: whatever is killed, each record is handled once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from structlog.testing import capture_logs

from events.admission import Judged
from events.event import follow, new_folds
from events.following import Following, Lead, each
from events.identity import Mismatch, WrongLog
from events.port import Addressed, EventLog, Topic
from events.postgres.marks import Connection, connect, lock_of, standings
from events.record import Message
from events.standing import Standing, lag
from events.stopping import stop
from tests.projections.trials import Writer, amended, registered, trial_id
from tests.projections.views import eventually
from tests.support.drivers import open_log
from tests.support.embedded import OwnPostgres
from tests.support.follower import NAME, Dies, handle, handled, prepared, process, toy
from tests.support.logs import Place
from tests.support.waiting import PATIENCE

CUTS = 5


@pytest.fixture(params=["postgres", "kafka1"])
async def place(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Place]:
    """A place for a log with a fresh topic of two partitions; marks are in PostgreSQL in either case."""
    address = database_url if request.param == "postgres" else request.getfixturevalue("kafka1").bootstrap
    place = Place(request.param, address, Topic(f"followed-{uuid4()}", 2))
    await prepared(database_url)
    yield place
    for log in place.opened:
        await log.close()


@dataclass(frozen=True, slots=True)
class Followed:
    """A log that is followed, and the database with the marks."""

    writer: Writer
    database: str

    @property
    def log(self) -> EventLog:
        return self.writer.log

    @property
    def topic(self) -> Topic:
        return self.writer.topic

    async def write(self, trials: int, first: int = 0) -> None:
        """Two events of so many trials."""
        for number in range(first, first + trials):
            stream = f"trial/{trial_id(number)}"
            await self.writer.append_all([(stream, registered()), (stream, amended(("/phase", None, "2")))])

    async def expected(self) -> list[tuple[int, int, str]]:
        """Every record with its verdict, in the order of partitions and offsets."""
        ends = await self.log.ends(self.topic)
        read = follow(self.log, self.topic, new_folds(self.topic), ends)
        rows = [(*one.position, type(one.verdict).__name__) async for batch in read for one in batch]
        return sorted(rows)

    async def handled(self) -> list[tuple[int, int, str]]:
        return [(partition, offset, verdict) for partition, offset, verdict, _ in await handled(self.database)]

    async def until_handled(self) -> None:
        """Returns when the follower has handled all; fails where it handled something twice."""
        expected = await self.expected()
        await eventually(lambda: self._as_many(len(expected)))
        assert await self.handled() == expected

    async def _as_many(self, records: int) -> bool:
        return len(await self.handled()) >= records

    async def standing(self) -> Standing:
        async with await connect(self.database) as connection:
            return next((one for one in await standings(connection) if one.follower == NAME), Standing(NAME, {}))

    async def lag(self) -> dict[int, int]:
        standing = await self.standing()
        return lag(standing.next_offsets, await self.log.ends(self.topic))

    def follower(self, lead: Lead[Connection] | None = None, **store: Any) -> Following[Connection]:
        return toy(self.log, self.topic, self.database, lead or each(handle), **store)


@pytest.fixture
async def followed(place: Place, database_url: str) -> Followed:
    return Followed(Writer(await place.open(), place.topic), database_url)


@asynccontextmanager
async def running(*followers: Following[Connection]) -> AsyncIterator[list[asyncio.Task[Any]]]:
    tasks = [asyncio.create_task(follower.run()) for follower in followers]
    try:
        yield tasks
    finally:
        await stop(tasks)


async def execute(database: str, statement: str, parameters: Sequence[Any] = ()) -> int:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        return (await connection.execute(statement.encode(), parameters)).rowcount


async def leaders(database: str) -> list[int]:
    """The processes of PostgreSQL that serve the session which leads."""
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        lock = lock_of(NAME) % 2**64
        query = (
            "select pid from pg_locks where locktype = 'advisory' and granted and (classid, objid) = (%s, %s)"
            " and database = (select oid from pg_database where datname = current_database())"
        )
        rows = await (await connection.execute(query, (lock >> 32, lock % 2**32))).fetchall()
    return [pid for (pid,) in rows]


async def test_every_record_is_handled_once_with_its_verdict(followed: Followed) -> None:
    stream = f"trial/{trial_id(1)}"
    await followed.writer.append(stream, registered())
    before = dict(followed.writer.heads)
    await followed.writer.append(stream, amended(("/phase", None, "2")))
    followed.writer.heads = before
    await followed.writer.append(stream, amended(("/phase", None, "3")))
    await followed.log.append(followed.topic, [Addressed(0, Message(b"", (), b"no record"))])
    async with running(followed.follower()):
        await followed.until_handled()
        await followed.write(20, first=2)
        await followed.until_handled()

    assert {verdict for _, _, verdict in await followed.handled()} == {"Accepted", "Superseded", "Malformed"}


@pytest.mark.parametrize("step", [Dies.BEFORE, Dies.HANDLED, Dies.COMMITTED])
async def test_a_follower_killed_at_a_step_goes_on_and_handles_nothing_twice(
    place: Place, followed: Followed, step: Dies
) -> None:
    await followed.write(20)
    for first in (0, 20):
        async with process(place.driver, place.address, place.topic, followed.database, step) as killed:
            assert await asyncio.wait_for(killed.wait(), PATIENCE) == -9
        assert bool(await followed.handled()) is (step is Dies.COMMITTED)
        await followed.write(20, first=first + 20)
        if step is not Dies.COMMITTED:
            assert sum((await followed.standing()).next_offsets.values()) == 0
    async with process(place.driver, place.address, place.topic, followed.database, Dies.NEVER):
        await followed.until_handled()


async def test_another_process_takes_over_from_one_that_is_killed(place: Place, followed: Followed) -> None:
    there = (place.driver, place.address, place.topic, followed.database, Dies.NEVER)
    async with process(*there) as first, process(*there) as second:
        for number, one in enumerate((first, second)):
            await followed.write(20, first=20 * number)
            await followed.until_handled()
            await followed.write(5, first=100 + 5 * number)
            one.kill()
    async with running(followed.follower()):
        await followed.until_handled()


async def test_of_two_that_lead_at_once_one_writes_nothing(followed: Followed) -> None:
    both = [followed.follower(lock=number) for number in (1, 2)]
    with capture_logs() as lines:
        async with running(*both):
            for number in range(10):
                await followed.write(5, first=5 * number)
                await followed.until_handled()

    assert len([line for line in lines if line["event"] == "follower_leads"]) >= len(both)
    assert {line["error"] for line in lines if line["event"] == "follower_interrupted"} <= {"Overtaken"}


async def test_a_leader_whose_session_is_cut_goes_on_or_another_does(followed: Followed) -> None:
    async with running(followed.follower(), followed.follower()):
        for number in range(CUTS):
            await followed.write(5, first=5 * number)
            await eventually(lambda: _true(leaders(followed.database)))
            for pid in await leaders(followed.database):
                await execute(followed.database, "select pg_terminate_backend(%s)", (pid,))
        await followed.until_handled()


async def _true(answer: Awaitable[Any]) -> bool:
    return bool(await answer)


async def test_a_slow_handler_is_waited_for_and_those_who_stand_by_handle_nothing(followed: Followed) -> None:
    led: list[int] = []

    def slow(number: int) -> Lead[Connection]:
        async def handle_slowly(connection: Connection, judged: Sequence[Judged]) -> None:
            led.append(number)
            await asyncio.sleep(0.8)
            await handle(connection, judged)

        return each(handle_slowly)

    await followed.write(1)
    async with running(*(followed.follower(slow(number)) for number in range(3))) as tasks:
        for number in range(1, 4):
            await followed.write(5, first=5 * number)
            await followed.until_handled()
        [leader] = set(led)
        tasks[leader].cancel()
        await followed.write(5, first=100)
        await followed.until_handled()

    assert len(set(led)) == 2


async def test_lag_counts_what_is_still_to_be_handled_and_comes_to_nothing(followed: Followed) -> None:
    await followed.write(20)
    released = asyncio.Event()

    async def wait_and_handle(connection: Connection, judged: Sequence[Judged]) -> None:
        await released.wait()
        await handle(connection, judged)

    async with running(followed.follower(each(wait_and_handle))):
        await eventually(lambda: _true(leaders(followed.database)))
        ends = await followed.log.ends(followed.topic)
        assert await followed.lag() == ends
        assert sum(ends.values()) == 40
        assert (await followed.standing()).recorded is None
        released.set()
        await followed.until_handled()
        await eventually(lambda: _no_lag(followed))

    assert (await followed.standing()).recorded is not None


async def _no_lag(followed: Followed) -> bool:
    return set((await followed.lag()).values()) == {0}


async def test_what_fails_is_told_and_tried_again_until_it_goes_on(followed: Followed) -> None:
    follower = followed.follower()
    await followed.write(5)
    await execute(followed.database, "alter table handled rename to away")
    async with running(follower):
        await eventually(lambda: _true(_troubled(followed)))
        trouble = (await followed.standing()).trouble
        assert (trouble, follower.trouble) == ("toy does not go on: UndefinedTable 42P01",) * 2
        await execute(followed.database, "alter table away rename to handled")
        await followed.until_handled()
        await eventually(lambda: _well(followed))

    assert follower.trouble == ""


async def test_that_all_is_well_is_noted_later_where_it_could_not_be_noted_at_once(followed: Followed) -> None:
    await followed.write(5)
    await execute(followed.database, "alter table handled rename to away")
    async with running(followed.follower()):
        await eventually(lambda: _true(_troubled(followed)))
        refusal = "create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$"
        await execute(followed.database, refusal)
        refusing = "create trigger refused before delete on following.trouble execute function refuse()"
        await execute(followed.database, refusing)
        await execute(followed.database, "alter table away rename to handled")
        await followed.until_handled()
        await execute(followed.database, "drop trigger refused on following.trouble")
        await followed.write(1, first=6)
        await eventually(lambda: _well(followed))


async def _troubled(followed: Followed) -> str:
    return (await followed.standing()).trouble


async def _well(followed: Followed) -> bool:
    return not (await followed.standing()).trouble


async def test_an_event_that_can_not_be_read_stops_nothing(followed: Followed) -> None:
    await followed.writer.append("trial/unreadable", registered())
    await followed.writer.append_raw("trial/unreadable", b"{")
    await followed.write(3)
    async with running(followed.follower()):
        await followed.until_handled()

    read = [kind for *_, kind in await handled(followed.database)]
    assert sorted(set(read)) == ["MalformedRecord", "trial.amended.v1", "trial.registered.v1"]
    assert read.count("MalformedRecord") == 1


async def caught_up(followed: Followed, trials: int) -> None:
    await followed.write(trials)
    async with running(followed.follower()):
        await followed.until_handled()


async def test_a_mark_beyond_the_end_of_the_log_is_refused_by_name_and_told_below_zero(
    place: Place, followed: Followed
) -> None:
    await caught_up(followed, 5)
    await execute(followed.database, "update following.mark set next_offset = next_offset + 7 where partition = 1")

    with pytest.raises(WrongLog, match="not the one that toy has followed: it is an older copy") as refused:
        await followed.follower().run()

    assert refused.value.kind is Mismatch.OLDER_COPY
    assert await followed.lag() == {0: 0, 1: -7}
    assert "older copy" in (await followed.standing()).trouble


async def test_a_mark_of_another_log_is_refused_by_name(place: Place, followed: Followed) -> None:
    await caught_up(followed, 5)
    another = replace(place.topic, name=f"followed-{uuid4()}")
    log = await open_log(place.driver, place.address, [another])
    place.opened.append(log)
    writer = Writer(log, another)
    writer.written = 1_000
    await Followed(writer, followed.database).write(5)
    await execute(followed.database, "update following.mark set topic = %s", (another.name,))

    with pytest.raises(WrongLog, match="not the one that toy has followed: it has another history") as refused:
        await toy(log, another, followed.database, each(handle)).run()

    assert refused.value.kind is Mismatch.ANOTHER_HISTORY
    assert len(await followed.handled()) == 10


async def test_a_mark_of_another_topic_is_refused(followed: Followed) -> None:
    await caught_up(followed, 1)
    await execute(followed.database, "update following.mark set topic = 'another'")

    with pytest.raises(Exception, match="the marks of toy are of the topic another, not of"):
        await followed.follower().run()


async def test_marks_that_are_set_back_are_followed_from_there_by_a_follower_that_runs(followed: Followed) -> None:
    async with running(followed.follower()):
        await followed.write(5)
        await followed.until_handled()
        await execute(followed.database, "delete from following.mark; truncate handled")
        await followed.write(1, first=5)
        await followed.until_handled()


async def test_a_follower_goes_on_when_the_database_of_its_marks_is_back(followed: Followed) -> None:
    async with OwnPostgres.running() as own:
        there = Followed(followed.writer, own.url)
        await prepared(own.url)
        async with running(there.follower(), there.follower()):
            await there.write(5)
            await there.until_handled()
            await own.crash()
            await there.write(5, first=5)
            await own.start()
            await there.until_handled()


async def test_a_follower_goes_on_when_the_log_is_back(request: pytest.FixtureRequest, followed: Followed) -> None:
    if "kafka1" in request.fixturenames:
        cluster = request.getfixturevalue("kafka1")
        async with running(followed.follower()):
            await followed.write(5)
            await followed.until_handled()
            cluster.kill(1)
            await asyncio.sleep(1)
            cluster.start()
            await followed.write(5, first=5)
            await followed.until_handled()
        return
    async with OwnPostgres.running() as own:
        log = await open_log("postgres", own.url, [followed.topic])
        there = Followed(Writer(log, followed.topic), followed.database)
        async with running(there.follower()):
            await there.write(5)
            await there.until_handled()
            await own.crash()
            await own.start()
            await there.write(5, first=5)
            await there.until_handled()
        await log.close()
