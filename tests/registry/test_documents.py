"""Partners' documents: found in the log by what they are, wherever they stand in it."""

import asyncio
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from uuid import uuid4

import psycopg
import pytest

from events.event import Event
from events.partitions import partition_of
from events.port import Addressed, AppendUnknown
from events.record import Message
from events.sealing import OwnerKind, Tampered
from events.vault import OwnerGone, Vault
from registry.domain.trial.commands import ImportTrial
from registry.exchange.raw import Destroyed
from registry.exchange.received import Received
from registry.node import Node
from registry.settings import Settings
from tests.support.faults import Fault, UnreliableLog
from tests.support.receiving import receive
from tests.support.trials import PERSON, partner_study
from tests.support.waiting import PATIENCE


def received(text: str) -> Received:
    return Received.of("ctgov", text.encode(), "text/plain")


def execute(settings: Settings, statement: str) -> None:
    assert settings.database_url
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute(statement.encode())


async def test_documents_of_one_partition_are_kept_apart(node: Node) -> None:
    one, *others = (received(str(number)) for number in range(100))
    partitions = node.documents._topic.partitions
    here = partition_of(f"document/{one.digest}", partitions)
    other = next(them for them in others if partition_of(f"document/{them.digest}", partitions) == here)
    await node.documents.store_all([(one, []), (other, []), (one, [])])

    found = [await node.documents.fetch(each.digest) for each in (one, other, one)]
    assert found == [zlib.decompress(each.packed) for each in (one, other, one)]


async def test_a_document_that_is_not_what_its_digest_says_is_not_given_out(node: Node) -> None:
    swapped = replace(received("one"), packed=received("another").packed)
    await node.documents.store(swapped, [])
    with pytest.raises(Tampered, match="not what its digest says"):
        await node.documents.fetch(swapped.digest)


async def test_documents_are_found_where_the_index_is_lost(node: Node, settings: Settings) -> None:
    await node.documents.store(one := received("one"), [])
    execute(settings, "truncate place.part, place.reached")

    assert await node.documents.fetch(one.digest) == b"one"


async def test_documents_are_found_where_the_index_is_another_logs(node: Node, settings: Settings) -> None:
    await node.documents.store_all([(one := received("one"), []), (received("two"), [])])
    execute(settings, 'update place.part set "offset" = "offset" + 1')
    execute(settings, "insert into place.reached select partition, 1000 from place.part on conflict do nothing")

    assert await node.documents.fetch(one.digest) == b"one"


async def test_an_event_names_a_document_and_no_place(node: Node) -> None:
    stream = f"trial/{uuid4()}"
    event = await receive(node, stream, received("one"), lambda source: ImportTrial(**partner_study(), source=source))

    assert event is not None
    assert event.record.data["source"].keys() == {"registry", "document", "media_type", "size"}


async def test_a_document_with_a_part_missing_is_not_given_out(node: Node) -> None:
    whole = Received.of("ctgov", bytes(range(256)) * 4096, "text/plain")
    whole = replace(whole, packed=zlib.compress(bytes(range(256)) * 4096, 0))
    [key] = (await node.vault.document_keys({whole.digest: []})).values()
    first, *rest = node.documents._parts(whole, key)
    await node.log.append(node.documents._topic, [first])
    with pytest.raises(LookupError, match="1 of 3 parts"):
        await node.documents.fetch(whole.digest)
    await node.log.append(node.documents._topic, rest)

    assert await node.documents.fetch(whole.digest) == bytes(range(256)) * 4096


async def test_what_no_node_wrote_stops_nobody_from_finding_documents(node: Node, settings: Settings) -> None:
    await node.documents.store(one := received("one"), [])
    topic = node.documents._topic
    partition = partition_of(f"document/{one.digest}", topic.partitions)
    part = {"ce_whole": b"0" * 64, "ce_part": b"0", "ce_parts": b"1"}
    foreign = (b"", {}), (b"\xff", part), (b"x", part), (one.digest.encode(), part | {"ce_part": b"9" * 20})
    messages = [Message(key, tuple(headers.items()), b"") for key, headers in foreign]
    await node.log.append(topic, [Addressed(partition, message) for message in messages])
    execute(settings, "truncate place.part, place.reached")

    assert await node.documents.fetch(one.digest) == b"one"


async def test_a_document_whose_keeping_is_unknown_is_kept_again_and_is_one(node: Node) -> None:
    log = node.documents._log = UnreliableLog(node.log, [Fault.LOST, Fault.WRITTEN])
    await node.documents.store(one := received("one"), [])

    assert log.appends == 3
    assert await node.documents.fetch(one.digest) == b"one"


async def test_the_keeping_of_a_document_is_given_up_with_its_patience(node: Node) -> None:
    node.documents._log, node.documents._patience = UnreliableLog(node.log, [Fault.LOST] * 1_000), 0.3
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(AppendUnknown):
            await node.documents.store(received("one"), [])


@dataclass
class Meanwhile:
    """A vault in which everybody in a document is forgotten, so many times, between the sealing and the keeping."""

    vault: Vault
    times: int
    gone: list[str] = field(default_factory=list)

    async def document_keys(self, documents: Mapping[str, Iterable[str]]) -> Mapping[str, bytes]:
        named = {digest: [*owners] for digest, owners in documents.items()}
        if self.times:
            self.times -= 1
            kinds = await self.vault.kinds(chain.from_iterable(named.values()))
            self.gone += [owner for owner, kind in kinds.items() if await self.vault.destroy(kind, owner)]
        return await self.vault.document_keys(named)


async def sent_meanwhile(node: Node, times: int) -> tuple[Meanwhile, Event | None]:
    """A document of a person who is forgotten so many times before it is kept, and the event that came of it."""
    study = partner_study(contacts=[{"role": "public", "person": PERSON}])
    vault = node.documents._vault = Meanwhile(node.vault, times)  # type: ignore[assignment]
    event = await receive(node, f"trial/{uuid4()}", received("X"), lambda source: ImportTrial(**study, source=source))
    node.documents._vault = node.vault
    return vault, event  # type: ignore[return-value]


@pytest.mark.parametrize("times", [1, 4])
async def test_a_person_forgotten_while_a_document_is_taken_in_is_sealed_again(node: Node, times: int) -> None:
    vault, event = await sent_meanwhile(node, times)

    assert event is not None
    person = event.record.data["registration"]["contacts"][0]["person"]["person"]
    assert len(vault.gone) == times
    assert person not in vault.gone
    assert person in await node.vault.keys([person])
    assert await node.documents.fetch(received("X").digest) == b"X"


async def test_a_document_whose_persons_are_forgotten_again_and_again_is_given_up(node: Node) -> None:
    with pytest.raises(OwnerGone):
        await sent_meanwhile(node, 5)


async def test_a_document_that_comes_again_after_a_person_was_forgotten_is_under_a_new_key(node: Node) -> None:
    study = partner_study(contacts=[{"role": "public", "person": PERSON}])
    streams = [f"trial/{uuid4()}" for _ in range(2)]
    events = []
    for stream in streams:
        events.append(await receive(node, stream, received("X"), lambda source: ImportTrial(**study, source=source)))
        assert events[-1] is not None
        person = events[-1].record.data["registration"]["contacts"][0]["person"]["person"]
        if stream is streams[0]:
            await node.vault.destroy(OwnerKind.PERSON, person)
            with pytest.raises(Destroyed):
                await node.documents.fetch(received("X").digest)

    assert await node.documents.fetch(received("X").digest) == b"X"
