"""Starting from snapshots, on a log of each driver: what a reader then knows is what it would know from the beginning.

Whatever is wrong with a snapshot, it is told, and the log is read instead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from structlog.testing import capture_logs

from events import founding, snapshots
from events.identity import LogIdentity, identify, marks_at
from events.judging import Judging
from events.memory import MemoryEventLog
from events.port import Addressed, EventLog, Topic
from events.postgres.snapshots import PostgresSnapshots
from events.record import Message, Position
from events.schemas.access import Role, TokenIssued, TokenRevoked
from events.starting import GENERATIONS, SnapshotEntry, Starting, from_the_beginning
from registry.people.tokens import digest_of
from tests.projections.trials import ORIGIN, Clock, Writer, amended, registered
from tests.projections.views import eventually
from tests.support.logs import Place
from tests.support.snapshots import KEY, NOW, UnreliableSnapshots, Watched, reader

pytestmark = pytest.mark.parametrize("place", ["memory", "postgres", "kafka1"], indirect=True)
FOUNDED = UUID(int=7)


@dataclass
class Stand:
    """A founded log that somebody writes to, and a store of snapshots."""

    log: EventLog
    topic: Topic
    identity: LogIdentity
    writer: Writer
    store: PostgresSnapshots
    url: str
    trials: int = 0

    async def write(self, trials: int = 6) -> None:
        """Registers so many trials, amends each once, and appends something that is no record."""
        for number in range(self.trials, self.trials + trials):
            await self.writer.append(f"trial/{number}", registered())
            await self.writer.append(f"trial/{number}", amended(("/planned_size", None, number)))
        self.trials += trials
        await self.log.append(self.topic, [Addressed(0, Message(b"key", (), b"no record"))])

    def reader(self, store: Any = None, **settings: Any) -> Any:
        """A reader of the log on the store."""
        return reader(self.log, self.topic, store or self.store, self.identity, **settings)

    async def from_the_beginning(self) -> list[bytes]:
        """What a reader knows that uses no snapshot."""
        async with reader(self.log, self.topic, NoSnapshots(), self.identity) as one:
            assert not any(one.began_at.values())
            return one.known()

    def in_database(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as database:
            database.execute(statement)  # type: ignore[call-overload]

    async def offsets(self) -> list[tuple[int, int]]:
        return [(entry.partition, entry.next_offset) for entry in await self.store.entries()]


class NoSnapshots:
    """A store that has none."""

    async def entries(self) -> list[Any]:
        return []


@pytest.fixture
async def stand(place: Place, pool: AsyncConnectionPool[AsyncConnection[Any]], database_url: str) -> Stand:
    log = await place.open()
    await founding.ensure(log, place.topic, ORIGIN.base, FOUNDED, NOW)
    store = PostgresSnapshots(pool)
    await store.create()
    stand = Stand(log, place.topic, await identify(log, place.topic), Writer(log, place.topic), store, database_url)
    await stand.write()
    return stand


async def taken(stand: Stand) -> Mapping[int, int]:
    """Takes a snapshot of the log as it is; its next offsets."""
    async with stand.reader() as one:
        await one.take()
        return one.heads.next_offsets()


async def refused(stand: Stand, reason: str, **settings: Any) -> None:
    """The next reader tells why it uses no snapshot, and knows all the same; the one after has nothing to tell."""
    whole = await stand.from_the_beginning()
    with capture_logs() as lines:
        async with stand.reader(**settings) as one:
            assert not all(one.began_at.values())
            if "key" not in settings:
                assert one.known() == whole
    reasons = [line["reason"] for line in lines if line["event"] == "snapshot_unusable"]
    assert reasons
    assert all(reason in one for one in reasons), reasons
    with capture_logs() as lines:
        async with stand.reader(**settings):
            pass
    assert [line for line in lines if line["event"] == "snapshot_unusable"] == []


async def test_a_reader_begins_where_the_snapshot_was_taken_and_knows_what_it_would_from_the_beginning(
    stand: Stand,
) -> None:
    token = "registry_a"
    issued = TokenIssued(digest=digest_of(token), role=Role.SPONSOR, organisation="one", expires=NOW + timedelta(1))
    await stand.writer.append("access/a", issued)
    gone = issued.model_copy(update={"digest": digest_of("registry_b"), "expires": None})
    await stand.writer.append("access/b", gone)
    await stand.writer.append("access/b", TokenRevoked())
    await stand.writer.append_raw("access/c", b"{}")
    at = await taken(stand)
    await stand.write()

    async with stand.reader() as one:
        assert one.began_at == at
        assert one.known() == await stand.from_the_beginning()
        assert one.heads.head("trial/0").version == 2
        assert one.heads.unreadable.keys() == {"access/c"}
        bearer = one.access.actor(token)
        assert bearer is not None
        assert (bearer.token, bearer.role, bearer.organisation) == ("a", Role.SPONSOR, "one")
        assert one.access.actor("registry_b") is None
        assert [entry.revoked for entry in one.access.entries()] == [False, True]
        # What can't be read may have taken the token back: one that is issued under this id later opens nothing.
        await stand.writer.append("access/c", issued.model_copy(update={"digest": digest_of("registry_c")}))
        await one.heads.catch_up("access/c")
        assert one.access.actor("registry_c") is None


async def test_what_is_copied_for_a_snapshot_is_not_changed_by_what_is_read_later(stand: Stand) -> None:
    async with stand.reader() as one:
        copies = [one.heads.snapshot(partition, stand.identity, NOW) for partition in range(4)]
        before = [snapshots.encode(copy, KEY) for copy in copies]
        await stand.write()
        await one.heads.catch_up_all()

        assert [snapshots.encode(copy, KEY) for copy in copies] == before
        assert one.known() != before


async def test_a_lost_snapshot_costs_time_alone(stand: Stand) -> None:
    await taken(stand)
    stand.in_database("truncate snapshot.fold")

    async with stand.reader() as one:
        assert not any(one.began_at.values())
        assert one.known() == await stand.from_the_beginning()


async def test_a_damaged_snapshot_is_not_used(stand: Stand) -> None:
    await taken(stand)
    stand.in_database("update snapshot.fold set body = overlay(body placing '\\x00' from length(body) - 3)")

    await refused(stand, "it is damaged")


async def test_where_the_newest_is_damaged_the_one_before_it_is_used(stand: Stand) -> None:
    first = await taken(stand)
    await stand.write()
    newest = await taken(stand)
    stand.in_database(f"update snapshot.fold set body = '\\x00' where partition = 0 and next_offset = {newest[0]}")

    with capture_logs() as lines:
        async with stand.reader() as one:
            assert one.began_at == {**newest, 0: first[0]}
            assert one.known() == await stand.from_the_beginning()
    assert [(line["partition"], line["next_offset"]) for line in lines if line["event"] == "snapshot_unusable"] == [
        (0, newest[0])
    ]


async def test_a_snapshot_of_another_version_is_not_used(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    await taken(stand)
    with monkeypatch.context() as patched:
        patched.setattr(snapshots, "FORM", snapshots.FORM + 1)
        patched.setattr(snapshots, "version", snapshots.version.__wrapped__)
        await refused(stand, "of the fold, and this program's is")


async def test_a_snapshot_under_another_key_is_not_used(stand: Stand) -> None:
    await taken(stand)

    await refused(stand, "another key", key=bytes(32))


async def test_a_snapshot_that_lacks_what_a_watcher_knew_is_not_used(stand: Stand) -> None:
    async with stand.reader() as one:
        for partition, offset in one.heads.next_offsets().items():
            snapshot = one.heads.snapshot(partition, stand.identity, NOW)
            bare = snapshots.Snapshot(snapshot.log, snapshot.taken, snapshot.fold)
            await stand.store.write(SnapshotEntry(partition, offset, NOW), snapshots.encode(bare, KEY))

    await refused(stand, "it lacks access")


async def test_a_snapshot_in_the_place_of_another_is_not_used(stand: Stand) -> None:
    offsets = await taken(stand)
    body = await stand.store.read(SnapshotEntry(0, offsets[0], NOW))
    assert body is not None
    await stand.store.write(SnapshotEntry(1, offsets[1], NOW), body)

    await refused(stand, "it is of another place")


async def test_a_snapshot_of_another_log_is_not_used(stand: Stand) -> None:
    await taken(stand)
    for another in (stand.identity._replace(founded="another"), stand.identity._replace(topic="made anew")):
        stand.identity = another
        await refused(stand, "it is of another log")
        await taken(stand)


async def test_a_snapshot_beyond_the_end_of_an_older_copy_is_not_used(stand: Stand) -> None:
    older, written = MemoryEventLog(Clock()), await stand.log.ends(stand.topic)
    async for batch in stand.log.read(stand.topic, dict.fromkeys(written, 0), written):
        await older.append(stand.topic, [Addressed(one.position.partition, one.message) for one in batch])
    await stand.write()
    await taken(stand)
    stand.log = older

    await refused(stand, "it lies beyond the end of the log")


async def test_a_snapshot_of_another_history_is_not_used(stand: Stand) -> None:
    await taken(stand)
    other, ends = MemoryEventLog(Clock()), await stand.log.ends(stand.topic)
    await founding.ensure(other, stand.topic, ORIGIN.base, FOUNDED, NOW)
    for partition, end in ends.items():
        there = await other.end(stand.topic, partition)
        none = [Addressed(partition, Message(b"key", (), b"another")) for _ in range(end - there)]
        await other.append(stand.topic, none)
    stand.log = other

    await refused(stand, "the log has another record at its end")


async def test_where_the_store_is_away_the_log_is_read_and_a_later_snapshot_is_taken(stand: Stand) -> None:
    await taken(stand)
    store = UnreliableSnapshots(stand.store, away=True)
    async with stand.reader(store, every=1) as one:
        assert not any(one.began_at.values())
        assert one.known() == await stand.from_the_beginning()
        await until(lambda: bool(one.snapshotting.trouble))
        assert one.snapshotting.trouble.startswith("no snapshot is taken")
        store.away = False
        await stand.write()
        await until(lambda: not one.snapshotting.trouble)

    assert dict(reversed(await stand.offsets())) == await stand.log.ends(stand.topic)


async def test_a_writer_that_is_cut_off_leaves_partitions_that_fit_the_log_each_by_itself(stand: Stand) -> None:
    first = await taken(stand)
    await stand.write()
    async with stand.reader(UnreliableSnapshots(stand.store, writes_left=2)) as one:
        with pytest.raises(ConnectionError):
            await one.take()
        newest = one.heads.next_offsets()

    async with stand.reader() as one:
        began = [one.began_at[partition] == newest[partition] for partition in range(4)]
        assert began == [True, True, False, False]
        assert all(one.began_at[partition] == first[partition] for partition in (2, 3))
        assert one.known() == await stand.from_the_beginning()


async def test_old_snapshots_are_replaced(stand: Stand) -> None:
    seen = []
    for _ in range(GENERATIONS + 1):
        seen.append(await taken(stand))
        await stand.write()

    assert await stand.offsets() == [(p, one[p]) for p in range(4) for one in reversed(seen[1:])]


async def test_a_follower_that_is_behind_the_newest_begins_at_the_one_before(stand: Stand) -> None:
    first = await taken(stand)
    await stand.write()
    newest = await taken(stand)
    behind = {partition: offset - 1 for partition, offset in newest.items()}

    starting = Starting(stand.log, stand.topic, stand.identity, stand.store, KEY)
    folds = await starting.folds(behind)
    assert {partition: fold.next_offset for partition, fold in folds.items()} == first
    assert await starting.folds({}) == {}


async def test_a_follower_judges_from_a_snapshot_as_it_would_from_the_beginning(stand: Stand) -> None:
    first = await taken(stand)
    await stand.write()
    await taken(stand)
    ends = await stand.log.ends(stand.topic)
    marks = await marks_at(stand.log, stand.topic, {partition: end - 1 for partition, end in ends.items()})
    judged = []
    for begin in (from_the_beginning, Starting(stand.log, stand.topic, stand.identity, stand.store, KEY).folds):
        watched = Watched(stand.log)
        judging = Judging(watched, stand.topic, begin)
        await judging.resume(marks)
        batches = [batch async for batch in judging.batches(ends)]
        judged.append({one.position: one for batch in batches for one in batch.judged})
        began, _ = watched.read_from[0]

    assert began == first
    assert judged[0] == judged[1]
    assert judged[0].keys() == {Position(partition, end - 1) for partition, end in ends.items()}


async def test_of_two_that_read_the_same_one_takes_the_snapshot(stand: Stand) -> None:
    stores = [UnreliableSnapshots(stand.store), UnreliableSnapshots(stand.store)]
    async with stand.reader(stores[0], every=10) as one, stand.reader(stores[1], every=10) as other:
        await until(lambda: all(reader.snapshotting._covered >= 13 for reader in (one, other)))

    written = [*stores[0].written, *stores[1].written]
    assert sorted(entry.partition for entry in written) == [0, 1, 2, 3]


async def test_while_one_writes_another_does_not(stand: Stand) -> None:
    async with stand.store.alone() as first, stand.store.alone() as second:
        assert (first, second) == (True, False)
        async with stand.reader() as one:
            await one.take()
    assert await stand.offsets() == []
    async with stand.store.alone() as third:
        assert third


async def test_a_reader_that_stops_after_an_alarm_leaves_no_snapshot(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.engine.snapshotting.LEAST", 1)
    async with stand.reader() as one:
        head = stand.writer.heads["trial/0"]
        stand.writer.heads["trial/0"] = head._replace(version=head.version + 1)
        await stand.writer.append("trial/0", amended(("/planned_size", None, 1)))
        await until(lambda: one.heads.fault is not None)
        await one.snapshotting.finish()

    assert await stand.offsets() == []


async def test_a_reader_that_stops_leaves_a_snapshot_where_it_read_much_since_the_last(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.engine.snapshotting.LEAST", 10)
    async with stand.reader() as one:
        pass
    await one.snapshotting.finish()
    assert dict(await stand.offsets()) == one.heads.next_offsets()

    async with stand.reader() as one:
        await stand.write(trials=2)
        await one.heads.catch_up_all()
    await one.snapshotting.finish()
    assert dict(await stand.offsets()) != one.heads.next_offsets()


async def until(reached: Callable[[], bool]) -> None:
    async def so() -> bool:
        return reached()

    await eventually(so)
