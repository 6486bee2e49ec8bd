"""Taking in partners' registrations: each one whole or not at all, and a receipt that adds up."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol
from uuid import UUID, uuid5

from events.event import Event
from events.port import MessageTooLarge
from events.schemas.exchange import ImportFinished, NotCarried, Refusal
from events.schemas.registration import Registration
from events.schemas.trial import Home, SiteAsImported, Status
from registry.documents import Received
from registry.domain.decider import Command, Rejection
from registry.domain.exchange.decider import FinishImport, RefuseRecords
from registry.domain.trial.commands import AdoptTrial, ImportTrial, RestoreTrial
from registry.domain.trial.state import Trial

NAMESPACE = UUID("6f0c8a53-5a0e-5d0c-9c0e-3d1b6a4f2e77")
"""Makes a partner's registration number the id of its trial here, on every node alike."""
REFUSALS_IN_EVENT: Final = 200
REFUSALS_TOLD: Final = 1_000
"""Refusals that the summary lists; the log has all of them, and memory does not grow with them."""


class Study(Protocol):
    """A registration as an adapter read it; persons in clear."""

    @property
    def place(self) -> str: ...
    @property
    def raw(self) -> bytes: ...
    @property
    def home(self) -> Home: ...
    @property
    def sender(self) -> str: ...
    @property
    def record(self) -> str: ...
    @property
    def registration(self) -> Registration: ...
    @property
    def status(self) -> Status: ...
    @property
    def sites(self) -> tuple[SiteAsImported, ...]: ...
    @property
    def retrieved(self) -> str | None: ...


class Carried(Protocol):
    """What an adapter counted of all records that it read."""

    @property
    def carried(self) -> int: ...
    def not_carried_by_path(self) -> tuple[NotCarried, ...]: ...


class Fate(StrEnum):
    """What became of one registration of an import."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(slots=True)
class Summary:
    """What an import did so far."""

    fates: Counter[Fate] = field(default_factory=Counter)
    adopted: int = 0
    restored: int = 0
    events: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The summary as printed with --json."""
        counts: dict[str, Any] = {"given": self.fates.total(), **{fate.value: self.fates[fate] for fate in Fate}}
        counts |= {"adopted": self.adopted, "restored": self.restored, "events": self.events}
        return {**counts, "refusals": [one.model_dump() for one in self.refusals]}

    def receipt(self, source: str, files: Iterable[str], values: Carried) -> ImportFinished:
        """The event that ends the import."""
        return ImportFinished(
            source=source,
            files=tuple(files),
            given=self.fates.total(),
            **{fate.value: self.fates[fate] for fate in Fate},
            adopted=self.adopted,
            restored=self.restored,
            events=self.events,
            carried=values.carried,
            not_carried=values.not_carried_by_path(),
        )


class Desk(Protocol):
    """What intake needs of a node."""

    @property
    def name(self) -> str:
        """This registry's name, as partners write it."""
        ...

    async def partner_trial(self, stream: str) -> Trial | None:
        """The trial of the stream as this node knows it."""
        ...

    async def trial_by_number(self, number: str) -> str | None:
        """The stream of the trial that bears the number, as far as the views have come."""
        ...

    async def set_aside(self, number: str) -> None:
        """Keeps a number of this registry's for the trial that bore it before; raises Rejection."""
        ...

    async def receive(self, stream: str, received: Received, command: Callable[[Any], Command]) -> Event | None:
        """Keeps the document and executes the command made from its source; see `Node.receive`."""
        ...

    async def order(self, stream: str, command: Command) -> Event | None:
        """Executes a command as the operator, under a fresh key."""
        ...


def stream_of(home: Home) -> str:
    """The stream of a partner's registration: the same for the same number, whoever sends or imports it."""
    return f"trial/{uuid5(NAMESPACE, f'{home.registry}:{home.number}')}"


class Intake:
    """Takes studies in, several at a time, so that their appends share commits. One intake is one import."""

    def __init__(self, desk: Desk, media_type: str, *, adopt: bool, owner: str, import_id: UUID, at_once: int = 32):
        self._desk, self._media_type, self._adopt, self._owner = desk, media_type, adopt, owner
        self._stream = f"import/{import_id}"
        self._slots = asyncio.Semaphore(at_once)
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._unrecorded: list[Refusal] = []
        self.summary = Summary()

    async def take_all(self, studies: AsyncIterable[Study | Refusal], progress: Callable[[], None]) -> None:
        """Takes all, calling `progress` after each. Raises what stops the whole: an unknown outcome, a lost log."""
        async with asyncio.TaskGroup() as tasks:
            async for study in studies:
                if isinstance(study, Refusal):
                    self._refuse(study)
                    progress()
                else:
                    await self._slots.acquire()
                    stream = stream_of(study.home)
                    # The same number twice in one file: in the order given, or the older version could win.
                    task = tasks.create_task(self._in_turn(study, self._under_way.get(stream), progress))
                    self._under_way[stream] = task
                if len(self._unrecorded) >= REFUSALS_IN_EVENT:
                    await self._record_refusals()

    async def finish(self, source: str, files: Iterable[str], values: Carried) -> ImportFinished:
        """Writes the receipt. An import that was stopped has none: its records are whole, and it can be run again."""
        while self._unrecorded:
            await self._record_refusals()
        receipt = self.summary.receipt(source, files, values)
        await self._desk.order(self._stream, FinishImport(receipt=receipt))
        return receipt

    def _refuse(self, refusal: Refusal) -> None:
        self.summary.fates[Fate.REFUSED] += 1
        self._unrecorded.append(refusal)
        if len(self.summary.refusals) < REFUSALS_TOLD:
            self.summary.refusals.append(refusal)

    async def _record_refusals(self) -> None:
        recorded, self._unrecorded = self._unrecorded[:REFUSALS_IN_EVENT], self._unrecorded[REFUSALS_IN_EVENT:]
        await self._desk.order(self._stream, RefuseRecords(refusals=tuple(recorded)))

    async def _in_turn(self, study: Study, before: asyncio.Task[None] | None, progress: Callable[[], None]) -> None:
        try:
            if before is not None:
                await before
            await self._take(study)
            progress()
        finally:
            self._slots.release()
            stream = stream_of(study.home)
            if self._under_way[stream] is asyncio.current_task():
                del self._under_way[stream]

    async def _take(self, study: Study) -> None:
        try:
            if study.home.registry == self._desk.name:
                fate = await self._restore(study)
            else:
                fate = await self._import(study)
                await self._adopt_where_wanted(study)
        except (Rejection, MessageTooLarge) as refusal:
            self._refuse(Refusal(place=study.place, identifier=study.home.number, reason=str(refusal)))
        else:
            self.summary.fates[fate] += 1

    async def _import(self, study: Study) -> Fate:
        stream = stream_of(study.home)
        received = Received(study.sender, study.raw, self._media_type, study.retrieved, _other_number(study))
        known = await self._desk.partner_trial(stream)
        if known is not None and (said := known.sources.get(received.key)) and said.digest == received.digest:
            return Fate.UNCHANGED
        event = await self._desk.receive(
            stream,
            received,
            lambda source: ImportTrial(
                home=study.home,
                registration=study.registration,
                status=study.status,
                sites=study.sites,
                source=source,
            ),
        )
        if event is None:
            return Fate.UNCHANGED
        self.summary.events += 1
        return Fate.NEW if event.version == 1 else Fate.CHANGED

    async def _adopt_where_wanted(self, study: Study) -> None:
        if not self._adopt:
            return
        stream = stream_of(study.home)
        trial = await self._desk.partner_trial(stream)
        if trial is not None and trial.home is not None:
            try:
                await self._desk.order(stream, AdoptTrial(owner=self._owner))
            except Rejection:
                # Another import adopted it in between: it is here, under one number, as was wanted.
                return
            self.summary.adopted += 1
            self.summary.events += 1

    async def _restore(self, study: Study) -> Fate:
        """A registration of ours from an export of ours; one that is here stays as it is."""
        stream = stream_of(study.home)
        if await self._desk.trial_by_number(study.home.number) not in (None, stream):
            return Fate.UNCHANGED
        known = await self._desk.partner_trial(stream)
        if known is not None and known.home is None:
            return Fate.UNCHANGED
        await self._desk.set_aside(study.home.number)
        fate = await self._import(study)
        await self._desk.order(stream, RestoreTrial(owner=self._owner))
        self.summary.restored += 1
        self.summary.events += 1
        return fate


def _other_number(study: Study) -> str | None:
    return None if study.record == study.home.number else study.record
