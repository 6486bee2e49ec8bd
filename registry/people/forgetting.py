"""Keys destroyed as the log asks for it: of persons who are forgotten, and of texts that are taken back."""

import asyncio
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from events.admission import Judged
from events.sealing import OwnerKind
from events.streams import Stream
from events.vault import OtherKind, Vault
from registry.engine.heads import Heads
from registry.people.destructions import ASKED_BY

log = structlog.get_logger()
CLEARING_AGAIN: Final = 60.0
"""Seconds."""


class Forgetting:
    """Destroys keys as the events that ask for it come by: on every node, after any crash, harmlessly repeated."""

    def __init__(self, heads: Heads, vault: Vault):
        self._vault = vault
        self._due: asyncio.Queue[tuple[OwnerKind, str] | None] = asyncio.Queue()
        """Whose keys to destroy; None asks to clear away what is left of those that were."""
        self.trouble = ""
        for kind in ASKED_BY:
            heads.watch(kind.value, partial(self._note, kind))

    def _note(self, kind: OwnerKind, stream: str, judged: Judged) -> None:
        # Known by its name alone: a body that can't be read hides no request, and another event destroys nothing.
        if dict(judged.message.headers).get("ce_type") != ASKED_BY[kind].encode():
            raise TypeError("this is no event that is known here to destroy a key")
        name = Stream(stream).id
        try:
            self._due.put_nowait((kind, str(UUID(name))))
        except ValueError:
            log.error("forgetting_nobody", reason="the stream names nobody's id")

    async def run(self) -> None:
        """Destroys what is due until cancelled; a vault that is away is asked again."""
        # What a node left that ended between a destruction and the clearing.
        self._due.put_nowait(None)
        while True:
            due = await self._due.get()
            if due is not None:
                await self._destroy(*due)
            if self._due.empty():
                await self._clear_away()

    async def _destroy(self, kind: OwnerKind, owner: str) -> None:
        try:
            destroyed = await self._vault.destroy(kind, owner)
        except OtherKind as fault:
            log.error("forgetting_refused", owner=owner, reason=str(fault))
        except Exception as fault:
            self.trouble = "keys of persons to be forgotten, or of texts taken back, can't be destroyed"
            log.warning("forgetting_delayed", kind=type(fault).__name__)
            self._due.put_nowait((kind, owner))
            await asyncio.sleep(1)
        else:
            self.trouble = ""
            if destroyed:
                log.info("key_destroyed", owner=owner)

    async def _clear_away(self) -> None:
        try:
            if await self._vault.clear_away():
                return
        except Exception as fault:
            log.warning("clearing_delayed", kind=type(fault).__name__)
        asyncio.get_running_loop().call_later(CLEARING_AGAIN, self._due.put_nowait, None)
