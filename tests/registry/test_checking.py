"""`registry check`: a log is whole, or each thing that is missing, changed or twice is told with its place."""

import json
import re
import tracemalloc
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from deploy.kafka.cluster import KafkaCluster
from events.admission import Head
from events.event import follow, new_folds
from events.partitions import partition_of
from events.port import Addressed, EventLog, Topic
from events.postgres.log import PostgresEventLog
from events.record import DATAREF, Position, Stored, encode
from events.sealing import OwnerKind
from registry import wiring
from registry.checking.findings import Findings, Kind
from registry.checking.whole import check
from registry.domain.permissions import CONSOLE
from registry.domain.trial import commands as do
from registry.node import Node
from registry.office.erasing import destroy
from registry.settings import Settings
from tests.projections.trials import record, registered
from tests.support.lived import LONG, VERY_LONG, Lived, live, persons
from tests.support.node import settings_for
from tests.support.servers import console
from tests.support.trials import registration
from tests.support.vault import MemoryVault


async def checked(settings: Settings) -> Findings:
    async with wiring.log_and_vault(settings, damaged=True) as (log, vault):
        return await check(log, vault, wiring.topics(settings), patience=3)


def faults_of(found: Findings) -> set[tuple[Kind, str]]:
    return {(one.kind, one.at) for one in found.faults}


@dataclass
class Damage:
    """Does to a log in PostgreSQL what nobody may: with its guards taken off."""

    settings: Settings

    def __call__(self, statement: str, *values: Any) -> None:
        assert self.settings.database_url
        with psycopg.connect(self.settings.database_url) as connection:
            connection.execute("alter table log.message disable trigger user")
            connection.execute("alter table log.head disable trigger user")
            assert connection.execute(statement.encode(), values).rowcount > 0, "nothing was damaged"

    def remove(self, at: Position, topic: str = wiring.EVENTS_TOPIC) -> None:
        """Removes one message."""
        self('delete from log.message where topic = %s and partition = %s and "offset" = %s', topic, *at)


@pytest.fixture(params=["postgres", "kafka1"])
async def anywhere(request: pytest.FixtureRequest, database_url: str) -> Settings:
    """Settings of a registry with its log in PostgreSQL, and in a Kafka of its own."""
    if request.param == "postgres":
        return settings_for(database_url)
    cluster: KafkaCluster = request.getfixturevalue("empty_kafka1")
    return settings_for(database_url, cluster.bootstrap)


@pytest.fixture
async def lived(settings: Settings) -> AsyncIterator[tuple[Lived, dict[str, list[Position]]]]:
    """A registry in PostgreSQL that lived and stopped, and the places of each stream's events."""
    async with wiring.running(settings) as node:
        yield await live(node), await places(settings)


async def places(settings: Settings) -> dict[str, list[Position]]:
    found: dict[str, list[Position]] = {}
    topic = wiring.topics(settings)[0]
    async with wiring.log_and_vault(settings) as (log, _):
        async for batch in follow(log, topic, new_folds(topic), await log.ends(topic)):
            for judged in batch:
                assert judged.proposal is not None
                found.setdefault(judged.proposal.subject, []).append(judged.position)
    return found


async def kept_elsewhere(node: Node) -> int:
    """How many events name a body that is not in their message."""
    topic = node.heads.topic
    batches = follow(node.log, topic, new_folds(topic), await node.heads.ends())
    return sum([f"ce_{DATAREF}" in dict(one.message.headers) async for batch in batches for one in batch])


async def test_a_log_that_lived_is_whole_on_every_store(anywhere: Settings) -> None:
    async with wiring.running(anywhere) as node:
        await live(node, VERY_LONG)
        while_it_runs = await checked(anywhere)
        long = await kept_elsewhere(node)
    report = json.loads(await console(anywhere, "check", "--json"))

    assert while_it_runs.faults == []
    assert long == 1
    assert report["whole"] is True
    assert report["faults"] == {}
    assert report["counts"] == dict(while_it_runs.counts)
    assert report["counts"]["events"] == 15
    assert report["counts"]["documents"] == 1
    assert report["counts"]["documents whose key was destroyed"] == 1
    assert report["counts"]["keys destroyed by events"] == 3


async def test_a_message_that_is_gone_is_told_and_what_follows_is_read(
    settings: Settings, lived: tuple[Lived, dict[str, list[Position]]]
) -> None:
    of, at = lived
    gone, next_one = at[of.trial][2:4]
    Damage(settings).remove(gone)
    found = await checked(settings)

    assert faults_of(found) == {(Kind.GAP, str(gone)), (Kind.ORDER, str(next_one))}
    assert "1 positions hold no record" in found.faults[0].detail
    assert b"not complete" in await console(settings, "check", expect=1)


async def test_an_end_that_is_gone_is_told_and_nobody_waits_for_it(
    settings: Settings, lived: tuple[Lived, dict[str, list[Position]]]
) -> None:
    of, _ = lived
    [at] = (await places(settings))[f"access/{of.token}"]
    async with wiring.log_and_vault(settings) as (log, _vault):
        end = await log.end(wiring.topics(settings)[0], at.partition)
    for offset in range(at.offset, end):
        Damage(settings).remove(Position(at.partition, offset))

    assert (Kind.GAP, str(at)) in faults_of(await checked(settings))


async def test_a_founding_record_that_is_gone_is_told(settings: Settings, lived: tuple[Lived, Any]) -> None:
    [founded] = (await places(settings))["log/events"]
    Damage(settings).remove(founded)

    assert {(Kind.FOUNDING, wiring.EVENTS_TOPIC), (Kind.GAP, str(founded))} <= faults_of(await checked(settings))


async def test_an_event_that_was_changed_breaks_the_digest_that_the_next_one_names(
    settings: Settings, lived: tuple[Lived, dict[str, list[Position]]]
) -> None:
    of, at = lived
    paused, opened = at[of.trial][4:6]
    damage = Damage(settings)
    damage(
        "update log.message set value = replace(convert_from(value, 'utf8'), '2026-11-02', '2026-11-01')::bytea"
        ' where topic = %s and partition = %s and "offset" = %s',
        *(wiring.EVENTS_TOPIC, *paused),
    )

    assert faults_of(await checked(settings)) == {(Kind.ORDER, str(opened))}


async def test_an_event_without_the_form_of_its_type_is_told_without_what_it_says(
    settings: Settings, lived: tuple[Lived, dict[str, list[Position]]]
) -> None:
    of, at = lived
    last = at[of.trial][6]
    damage = Damage(settings)
    at_last = ' where topic = %s and partition = %s and "offset" = %s'
    damage("update log.message set value = %s" + at_last, b'{"on":"Tanaka"}', wiring.EVENTS_TOPIC, *last)
    found = await checked(settings)

    assert faults_of(found) == {(Kind.UNREADABLE, str(last))}
    assert "Tanaka" not in str(found.report())
    damage("update log.message set value = %s" + at_last, b"{", wiring.EVENTS_TOPIC, *last)
    assert faults_of(await checked(settings)) == {(Kind.UNREADABLE, str(last))}


async def test_a_body_that_is_gone_is_told_at_the_event_that_names_it(settings: Settings) -> None:
    async with wiring.running(settings) as node:
        await live(node, VERY_LONG)
    Damage(settings)(
        "update log.message set value = '' where headers::text like %s and topic = %s",
        "%log.body-part.v1%",
        wiring.DOCUMENTS_TOPIC,
    )
    found = await checked(settings)

    assert {one.kind for one in found.faults} == {Kind.UNREADABLE}
    assert "body that it names is not there" in found.faults[0].detail


async def test_documents_that_are_gone_or_were_changed_are_told(
    settings: Settings, lived: tuple[Lived, dict[str, list[Position]]]
) -> None:
    part = "headers::text like '%%partner.document-part.v1%%' and topic = %s"
    damage = Damage(settings)
    damage(f"update log.message set value = value || 'x' where {part}", wiring.DOCUMENTS_TOPIC)
    changed = await checked(settings)
    damage(f"update log.message set headers = '[]' where {part}", wiring.DOCUMENTS_TOPIC)
    gone = await checked(settings)

    assert {one.kind for one in changed.faults} == {Kind.DOCUMENT_DAMAGED}
    assert {one.kind for one in gone.faults} == {Kind.DOCUMENT_MISSING}
    assert len(gone.faults) == 2


async def test_keys_that_are_gone_without_an_event_are_told_and_those_that_should_be_gone_too(
    settings: Settings, lived: tuple[Lived, dict[str, list[Position]]]
) -> None:
    of, at = lived
    damage = Damage(settings)
    key = await wrapped(settings, of.forgotten)
    damage("insert into vault.owner (owner, kind, wrapped) values (%s::uuid, 'person', %s)", of.forgotten, key)
    came_back = await checked(settings)
    damage("delete from vault.owner where owner = any(%s::uuid[])", [of.person, of.why, of.forgotten])
    damage("delete from vault.document")
    found = await checked(settings)

    assert (Kind.KEY_LEFT, of.forgotten) in faults_of(came_back)
    assert {(Kind.KEY_MISSING, str(at[of.trial][0])), (Kind.KEY_MISSING, str(at[of.trial][4]))} <= faults_of(found)
    assert {one.kind for one in found.faults} == {Kind.KEY_MISSING, Kind.DOCUMENT_KEY}
    assert sum(one.kind is Kind.DOCUMENT_KEY for one in found.faults) == 1, "of the other a person was forgotten"


async def test_a_key_that_is_anothers_does_not_open_what_is_sealed(
    settings: Settings, lived: tuple[Lived, dict[str, list[Position]]]
) -> None:
    of, at = lived
    damage, place = Damage(settings), str(at[of.trial][0])
    change = "update vault.owner set wrapped = %s where owner = %s::uuid"
    damage(change, await wrapped(settings, of.person), of.person)
    other = await checked(settings)
    damage(change, b"x" * 60, of.person)
    broken = await checked(settings)

    assert faults_of(other) == faults_of(broken) == {(Kind.KEY_WRONG, place)}
    assert "does not open under its key" in other.faults[0].detail
    assert of.person in broken.faults[0].detail


async def wrapped(settings: Settings, person: str) -> bytes:
    """A person's key that was never theirs, as the vault would keep it."""
    async with wiring.log_and_vault(settings) as (_, vault):
        return vault._wrap(b"person" + UUID(person).bytes, b"0" * 32)


async def test_a_key_used_again_long_after_an_event_in_the_wrong_place_and_of_another_log(settings: Settings) -> None:
    """What admission can't see, as it remembers 64 ids and knows neither place nor log."""
    async with wiring.running(settings) as node:
        topic, origin = node.heads.topic, node.origin
        stream, wrong = f"trial/{uuid4()}", f"trial/{uuid4()}"
        head, ids = Head(), [uuid4() for _ in range(66)]
        for event in (*ids, ids[0]):
            made = encode(record(stream, registered(), head=head, id=event, origin=origin))
            head = Head(head.version + 1, made.digest)
            at = (await node.log.append(topic, [Addressed(partition_of(stream, topic.partitions), made)]))[0]
        another = origin._replace(log=str(uuid4()))
        other = (partition_of(wrong, topic.partitions) + 1) % topic.partitions
        lost = encode(record(wrong, registered(), head=Head(), origin=origin))
        foreign = encode(record(wrong, registered(), head=Head(), origin=another))
        [misplaced, theirs] = await node.log.append(
            topic, [Addressed(other, lost), Addressed(partition_of(wrong, topic.partitions), foreign)]
        )
        later = f"trial/{uuid4()}"
        await node.log.append(topic, [Addressed(0, replace(made, headers=()))])
        unknown = encode(replace(record(later, registered(), head=Head(), origin=origin), type="trial.later.v1"))
        await node.log.append(topic, [Addressed(partition_of(later, topic.partitions), unknown)])
        again = await checked(settings)

    assert faults_of(again) == {
        (Kind.REPEATED, str(at)),
        (Kind.PARTITION, str(misplaced)),
        (Kind.ORIGIN, str(theirs)),
    }
    assert again.counts["messages that are no records"] == 1
    assert again.counts["events of a later program"] == 1


async def test_what_kafka_deleted_and_what_a_transaction_left_behind_is_told(
    database_url: str, empty_kafka1: KafkaCluster
) -> None:
    settings = settings_for(database_url, empty_kafka1.bootstrap)
    async with wiring.running(settings) as node:
        stream = f"trial/{uuid4()}"
        await node.submit(CONSOLE, uuid4(), stream, do.RegisterTrial(registration=registration()))
        await node.submit(CONSOLE, uuid4(), stream, do.PublishTrial())
    first, second = (await places(settings))[stream]
    admin = AIOKafkaAdminClient(bootstrap_servers=empty_kafka1.bootstrap)
    await admin.start()
    place = TopicPartition(wiring.EVENTS_TOPIC, first.partition)
    await admin.delete_records({place: RecordsToDelete(before_offset=first.offset + 1)})
    await admin.close()
    other = (first.partition + 1) % settings.partitions
    producer = AIOKafkaProducer(bootstrap_servers=empty_kafka1.bootstrap, transactional_id="somebody")
    await producer.start()
    async with producer.transaction():
        sent = await producer.send_and_wait(wiring.EVENTS_TOPIC, b"x", partition=other)
    await producer.stop()
    found = await checked(settings)

    assert {
        (Kind.GAP, f"{first.partition}:0"),
        (Kind.ORDER, str(second)),
        (Kind.GAP, f"{other}:{sent.offset + 1}"),
    } <= faults_of(found)


@dataclass
class Meanwhile:
    """A log beside which something happens once, when a topic is first read."""

    log: EventLog
    topic: str
    happen: list[Callable[[], Any]]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)

    async def read(
        self, topic: Topic, start: Mapping[int, int], until: Mapping[int, int] | None = None
    ) -> AsyncIterator[Sequence[Stored]]:
        if topic.name == self.topic and self.happen:
            await self.happen.pop()()
        async for batch in self.log.read(topic, start, until):
            yield batch


@pytest.mark.parametrize("topic", [wiring.EVENTS_TOPIC, wiring.DOCUMENTS_TOPIC])
async def test_who_is_forgotten_while_a_check_runs_is_no_fault_of_it(settings: Settings, topic: str) -> None:
    async with wiring.running(settings) as node:
        lived = await live(node)
        named = sorted(await persons(node, LONG))

        async def forget() -> None:
            await destroy(node, OwnerKind.PERSON, [lived.person, *named], "asked")

        log: Any = Meanwhile(node.log, topic, [forget])
        found = await check(log, node.vault, wiring.topics(settings), patience=3)

    assert found.faults == []
    assert log.happen == []
    assert found.counts["documents"] + found.counts["documents whose key was destroyed"] == 2


@pytest.mark.parametrize("kind", ["streams", "events"])
async def test_a_check_of_a_log_twice_as_long_takes_no_more_memory(database_url: str, kind: str) -> None:
    vault: Any = MemoryVault()
    peaks = []
    for times in (1, 2):
        # A partition for each so many streams: it is read by itself, and what is held of it is let go. The shorter one
        # has more than the two batches that are held at a time, one read and one to be read.
        partitions, each = (2 * times, 20) if kind == "streams" else (1, 70 * times)
        topics = [Topic(f"{name} {times}", partitions) for name in ("events", "documents")]
        log = await PostgresEventLog.open(database_url, topics)
        await filled(log, topics[0], streams=60 * partitions, each=each)
        tracemalloc.start()
        found = await check(log, vault, topics, patience=3)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        await log.close()
        assert found.counts["events"] == 60 * partitions * each
        assert {one.kind for one in found.faults} <= {Kind.FOUNDING}

    assert peaks[1] < 1.3 * peaks[0]


async def filled(log: EventLog, topic: Topic, streams: int, each: int) -> None:
    """Appends events of so many streams, by turns."""
    heads = {f"trial/{number}": Head() for number in range(streams)}
    for _ in range(each):
        sent = []
        for stream, head in heads.items():
            made = encode(record(stream, registered(), head=head, id=uuid4()))
            heads[stream] = Head(head.version + 1, made.digest)
            sent.append(Addressed(partition_of(stream, topic.partitions), made))
        await log.append(topic, sent)


def test_every_kind_of_fault_is_explained_to_the_operator() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations" / "checking.md").read_text()

    assert {kind.value for kind in Kind} == set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE))
