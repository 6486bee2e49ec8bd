"""The check of a log from its first record to its end, partition by partition, so that memory stays bounded."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, field
from typing import Final

from events import founding, sealing
from events.bodies import bodies_of
from events.origin import Origin
from events.port import EventLog, LogMisconfigured, LogTruncated, Topic
from events.record import Position, Record, Stored
from events.vault import Vault, keys_apart
from registry.checking.documents import DocumentsCheck
from registry.checking.findings import Findings, Kind
from registry.checking.folding import EVENTS, NO_EFFECT, NO_RECORDS, NOT_UNDERSTOOD, Fold, document_in
from registry.checking.notes import Notes
from registry.checking.reading import Reader
from registry.people.destructions import between, destruction

RECORDS: Final = "records"
DESTROYED: Final = "keys destroyed by events"
AT_ONCE: Final = 1_000
"""Owners whose keys are looked up at a time."""
Ends = Mapping[int, int]


async def check(
    log: EventLog,
    vault: Vault,
    topics: Sequence[Topic],
    *,
    patience: float,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Findings:
    """The contents and faults of the log up to its present end; writes nothing into it.

    `topics`: events, documents. `progress` gets the number of messages read, and of all. Nodes may go on
    working meanwhile. Raises LogUnavailable, OSError of a full disk.
    """
    with closing(Notes()) as notes:
        findings = Findings()
        for name in (RECORDS, EVENTS, NO_EFFECT, NO_RECORDS, NOT_UNDERSTOOD, DESTROYED):
            findings.counts[name] = 0
        return await _Check(log, vault, topics, Reader(log, findings, patience), notes, findings, progress).run()


@dataclass(slots=True)
class _Check:
    log: EventLog
    vault: Vault
    topics: Sequence[Topic]
    reader: Reader
    notes: Notes
    findings: Findings
    progress: Callable[[int, int], None]
    total: int = 0
    done: int = 0
    origin: Origin | None = field(default=None)

    async def run(self) -> Findings:
        events, documents = self.topics
        # The end of the events is taken first: the documents that they name were stored before them.
        ends = await self.log.ends(events)
        document_ends = await self.log.ends(documents)
        self.total = sum(ends.values()) + sum(document_ends.values())
        await self._founding(events)
        for partition in range(events.partitions):
            await self._events(events, partition, ends.get(partition, 0))
        checked = DocumentsCheck(self.vault, self.notes, self.findings)
        for partition in range(documents.partitions):
            end = document_ends.get(partition, 0)
            async with aclosing(self.reader.partition(documents, partition, end)) as batches:
                async for batch in batches:
                    for stored in batch:
                        await checked.take(stored)
                    self._read(batch)
        await self._destroyed_since(events, ends)
        await self._report_keys()
        checked.report()
        return self.findings

    def _read(self, batch: Sequence[Stored]) -> None:
        self.findings.counts[RECORDS] += len(batch)
        self.done += len(batch)
        self.progress(self.done, self.total)

    async def _founding(self, events: Topic) -> None:
        try:
            self.origin = (await founding.read(self.log, events)).origin
        except (LogMisconfigured, LogTruncated) as fault:
            self.findings.fault(Kind.FOUNDING, events.name, str(fault))

    async def _events(self, topic: Topic, partition: int, end: int) -> None:
        self.notes.begin_partition()
        fold = Fold(topic, partition, self.origin, self.notes, self.findings)
        async with aclosing(self.reader.partition(topic, partition, end)) as batches:
            async for batch in batches:
                bodies = await self._bodies(topic, batch)
                taken = [(stored, fold.take(stored, bodies.get(stored.position))) for stored in batch]
                await self._sealed([(stored, record) for stored, record in taken if record is not None])
                self._read(batch)

    async def _bodies(self, topic: Topic, batch: Sequence[Stored]) -> Mapping[Position, bytes]:
        try:
            return await bodies_of(self.log, topic, batch)
        except LogTruncated:
            # The gap is noted where the documents topic is read; here the event is without its body.
            return {}

    async def _sealed(self, events: Sequence[tuple[Stored, Record]]) -> None:
        """Opens what the events seal; notes keys that are missing, keys that they destroy, documents that they name."""
        named = {owner for _, record in events for owner in sealing.owners_in(record.data)}
        keys, broken = await keys_apart(self.vault, named)
        for stored, record in events:
            owners = set(sealing.owners_in(record.data))
            self.notes.seal(owners, record.subject)
            for owner in owners - keys.keys() - broken:
                self.notes.miss(owner, str(stored.position))
            for owner in sorted(owners & broken):
                self.findings.fault(Kind.KEY_WRONG, stored.position, f"the key of {owner} was changed in the vault")
            try:
                sealing.opened(record.data, record.subject, keys)
            except (AttributeError, TypeError, ValueError):
                self.findings.fault(Kind.KEY_WRONG, stored.position, "what is sealed does not open under its key")
            if (document := document_in(record.data)) is not None:
                self.notes.name(document, record.subject, str(stored.position))
            if (destroyed := destruction(record.subject, record.type)) is not None:
                self.findings.counts[DESTROYED] += 1
                self.notes.destroy(destroyed.owner)

    async def _destroyed_since(self, topic: Topic, ends: Ends) -> None:
        """Notes the keys destroyed while the check ran: the event comes first, then the key is destroyed."""
        async for destroyed in between(self.log, topic, ends, await self.log.ends(topic)):
            self.notes.destroy(destroyed.owner)

    async def _report_keys(self) -> None:
        for owner, at in self.notes.unexplained():
            detail = f"what is sealed for {owner} can't be opened: its key is not there, and no event destroyed it"
            self.findings.fault(Kind.KEY_MISSING, at, detail)
        for owners in self.notes.destroyed(AT_ONCE):
            for owner in await self.vault.kinds(owners):
                detail = "an event destroyed this key, and it is there; a node that starts destroys it"
                self.findings.fault(Kind.KEY_LEFT, owner, detail)
