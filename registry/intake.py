"""Taking in partners' registrations: each one whole or not at all, and a summary that adds up."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID, uuid5

from events.event import Event
from events.port import MessageTooLarge
from events.schemas.registration import Registration
from events.schemas.trial import Home, SiteAsImported, Status
from registry.documents import Received
from registry.domain.decider import Command, Rejection
from registry.domain.trial.commands import AdoptTrial, ImportTrial
from registry.domain.trial.state import Trial

NAMESPACE = UUID("6f0c8a53-5a0e-5d0c-9c0e-3d1b6a4f2e77")
"""Makes a partner's registration number the id of its trial here, on every node alike."""


class Study(Protocol):
    """A registration as an adapter read it; persons in clear."""

    @property
    def place(self) -> str: ...
    @property
    def raw(self) -> bytes: ...
    @property
    def home(self) -> Home: ...
    @property
    def registration(self) -> Registration: ...
    @property
    def status(self) -> Status: ...
    @property
    def sites(self) -> tuple[SiteAsImported, ...]: ...
    @property
    def retrieved(self) -> str | None: ...


class Fate(StrEnum):
    """What became of one registration of an import."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A registration that could not be taken: where it stood, which one, and why."""

    place: str
    identifier: str | None
    reason: str


@dataclass(slots=True)
class Summary:
    """What an import did. `given` is new + changed + unchanged + refused; `events` counts trial events appended."""

    fates: Counter[Fate] = field(default_factory=Counter)
    adopted: int = 0
    events: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, refusal: Refusal) -> None:
        """Counts one refusal."""
        self.fates[Fate.REFUSED] += 1
        self.refusals.append(refusal)

    def to_json(self) -> dict[str, Any]:
        """The summary as printed with --json."""
        counts: dict[str, Any] = {"given": self.fates.total(), **{fate.value: self.fates[fate] for fate in Fate}}
        refusals = [{"place": one.place, "identifier": one.identifier, "reason": one.reason} for one in self.refusals]
        return {**counts, "adopted": self.adopted, "events": self.events, "refusals": refusals}


class Desk(Protocol):
    """What intake needs of a node."""

    async def partner_trial(self, stream: str) -> Trial | None:
        """The trial of the stream as this node knows it."""
        ...

    async def receive(self, stream: str, received: Received, command: Callable[[Any], Command]) -> Event | None:
        """Keeps the document and executes the command made from its source; see `Node.receive`."""
        ...

    async def order(self, stream: str, command: Command) -> Event | None:
        """Executes a command as the operator, under a fresh key."""
        ...


def stream_of(home: Home) -> str:
    """The stream of a partner's registration: the same for the same number, whoever imports it."""
    return f"trial/{uuid5(NAMESPACE, f'{home.registry}:{home.number}')}"


class Intake:
    """Takes studies in, several at a time, so that their appends share commits."""

    def __init__(self, desk: Desk, media_type: str, adopt_for: str | None, at_once: int = 32):
        self._desk, self._media_type, self._adopt_for = desk, media_type, adopt_for
        self._slots = asyncio.Semaphore(at_once)
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self.summary = Summary()

    async def take_all(self, studies: Iterable[Study | Refusal], progress: Callable[[], None]) -> Summary:
        """Takes all, calling `progress` after each. Raises what stops the whole: an unknown outcome, a lost log."""
        async with asyncio.TaskGroup() as tasks:
            for study in studies:
                if isinstance(study, Refusal):
                    self.summary.refuse(study)
                    progress()
                    continue
                await self._slots.acquire()
                stream = stream_of(study.home)
                # The same number twice in one file: in the order given, or the older version could win.
                task = tasks.create_task(self._in_turn(study, self._under_way.get(stream), progress))
                self._under_way[stream] = task
        return self.summary

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
            fate = await self._import(study)
            await self._adopt(study)
        except (Rejection, MessageTooLarge) as refusal:
            self.summary.refuse(Refusal(study.place, study.home.number, str(refusal)))
        else:
            self.summary.fates[fate] += 1

    async def _import(self, study: Study) -> Fate:
        stream = stream_of(study.home)
        received = Received(study.home.registry, study.raw, self._media_type, study.retrieved)
        known = await self._desk.partner_trial(stream)
        if known is not None and known.partner is not None and known.partner.digest == received.digest:
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

    async def _adopt(self, study: Study) -> None:
        stream = stream_of(study.home)
        if self._adopt_for is None:
            return
        trial = await self._desk.partner_trial(stream)
        if trial is not None and trial.home is not None:
            try:
                await self._desk.order(stream, AdoptTrial(owner=self._adopt_for))
            except Rejection:
                # Another import adopted it in between: it is here, under one number, as was wanted.
                return
            self.summary.adopted += 1
            self.summary.events += 1
