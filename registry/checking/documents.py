"""Reads the whole documents topic: each document that an event names is there, opens, and has its SHA-256."""

import hashlib
import zlib
from dataclasses import dataclass
from typing import Final

from events import sealing
from events.record import Stored
from events.vault import Vault
from registry.checking.findings import Findings, Kind
from registry.checking.notes import Notes
from registry.exchange.raw import part_of
from registry.exchange.received import unpacked

DOCUMENTS: Final = "documents"
DESTROYED: Final = "documents whose key was destroyed"
UNNAMED: Final = "parts of bodies, and other messages that are not documents"
WHOLE, DAMAGED, CLOSED = "whole", "damaged", "closed"


@dataclass(frozen=True, slots=True)
class DocumentsCheck:
    """Takes the messages of the topic in their order, then reports what is missing."""

    vault: Vault
    notes: Notes
    findings: Findings

    async def take(self, stored: Stored) -> None:
        """Takes a part of a document; after the last part of a sealing, the document is opened."""
        part = part_of(stored.position, stored.message)
        if part is None:
            self.findings.counts[UNNAMED] += 1
            return
        piece: bytes | None = stored.message.value
        if part.parts > 1:
            piece = self.notes.part(part.document, part.whole, part.part, stored.message.value, part.parts)
        if piece is not None:
            self.notes.find(part.document, await self._state(part.document, part.whole, piece))

    async def _state(self, document: str, whole: str, sealed: bytes) -> str:
        if hashlib.sha256(sealed).hexdigest() != whole:
            return DAMAGED
        try:
            key = await self.vault.existing_document_key(document)
            if key is None:
                return CLOSED
            raw = unpacked(sealing.unseal_bytes(key, bytes.fromhex(document), sealed), document)
        except (sealing.Tampered, zlib.error):
            return DAMAGED
        return DAMAGED if raw is None else WHOLE

    def report(self) -> None:
        """Notes the documents named by events that are missing or damaged. Called last, once all owners are known."""
        for document, at, state, explained in self.notes.documents():
            match state:
                case "whole":
                    self.findings.counts[DOCUMENTS] += 1
                case "closed" if explained:
                    self.findings.counts[DESTROYED] += 1
                case "closed":
                    detail = f"the key of document {document} is not there, and no event destroyed it"
                    self.findings.fault(Kind.DOCUMENT_KEY, at, detail)
                case "damaged":
                    detail = f"document {document} does not open, or does not have its SHA-256"
                    self.findings.fault(Kind.DOCUMENT_DAMAGED, at, detail)
                case _:
                    detail = f"document {document} is not in the log, or not all of its parts"
                    self.findings.fault(Kind.DOCUMENT_MISSING, at, detail)
