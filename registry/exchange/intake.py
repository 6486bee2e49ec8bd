"""Taking in partners' registrations: each one whole or not at all, and a receipt that adds up."""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Final, TypeAlias, TypeVar
from uuid import UUID

from events.catalogue import NAMES
from events.event import Event
from events.port import MessageTooLarge
from events.schemas.exchange import ImportFinished, Refusal
from events.schemas.registration import Source
from events.schemas.trial import OlderVersionKept, TrialImported
from events.stopping import all_of, stop
from events.streams import Stream
from registry.domain.decider import Command, Rejection
from registry.domain.exchange.decider import FinishImport, RefuseRecords
from registry.domain.trial.commands import AdoptTrial, IdentifyTrial, ImportTrial, RestoreTrial
from registry.domain.trial.state import SourceView, Trial
from registry.domain.trial.versions import is_named
from registry.engine.states import NotInTime, StreamHeld
from registry.exchange.desk import Desk
from registry.exchange.fates import REFUSALS_TOLD, Carried, Fate, Outcome, Summary, refusal
from registry.exchange.placing import FormerNumbers, formerly
from registry.exchange.raw import Receiving
from registry.exchange.received import Study

T = TypeVar("T")
Batch: TypeAlias = Mapping[str, Study]
"""Studies of different trials, each by its stream."""
BATCH: Final = 64
BATCH_BYTES: Final = 4_000_000
"""The most studies, and bytes of studies, that are taken in together."""
AT_ONCE: Final = 2
"""Batches under way: while the log writes one, the next is prepared."""
REFUSALS_IN_EVENT: Final = 40
"""As many as one record of the log holds, whatever they say: 40 of 4,700 characters of four bytes."""
_FATES: Final[Mapping[str, Fate]] = {NAMES[TrialImported]: Fate.NEW, NAMES[OlderVersionKept]: Fate.OLDER}
"""Fates by the type of the event; any other type changed an existing trial."""


class Intake:
    """Takes in studies by batches, so that they share round trips and commits. One intake is one import."""

    def __init__(
        self,
        desk: Desk,
        *,
        adopt: bool,
        owner: str,
        import_id: UUID,
        on_outcome: Callable[[Outcome], None] = lambda _: None,
    ):
        """`on_outcome` is called with the outcome of each record as soon as it is known."""
        self._desk, self._adopt, self._owner, self._on_outcome = desk, adopt, owner, on_outcome
        self._stream = Stream.of("import", import_id)
        self._unrecorded: list[Refusal] = []
        self._former: FormerNumbers | None = None
        self._before_now: dict[str, frozenset[str]] = {}
        """For trials that are being taken in, the earlier streams of their former numbers."""
        self.summary = Summary()

    async def take_all(self, studies: AsyncIterable[Study | Refusal], progress: Callable[[int], None]) -> None:
        """Takes all; `progress` gets how many more are done. Raises what stops the import, such as a lost log."""
        under_way: deque[tuple[Batch, asyncio.Task[None]]] = deque()
        try:
            async for batch in self._batches(studies, progress):
                # Two versions of a trial must keep their order, or the older one could win.
                while len(under_way) == AT_ONCE or any(not batch.keys().isdisjoint(other) for other, _ in under_way):
                    await under_way[0][1]
                    under_way.popleft()
                under_way.append((batch, asyncio.create_task(self._take(batch, progress))))
            for _, taking in under_way:
                await taking
        finally:
            await stop(taking for _, taking in under_way)

    async def _batches(
        self, studies: AsyncIterable[Study | Refusal], progress: Callable[[int], None]
    ) -> AsyncIterator[Batch]:
        """Batches of studies of different trials, in the input's order. The reader's refusals are counted here."""
        batch: dict[str, Study] = {}
        async for study_or_refusal in studies:
            if isinstance(study_or_refusal, Refusal):
                self._refuse(study_or_refusal)
                progress(1)
                continue
            stream, study = await self._place(study_or_refusal)
            if stream in batch or len(batch) == BATCH or _size(batch) > BATCH_BYTES:
                yield batch
                batch = {}
            batch[stream] = study
        yield batch

    async def _place(self, study: Study) -> tuple[str, Study]:
        """The stream that the study belongs to, and the study as its trial takes it."""
        if self._former is None:
            # The results of an earlier import must be visible, unless the views stand still.
            with suppress(NotInTime):
                await self._desk.until_caught_up(lambda _: None)
            self._former = FormerNumbers(await self._desk.former_numbers())
        return self._former.place(study)

    async def finish(self, source: str, files: Iterable[str], values: Carried) -> ImportFinished:
        """Writes the receipt. An interrupted import has none: its records are whole, and it can be run again."""
        while self._unrecorded:
            await self._record_refusals()
        receipt = self.summary.receipt(source, files, values)
        await self._order(self._stream, FinishImport(receipt=receipt))
        return receipt

    def _refuse(self, refusal: Refusal) -> None:
        self.summary.fates[Fate.REFUSED] += 1
        self._on_outcome(Outcome(refusal.place, refusal.identifier, None, Fate.REFUSED, refusal.reason))
        self._unrecorded.append(refusal)
        if len(self.summary.refusals) < REFUSALS_TOLD:
            self.summary.refusals.append(refusal)

    async def _record_refusals(self) -> None:
        recorded, self._unrecorded = self._unrecorded[:REFUSALS_IN_EVENT], self._unrecorded[REFUSALS_IN_EVENT:]
        await self._order(self._stream, RefuseRecords(refusals=tuple(recorded)))

    async def _trial(self, stream: str) -> Trial | None:
        return await self._patiently(lambda: self._desk.partner_trial(stream))

    async def _order(self, stream: str, command: Command) -> None:
        await self._patiently(lambda: self._desk.order(stream, command))

    async def _take(self, batch: Batch, progress: Callable[[int], None]) -> None:
        """Takes studies of different trials in. A study that can't be taken is refused alone."""
        fates = await all_of(self._before(stream, study) for stream, study in batch.items())
        open_ = {stream: study for (stream, study), fate in zip(batch.items(), fates, strict=True) if fate is None}
        outcomes = await self._outcomes(open_)
        await all_of(self._after(stream, open_[stream], outcome) for stream, outcome in outcomes.items())
        while len(self._unrecorded) >= REFUSALS_IN_EVENT:
            await self._record_refusals()
        progress(len(batch))

    async def _outcomes(self, open_: Batch) -> dict[str, Event | Exception | None]:
        """The outcome of each received study; those that timed out are received again."""
        outcomes: dict[str, Event | Exception | None] = {}
        while unanswered := {stream: study for stream, study in open_.items() if stream not in outcomes}:
            received = await self._desk.receive_all([_receiving(stream, study) for stream, study in unanswered.items()])
            latest = dict(zip(unanswered, received, strict=True))
            outcomes |= {stream: one for stream, one in latest.items() if not isinstance(one, NotInTime)}
            if len(outcomes) < len(open_):
                await self._desk.until_caught_up(lambda _: None)
        return outcomes

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        """The result of the work, which is repeated once the views have caught up if a state did not load in time.

        The views follow an import: a state that left the cache has to be read from them, and they may be far behind.
        """
        while True:
            try:
                return await work()
            except NotInTime:
                await self._desk.until_caught_up(lambda _: None)

    async def _before(self, stream: str, study: Study) -> Fate | None:
        """The fate of a study that needs no event; None if it has to be received."""
        try:
            known = await self._trial(stream)
            fate = await self._ours(stream, study, known) if study.home.registry == self._desk.name else None
        except (Rejection, StreamHeld) as refusal:
            self._refuse(_refusal(study, refusal))
            return Fate.REFUSED
        source_view = known.sources.get(study.received.key) if known is not None else None
        if source_view is not None and (before := formerly(study, source_view.whole["registration"])):
            self._before_now[stream] = before
        if fate is None and source_view is not None and (fate := _known(study, source_view)) is not None:
            await self._make_ours(stream, study)
            await self._identify(stream, study)
        if fate is not None:
            self._count(stream, study, fate)
        return fate

    def _count(self, stream: str, study: Study, fate: Fate) -> None:
        self.summary.fates[fate] += 1
        self._on_outcome(Outcome(study.place, study.home.number, Stream(stream).id, fate))

    async def _ours(self, stream: str, study: Study, known: Trial | None) -> Fate | None:
        """For our own registration from our own export: an existing trial stays as it is, another gets its number."""
        if known is not None and known.home is None:
            return Fate.UNCHANGED
        if await self._desk.trial_by_number(study.home.number) not in (None, stream):
            return Fate.UNCHANGED
        await self._patiently(lambda: self._desk.set_aside(study.home.number))
        return None

    async def _after(self, stream: str, study: Study, outcome: Event | Exception | None) -> None:
        match outcome:
            case Rejection() | MessageTooLarge() | StreamHeld():
                self._refuse(_refusal(study, outcome))
                return
            case Exception():
                raise outcome
            case None:
                fate = Fate.UNCHANGED
            case Event():
                self.summary.events += 1
                fate = _FATES.get(outcome.record.type, Fate.CHANGED)
        self._count(stream, study, fate)
        await self._make_ours(stream, study)
        await self._identify(stream, study)

    async def _identify(self, stream: str, study: Study) -> None:
        """Links records that came under former numbers, before these were known, to their trial, or unlinks them."""
        was, trial = self._before_now.pop(stream, frozenset()), Stream(stream).id
        if not was and not formerly(study, study.content["registration"]):
            return
        state = await self._trial(stream)
        source_view = state.sources.get(study.received.key) if state else None
        if state is None or source_view is None or state.same_as is not None:
            return
        now = formerly(study, source_view.whole["registration"])
        for other in sorted(was | now):
            known = await self._trial(other)
            if known is None or known.home is None or known.same_as not in (None, trial):
                continue
            disputed = self._former is not None and self._former.is_disputed(known.home)
            same = trial if other in now and not disputed else None
            if known.same_as == same:
                continue
            with suppress(Rejection, StreamHeld):
                await self._order(other, IdentifyTrial(registry=study.home.registry, same_as=same))
                self.summary.events += 1

    async def _make_ours(self, stream: str, study: Study) -> None:
        """Restores a trial of ours, and adopts one that is to be ours; once is enough, on any node."""
        restoring = study.home.registry == self._desk.name
        if not (restoring or self._adopt):
            return
        try:
            trial = await self._trial(stream)
            if trial is None or trial.home is None:
                return
            await self._order(stream, (RestoreTrial if restoring else AdoptTrial)(owner=self._owner))
        except StreamHeld:
            return
        except Rejection:
            # Another import did it meanwhile: the trial is here under one number, as intended.
            return
        self.summary.restored += restoring
        self.summary.adopted += not restoring
        self.summary.events += 1


def _known(study: Study, source_view: SourceView) -> Fate | None:
    """The fate of a version that events already name; None for a new one."""
    if not is_named(study.received.source(), source_view):
        return None
    return Fate.UNCHANGED if source_view.digest == study.received.digest else Fate.OLDER


def _size(batch: Batch) -> int:
    return sum(study.received.size for study in batch.values())


def _receiving(stream: str, study: Study) -> Receiving:
    def command(source: Source) -> ImportTrial:
        return ImportTrial.model_validate({"home": study.home, **study.content, "source": source})

    return Receiving(stream, study.received, command)


def _refusal(study: Study, why: Exception) -> Refusal:
    return refusal(study.place, study.home.number, str(why))
