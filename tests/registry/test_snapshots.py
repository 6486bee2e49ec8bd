"""Snapshots of whole nodes: what they hold, what they leave out, and where it is told how they stand."""

import asyncio
import struct
import zlib
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from events import snapshots
from events.admission import Head, advance
from events.identity import LogIdentity
from events.memory import MemoryEventLog
from events.port import Addressed, Topic
from events.record import Message, encode
from events.schemas.access import Role, TokenIssued, TokenRevoked
from events.sealing import OwnerKind
from events.snapshots import FORM, decode
from events.starting import Starting
from events.vault import Identity
from registry import wiring
from registry.domain.permissions import CONSOLE
from registry.domain.person.decider import ForgetPerson
from registry.domain.trial.commands import RegisterTrial
from registry.engine.heads import Heads
from registry.engine.snapshotting import Snapshotting
from registry.node import Node
from registry.office import tokens as issuing
from registry.people.forgetting import Forgetting
from registry.people.keys import snapshots_key
from registry.people.tokens import AccessBook
from registry.server import create_app
from registry.settings import Settings
from tests.events.test_admission import record
from tests.projections.trials import Clock, Writer
from tests.projections.views import eventually
from tests.support.faults import Fault, UnreliableVault
from tests.support.servers import console
from tests.support.snapshots import KEY, NOW
from tests.support.steps import MOST, measured
from tests.support.trials import PERSON, registration
from tests.support.waiting import PATIENCE

FROZEN = {1: "e471f2dc8bca821c51ad8663fb53c3c96a2004ab30fce2a3bddd2aa2fd32c2fa"}
"""What a fixed log comes to, by the form of snapshots. Where another digest comes out, raise FORM and add a line."""
CANARIES = (PERSON["email"], *PERSON["name"].values(), "Registry Taro")
MANY = 100_000
"""Streams of a partition."""


async def register(node: Node) -> str:
    key = uuid4()
    await node.submit(CONSOLE, key, f"trial/{key}", RegisterTrial.model_validate({"registration": registration()}))
    return str(key)


async def take(node: Node) -> None:
    await node.snapshotting._take(1)


def bodies(settings: Settings) -> list[snapshots.Snapshot]:
    with psycopg.connect(settings.database_url) as database:
        rows = database.execute("select body from snapshot.fold").fetchall()
    return [decode(bytes(body), snapshots_key(settings)) for (body,) in rows]


async def test_what_a_fixed_log_comes_to_changes_with_the_form_of_snapshots_alone() -> None:
    topic, log = Topic("frozen", 1), MemoryEventLog(Clock())
    heads = Heads(log, topic)
    AccessBook(heads, lambda: NOW)
    first = encode(record(1, Head(), "trial/1"))
    head = advance(Head(), UUID(int=1), first.digest, 0)
    second, late = (encode(record(number, head, "trial/1")) for number in (2, 3))
    await log.append(topic, [Addressed(0, one) for one in (first, second, second, late, Message(b"", (), b"none"))])
    writer = Writer(log, topic)
    await writer.append("access/a", TokenIssued(digest="a" * 64, role=Role.SITE, organisation="one", expires=NOW))
    await writer.append("access/b", TokenIssued(digest="b" * 64, role=Role.SPONSOR, organisation="two"))
    await writer.append("access/b", TokenRevoked())
    await writer.append_raw("access/c", b"{")
    following = asyncio.create_task(heads.run())
    await heads.until_ready()
    encoded = snapshots.encode(heads.snapshot(0, LogIdentity("log", "topic", 1), NOW), KEY)
    following.cancel()

    (length,) = struct.unpack_from("<I", encoded, 32)
    about = orjson.loads(zlib.decompress(encoded[36 : 36 + length]))
    del about["version"]
    found = sha256(orjson.dumps(about, option=orjson.OPT_SORT_KEYS) + encoded[36 + length :]).hexdigest()
    assert found == FROZEN[FORM]


async def test_status_and_metrics_tell_how_the_snapshots_stand(settings: Settings) -> None:
    often = settings.model_copy(update={"snapshot_every": 1})
    async with wiring.running(often) as node:
        await register(node)

        async def covered() -> bool:
            return (await node.snapshotting.coverage()).next_offsets == {
                partition: offset for partition, offset in node.heads.next_offsets().items() if offset
            }

        await eventually(covered)
        async with TestClient(TestServer(create_app(node))) as client, client.get("/metrics") as response:
            metrics = dict(line.rsplit(" ", 1) for line in (await response.text()).splitlines() if line[0] != "#")
        for partition, offset in node.heads.next_offsets().items():
            assert float(metrics[f'registry_snapshot_next_offset{{partition="{partition}"}}']) == offset
        assert abs(float(metrics["registry_snapshot_taken_timestamp_seconds"]) - wiring.now().timestamp()) < PATIENCE
    status = orjson.loads(await console(often, "status", "--json"))
    assert status["snapshot behind by"] == 0
    assert 0 <= status["snapshot's age in seconds"] < PATIENCE
    assert status["snapshot's last positions"] == status["last positions"]


async def test_before_the_first_snapshot_status_says_that_there_is_none(settings: Settings) -> None:
    async with wiring.running(settings) as node:
        await register(node)
    assert orjson.loads(await console(settings, "status", "--json"))["snapshot"] == "none"


async def test_without_the_setting_snapshots_are_neither_taken_nor_used(settings: Settings) -> None:
    async with wiring.running(settings) as node:
        await register(node)
        await take(node)
    with capture_logs() as lines:
        async with wiring.running(settings.model_copy(update={"snapshot_every": 0})):
            pass
        async with wiring.running(settings):
            pass
    assert [line["event"] for line in lines if line["event"].startswith("snapshot")] == ["snapshot_used"]


async def test_a_snapshot_hides_no_destruction_that_was_not_done(settings: Settings) -> None:
    async with wiring.running(settings) as node:
        person, _ = await node.vault.owner(Identity(OwnerKind.PERSON, "one"))
        [forgetting] = [task for task in node.tasks.values() if isinstance(task, Forgetting)]
        forgetting._vault = UnreliableVault(node.vault, {"destroy": [Fault.LOST] * 1_000})
        await node.order(f"person/{person}", ForgetPerson(reason="asked"))
        await take(node)

    with capture_logs() as lines:
        async with wiring.running(settings) as node:
            assert "snapshot_used" in [line["event"] for line in lines]

            async def destroyed() -> bool:
                return not await node.vault.keys([person])

            await eventually(destroyed)
            await take(node)


async def test_a_snapshot_holds_nothing_of_a_person(settings: Settings) -> None:
    async with wiring.running(settings) as node:
        await register(node)
        await issuing.issue(node, Role.SITE, "kyoto-hp", name="Registry Taro")
        await take(node)
    taken: list[dict[str, Any]] = [dict(body.memories) | {"heads": list(body.fold.heads)} for body in bodies(settings)]

    assert any(one["access"]["entries"] for one in taken)
    assert [canary for canary in CANARIES if canary in orjson.dumps(taken).decode()] == []


async def test_a_snapshot_of_many_streams_leaves_the_loop_to_others(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = Topic("many", 1)
    heads = Heads(MemoryEventLog(Clock()), topic)
    AccessBook(heads, lambda: NOW)
    for number in range(MANY):
        head = Head(4, number.to_bytes(32, "big"), number.to_bytes(64, "big"), number)
        heads._folds[0].heads[f"trial/{UUID(int=number)}"] = head
    heads._folds[0].next_offset = MANY
    store = node.snapshotting._starting.store
    starting = Starting(node.log, topic, LogIdentity("log", "topic", 1), store, KEY)
    many = Snapshotting(heads, starting, every=1, clock=lambda: NOW)
    with measured(monkeypatch) as steps:
        await many._take(1)

    [entry] = await store.entries()
    body = await store.read(entry)
    assert body is not None
    assert len(decode(body, KEY).fold.heads) == MANY
    print(f"a snapshot of {MANY:,} streams: {steps.longest * 1000:.0f} ms")  # noqa: T201
    assert steps.longest < MOST
