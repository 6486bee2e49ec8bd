"""Folds a partition of events as every reader does, notes contradictions, and goes on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pydantic import ValidationError

from events.admission import NO_HEAD, Accepted, Head, IntegrityAlarm, Proposal, admit, advance, proposal_of
from events.catalogue import payload_of, understood
from events.origin import Origin
from events.partitions import partition_of
from events.port import Topic
from events.record import MalformedRecord, Message, Position, Record, Stored, decode
from registry.checking.findings import Findings, Kind
from registry.checking.notes import Notes

EVENTS: Final = "events"
NO_EFFECT: Final = "records without effect"
"""Retries, and records that lost a race: admission refuses them, as it must."""
NO_RECORDS: Final = "messages that are no records"
NOT_UNDERSTOOD: Final = "events of a later program"


@dataclass(slots=True)
class Fold:
    """One partition. `origin`: the log's origin; None if unknown."""

    topic: Topic
    partition: int
    origin: Origin | None
    notes: Notes
    findings: Findings
    heads: dict[str, Head] = field(default_factory=dict)

    def take(self, stored: Stored, body: bytes | None) -> Record | None:
        """The message as an event, if it can be read as one. `body`: its body, if the message only names it."""
        proposal = proposal_of(stored.message)
        if proposal is None:
            self.findings.counts[NO_RECORDS] += 1
            return None
        if not self._counts(proposal, stored):
            self.findings.counts[NO_EFFECT] += 1
            return None
        self.findings.counts[EVENTS] += 1
        if not self.notes.first_time(proposal.subject, proposal.id.bytes):
            self.findings.fault(Kind.REPEATED, stored.position, f"{proposal.id} is the id of an earlier event, too")
        if partition_of(proposal.subject, self.topic.partitions) != self.partition:
            self.findings.fault(Kind.PARTITION, stored.position, "the stream of this event is in another partition")
        message = stored.message if body is None else replace(stored.message, value=body)
        return self._read(message, stored.position)

    def _counts(self, proposal: Proposal, stored: Stored) -> bool:
        """Whether the record is an event; after a contradiction the stream continues from the record's own version."""
        head = self.heads.get(proposal.subject, NO_HEAD)
        try:
            verdict = admit(head, proposal)
        except IntegrityAlarm as alarm:
            self.findings.fault(Kind.ORDER, stored.position, str(alarm))
            head, verdict = head._replace(version=proposal.expectedversion), Accepted(proposal.expectedversion + 1)
        if not isinstance(verdict, Accepted):
            return False
        self.heads[proposal.subject] = advance(head, proposal.id, stored.message.digest, stored.position.offset)
        return True

    def _read(self, message: Message, at: Position) -> Record | None:
        try:
            record = decode(message)
        except MalformedRecord as fault:
            self.findings.fault(Kind.UNREADABLE, at, str(fault))
            return None
        if self.origin is not None and record.origin != self.origin:
            self.findings.fault(Kind.ORIGIN, at, f"the event belongs to the log {record.origin.log}")
        if not understood(record):
            self.findings.counts[NOT_UNDERSTOOD] += 1
            return record
        try:
            payload_of(record)
        except ValidationError as fault:
            # Only the place: the value may be a person's name.
            fields = ", ".join(sorted({".".join(map(str, one["loc"])) for one in fault.errors()}))
            self.findings.fault(Kind.UNREADABLE, at, f"{record.type} has another form than its type: {fields}"[:500])
        return record


def document_in(data: Mapping[str, Any]) -> str | None:
    """The SHA-256 of the partner's document that an event's data names."""
    source = data.get("source")
    document = source.get("document") if isinstance(source, dict) else None
    return document if isinstance(document, str) else None
