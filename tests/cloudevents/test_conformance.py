"""Whole logs are CloudEvents 1.0 to other programs: both versions of the library read them, and schemas resolve."""

import asyncio
import base64
import hashlib
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
import jsonschema
import pytest
import pytest_asyncio

from events.port import EventLog, Topic
from events.record import CONTENT_TYPE, Message, is_attribute
from registry import wiring
from registry.settings import Settings
from tests.registry.test_large import large
from tests.support.ctgov import SHARED
from tests.support.exchange import REAL_FILES
from tests.support.node import settings_for
from tests.support.postgres import fresh_database
from tests.support.servers import CONSOLE, ROOT, Server, console, free_port

READER: Final = Path(__file__).parent / "reading.py"
LIBRARIES: Final = ROOT / "build" / "cloudevents"
ADDED: Final = {"ce_partitionkey", "ce_time"}
"""Values that the library adds: the message's key, and a time for a part of a document, which has none."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Filled:
    """The content of a log, and the schemas from a running server, by the address that events name."""

    events: list[Message]
    others: list[Message]
    """Messages of the other topic: the parts of documents."""
    schemas: dict[str, Any]


async def messages(log: EventLog, topic: Topic) -> list[Message]:
    """All messages of a topic."""
    start = dict.fromkeys(range(topic.partitions), 0)
    batches = log.read(topic, start, await log.ends(topic))
    return [stored.message async for batch in batches for stored in batch]


async def filled(settings: Settings) -> Filled:
    """A whole log, with schemas from the addresses that its events name."""
    log = await wiring.open_log(settings, settings.database_url)
    try:
        events, *others = [await messages(log, topic) for topic in wiring.topics(settings)]
    finally:
        await log.close()
    schemas = {}
    async with aiohttp.ClientSession() as session:
        for address in {dict(message.headers)["ce_dataschema"].decode() for message in events}:
            async with session.get(address) as response:
                schemas[address] = await response.json()
    return Filled(events, [message for topic in others for message in topic], schemas)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["demo", "import"])
async def log(
    request: pytest.FixtureRequest, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Filled]:
    """The demo's whole log, and that of an import of all real samples and of a trial that no message can hold."""
    if request.param == "import" and not SHARED.is_dir():
        pytest.skip("../shared, with the real samples, is not here")
    demo = ["--demo"] if request.param == "demo" else []
    port = free_port()
    with fresh_database(postgres_url) as url:
        settings = settings_for(url)
        address = {"REGISTRY_PUBLIC_URL": f"http://127.0.0.1:{port}"}
        folder = tmp_path_factory.mktemp(request.param)
        async with Server(settings, folder, address, port, command=(*CONSOLE, "run", *demo)):
            if request.param == "import":
                for source, files, _ in REAL_FILES.values():
                    await console(settings, "import", source, *map(str, files))
                (folder / "long.json").write_text(json.dumps([large(sites=1_500)]))
                await console(settings, "import", "ctgov", str(folder / "long.json"))
            yield await filled(settings)


def lines(messages: list[Message]) -> bytes:
    """The messages in the form of `reading.py`, without headers that are not attributes."""
    return b"".join(
        json.dumps(
            {
                "headers": {name: text.decode() for name, text in message.headers if is_attribute(name)},
                "key": message.key.decode(),
                "value": base64.b64encode(message.value).decode(),
            }
        ).encode()
        + b"\n"
        for message in messages
    )


def content_of(line: dict[str, Any]) -> dict[str, Any]:
    """A line of either side as content: attributes, the time as a moment with its offset, and the data."""
    attributes = dict(line["headers"])
    if "ce_time" in attributes:
        moment = datetime.fromisoformat(attributes["ce_time"])
        attributes["ce_time"] = (moment, moment.utcoffset())
    value = base64.b64decode(line["value"])
    data = json.loads(value) if value and attributes["content-type"] == CONTENT_TYPE else value
    return {"attributes": attributes, "key": line["key"], "data": data}


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_whole_log_goes_through_the_library_and_stays_as_it_was(log: Filled, version: str) -> None:
    library = LIBRARIES / version
    assert (library / ".complete").exists(), "run `make apart`"
    sent = lines([*log.events, *log.others])

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(READER), version),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(library)},
    )
    made, errors = await process.communicate(sent)

    assert process.returncode == 0, errors.decode()[-4_000:]
    pairs = list(zip(sent.splitlines(), made.splitlines(), strict=True))
    assert len(pairs) > 600
    for before, after in ((content_of(json.loads(before)), content_of(json.loads(after))) for before, after in pairs):
        added = {name: after["attributes"].pop(name) for name in after["attributes"].keys() - before["attributes"]}
        assert added.keys() <= ADDED
        assert after == before


async def test_an_id_is_given_once_by_its_source(log: Filled) -> None:
    headers = [dict(message.headers) for message in (*log.events, *log.others)]
    named = Counter((one["ce_source"], one["ce_id"]) for one in headers)

    assert [name for name, times in named.items() if times > 1] == []


def referenced(log: Filled, event: Message) -> bytes:
    """The data that `dataref` names (RFC 6920), by nothing but the attributes of parts."""
    name = dict(event.headers)["ce_dataref"]
    parts = [message for message in log.others if dict(message.headers)["ce_whole"] == name]
    data = b"".join(part.value for part in sorted(parts, key=lambda part: int(dict(part.headers)["ce_part"])))
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    assert name == b"ni:///sha-256;" + digest
    return data


async def test_what_is_recorded_is_as_the_schema_that_it_names_says(log: Filled) -> None:
    checks = {address: jsonschema.Draft202012Validator(schema) for address, schema in log.schemas.items()}
    for message in log.events:
        headers = dict(message.headers)
        address = headers["ce_dataschema"].decode()
        assert log.schemas[address]["$id"] == address
        checks[address].validate(json.loads(referenced(log, message) if "ce_dataref" in headers else message.value))

    assert sum(b'"sealed":' in message.value for message in log.events) > 100, "sealed data was among it"


async def test_a_long_event_has_no_data_of_its_own(log: Filled) -> None:
    long = [message for message in log.events if "ce_dataref" in dict(message.headers)]

    assert {message.value for message in long} <= {b""}
    assert [dict(message.headers)["content-type"] for message in long] == [b"application/json"] * len(long)
    assert bool(long) == any(dict(message.headers)["ce_type"] == b"log.body-part.v1" for message in log.others)
