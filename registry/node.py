"""A node: one process's view of the log, and its operations. The API, the CLI and imports use it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import stamina
import structlog

from adapters.exporting import Outgoing
from events.event import Event
from events.identity import WrongLog
from events.origin import Origin
from events.port import EventLog
from events.record import Position
from events.stopping import stop
from events.vault import OwnerGone, Vault
from projections.engine.schema import ViewsUnfit
from projections.reading import Views
from projections.trial.document import stream_of
from registry.domain.catalogue import POSTED
from registry.domain.decider import Command
from registry.domain.permissions import ANONYMOUS, CONSOLE, Actor
from registry.domain.trial.state import Trial
from registry.engine.commanding import Commanding
from registry.engine.followers import Followers
from registry.engine.heads import Heads
from registry.engine.order import Order
from registry.engine.receipts import Receipt
from registry.engine.snapshotting import Snapshotting
from registry.engine.states import NotInTime, States
from registry.engine.tasks import Task, Troubled
from registry.exchange.exporting import outgoing
from registry.exchange.raw import Documents, Receiving
from registry.people import persons
from registry.people.tokens import AccessBook
from registry.reacting.standing import Policies
from registry.settings import Settings

log = structlog.get_logger()

UNFIT: Final = (ViewsUnfit, WrongLog)
"""The exceptions of a task whose views or marks are of another log, or of another program."""
SENDERS: Final = 10
"""The most events under one key that are searched for a receipt. Keys are random: two occur only on purpose."""


def _outcome(found: Event | BaseException | None) -> Event | Exception | None:
    """The outcome of one of several; an exception that is not its own, such as a cancellation, is raised."""
    if isinstance(found, BaseException) and not isinstance(found, Exception):
        raise found
    return found


@dataclass(slots=True)
class Node:
    """Everything is opened by `registry.wiring`; `running` starts its tasks."""

    settings: Settings
    log: EventLog
    heads: Heads
    views: Views
    vault: Vault
    access: AccessBook
    states: States
    commanding: Commanding
    documents: Documents
    origin: Origin
    followers: Followers
    policies: Policies
    snapshotting: Snapshotting
    tasks: Mapping[str, Task]
    """The tasks by their names in `registry.engine.tasks`."""
    new_id: Callable[[], UUID]
    resources: AsyncExitStack
    invented: bool = False
    """Whether the log began as a demo: everything in it is invented."""
    anonymous: Actor = ANONYMOUS
    stopped: dict[str, str] = field(default_factory=dict)
    """The tasks that ended by themselves, with the reasons."""
    unfit: str = ""
    """The reason why views or marks do not fit this log; empty if they do."""
    closing: bool = False

    async def start(self) -> None:
        """Starts the node's tasks; they stop with `close`. Returns at once: see `heads.until_ready`."""
        running = [asyncio.create_task(task.run(), name=name) for name, task in self.tasks.items()]
        for task in running:
            task.add_done_callback(self._note_end)
        self.resources.push_async_callback(stop, running)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        """A task that ended by itself leaves the node half alive: it is logged, and the node is no longer ready."""
        if self.closing:
            return
        fault = asyncio.CancelledError("from within") if task.cancelled() else task.exception()
        if isinstance(fault, UNFIT):
            self.unfit = str(fault)
        self.stopped[task.get_name()] = "ended" if fault is None else str(fault) or type(fault).__name__
        log.critical("task_stopped", task=task.get_name(), kind=type(fault).__name__, error=str(fault))

    def troubles(self) -> list[str]:
        """The failures of the node's tasks that are retried."""
        troubles = [
            *(task.trouble for task in self.tasks.values() if isinstance(task, Troubled)),
            self.views.progress.trouble,
            self.views.searches.index.standing.trouble,
        ]
        return list(dict.fromkeys(trouble for trouble in troubles if trouble))

    def _failing(self) -> str:
        """The node's tasks that stopped, and the failures of others; empty if all is well."""
        return "; ".join([*(f"{task} stopped: {why}" for task, why in self.stopped.items()), *self.troubles()])

    async def close(self) -> None:
        """Stops the tasks and closes everything that was opened, in reverse order."""
        self.closing = True
        await self.resources.aclose()

    def refuse_unfit(self) -> None:
        """Raises ViewsUnfit if the views are not of this log: they decide no command, and no trial is shown."""
        if self.unfit:
            raise ViewsUnfit(f"nothing is recorded: the views or marks of this node are not of this log: {self.unfit}")

    async def submit(
        self,
        actor: Actor,
        key: UUID,
        stream: str,
        command: Command,
        *,
        version: int | None = None,
        deadline: float | None = None,
        long: bool = False,
    ) -> Receipt | None:
        """Seals and executes a command; None if there was nothing to record.

        Raises ViewsUnfit, and what `Commanding.execute` raises.

        A `long` one is decided beside the loop.
        """
        self.refuse_unfit()
        ends = asyncio.get_running_loop().time() + (self.settings.command_deadline if deadline is None else deadline)
        try:
            async with asyncio.timeout_at(ends):
                await self.commanding.permit(actor, stream, command, self.settings.read_deadline)
                sealed = await persons.seal(self.vault, stream, command)
        except TimeoutError as fault:
            raise NotInTime("nothing was recorded in time") from fault
        remaining = ends - asyncio.get_running_loop().time()
        event = await self.commanding.execute(Order(key, stream, sealed, actor, version, long), remaining)
        return None if event is None else Receipt.of(event)

    async def order(self, stream: str, command: Command) -> Event | None:
        """Executes a command of the operator under a fresh key, with persons sealed. Raises as `submit` does."""
        self.refuse_unfit()
        sealed = await persons.seal(self.vault, stream, command)
        return await self.commanding.execute(
            Order(self.new_id(), stream, sealed, CONSOLE), self.settings.command_deadline
        )

    async def receive_all(self, receivings: Sequence[Receiving]) -> list[Event | Exception | None]:
        """Stores partners' documents, then executes the commands that use them, each by itself, all at once.

        An exception for one command is returned in its place; OwnerGone, or a failure to store, is raised for all. If
        we crash between the two, no event names the stored documents: harmless, and the next import stores them again.
        """
        self.refuse_unfit()
        if not receivings:
            return []
        async for attempt in stamina.retry_context(on=OwnerGone, attempts=5, wait_initial=0.01):
            with attempt:
                commands = [(one.stream, one.command(one.received.source())) for one in receivings]
                sealed = await persons.seal_all(self.vault, commands)
                documents = [(one.received, named) for one, (_, named) in zip(receivings, sealed, strict=True)]
                await self.documents.store_all(documents)
        orders = [
            Order(self.new_id(), one.stream, command, CONSOLE)
            for one, (command, _) in zip(receivings, sealed, strict=True)
        ]
        deadline = self.settings.command_deadline
        outcomes = await asyncio.gather(
            *(self.commanding.execute(order, deadline) for order in orders), return_exceptions=True
        )
        return [_outcome(one) for one in outcomes]

    @property
    def name(self) -> str:
        """The registry's name, as partners write it."""
        return self.settings.name

    async def trial_by_number(self, number: str) -> str | None:
        """The stream of the trial that got the number from this registry, as far as the views have come."""
        found = await self.views.ours_by_number(number)
        return None if found is None else stream_of(found)

    async def former_numbers(self) -> Mapping[tuple[str, str], str]:
        """The streams of partners' trials by the numbers that they had before, as far as the views have come."""
        return {number: stream_of(trial) for number, trial in (await self.views.former_numbers()).items()}

    async def set_aside(self, number: str) -> None:
        """Keeps a number of this registry's for the trial that bore it before; raises Rejection."""
        await self.commanding.numbers.set_aside(number)

    async def partner_trial(self, stream: str) -> Trial | None:
        """This node's state of the trial of the stream."""
        loaded = await self.states.load(stream, self.settings.read_deadline)
        trial: Trial | None = loaded.state
        return trial

    async def until_visible(self, patience: float) -> None:
        """Returns when the views hold all that this node has read; raises NotInTime."""
        for partition, offset in self.heads.next_offsets().items():
            if offset and not await self.views.wait_for(Position(partition, offset - 1), patience):
                raise NotInTime("the views are behind the log")

    async def until_caught_up(self, moved: Callable[[int], None]) -> None:
        """Returns when the views hold all that this node has read, however long that takes, as long as they move.

        `moved` gets the number of records that they hold. Raises NotInTime with the failure if they stand still, and
        NotReady if this node stopped reading.
        """
        records = -1
        while True:
            self.heads.refuse_stopped()
            try:
                await self.until_visible(self.settings.read_deadline)
            except NotInTime:
                before, records = records, sum((await self.views.positions()).values())
                if records == before:
                    still = "the views are behind the log and stand still"
                    raise NotInTime(": ".join(filter(None, [still, self._failing()]))) from None
                moved(records)
            else:
                return

    async def until_settled(self, patience: float) -> None:
        """Returns when the views hold all that any node has recorded up to now; raises NotInTime, LogUnavailable."""
        for partition, offset in (await self.heads.ends()).items():
            if offset and not await self.views.wait_for(Position(partition, offset - 1), patience):
                raise NotInTime("the views are behind the log")

    async def is_recorded(self, stream: str) -> bool:
        """Whether any node had recorded an event of the stream when this was asked; raises NotReady, LogUnavailable."""
        if not self.heads.head(stream).version:
            await self.heads.catch_up(stream)
        return self.heads.head(stream).version > 0

    async def recorded_under(self, key: UUID, organisation: str, patience: float) -> list[Event]:
        """Events under a key, as far as this node has read, the organisation's first; raises NotInTime, NotReady.

        It searches the streams that commands over HTTP go to.
        """
        await self.until_visible(patience)
        events: list[Event] = await self.views.events_under(key, POSTED, organisation, SENDERS)
        return events

    async def outgoing(self) -> Outgoing:
        """The content of an export, as of today and as far as the views have come."""
        return outgoing(self.settings, await self.views.day(), self.views.documents(), self.open_all)

    async def open_for_pages(self, document: dict[str, Any], stream: str) -> dict[str, Any]:
        """The document with reasons, whys and sponsors in clear; persons of contacts stay sealed."""
        opened: dict[str, Any] = await persons.opened_for_pages(self.vault, stream, document)
        return opened

    async def open_all(self, document: dict[str, Any], stream: str) -> dict[str, Any]:
        """The document with persons, reasons and whys in clear, and destroyed ones shown as erased."""
        opened: dict[str, Any] = await persons.opened(self.vault, stream, document)
        return opened

    async def open_found(self, summaries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The entries of trials in lists, with sponsors in clear."""
        return await persons.opened_each(self.vault, [(stream_of(one["trial"]), one) for one in summaries])

    def actor_label(self, token: str) -> dict[str, Any]:
        """An actor for a permitted reader: the organisation and role of its token, and its name, sealed."""
        entry = self.access.entry(token)
        if entry is None:
            return {"token": token}
        label = {"token": token, "organisation": entry.actor.organisation, "role": entry.actor.role.value}
        return label if entry.name is None else {**label, "name": entry.name}
