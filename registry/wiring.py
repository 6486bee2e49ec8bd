"""The composition root: the only place that names a concrete log, vault, store, clock or adapter."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from functools import partial
from typing import Any, Final, TypeAlias
from uuid import UUID

import stamina
import uuid_utils.compat
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from events import founding
from events.admission import PartitionFold
from events.identity import LogIdentity, identify
from events.kafka.clients import Security
from events.kafka.log import KafkaEventLog
from events.memory import MemoryEventLog
from events.origin import Origin
from events.port import EventLog, LogMisconfigured, LogTruncated, LogUnavailable, Topic
from events.postgres.connections import RECONNECT, still_open
from events.postgres.log import PostgresEventLog
from events.postgres.marks import COMMON, MarkTable, PostgresMarks, PostgresStandings
from events.postgres.places import PostgresPlaces
from events.postgres.reaching import reach
from events.postgres.snapshots import PostgresSnapshots
from events.postgres.vault import PostgresVault
from events.starting import Begin, Starting, from_the_beginning
from projections.base.connecting import SCHEMA as VIEWS_SCHEMA
from projections.base.pools import Sizes
from projections.catalogue import PROGRAM
from projections.engine.program import Program
from projections.engine.progress import ToldProgress
from projections.engine.runner import Runner
from projections.reading import Views
from registry.domain.catalogue import DECIDERS
from registry.engine.followers import Followers
from registry.engine.heads import Heads
from registry.engine.loop import commanding_on
from registry.engine.snapshotting import Snapshotting
from registry.engine.states import States
from registry.exchange.raw import Documents
from registry.feed.feed import PAGES_AT_ONCE
from registry.node import Node, Task
from registry.people import belonging, forgetting
from registry.people.forgetting import Forgetting
from registry.people.keys import master_key, snapshots_key
from registry.people.tokens import AccessBook
from registry.process.beside import Beside, Tell
from registry.process.embedded import Embedded, embedded
from registry.settings import Settings

Pool: TypeAlias = AsyncConnectionPool[AsyncConnection[Any]]
EVENTS_TOPIC: Final = "registry-events"
DOCUMENTS_TOPIC: Final = "partner-documents"
DEMO: Final = "demo "
"""How the name of what fills an empty registry begins where that is the demo."""
VAULT_MARKS: Final = ("vault", "mark")
"""Marks that belong to the keys: an older copy of the vault has older ones."""
MARKS: Final = (COMMON, VAULT_MARKS, (VIEWS_SCHEMA, "position"))
"""Where followers have their marks."""
COMMANDS: Final = 4
"""Connections to the database that are kept for commands in each pool."""
FEED: Final = 2 * PAGES_AT_ONCE + 1
"""Connections that are kept for the feed: for pages of its readers, and for what comes."""


def now() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): unique, and in the order of time."""
    made: UUID = uuid_utils.compat.uuid7()
    return made


def topics(settings: Settings) -> tuple[Topic, Topic]:
    """The events topic and the documents topic."""
    return (
        Topic(EVENTS_TOPIC, settings.partitions, bodies=DOCUMENTS_TOPIC),
        Topic(DOCUMENTS_TOPIC, settings.partitions),
    )


def database_url(settings: Settings) -> str:
    """Where PostgreSQL is, once it takes connections; raises LogUnavailable, PostgresNotStarted.

    Starts the embedded one where none is named; it ends with the last process that uses it.
    """
    if settings.database_url:
        reach(settings.database_url, settings.log_patience)
        return settings.database_url
    database = _embedded(settings)
    database.start()
    return database.url


def _embedded(settings: Settings) -> Embedded:
    folder = settings.data.absolute() / "postgres"
    folder.parent.mkdir(parents=True, exist_ok=True)
    return embedded(folder)


class Projecting(Enum):
    """Which process keeps the views up to date for a node; of all that try, one does at a time."""

    HERE = auto()
    WHEN_ASKED = auto()
    """Here, but only while somebody waits for them, as at the end of an import."""
    BESIDE = auto()
    """A process of its own, so that indexing long texts does not hold up the answers to requests."""
    ELSEWHERE = auto()


def _kafka_security(settings: Settings) -> Security:
    return Security(
        protocol=settings.kafka_security,
        ca=settings.kafka_ca,
        certificate=settings.kafka_certificate,
        key=settings.kafka_key,
        mechanism=settings.kafka_mechanism,
        user=settings.kafka_user,
        password=settings.kafka_password.get_secret_value(),
    )


async def open_log(settings: Settings, url: str, *, create: bool = False) -> EventLog:
    """The log that the settings name; raises LogMisconfigured where its topics are not as they must be.

    `create`: make those that are missing, where there was no log before.
    """
    if settings.log == "kafka":
        return await KafkaEventLog.open(
            settings.kafka,
            topics(settings),
            replication=settings.kafka_replication,
            create=create,
            patience=settings.log_patience,
            security=_kafka_security(settings),
        )
    return await PostgresEventLog.open(url, topics(settings), patience=settings.log_patience, create=create)


def _pool(settings: Settings, url: str) -> Pool:
    return AsyncConnectionPool(
        url,
        open=False,
        min_size=1,
        # A reader of persons' keys holds one connection, and a command that seals finds one free.
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
            raise LogMisconfigured("the demo has not been entered to its end; start it again: registry run --demo")
        raise LogMisconfigured("the restoration of this registry has not finished; run it again: registry restore")
    return vault


@asynccontextmanager
async def log_and_vault(
    settings: Settings, *, restoring: bool = False, damaged: bool = False
) -> AsyncIterator[tuple[EventLog, PostgresVault]]:
    """The log and the vault without a node, for what reads or copies them whole; nothing is founded.

    `restoring`: also where a restoration has not finished; else that raises LogMisconfigured. `damaged`: also where
    the log has lost its beginning, for a check to report; else that raises LogTruncated.
    """
    async with AsyncExitStack() as stack:
        log, _, vault = await _stores(stack, settings, database_url(settings), restoring, damaged=damaged)
        yield log, vault


async def _stores(
    stack: AsyncExitStack, settings: Settings, url: str, restoring: bool, *, damaged: bool = False
) -> tuple[EventLog, Pool, PostgresVault]:
    """Opens log and vault, and the pool that the vault is in; all of them are closed with the stack.

    Raises WrongLog or LogMisconfigured where log and vault don't belong together, with nothing made.
    """
    pool = await stack.enter_async_context(_pool(settings, url))
    vault = await _vault(settings, pool, restoring)
    known, has_keys = await vault.belonging(), await vault.holds_keys()
    filled_anew = await vault.restoring() is not None
    log = await open_log(settings, url, create=filled_anew or not (known.log or has_keys))
    stack.push_async_callback(log.close)
    if not filled_anew:
        # A restoration reports by itself what stands in its way.
        try:
            await belonging.verify(log, topics(settings), known, in_use=has_keys and not restoring)
        except LogTruncated:
            if not damaged:
                raise
    return log, pool, vault


def log_of_past(clock: Callable[[], datetime]) -> EventLog:
    """A log in memory by another clock: for the demo's past, which is then entered as a log is restored (ADR 0058)."""
    return MemoryEventLog(clock)


async def open_node(
    settings: Settings,
    *,
    projecting: Projecting = Projecting.HERE,
    clock: Callable[[], datetime] = now,
    program: Program = PROGRAM,
    restoring: bool = False,
) -> Node:
    """Opens a node; `projecting` says whether it also keeps the views up to date (one of all nodes does at a time).

    `restoring`: for a restoration to finish with. Nobody else opens a node before it has.
    """
    async with AsyncExitStack() as stack:
        opened = await _open(stack, settings, clock, restoring)
        events, documents = topics(settings)
        origin, invented = await _founded(settings, opened, clock)
        heads = Heads(opened.log, events)
        states = States(heads, opened.history, DECIDERS)
        access = AccessBook(heads, clock)
        identity = LogIdentity(origin.log, await opened.log.topic_id(events), events.partitions)
        starting = await _starting(settings, opened.pool, opened.log, identity)
        snapshotting = Snapshotting(heads, starting, every=settings.snapshot_every, clock=clock)
        # After the watchers that remember something: a snapshot gives it back to them.
        await snapshotting.begin()
        stack.push_async_callback(snapshotting.finish)
        patience = settings.command_deadline
        return Node(
            settings=settings,
            log=opened.log,
            heads=heads,
            views=opened.views,
            vault=opened.vault,
            access=access,
            states=states,
            commanding=commanding_on(
                settings,
                opened.log,
                heads=heads,
                states=states,
                history=opened.history,
                origin=origin,
                clock=clock,
                new_id=new_id,
            ),
            documents=Documents(opened.log, documents, opened.vault, opened.places, origin=origin, patience=patience),
            origin=origin,
            followers=Followers(opened.standings, partial(opened.log.ends, events)),
            invented=invented,
            snapshotting=snapshotting,
            tasks=(
                *_tasks(projecting, settings, opened, program, heads=heads, begin=snapshotting.folds),
                *([snapshotting] if settings.snapshot_every else []),
            ),
            new_id=new_id,
            held=stack.pop_all(),
        )


async def _founded(settings: Settings, opened: "_Opened", clock: Callable[[], datetime]) -> tuple[Origin, bool]:
    """Where the log's events come from, and whether it began as a demo; log and vault know each other from here on."""
    vault = await opened.vault.belonging()
    founded = await founding.ensure(
        opened.log, topics(settings)[0], settings.public_url, new_id(), clock(), vault=vault.vault
    )
    # Another node, with another database, may have been faster.
    belonging.refuse_another_vault(founded, vault)
    # If we crashed before this, the next start would find that the log names the vault.
    if vault.log is None:
        await opened.vault.belong_to(founded.origin.log, await belonging.topic_ids(opened.log, topics(settings)))
    return founded.origin, founded.invented


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a node stands on."""

    url: str
    log: EventLog
    pool: Pool
    vault: PostgresVault
    places: PostgresPlaces
    standings: PostgresStandings
    views: Views
    history: Views
    """States are loaded, and commands found again, on connections of their own: no crowd of readers holds them up."""


async def _open(stack: AsyncExitStack, settings: Settings, clock: Callable[[], datetime], restoring: bool) -> _Opened:
    """Opens log and database; all of it is closed with the stack. Raises ViewsUnfit, and what `_stores` raises."""
    url = database_url(settings)
    log, pool, vault = await _stores(stack, settings, url, restoring)
    places = PostgresPlaces(pool)
    await places.create()
    views = await Views.open(url, clock, _sizes(settings))
    stack.push_async_callback(views.close)
    # Before an empty log is founded: the views may be all that is left of the one that was there.
    await views.verify(log, topics(settings)[0])
    history = await Views.open(url, clock, Sizes(reads=COMMANDS), views.progress)
    stack.push_async_callback(history.close)
    return _Opened(url, log, pool, vault, places, PostgresStandings(pool, MARKS), views, history)


def _sizes(settings: Settings) -> Sizes:
    """Connections for all who may run at a time: readers without a token, and as many bearers."""
    return Sizes(
        reads=2 * settings.reads_at_once + COMMANDS + FEED,
        searches=2 * settings.searches_at_once,
        search_time=settings.search_time,
    )


async def _starting(settings: Settings, pool: Pool, log: EventLog, identity: LogIdentity) -> Starting:
    """Where folds of the events topic begin, on snapshots in the database."""
    snapshots = PostgresSnapshots(pool)
    await snapshots.create()
    return Starting(log, topics(settings)[0], identity, snapshots, snapshots_key(settings))


def _tasks(
    projecting: Projecting, settings: Settings, opened: _Opened, program: Program, *, heads: Heads, begin: Begin
) -> Iterator[Task]:
    yield heads
    table = MarkTable(forgetting.NAME, VAULT_MARKS)
    marks = PostgresMarks(opened.url, forgetting.NAME, topics(settings)[0], table=table)
    yield Forgetting(heads, opened.log, opened.vault, marks, begin)
    progress = opened.views.progress
    match projecting:
        case Projecting.HERE | Projecting.WHEN_ASKED:
            eager = projecting is Projecting.HERE
            topic = topics(settings)[0]
            yield Runner(opened.log, topic, opened.url, progress, eager=eager, program=program, begin=begin)
        case Projecting.BESIDE:
            yield Beside(project, (settings, opened.url, program), progress.hear)
        case Projecting.ELSEWHERE:
            pass
    if not settings.database_url:
        yield _embedded(settings)


async def project(settings: Settings, url: str, program: Program, tell: Tell) -> None:
    """Keeps the views up to date until cancelled, and tells how far they have come; raises as `Runner.run` does.

    A log that is away is waited for from the beginning: the server that this stands beside waits for it, too.
    """
    async for attempt in stamina.retry_context(on=LogUnavailable, attempts=None, timeout=None, wait_max=2.0):
        with attempt:
            log = await open_log(settings, url)
    topic, progress, begin = topics(settings)[0], ToldProgress(tell), _beginning(settings, url, log)
    try:
        await Runner(log, topic, url, progress, program=program, begin=begin).run()
    finally:
        await log.close()


def _beginning(settings: Settings, url: str, log: EventLog) -> Begin:
    """Where a process without a node begins. It finds out when it has to: log and database may be away until then."""

    async def begin(at_most: Mapping[int, int]) -> Mapping[int, PartitionFold]:
        async with _pool(settings, url) as pool:
            starting = await _starting(settings, pool, log, await identify(log, topics(settings)[0]))
            return await starting.folds(at_most)

    return begin if settings.snapshot_every else from_the_beginning


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    projecting: Projecting = Projecting.HERE,
    program: Program = PROGRAM,
    restoring: bool = False,
) -> AsyncIterator[Node]:
    """A node that has read the log to its end; closed at the end of the context."""
    node = await open_node(settings, projecting=projecting, program=program, restoring=restoring)
    try:
        await node.start()
        await node.heads.until_ready()
        yield node
    finally:
        await node.close()
