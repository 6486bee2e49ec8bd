"""Opens the log, the vault and the database that the settings name."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import uuid_utils.compat
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from events.memory import MemoryEventLog
from events.port import EventLog, LogMisconfigured, LogTruncated, Topic
from events.postgres.connections import RECONNECT, still_open
from events.postgres.log import PostgresEventLog
from events.postgres.reaching import reach
from events.postgres.vault import PostgresVault
from registry.feed.feed import PAGES_AT_ONCE
from registry.people import belonging
from registry.people.keys import master_key
from registry.process.embedded import Embedded, embedded
from registry.settings import Settings

Pool: TypeAlias = AsyncConnectionPool[AsyncConnection[Any]]
EVENTS_TOPIC: Final = "registry-events"
DOCUMENTS_TOPIC: Final = "partner-documents"
DEMO: Final = "demo "
"""The prefix of the name of the source that fills an empty registry, if that source is the demo."""
COMMANDS: Final = 4
"""Connections to the database reserved for commands in each pool."""
FEED: Final = 2 * PAGES_AT_ONCE + 1
"""Connections reserved for the feed: for its readers' own pages, and for the tail."""


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): unique, and ordered by time."""
    made: UUID = uuid_utils.compat.uuid7()
    return made


def topics(settings: Settings) -> tuple[Topic, Topic]:
    """The events topic and the documents topic."""
    return (
        Topic(EVENTS_TOPIC, settings.partitions, bodies=DOCUMENTS_TOPIC),
        Topic(DOCUMENTS_TOPIC, settings.partitions),
    )


def database_url(settings: Settings) -> str:
    """The address of PostgreSQL, once it accepts connections; raises LogUnavailable, PostgresNotStarted.

    Starts the embedded one if none is named; it ends with the last process that uses it.
    """
    if settings.database_url:
        reach(settings.database_url, settings.log_patience)
        return settings.database_url
    database = embedded_database(settings)
    database.start()
    return database.url


def embedded_database(settings: Settings) -> Embedded:
    folder = settings.data.absolute() / "postgres"
    folder.parent.mkdir(parents=True, exist_ok=True)
    return embedded(folder)


async def open_log(settings: Settings, url: str, *, create: bool = False) -> EventLog:
    """The log that the settings name; raises LogMisconfigured if its topics are not as required.

    `create`: create missing topics if there was no log before.
    """
    if settings.log == "kafka":
        return await _open_kafka_log(settings, create)
    return await PostgresEventLog.open(url, topics(settings), patience=settings.log_patience, create=create)


async def _open_kafka_log(settings: Settings, create: bool) -> EventLog:
    # Imported here: the client takes memory that a node on PostgreSQL does not need.
    from events.kafka.clients import Security
    from events.kafka.log import KafkaEventLog

    security = Security(
        protocol=settings.kafka_security,
        ca=settings.kafka_ca,
        certificate=settings.kafka_certificate,
        key=settings.kafka_key,
        mechanism=settings.kafka_mechanism,
        user=settings.kafka_user,
        password=settings.kafka_password.get_secret_value(),
    )
    return await KafkaEventLog.open(
        settings.kafka,
        topics(settings),
        replication=settings.kafka_replication,
        create=create,
        patience=settings.log_patience,
        security=security,
    )


def pool_of(settings: Settings, url: str) -> Pool:
    return AsyncConnectionPool(
        url,
        open=False,
        min_size=1,
        # A reader of persons' keys may hold one connection while a command that seals still finds one free.
        max_size=2 * settings.reads_at_once + COMMANDS + FEED,
        kwargs={"autocommit": True},
        check=still_open,
        reconnect_timeout=RECONNECT,
    )


async def _vault(settings: Settings, pool: Pool, restoring: bool) -> PostgresVault:
    vault = PostgresVault(pool, master_key(settings), new_id)
    await vault.create()
    if not restoring and (source := await vault.restoring()):
        if source.startswith(DEMO):
            raise LogMisconfigured("filling the demo was interrupted; start it again: registry run --demo")
        raise LogMisconfigured("the restoration of this registry has not finished; run it again: registry restore")
    return vault


@asynccontextmanager
async def log_and_vault(
    settings: Settings, *, restoring: bool = False, damaged: bool = False
) -> AsyncIterator[tuple[EventLog, PostgresVault]]:
    """The log and the vault without a node, for commands that read or copy them whole; nothing is founded.

    `restoring`: also during an unfinished restoration, which otherwise raises LogMisconfigured. `damaged`: also if the
    log has lost its beginning, for a check to report; otherwise that raises LogTruncated.
    """
    async with AsyncExitStack() as stack:
        log, _, vault = await open_stores(stack, settings, database_url(settings), restoring, damaged=damaged)
        yield log, vault


async def open_stores(
    stack: AsyncExitStack, settings: Settings, url: str, restoring: bool, *, damaged: bool = False
) -> tuple[EventLog, Pool, PostgresVault]:
    """Opens log and vault, and the vault's pool; the stack closes them.

    Raises WrongLog or LogMisconfigured if log and vault don't belong together; then nothing has been created.
    """
    pool = await stack.enter_async_context(pool_of(settings, url))
    vault = await _vault(settings, pool, restoring)
    known, has_keys = await vault.belonging(), await vault.holds_keys()
    filled_anew = await vault.restoring() is not None
    log = await open_log(settings, url, create=filled_anew or not (known.log or has_keys))
    stack.push_async_callback(log.close)
    if not filled_anew:
        # A restoration reports conflicts itself.
        try:
            await belonging.verify(log, topics(settings), known, in_use=has_keys and not restoring)
        except LogTruncated:
            if not damaged:
                raise
    return log, pool, vault


def log_of_past(clock: Callable[[], datetime]) -> EventLog:
    """A log in memory with another clock: for the demo's past, which is then entered like a restored log (ADR 0058)."""
    return MemoryEventLog(clock)
