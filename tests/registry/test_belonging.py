"""Log, vault and views belong together: what belongs to another log is refused by name, and nothing is made anew."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.kafka.cluster import KafkaCluster
from events import founding
from events.identity import Mismatch, WrongLog
from events.port import LogMisconfigured, LogUnavailable
from projections.engine.schema import ViewsUnfit
from registry import wiring
from registry.domain.permissions import CONSOLE
from registry.domain.trial import commands as do
from registry.node import Node
from registry.settings import Settings
from tests.support.kafka import TOPICS, delete_topics
from tests.support.node import settings_for
from tests.support.postgres import everything_in, fresh_database
from tests.support.servers import console
from tests.support.trials import registration
from tests.support.waiting import PATIENCE


@pytest.fixture
def elsewhere(postgres_url: str) -> Iterator[str]:
    """A database that no node has used."""
    with fresh_database(postgres_url) as url:
        yield url


async def register(node: Node) -> str:
    stream = f"trial/{uuid4()}"
    assert await node.submit(CONSOLE, uuid4(), stream, do.RegisterTrial(registration=registration())) is not None
    return stream


async def lived(settings: Settings, trials: int = 3) -> str:
    """The id of the log, which has some trials with sealed contacts."""
    async with wiring.running(settings) as node:
        for _ in range(trials):
            await register(node)
        await node.until_visible(30)
        return node.origin.log


async def refusal(settings: Settings) -> LogMisconfigured:
    """With what a start is refused."""
    with pytest.raises(LogMisconfigured) as raised:
        async with wiring.running(settings):
            pass
    return raised.value


async def topics_of(cluster: KafkaCluster) -> set[str]:
    client = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    await client.start()
    try:
        return set(await client.list_topics())
    finally:
        await client.close()


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


async def test_a_first_start_founds_a_log_that_names_its_vault_and_the_vault_notes_the_log(settings: Settings) -> None:
    origin = await lived(settings)
    async with wiring.log_and_vault(settings) as (log, vault):
        belonging = await vault.belonging()
        founded = await founding.read(log, wiring.topics(settings)[0])
        ids = {topic.name: await log.topic_id(topic) for topic in wiring.topics(settings)}

    assert belonging.log == origin == founded.origin.log
    assert belonging.vault == founded.vault
    assert belonging.topics == ids
    assert await lived(settings) == origin


async def test_a_second_node_with_a_database_of_its_own_on_one_kafka_is_refused_by_name(
    database_url: str, elsewhere: str, empty_kafka1: KafkaCluster
) -> None:
    first, second = (settings_for(url, empty_kafka1.bootstrap) for url in (database_url, elsewhere))
    async with wiring.running(first) as node:
        # Though nothing is sealed yet: what each sealed from now on the other could not open.
        early = str(await refusal(second))
        stream = await register(node)
        ends = await node.log.ends(node.heads.topic)
        late = str(await refusal(second))
        assert await node.log.ends(node.heads.topic) == ends
        await node.submit(CONSOLE, uuid4(), stream, do.PublishTrial())

    for refused in (early, late):
        assert f"the log {node.origin.log} has its keys in the vault" in refused
        assert "the same REGISTRY_DATABASE_URL" in refused
    assert b"has its keys in the vault" in await console(second, "run", expect=1, errors=True)


async def test_two_nodes_with_databases_of_their_own_that_start_at_once_are_one_and_a_refusal(
    database_url: str, elsewhere: str, empty_kafka1: KafkaCluster
) -> None:
    first, second = (settings_for(url, empty_kafka1.bootstrap) for url in (database_url, elsewhere))
    async with wiring.log_and_vault(first) as (_, one), wiring.log_and_vault(second) as (log, other):
        # Both have looked and found no log. The other one's record then comes first.
        await founding.ensure(
            log,
            wiring.topics(second)[0],
            "https://b.example",
            uuid4(),
            wiring.now(),
            vault=(await other.belonging()).vault,
        )
        assert (await one.belonging()).log is None

    assert "has its keys in the vault" in str(await refusal(first))
    await lived(second)


async def test_an_emptied_kafka_is_refused_and_nothing_is_made_anew(
    database_url: str, empty_kafka1: KafkaCluster
) -> None:
    settings = settings_for(database_url, empty_kafka1.bootstrap)
    await lived(settings)
    await delete_topics(empty_kafka1, *TOPICS)
    refused = str(await refusal(settings))
    for command in (("status",), ("rebuild",), ("backup", "-"), ("log", "dump", "/dev/full/none")):
        assert b"registry log restore" in await console(settings, *command, expect=1, errors=True)

    assert "there was a log in it" in refused
    assert "registry log restore" in refused
    assert not await topics_of(empty_kafka1) & set(TOPICS)


async def test_a_kafka_that_was_emptied_and_filled_by_another_registry_is_refused_by_name(
    database_url: str, elsewhere: str, empty_kafka1: KafkaCluster
) -> None:
    first, second = (settings_for(url, empty_kafka1.bootstrap) for url in (database_url, elsewhere))
    was = await lived(first)
    before = everything_in(database_url)
    await delete_topics(empty_kafka1, *TOPICS)
    now = await lived(second, trials=9)
    refused = await refusal(first)

    assert isinstance(refused, WrongLog)
    assert refused.kind is Mismatch.ANOTHER_LOG
    assert f"it is another log: {now}, not {was}" in str(refused)
    assert everything_in(database_url) == before


async def test_a_log_restored_into_topics_made_anew_goes_on_and_one_copied_past_the_program_is_adopted(
    database_url: str, elsewhere: str, empty_kafka1: KafkaCluster, tmp_path: Path
) -> None:
    settings, file = settings_for(database_url, empty_kafka1.bootstrap), tmp_path / "log.ndjson"
    log_id = await lived(settings)
    await console(settings, "log", "dump", str(file))
    await delete_topics(empty_kafka1, *TOPICS)
    await console(settings, "log", "restore", str(file))
    await lived(settings)
    await console(settings, "log", "dump", str(tmp_path / "later.ndjson"))
    await delete_topics(empty_kafka1, *TOPICS)
    # As a mirror of Kafka's would: this vault is told nothing.
    await console(settings_for(elsewhere, empty_kafka1.bootstrap), "log", "restore", str(tmp_path / "later.ndjson"))
    refused = await refusal(settings)
    wrong = await console(settings, "log", "adopt", str(uuid4()), expect=1, errors=True)
    await console(settings, "log", "adopt", log_id)
    await console(settings, "rebuild")

    assert isinstance(refused, WrongLog)
    assert refused.kind is Mismatch.MADE_ANEW
    assert str(refused).endswith(f"run: registry log adopt {log_id}")
    assert f"the settings name the log {log_id}".encode() in wrong
    assert await lived(settings) == log_id


async def test_a_node_that_runs_while_its_brokers_are_replaced_by_others_stops_and_records_nothing(
    database_url: str, elsewhere: str, empty_kafka1: KafkaCluster
) -> None:
    settings = settings_for(database_url, empty_kafka1.bootstrap).model_copy(update={"log_patience": 2.0})
    async with wiring.running(settings) as node, asyncio.timeout(PATIENCE):
        await register(node)
        empty_kafka1.stop(grace=0)
        # Until its readers have noticed: what they would ask on, they would ask of the new brokers.
        for _ in range(3):
            with pytest.raises(LogUnavailable):
                await node.log.ends(node.heads.topic)
        shutil.rmtree(empty_kafka1._home(1))
        empty_kafka1.start()
        await lived(settings_for(elsewhere, empty_kafka1.bootstrap), trials=9)
        while "reading the log" not in node.stopped:  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.05)
        with pytest.raises(ViewsUnfit, match="was created again"):
            await register(node)


async def test_documents_made_anew_are_refused_by_name(database_url: str, empty_kafka1: KafkaCluster) -> None:
    settings = settings_for(database_url, empty_kafka1.bootstrap)
    await lived(settings)
    await delete_topics(empty_kafka1, wiring.DOCUMENTS_TOPIC)
    assert f"topic {wiring.DOCUMENTS_TOPIC} does not exist" in str(await refusal(settings))
    log = await wiring.open_log(settings, database_url, create=True)
    await log.close()

    assert f"its topic {wiring.DOCUMENTS_TOPIC} was created again" in str(await refusal(settings))


async def test_a_database_without_its_log_is_refused_and_restored(settings: Settings, tmp_path: Path) -> None:
    url, file = str(settings.database_url), tmp_path / "log.ndjson"
    was = await lived(settings)
    await console(settings, "log", "dump", str(file))
    run(url, "drop schema log cascade")
    refused = str(await refusal(settings))
    with psycopg.connect(url) as connection:
        made_anew = connection.execute("select to_regclass('log.message')").fetchone() != (None,)
    await console(settings, "log", "restore", str(file))

    assert not made_anew
    assert "the database holds no log, and there was one" in refused
    assert await lived(settings) == was


async def test_an_emptied_log_beside_a_vault_that_knows_one_is_refused(settings: Settings) -> None:
    await lived(settings)
    run(str(settings.database_url), "drop schema log cascade")
    log = await wiring.open_log(settings, str(settings.database_url), create=True)
    await log.close()
    refused = await refusal(settings)

    assert isinstance(refused, WrongLog)
    assert refused.kind is Mismatch.EMPTY


async def test_a_log_whose_vault_is_lost_is_refused_until_the_loss_is_accepted(settings: Settings) -> None:
    log_id = await lived(settings)
    run(str(settings.database_url), "drop schema vault cascade")
    refused = str(await refusal(settings))
    await console(settings, "log", "adopt", log_id)

    assert "has its keys in the vault" in refused
    assert refused.endswith(f"registry log adopt {log_id}")
    assert await lived(settings) == log_id


async def test_a_log_is_adopted_by_no_vault_that_holds_keys_of_another_and_by_no_database_without_one(
    settings: Settings,
) -> None:
    log_id = await lived(settings)
    url = str(settings.database_url)
    run(url, f"update vault.belonging set log = '{uuid4()}'")
    before = everything_in(url)
    others = await console(settings, "log", "adopt", log_id, expect=1, errors=True)
    assert everything_in(url) == before
    run(url, "drop schema vault cascade")
    nobodys = await console(settings, "log", "adopt", log_id, expect=1, errors=True)

    assert b"holds keys of the log" in others
    assert f"name the database of the log {log_id}".encode() in others
    assert b"the database holds no vault; start a node on it once" in nobodys
    assert b"Traceback" not in nobodys


async def test_a_file_of_another_log_is_not_restored_beside_a_vault(
    settings: Settings, elsewhere: str, tmp_path: Path
) -> None:
    await lived(settings)
    other, file = settings_for(elsewhere), tmp_path / "log.ndjson"
    await lived(other)
    await console(other, "log", "dump", str(file))
    run(str(settings.database_url), "drop schema log cascade")
    refused = await console(settings, "log", "restore", str(file), expect=1, errors=True)

    assert b"and the file is of the log" in refused


async def test_a_node_killed_between_the_founding_and_the_note_in_the_vault_starts_again(settings: Settings) -> None:
    async with wiring.log_and_vault(settings) as (log, vault):
        known = await vault.belonging()
        await founding.ensure(
            log, wiring.topics(settings)[0], settings.public_url, UUID(int=7), wiring.now(), vault=known.vault
        )

    assert await lived(settings) == str(UUID(int=7))


async def test_a_log_and_a_vault_of_an_earlier_program_are_adopted(settings: Settings) -> None:
    async with wiring.log_and_vault(settings) as (log, vault):
        await founding.ensure(log, wiring.topics(settings)[0], settings.public_url, UUID(int=7), wiring.now())
        await vault.document_keys({"00" * 32: []})
    run(str(settings.database_url), "drop table vault.belonging; alter table log.topic drop column id")

    assert await lived(settings) == str(UUID(int=7))
    async with wiring.log_and_vault(settings) as (_, vault):
        assert (await vault.belonging()).log == str(UUID(int=7))


async def test_keys_of_an_earlier_program_beside_an_empty_log_are_refused(settings: Settings) -> None:
    async with wiring.log_and_vault(settings) as (_, vault):
        await vault.document_keys({"00" * 32: []})

    assert "the log is empty, but the database has data of another log" in str(await refusal(settings))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("next_offset = next_offset + 1", "it is an older copy"),
        ("digest = sha256('another')", "it has another history"),
    ],
)
async def test_views_of_records_that_the_log_does_not_have_are_refused_before_anything_is_served(
    settings: Settings, change: str, fault: str
) -> None:
    await lived(settings)
    run(str(settings.database_url), f"update views.position set {change} where next_offset > 0")
    with pytest.raises(ViewsUnfit, match=f"the views contain events that the log does not: {fault}"):
        await wiring.open_node(settings)
    shown = await console(settings, "status", expect=1, errors=True)
    await console(settings, "rebuild")

    assert fault.encode() in shown
    await lived(settings)


async def test_an_empty_log_is_not_founded_where_views_are_left_of_another(settings: Settings) -> None:
    await lived(settings)
    run(str(settings.database_url), "drop schema log cascade; drop schema vault cascade")
    for _ in range(2):
        with pytest.raises(ViewsUnfit, match="the views contain events that the log does not"):
            await wiring.open_node(settings)
    log = await wiring.open_log(settings, str(settings.database_url))
    ends = await log.ends(wiring.topics(settings)[0])
    await log.close()

    assert not any(ends.values())
