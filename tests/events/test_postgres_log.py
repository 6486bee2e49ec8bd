"""What is particular to the log in PostgreSQL: guards in the database, group commit, lost connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import psycopg
import pytest

from events.port import AppendUnknown, EventLog, LogMisconfigured, LogTruncated, LogUnavailable, Topic
from events.postgres.connections import connections
from events.postgres.log import PostgresEventLog
from events.postgres.opening import faults
from events.record import Position
from tests.support.logs import addressed, read_to, values

TOPIC = Topic("trials", 4)
HOLD = "select from log.head where topic = 'trials' and partition = 0 for update"


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[EventLog]:
    log = await PostgresEventLog.open(database_url, [TOPIC])
    yield log
    await log.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[psycopg.AsyncConnection]:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        yield connection


async def cut_off(database: psycopg.AsyncConnection) -> int:
    """Ends every other connection to the database; how many there were."""
    ended = await database.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
        "and pid <> pg_backend_pid()"
    )
    return ended.rowcount


@pytest.mark.parametrize(
    "change",
    [
        "update log.message set value = 'forged'",
        "update log.message set recorded = recorded - interval '1 day'",
        "delete from log.message",
        "truncate log.message",
        "truncate log.topic cascade",
        "delete from log.head",
        "update log.head set next_offset = next_offset - 1",
        "update log.head set recorded = recorded - interval '1 day'",
        "update log.topic set partitions = 8",
        "delete from log.topic",
        "set session_replication_role = replica; delete from log.message",
    ],
)
async def test_the_database_itself_refuses_to_change_history(
    log: EventLog, database: psycopg.AsyncConnection, change: str
) -> None:
    await log.append(TOPIC, [addressed(0, b"x")])

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        await database.execute(change)

    assert values(await read_to(log, TOPIC, {0: 1})) == [b"x"]


async def test_appends_that_wait_together_share_commits(log: EventLog, database: psycopg.AsyncConnection) -> None:
    await asyncio.gather(*(log.append(TOPIC, [addressed(n % 4, b"%d" % n)]) for n in range(200)))

    commits = await (await database.execute("select count(distinct xmin::text) from log.message")).fetchone()
    assert commits is not None
    assert commits[0] <= 10


async def test_a_commit_is_bounded_in_bytes(log: EventLog, database: psycopg.AsyncConnection) -> None:
    await asyncio.gather(*(log.append(TOPIC, [addressed(0, bytes(790_000))]) for _ in range(25)))

    largest = await database.execute(
        "select max(bytes) from (select sum(octet_length(value)) as bytes from log.message group by xmin::text) as each"
    )
    assert await largest.fetchone() == (10 * 790_000,)


async def test_connections_cut_under_load_lose_nothing_that_was_acknowledged(
    log: EventLog, database: psycopg.AsyncConnection
) -> None:
    acknowledged: dict[Position, bytes] = {}
    unknown = cuts = 0
    reading = asyncio.create_task(_read_until_last(log))

    async def append(partition: int, value: bytes) -> None:
        nonlocal unknown
        while value not in acknowledged.values():
            try:
                positions = await log.append(TOPIC, [addressed(partition, value)])
                acknowledged[positions[0]] = value
            except AppendUnknown:
                unknown += 1

    async def write(writer: int) -> None:
        nonlocal cuts
        for number in range(50):
            await append(number % 4, b"%d %d" % (writer, number))
            if len(acknowledged) % 40 == 0:
                cuts += await cut_off(database)

    await asyncio.gather(*(write(writer) for writer in range(8)))
    await append(0, b"last")

    seen = await reading
    assert cuts >= 8
    assert unknown > 0
    assert acknowledged.items() <= seen.items()
    assert set(seen.values()) == set(acknowledged.values())
    assert len(acknowledged) == 401


async def _read_until_last(log: EventLog) -> dict[Position, bytes]:
    seen: dict[Position, bytes] = {}
    next_offset = dict.fromkeys(range(4), 0)
    async with aclosing(log.read(TOPIC, next_offset)) as tail:
        while b"last" not in seen.values():
            for stored in await anext(tail):
                assert stored.position.offset == next_offset[stored.position.partition]
                next_offset[stored.position.partition] += 1
                seen[stored.position] = stored.message.value
    return seen


async def test_a_database_that_is_away_is_unavailable_to_readers_unknown_to_writers_and_fine_when_it_is_back(
    database_url: str, postgres_url: str, database: psycopg.AsyncConnection
) -> None:
    log = await PostgresEventLog.open(database_url, [TOPIC], patience=1.0)
    name = database.info.dbname
    async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as server:
        await server.execute(f"alter database {name} allow_connections false")
        await cut_off(database)
        with pytest.raises(LogUnavailable):
            await log.ends(TOPIC)
        with pytest.raises(LogUnavailable):
            await anext(log.read(TOPIC, {0: 0}))
        with pytest.raises(AppendUnknown):
            await log.append(TOPIC, [addressed(0, b"x")])
        await server.execute(f"alter database {name} allow_connections true")

    reading = asyncio.create_task(read_to(log, TOPIC, {0: 1}))
    while not reading.done():
        try:
            await log.append(TOPIC, [addressed(0, b"back")])
            await reading
        except (AppendUnknown, LogUnavailable):
            reading = asyncio.create_task(read_to(log, TOPIC, {0: 1}))

    assert values(reading.result()) == [b"back"]
    await log.close()


async def test_a_frozen_session_that_holds_a_partition_delays_writers_by_the_patience_and_loses_nothing(
    database_url: str, database: psycopg.AsyncConnection
) -> None:
    log = await PostgresEventLog.open(database_url, [TOPIC], patience=1.0)
    await log.append(TOPIC, [addressed(0, b"before")])
    async with database.transaction():
        await database.execute(HOLD)
        appends = [log.append(TOPIC, [addressed(partition, b"held")]) for partition in (0, 1)]
        async with asyncio.timeout(5.0):
            answers = await asyncio.gather(*appends, return_exceptions=True)
        assert [type(answer) for answer in answers] == [AppendUnknown, AppendUnknown]
        waiting = asyncio.create_task(log.append(TOPIC, [addressed(1, b"other")]))
        await waiting

    await until_appended(log, b"after")

    ends = await log.ends(TOPIC)
    assert values(await read_to(log, TOPIC, {0: ends[0]})) == [b"before", b"after"]
    assert values(await read_to(log, TOPIC, {1: ends[1]})) == [b"other"]
    await log.close()


async def test_a_log_closes_while_a_frozen_session_holds_a_partition(
    database_url: str, database: psycopg.AsyncConnection
) -> None:
    log = await PostgresEventLog.open(database_url, [TOPIC], patience=1.0)
    async with database.transaction():
        await database.execute(HOLD)
        appending = asyncio.create_task(log.append(TOPIC, [addressed(0, b"held")]))
        await until_blocked(database)
        async with asyncio.timeout(8.0):
            await log.close()

    with pytest.raises(AppendUnknown):
        await appending


async def test_the_server_ends_a_session_of_a_log_that_froze_within_a_transaction(database_url: str) -> None:
    log = await PostgresEventLog.open(database_url, [TOPIC], patience=1.0)
    pool = connections(database_url, patience=1.0)
    await pool.open()
    frozen = await pool.getconn()
    await frozen.execute("begin")
    await frozen.execute(HOLD)

    async with asyncio.timeout(60.0):
        await until_appended(log, b"x")

    with pytest.raises(psycopg.Error, match="terminating connection"):
        await frozen.execute("select")
    assert values(await read_to(log, TOPIC, await log.ends(TOPIC))) == [b"x"]
    await pool.putconn(frozen)
    await pool.close()
    await log.close()


async def test_a_query_that_is_not_answered_is_unavailable_to_readers(
    database_url: str, database: psycopg.AsyncConnection
) -> None:
    log = await PostgresEventLog.open(database_url, [TOPIC], patience=1.0)
    async with database.transaction():
        await database.execute("lock table log.head in access exclusive mode")
        async with asyncio.timeout(5.0):
            with pytest.raises(LogUnavailable):
                await log.ends(TOPIC)

    assert await log.ends(TOPIC) == {0: 0, 1: 0, 2: 0, 3: 0}
    await log.close()


async def until_appended(log: EventLog, value: bytes) -> None:
    """Appends again and again until it is acknowledged."""
    while True:
        try:
            await log.append(TOPIC, [addressed(0, value)])
        except AppendUnknown:
            continue
        return


async def until_blocked(database: psycopg.AsyncConnection) -> None:
    """Returns once another session waits for a lock."""
    blocked = "select count(*) from pg_locks where not granted"
    while await (await database.execute(blocked)).fetchone() == (0,):
        pass


async def test_a_database_restored_from_an_older_copy_stops_a_tailing_reader(
    log: EventLog, database: psycopg.AsyncConnection
) -> None:
    await log.append(TOPIC, [addressed(0, b"%d" % number) for number in range(3)])
    tail = log.read(TOPIC, {0: 0})
    await anext(tail)

    await database.execute("alter table log.message disable trigger all; alter table log.head disable trigger all")
    await database.execute(
        'delete from log.message where "offset" = 2; update log.head set next_offset = 2 where partition = 0'
    )

    with pytest.raises(LogTruncated, match="ends at 2, before the offset 3"):
        await anext(tail)


async def test_a_missing_offset_is_history_lost(log: EventLog, database: psycopg.AsyncConnection) -> None:
    await log.append(TOPIC, [addressed(0, b"%d" % number) for number in range(3)])

    await database.execute('alter table log.message disable trigger all; delete from log.message where "offset" = 1')

    with pytest.raises(LogTruncated, match="offset 1 of partition 0 is gone, the next there is 2"):
        await read_to(log, TOPIC, {0: 3})


async def test_another_number_of_partitions_is_refused(log: EventLog, database_url: str) -> None:
    with pytest.raises(LogMisconfigured, match="trials has 4 partitions, not 8"):
        await PostgresEventLog.open(database_url, [Topic("trials", 8)])


def test_every_fault_is_named_at_once() -> None:
    topics = [Topic("one", 8), Topic("other", 2), Topic("right", 1)]

    found = faults(topics, {"one": 4, "other": 3, "right": 1}, {"fsync": "off", "synchronous_commit": "off"})

    assert [fault.split(":")[0] for fault in found] == [
        "topic one has 4 partitions, not 8",
        "topic other has 3 partitions, not 2",
        "PostgreSQL runs with fsync = off and would lose acknowledged events",
        "PostgreSQL runs with synchronous_commit = off and would lose acknowledged events",
    ]


async def test_nodes_that_start_at_the_same_time_make_the_tables_once(database_url: str) -> None:
    logs = await asyncio.gather(*(PostgresEventLog.open(database_url, [TOPIC]) for _ in range(5)))

    for log in logs:
        assert await log.ends(TOPIC) == {0: 0, 1: 0, 2: 0, 3: 0}
        await log.close()


async def test_a_topic_that_the_log_was_not_opened_for_is_refused(log: EventLog) -> None:
    with pytest.raises(ValueError, match="not opened for"):
        await log.append(Topic("other", 1), [addressed(0, b"x")])


async def test_a_topic_can_be_added_later(log: EventLog, database_url: str) -> None:
    other = Topic("other", 2)
    later = await PostgresEventLog.open(database_url, [TOPIC, other])

    await later.append(other, [addressed(1, b"x")])

    assert values(await read_to(later, other, {1: 1})) == [b"x"]
    await later.close()
