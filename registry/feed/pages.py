"""Pages of changes: read from the views once, and made into entries once for all readers with the same rights."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import psycopg
import structlog

from events.canonical import to_json
from events.sealing import owners_in
from events.vault import Vault, keys_apart
from projections.base.moments import Moment
from projections.reading import Views
from projections.trial.document import Document, evolve
from projections.views.history.project import Change
from projections.views.history.store import after
from registry.domain.permissions import Actor
from registry.feed import cursor
from registry.feed.entry import CATEGORY, Known, Now, closed_entry_of, entry_of, id_of, needs_whole, trial_of

log = structlog.get_logger()

ROWS: Final = 200
"""Changes of a page."""
BYTES: Final = 500_000
"""Bytes of changes, as JSON, after which a page ends, and likewise of the documents that come whole with them."""
AT_ONCE: Final = 20
"""Documents that are read at a time: none of them is kept."""
BREATH: Final = 20
"""Entries that are made before other tasks on the loop get their turn."""


class Entry(NamedTuple):
    """An entry as JSON on one line, and the place after it as a token."""

    cursor: str
    line: bytes


@dataclass(slots=True)
class Page:
    """The changes from the next offsets `low` up to `end`; `more` if the page was full before the requested end.

    `known` is the data needed to show them.
    """

    log: str
    low: Mapping[int, int]
    end: Mapping[int, int]
    more: bool
    changes: Sequence[Change]
    known: Known
    _made: dict[Actor, "asyncio.Task[list[Entry]]"]

    async def entries(self, asker: Actor) -> list[Entry]:
        """The entries for a reader. Readers with the same rights share the work."""
        alike = replace(asker, token="")
        if alike not in self._made:
            self._made[alike] = asyncio.create_task(self._make(alike))
        # A reader who leaves meanwhile must not end the work for the others.
        return await asyncio.shield(self._made[alike])

    async def _make(self, asker: Actor) -> list[Entry]:
        made: list[Entry] = []
        place = dict(self.low)
        for number, change in enumerate(self.changes, 1):
            position = change.event.position
            place[position.partition] = position.offset + 1
            if (entry := _entry(change, asker, self.known)) is not None:
                token = cursor.encode(self.log, place)
                made.append(Entry(token, to_json({**entry, "cursor": token})))
            if number % BREATH == 0:
                await asyncio.sleep(0)
        return made


class Pages:
    """Reads pages from the views and the vault. Raises psycopg.OperationalError where the database is away."""

    def __init__(self, views: Views, vault: Vault, log: str) -> None:
        self._views, self._vault, self._log = views, vault, log

    async def read(self, low: Mapping[int, int], high: Mapping[int, int]) -> Page:
        """The first page of the changes from `low` up to `high`."""
        read = await self._views.changes(CATEGORY, low, high, ROWS, BYTES)
        wholes, taken = await self._wholes(read.changes)
        changes = read.changes[:taken]
        known = await self._known(changes, wholes)
        if taken == len(read.changes):
            return Page(self._log, low, read.end, read.more, changes, known, {})
        return Page(self._log, low, after(changes, low), True, changes, known, {})

    async def _wholes(self, changes: Sequence[Change]) -> tuple[dict[str, Document], int]:
        """The documents that come whole, by id of the change; and how many of the changes fit into a page's bytes."""
        wholes: dict[str, Document] = {}
        size = 0
        for number, change in enumerate(changes):
            if size > BYTES:
                return wholes, number
            if needs_whole(change) and (document := await self._whole(change)) is not None:
                wholes[id_of(change)] = document
                size += len(to_json(document))
        return wholes, len(changes)

    async def _whole(self, change: Change) -> Document | None:
        """The document after the change; None if this program can't make it."""
        try:
            if change.before is None:
                return evolve(None, change.event)
            return await self._views.document(trial_of(change), Moment(position=change.event.position))
        except psycopg.Error:
            raise
        except Exception as fault:
            _unreadable(change, fault)
            return None

    async def _known(self, changes: Sequence[Change], wholes: Mapping[str, Document]) -> Known:
        if not changes:
            return Known({}, {}, {})
        sealed = [*wholes.values(), *([change.changes, change.event.record.data.get("reason")] for change in changes)]
        now = await self._now(changes)
        keys, changed = await keys_apart(self._vault, owners_in(sealed))
        return Known(wholes, now, keys, changed)

    async def _now(self, changes: Sequence[Change]) -> dict[str, Now]:
        streams = sorted({change.event.record.subject for change in changes})
        now: dict[str, Now] = {}
        for begin in range(0, len(streams), AT_ONCE):
            documents = await self._views.documents_of(streams[begin : begin + AT_ONCE])
            now |= {stream: Now.of(document) for stream, document in documents.items()}
        return now


def _entry(change: Change, asker: Actor, known: Known) -> dict[str, Any] | None:
    """The reader's entry; if it can't be made, one that says so: one change never holds up the others."""
    try:
        return entry_of(change, asker, known)
    except Exception as fault:
        _unreadable(change, fault)
        return closed_entry_of(change, asker, known)


def _unreadable(change: Change, fault: Exception) -> None:
    log.error("change_unreadable", position=str(change.event.position), kind=type(fault).__name__)
