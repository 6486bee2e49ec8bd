"""A backup restored into an empty installation is the same registry; what is damaged, wrong or full is refused."""

import asyncio
import gzip
import io
import json
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from deploy.kafka.cluster import KafkaCluster
from events.moving import NotWhole
from events.port import EventLog, LogMisconfigured, Topic
from events.postgres import vault_copy
from events.sealing import OwnerKind
from events.vault import WrongKey
from projections.catalogue import PROGRAM
from projections.engine.dump import dump
from registry import wiring
from registry.backup import restoring, taking
from registry.backup.archive import Archive, checked, writing
from registry.checking.whole import check
from registry.domain.permissions import CONSOLE
from registry.domain.trial import commands as do
from registry.office.erasing import destroy
from registry.people.keys import master_key
from registry.settings import Settings
from tests.support.lived import VERY_LONG, Lived, live
from tests.support.node import settings_for
from tests.support.postgres import everything_in, fresh_database
from tests.support.servers import console
from tests.support.trials import registration

REMADE = {
    "following": "how far followers have come in this log; in another they begin anew",
    "log": "moved message by message",
    "policies": "what follows from events, and how far it is done: made from the log",
    "place": "an index of the log",
    "snapshot": "made from the log",
    "views": "made from the log",
}
"""Schemas that are in no backup as they stand, and why."""


async def views(url: str) -> list[bytes]:
    return [line async for line in dump(url, program=PROGRAM)]


async def is_whole(settings: Settings) -> bool:
    async with wiring.log_and_vault(settings) as (log, vault):
        return (await check(log, vault, wiring.topics(settings), patience=5)).whole


async def backup_of(settings: Settings, file: Path) -> Archive:
    """A backup of a registry, in this process."""
    async with wiring.log_and_vault(settings) as (log, _):
        await write(settings, log, file)
    return checked(file)


async def write(settings: Settings, log: EventLog, file: Path) -> None:
    url = wiring.database_url(settings)
    with file.open("wb") as out, writing(out, 0) as writer:
        async for _ in taking.back_up(log, wiring.topics(settings), url, writer, now=wiring.now(), program="test"):
            pass


@pytest.fixture
def empty(postgres_url: str) -> Iterator[Settings]:
    """Settings of an installation that is not there yet."""
    with fresh_database(postgres_url) as url:
        yield settings_for(url)


@pytest.fixture
async def backup(settings: Settings, tmp_path: Path) -> tuple[Lived, Archive]:
    """A registry that lived, and its backup."""
    async with wiring.running(settings) as node:
        lived = await live(node)
    return lived, await backup_of(settings, tmp_path / "backup.tar.gz")


@pytest.mark.parametrize("store", ["postgres", "kafka1"])
async def test_a_restored_registry_has_the_same_views_keys_documents_and_tokens(
    store: str, database_url: str, empty: Settings, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    cluster: KafkaCluster | None = request.getfixturevalue("empty_kafka1") if store == "kafka1" else None
    settings = settings_for(database_url, cluster.bootstrap if cluster else "")
    async with wiring.running(settings) as node:
        lived = await live(node, VERY_LONG)
        document = (await node.views.document(lived.trial.removeprefix("trial/"))) or {}
        opened = await node.open_all(document, lived.trial)
        actor = node.access.entry(lived.token)
    was, file = await views(database_url), tmp_path / "backup.tar.gz"
    printed = await console(settings, "backup", str(file), "--json")
    if cluster is not None:
        new_cluster(request, cluster)
        empty = settings_for(str(empty.database_url), cluster.bootstrap)
    restored = await console(empty, "restore", str(file), "--nothing-destroyed", "--json")
    now = await views(str(empty.database_url))
    async with wiring.running(empty) as node:
        again = await node.open_all(await node.views.document(lived.trial.removeprefix("trial/")) or {}, lived.trial)
        entry = node.access.entry(lived.token)
        origin = node.origin
        assert await node.submit(CONSOLE, uuid4(), lived.trial, do.OpenSite(site="kyoto", on="2026-11-05")) is not None

    assert file.stat().st_mode & 0o077 == 0
    assert "REGISTRY_VAULT_KEY" in json.loads(printed)["key"]
    assert json.loads(restored)["destructions recorded again"] == 0
    assert len(was) > 20
    assert now == was, "recorded times, positions and all else"
    assert again == opened
    assert "花子" in str(again)
    assert entry == actor
    assert origin.log == json.loads(gzip_head(file))["log"]
    assert await is_whole(empty)


def new_cluster(request: pytest.FixtureRequest, cluster: KafkaCluster) -> None:
    """The same brokers with nothing on their disks."""
    cluster.stop(grace=0)
    for broker in cluster.brokers:
        shutil.rmtree(cluster._home(broker))
    cluster.start()


def gzip_head(file: Path) -> bytes:
    with tarfile.open(file) as tar:
        head = tar.extractfile("backup.json")
        assert head is not None
        return head.read()


async def test_an_embedded_registry_is_restored_with_its_key_and_not_without(tmp_path: Path) -> None:
    # Not under tmp_path: under root, PostgreSQL runs as a system user to whom pytest's folders are closed.
    with tempfile.TemporaryDirectory(prefix="registry-backup-") as folder:
        before = Settings(data=Path(folder) / "before", partitions=4)
        after = Settings(data=Path(folder) / "after", partitions=4)
        file = tmp_path / "backup.tar.gz"
        await console(before, "token", "issue", "registry", "office")
        await console(before, "rebuild")
        printed = await console(before, "backup", str(file))
        was = await console(before, "dump")
        refused = await console(after, "restore", str(file), "--nothing-destroyed", expect=1, errors=True)
        untouched = not after.data.exists()
        after.data.mkdir()
        shutil.copy(before.data / "vault.key", after.data)
        await console(after, "restore", str(file), "--nothing-destroyed")

        assert str(before.data / "vault.key").encode() in printed
        assert b"put the key of the installation that was backed up at" in refused
        assert untouched
        assert await console(after, "dump") == was != b""
        assert json.loads(await console(after, "check", "--json"))["whole"]


async def test_whoever_was_forgotten_since_the_backup_does_not_come_back(
    settings: Settings, backup: tuple[Lived, Archive], empty: Settings, tmp_path: Path
) -> None:
    lived, archive = backup
    async with wiring.running(settings) as node:
        await destroy(node, OwnerKind.PERSON, [lived.person], "asked")
        await destroy(node, OwnerKind.TEXT, [lived.why], "asked")
    listed = tmp_path / "destroyed.ndjson"
    listed.write_bytes(await console(settings, "destroyed"))
    unsaid = await console(empty, "restore", str(archive.file), expect=2, errors=True)
    printed = await console(empty, "restore", str(archive.file), "--destroyed", str(listed), "--json")
    kept_rows = everything_in(str(empty.database_url))
    async with wiring.running(empty) as node:
        trial = await node.open_all(await node.views.document(lived.trial.removeprefix("trial/")) or {}, lived.trial)
        keys = await node.vault.kinds([lived.person, lived.forgotten, lived.why])
        recorded = node.heads.head(f"person/{lived.person}").version, node.heads.head(f"text/{lived.why}").version

    assert len(listed.read_bytes().splitlines()) == 5
    assert b"--nothing-destroyed" in unsaid
    assert json.loads(printed)["destructions recorded again"] == 2
    assert keys == {}
    assert recorded == (1, 1)
    assert "花子" not in str(trial)
    assert "erased" in str(trial)
    assert "花子" not in kept_rows
    assert await is_whole(empty)


async def test_a_list_that_is_none_is_refused(backup: tuple[Lived, Archive], empty: Settings, tmp_path: Path) -> None:
    listed = tmp_path / "destroyed.ndjson"
    for line in ('{"person": "Hanako"}', '{"trial": "0199a5c0-0000-7000-8000-000000000001"}', "[]", "x"):
        listed.write_text(f"{line}\n")
        with pytest.raises(ValueError, match="line 1"):
            list(restoring.in_list([line.encode()]))
    arguments = ("restore", str(backup[1].file), "--destroyed", str(listed))
    assert b"is not an id whose key was destroyed" in await console(empty, *arguments, expect=1, errors=True)
    assert everything_in(str(empty.database_url)) == ""


async def test_a_key_that_an_event_destroyed_is_not_put_back_though_the_vault_still_had_it(
    settings: Settings, empty: Settings, tmp_path: Path
) -> None:
    """As after a node that crashed between the event and the key."""
    async with wiring.running(settings) as node:
        lived = await live(node)
    async with wiring.log_and_vault(settings) as (_, vault):
        key = vault._wrap(b"person" + UUID(lived.forgotten).bytes, b"0" * 32)
    with psycopg.connect(str(settings.database_url)) as connection:
        connection.execute("insert into vault.owner values (%s, 'person', %s)", (lived.forgotten, key))
    archive = await backup_of(settings, tmp_path / "backup.tar.gz")
    await console(empty, "restore", str(archive.file), "--nothing-destroyed")

    with psycopg.connect(str(empty.database_url)) as connection:
        there = connection.execute("select from vault.owner where owner = %s", (lived.forgotten,)).fetchall()
    assert there == []


Change = Callable[[bytes], bytes]


def repacked(change: Callable[[list[tuple[str, bytes]]], list[tuple[str, bytes]]]) -> Change:
    """The archive with other files in it."""

    def changed(archive: bytes) -> bytes:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            files = [(one.name, content.read()) for one in tar if (content := tar.extractfile(one)) is not None]
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as tar:
            for name, content in change(files):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
        return out.getvalue()

    return changed


DAMAGE: Mapping[str, Change] = {
    "nothing": lambda archive: b"",
    "no archive": lambda archive: b"x" * 4_000,
    "cut short": lambda archive: archive[: len(archive) * 2 // 3],
    "a bit": lambda archive: archive[:2_000] + bytes([archive[2_000] ^ 1]) + archive[2_001:],
    "another gzip": lambda archive: gzip.compress(b"x" * 20_000),
    "without its sums": repacked(lambda files: files[:-1]),
    "without its log": repacked(lambda files: [one for one in files if not one[0].startswith("log")]),
    "a changed line": repacked(lambda files: [(name, text.replace(b"owner", b"OWNER", 1)) for name, text in files]),
    "a file outside": repacked(lambda files: [*files[:-1], ("../../etc/x", b""), files[-1]]),
    "more after its end": repacked(lambda files: [*files, ("log-000009.ndjson", b"")]),
    "another order": repacked(lambda files: [files[1], files[0], *files[2:]]),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_archive_is_refused(whole_archive: bytes, damage: Change, tmp_path: Path) -> None:
    file = tmp_path / "damaged.tar.gz"
    file.write_bytes(damage(whole_archive))

    with pytest.raises(NotWhole):
        checked(file)


@pytest.fixture(scope="module")
def whole_archive(postgres_url: str) -> bytes:
    """A backup of a registry that lived."""

    async def made(settings: Settings, file: Path) -> None:
        async with wiring.running(settings) as node:
            await live(node)
        await backup_of(settings, file)

    with fresh_database(postgres_url) as url, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "backup.tar.gz"
        asyncio.run(made(settings_for(url), file))
        return file.read_bytes()


async def test_a_damaged_archive_writes_nothing(whole_archive: bytes, empty: Settings, tmp_path: Path) -> None:
    file = tmp_path / "damaged.tar.gz"
    file.write_bytes(DAMAGE["a bit"](whole_archive))
    arguments = ("restore", str(file), "--nothing-destroyed")

    assert b"archive" in await console(empty, *arguments, expect=1, errors=True)
    assert everything_in(str(empty.database_url)) == ""


async def test_another_key_and_another_number_of_partitions_are_refused_before_anything_is_there(
    backup: tuple[Lived, Archive], settings: Settings
) -> None:
    key, partitions = master_key(settings), settings.partitions
    restoring.refuse_unfit(backup[1], partitions, key)
    with pytest.raises(WrongKey, match="the key of that installation"):
        restoring.refuse_unfit(backup[1], partitions, bytes(32))
    with pytest.raises(LogMisconfigured, match=f"set REGISTRY_PARTITIONS={partitions}"):
        restoring.refuse_unfit(backup[1], 24, key)


async def test_an_installation_that_holds_anything_is_left_as_it_is(
    backup: tuple[Lived, Archive], settings: Settings, empty: Settings
) -> None:
    archive = backup[1]
    before = everything_in(str(settings.database_url))
    arguments = ("restore", str(archive.file), "--nothing-destroyed")
    used = await console(settings, *arguments, expect=1, errors=True)
    async with wiring.log_and_vault(empty) as (_, vault):
        await vault.document_keys({"00" * 32: []})
    keys = await console(empty, *arguments, expect=1, errors=True)
    async with wiring.log_and_vault(empty, restoring=True) as (log, _):
        ends = await log.ends(wiring.topics(empty)[0])

    assert b"the log holds records already" in used
    assert everything_in(str(settings.database_url)) == before
    assert b"the vault holds keys already" in keys
    assert not any(ends.values())


async def test_a_restoration_that_was_broken_off_starts_no_node_and_goes_on(
    backup: tuple[Lived, Archive], settings: Settings, empty: Settings
) -> None:
    _, archive = backup
    topics, url = wiring.topics(empty), str(empty.database_url)
    async with wiring.log_and_vault(empty) as (log, _):
        begun = restoring.restore(archive, log, topics, url, [])
        await anext(begun)
        await begun.aclose()
    refused = await console(empty, "status", expect=1, errors=True)
    unchecked = await console(empty, "check", expect=1, errors=True)
    await console(empty, "restore", str(archive.file), "--nothing-destroyed")

    assert b"run it again: registry restore" in refused
    assert b"run it again: registry restore" in unchecked
    assert await views(url) == await views(str(settings.database_url))
    assert await is_whole(empty)


@dataclass
class Forgetful:
    """A log beside which somebody is forgotten each time that its ends are asked for, as often as there is somebody."""

    log: EventLog
    forget: list[Callable[[], Any]]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)

    async def ends(self, topic: Topic) -> Mapping[int, int]:
        ends = await self.log.ends(topic)
        if self.forget:
            await self.forget.pop()()
        return ends


async def test_a_backup_while_people_are_forgotten_and_trials_recorded_needs_nothing_that_it_lacks(
    settings: Settings, empty: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "backup.tar.gz"
    async with wiring.running(settings) as node:
        lived = await live(node)

        async def forget() -> None:
            await destroy(node, OwnerKind.PERSON, [lived.person], "asked")
            person = {"name": {"en": "A New One"}, "email": f"{uuid4()}@example.jp"}
            new = do.RegisterTrial(registration=registration(contacts=[{"role": "public", "person": person}]))
            await node.submit(CONSOLE, uuid4(), f"trial/{uuid4()}", new)

        await write(settings, Forgetful(node.log, [forget]), file)  # type: ignore[arg-type]
    await console(empty, "restore", str(file), "--nothing-destroyed")

    assert await is_whole(empty)
    async with wiring.log_and_vault(empty) as (log, vault):
        known = await taking.destroyed(log, wiring.topics(empty)[0])
        assert await vault.kinds([lived.person]) == {}
    assert lived.person in {one.owner for one in known}


async def test_a_backup_goes_into_a_pipe_and_is_read_by_other_programs(settings: Settings, tmp_path: Path) -> None:
    async with wiring.running(settings) as node:
        await live(node)
    (tmp_path / "backup.tar.gz").write_bytes(await console(settings, "backup", "-"))
    unpacked = await asyncio.create_subprocess_exec(
        *("sh", "-c", "tar xzf backup.tar.gz && sha256sum --check --strict SHA256SUMS"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await unpacked.communicate()

    assert unpacked.returncode == 0
    assert printed.count(b": OK") == 3
    # The log of an archive is a log as `registry log restore` takes it.
    assert checked(tmp_path / "backup.tar.gz").head["partitions"] == settings.partitions
    assert b'"form":"registry-log-1"' in (tmp_path / "log-000001.ndjson").read_bytes()


async def test_every_table_is_in_a_backup_or_made_again(backup: tuple[Lived, Archive], settings: Settings) -> None:
    with psycopg.connect(str(settings.database_url)) as connection:
        rows = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
    others = {(schema, table) for schema, table in rows if schema not in REMADE}

    assert {("vault", table) for table in vault_copy.TABLES} <= others
    # Beside the keys: what tells the installation's key, and the vault's id with its log; the archive's head has both.
    # And what is to be cleared, an unfinished restoration, and how far destructions were followed: restored keys are
    # held against the log from its beginning.
    assert others - {("vault", table) for table in vault_copy.TABLES} == {
        ("vault", "belonging"),
        ("vault", "mark"),
        ("vault", "probe"),
        ("vault", "remains"),
        ("vault", "restoration"),
    }
    with psycopg.connect(str(settings.database_url)) as connection:
        for table, columns in vault_copy.TABLES.items():
            found = connection.execute(
                "select column_name from information_schema.columns where table_schema = 'vault' and table_name = %s",
                (table,),
            ).fetchall()
            assert {name for (name,) in found} == set(columns)
