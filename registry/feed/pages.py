"""Pages of changes: read from the views once, and made into entries once for all askers who may see the same."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import structlog

from events.canonical import to_json
from events.sealing import owners_in
from events.vault import Vault
from projections.base.moments import Moment
from projections.reading import Views
from projections.trial.document import Document, evolve
from projections.views.history.project import Change
from registry.domain.permissions import Actor
from registry.feed import cursor
from registry.feed.entry import Known, closed_entry_of, entry_of, id_of, needs_whole, trial_of

log = structlog.get_logger()

ROWS: Final = 200
"""Changes of a page."""
BYTES: Final = 500_000
"""Bytes of changes, as stored, after which a page ends."""
BREATH: Final = 20
"""Entries that are made before others on the loop get their turn."""


class Entry(NamedTuple):
    """An entry as JSON on one line, and the place after it as a token."""

    cursor: str
    line: bytes


@dataclass(slots=True)
class Page:
    """What changed from the next offsets `low` up to `end`; `more` where the page was full before the end asked for.

    `known` is what its changes need to be shown.
    """

    log: str
    low: Mapping[int, int]
    end: Mapping[int, int]
    more: bool
    changes: Sequence[Change]
    known: Known
    _made: dict[Actor, "asyncio.Task[list[Entry]]"]

    async def entries(self, asker: Actor) -> list[Entry]:
        """What the asker gets. Askers who may see the same share the work."""
        alike = replace(asker, token="")
        if alike not in self._made:
            self._made[alike] = asyncio.create_task(self._make(alike))
        # One who leaves while it is made takes nothing from the others.
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
        """The first page of what changed from `low` up to `high`."""
        read = await self._views.changes(low, high, ROWS, BYTES)
        return Page(self._log, low, read.end, read.more, read.changes, await self._known(read.changes), {})

    async def _known(self, changes: Sequence[Change]) -> Known:
        if not changes:
            return Known({}, {}, {})
        now = await self._views.documents_of({change.event.record.subject for change in changes})
        wholes = dict([whole async for whole in self._wholes(changes)])
        sealed = [*wholes.values(), *([change.changes, change.event.record.data.get("reason")] for change in changes)]
        return Known(wholes, now, await self._vault.keys(set(owners_in(sealed))))

    async def _wholes(self, changes: Sequence[Change]) -> AsyncIterator[tuple[str, Document]]:
        for change in changes:
            if change.before is None:
                yield id_of(change), evolve(None, change.event)
            elif needs_whole(change):
                moment = Moment(position=change.event.position)
                if (document := await self._views.document(trial_of(change), moment)) is not None:
                    yield id_of(change), document


def _entry(change: Change, asker: Actor, known: Known) -> dict[str, Any] | None:
    """The asker's entry; where it can't be made, one that says so: one change never keeps the others back."""
    try:
        return entry_of(change, asker, known)
    except Exception as fault:
        log.error("change_unreadable", position=str(change.event.position), kind=type(fault).__name__)
        return closed_entry_of(change, asker, known)
