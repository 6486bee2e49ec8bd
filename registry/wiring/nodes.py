"""Opens a node on its stores, with its tasks and its clock."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from functools import partial
from typing import Any, Final

from events import founding
from events.identity import LogIdentity, verify_marks
from events.origin import Origin
from events.port import EventLog
from events.postgres.marks import COMMON, MarkTable, PostgresMarks, PostgresStandings
from events.postgres.places import PostgresPlaces
from events.postgres.vault import PostgresVault
from projections.base.connecting import SCHEMA as VIEWS_SCHEMA
from projections.base.pools import Sizes
from projections.catalogue import PROGRAM
from projections.engine.program import Program
from projections.engine.runner import Runner
from projections.reading import Views
from registry.domain.catalogue import DECIDERS
from registry.engine import tasks
from registry.engine.followers import Followers
from registry.engine.heads import Heads
from registry.engine.loop import commanding_on
from registry.engine.snapshotting import Snapshotting
from registry.engine.states import States
from registry.engine.tasks import Task
from registry.exchange.raw import Documents
from registry.node import Node
from registry.people import belonging, forgetting
from registry.people.forgetting import Forgetting
from registry.people.tokens import AccessBook
from registry.policies.catalogue import POLICIES
from registry.policies.policy import Policy
from registry.process.beside import Beside
from registry.reacting import waiting
from registry.reacting.standing import Policies
from registry.reacting.waiting import PostgresWaits
from registry.settings import Settings
from registry.wiring.projecting import project, shared_index, starting, take_note
from registry.wiring.reacting import open_reacting
from registry.wiring.stores import (
    COMMANDS,
    FEED,
    Pool,
    database_url,
    embedded_database,
    new_id,
    open_stores,
    topics,
)

VAULT_MARKS: Final = ("vault", "mark")
"""The place of the marks that belong to the keys: an older copy of the vault has older ones."""
MARKS: Final = (COMMON, VAULT_MARKS, (VIEWS_SCHEMA, "position"), waiting.MARKS)
"""The places of the followers' marks."""


def now() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


class Projecting(Enum):
    """The process that keeps the views up to date for a node; of all that try, one at a time does."""

    HERE = auto()
    WHEN_ASKED = auto()
    """Here, but only while a caller waits for them, as at the end of an import."""
    BESIDE = auto()
    """A process of its own, so that indexing long texts does not hold up the answers to requests."""
    ELSEWHERE = auto()


async def open_node(
    settings: Settings,
    *,
    projecting: Projecting = Projecting.HERE,
    clock: Callable[[], datetime] = now,
    program: Program = PROGRAM,
    policies: Sequence[Policy] = POLICIES,
    restoring: bool = False,
) -> Node:
    """Opens a node; `projecting` says whether it also keeps the views up to date (one of all nodes does at a time).

    `restoring`: for the end of a restoration. No other node may be opened before that.
    """
    async with AsyncExitStack() as stack:
        opened = await _open(stack, settings, clock, projecting, restoring)
        events, documents = topics(settings)
        origin, invented = await _founded(settings, opened, clock)
        heads = Heads(opened.log, events)
        states = States(heads, opened.history, DECIDERS)
        access = AccessBook(heads, clock)
        identity = LogIdentity(origin.log, await opened.log.topic_id(events), events.partitions)
        folding = await starting(settings, opened.pool, opened.log, identity)
        snapshotting = Snapshotting(heads, folding, every=settings.snapshot_every, clock=clock)
        # After the watchers that have a memory: a snapshot restores it.
        await snapshotting.begin()
        stack.push_async_callback(snapshotting.finish)
        patience = settings.command_deadline
        commanding = commanding_on(
            settings,
            opened.log,
            heads=heads,
            states=states,
            history=opened.history,
            origin=origin,
            clock=clock,
            new_id=new_id,
        )
        reacting = open_reacting(
            settings,
            policies,
            commanding,
            url=opened.url,
            log=opened.log,
            heads=heads,
            history=opened.history,
            clock=clock,
            begin=snapshotting.folds,
        )
        # A node that keeps no views does not react either: it could not judge what is in force, and other nodes do it.
        reacts = projecting is not Projecting.ELSEWHERE and not restoring
        return Node(
            settings=settings,
            log=opened.log,
            heads=heads,
            views=opened.views,
            vault=opened.vault,
            access=access,
            states=states,
            commanding=commanding,
            documents=Documents(opened.log, documents, opened.vault, opened.places, origin=origin, patience=patience),
            origin=origin,
            followers=Followers(opened.standings, partial(opened.log.ends, events)),
            policies=Policies(policies, PostgresWaits(opened.pool), opened.views),
            invented=invented,
            snapshotting=snapshotting,
            tasks={
                **dict(_tasks(projecting, settings, opened, program, heads=heads, snapshotting=snapshotting)),
                **({tasks.REACTING: reacting} if reacts else {}),
            },
            new_id=new_id,
            resources=stack.pop_all(),
        )


async def _founded(settings: Settings, opened: "_Opened", clock: Callable[[], datetime]) -> tuple[Origin, bool]:
    """The log's origin, and whether it began as a demo; from here on log and vault name each other."""
    vault = await opened.vault.belonging()
    founded = await founding.ensure(
        opened.log, topics(settings)[0], settings.public_url, new_id(), clock(), vault=vault.vault
    )
    # Another node with another database may have been faster.
    belonging.refuse_another_vault(founded, vault)
    # If we crashed before this, the next start would find that the log names the vault.
    if vault.log is None:
        await opened.vault.belong_to(founded.origin.log, await belonging.topic_ids(opened.log, topics(settings)))
    return founded.origin, founded.invented


@dataclass(frozen=True, slots=True)
class _Opened:
    """The resources of a node."""

    url: str
    log: EventLog
    pool: Pool
    vault: PostgresVault
    places: PostgresPlaces
    standings: PostgresStandings
    views: Views
    history: Views
    """States are loaded, and commands looked up, on connections of their own: no crowd of readers holds them up."""
    take_note: Callable[[Any], Awaitable[None]]
    """Takes a message from the process that keeps views and index."""


async def _open(
    stack: AsyncExitStack, settings: Settings, clock: Callable[[], datetime], projecting: Projecting, restoring: bool
) -> _Opened:
    """Opens log and database; the stack closes them. Raises ViewsUnfit, and what `open_stores` raises."""
    url = database_url(settings)
    log, pool, vault = await open_stores(stack, settings, url, restoring)
    places = PostgresPlaces(pool)
    await places.create()
    index = shared_index(settings) if projecting is Projecting.BESIDE else None
    views = await Views.open(url, clock, _sizes(settings), index=index)
    stack.push_async_callback(views.close)
    # Before an empty log is founded: the views may be all that is left of an earlier log.
    await views.verify(log, topics(settings)[0])
    if index is not None:
        async with views.connection() as connection:
            await index.adopt(connection, partial(verify_marks, log, topics(settings)[0]))
    history = await Views.open(url, clock, Sizes(reads=COMMANDS), views.progress)
    stack.push_async_callback(history.close)
    standings = PostgresStandings(pool, MARKS)
    return _Opened(url, log, pool, vault, places, standings, views, history, partial(take_note, views.progress, index))


def _sizes(settings: Settings) -> Sizes:
    """Connections for all readers that may run at a time: those without a token, and as many bearers."""
    return Sizes(
        reads=2 * settings.reads_at_once + COMMANDS + FEED,
        searches=2 * settings.searches_at_once,
        search_time=settings.search_time,
    )


def _tasks(
    projecting: Projecting,
    settings: Settings,
    opened: _Opened,
    program: Program,
    *,
    heads: Heads,
    snapshotting: Snapshotting,
) -> Iterator[tuple[str, Task]]:
    begin = snapshotting.folds
    yield tasks.READING, heads
    table = MarkTable(forgetting.NAME, VAULT_MARKS)
    marks = PostgresMarks(opened.url, forgetting.NAME, topics(settings)[0], table=table)
    yield tasks.DESTROYING, Forgetting(heads, opened.log, opened.vault, marks, begin)
    match projecting:
        case Projecting.HERE | Projecting.WHEN_ASKED:
            eager = projecting is Projecting.HERE
            topic = topics(settings)[0]
            runner = Runner(
                opened.log, topic, opened.url, opened.views.progress, eager=eager, program=program, begin=begin
            )
            yield tasks.VIEWS, runner
        case Projecting.BESIDE:
            yield (
                tasks.VIEWS,
                Beside(project, (settings, opened.url, program), opened.take_note, "the process that keeps the views"),
            )
        case Projecting.ELSEWHERE:
            pass
    if not settings.database_url:
        yield tasks.DATABASE, embedded_database(settings)
    if settings.snapshot_every:
        yield tasks.SNAPSHOTS, snapshotting


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    projecting: Projecting = Projecting.HERE,
    program: Program = PROGRAM,
    policies: Sequence[Policy] = POLICIES,
    restoring: bool = False,
) -> AsyncIterator[Node]:
    """A node that has read the log to its end; closed at the end of the context."""
    node = await open_node(settings, projecting=projecting, program=program, policies=policies, restoring=restoring)
    try:
        await node.start()
        await node.heads.until_ready()
        yield node
    finally:
        await node.close()
