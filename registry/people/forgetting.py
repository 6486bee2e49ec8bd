"""Keys destroyed as the log asks for it: of persons who are forgotten, and of texts that are taken back."""

import asyncio
from contextlib import aclosing
from functools import partial
from typing import Any, Final

import structlog

from events.admission import Accepted, Judged
from events.follower_port import Store
from events.following import Following, Leading
from events.port import EventLog
from events.sealing import OwnerKind
from events.starting import Begin, from_the_beginning
from events.stopping import stop
from events.vault import OtherKind, Vault
from registry.engine.heads import Heads
from registry.engine.hearing import Hearing
from registry.people.destructions import ASKED_BY, Destruction, asked_in

log = structlog.get_logger()
NAME: Final = "forgetting"
"""Its name as a follower of the log."""
FAILING: Final = "keys of persons to be forgotten, or of texts taken back, can't be destroyed"
CLEARING_AGAIN: Final = 60.0
"""Seconds."""
CATEGORIES: Final = tuple(f"{kind.value}/" for kind in ASKED_BY)


class Forgetting:
    """Destroys keys as events ask for it: on one node at a time, after any crash; to repeat it does no harm."""

    def __init__(
        self,
        heads: Heads,
        events: EventLog,
        vault: Vault,
        store: Store[Any],
        begin: Begin = from_the_beginning,
    ):
        """`store`: the store of the marks; up to them, every requested destruction is done."""
        self._vault = vault
        self._uncleared = asyncio.Event()
        self._following = Following(store, Hearing(heads, events, _asks, begin), self._lead, failing=FAILING)
        for kind in ASKED_BY:
            heads.watch(kind.value, partial(_refuse_others, kind), memory=None)

    @property
    def trouble(self) -> str:
        """The failure that it is retrying; empty if all is well."""
        return self._following.trouble

    async def run(self) -> None:
        """Destroys keys as they fall due, until cancelled; retries if the vault is away. Raises as `Following.run`."""
        await self._following.run()

    async def _lead(self, leading: Leading[Any]) -> None:
        # Remains of a node that ended between a destruction and the clearing.
        self._uncleared.set()
        clearing = asyncio.create_task(self._keep_clear())
        try:
            async with aclosing(leading.batches()) as batches:
                async for batch in batches:
                    for judged in batch.judged:
                        await self._destroy(asked_in(judged.message))
                    # Destroyed first, marked after: if we crash here, it is destroyed again.
                    async with leading.past(batch):
                        pass
                    if batch.judged:  # not necessarily by us: the office's command destroys the key itself
                        self._uncleared.set()
        finally:
            await stop([clearing])

    async def _destroy(self, destruction: Destruction | None) -> None:
        if destruction is None:
            return
        try:
            if await self._vault.destroy(destruction.kind, destruction.owner):
                log.info("key_destroyed", owner=destruction.owner)
        except OtherKind as fault:
            log.error("forgetting_refused", owner=destruction.owner, reason=str(fault))

    async def _keep_clear(self) -> None:
        while True:
            await self._uncleared.wait()
            self._uncleared.clear()
            try:
                if await self._vault.clear_away():
                    continue
            except Exception as fault:
                log.warning("clearing_delayed", kind=type(fault).__name__)
            asyncio.get_running_loop().call_later(CLEARING_AGAIN, self._uncleared.set)


def _asks(judged: Judged) -> bool:
    """Whether the record asks for a key to be destroyed, by its headers alone: an unreadable body hides nothing."""
    return (
        isinstance(judged.verdict, Accepted)
        and judged.proposal is not None
        and judged.proposal.subject.startswith(CATEGORIES)
        and asked_in(judged.message) is not None
    )


def _refuse_others(kind: OwnerKind, _: str, judged: Judged) -> None:
    """Raises TypeError for an event that this program does not know: then the node takes no commands on its stream."""
    if dict(judged.message.headers).get("ce_type") != ASKED_BY[kind].encode():
        raise TypeError("this is no event that is known here to destroy a key")
