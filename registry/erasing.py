"""Destroying keys: of persons who are forgotten, and of texts that are taken back."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from events.admission import Judged
from events.catalogue import NAMES
from events.schemas.person import PersonForgotten
from events.schemas.text import TextTakenBack
from events.sealing import OwnerKind
from events.vault import OtherKind, Vault
from registry.access import CONSOLE
from registry.domain.decider import Command
from registry.domain.person.decider import ForgetPerson
from registry.domain.text.decider import TakeTextBack
from registry.heads import Heads
from registry.node import Node

log = structlog.get_logger()
ASKED_BY: Final = {
    OwnerKind.PERSON: NAMES[PersonForgotten].encode(),
    OwnerKind.TEXT: NAMES[TextTakenBack].encode(),
}
"""The event that asks for a key of this kind to be destroyed. Its stream names the owner."""


async def destroy(node: Node, kind: OwnerKind, owners: Sequence[str], reason: str) -> list[bool]:
    """Has the keys of these owners (UUIDs) destroyed; of each, whether this did it.

    Raises OtherKind where one is of another kind, LookupError where one never was; then nothing is done.
    """
    kinds = await node.vault.kinds(owners)
    for owner in owners:
        if (other := kinds.get(owner, kind)) is not kind:
            raise OtherKind(owner, kind, other)
        if owner not in kinds and node.heads.head(f"{kind.value}/{owner}").version == 0:
            raise LookupError(f"no {kind.value} is known here under {owner}")
    return [await _destroyed(node, kind, owner, reason) for owner in owners]


async def _destroyed(node: Node, kind: OwnerKind, owner: str, reason: str) -> bool:
    receipt = await node.submit(CONSOLE, node.new_id(), f"{kind.value}/{owner}", _command(kind, reason))
    # Recorded first, destroyed after: if we crash here, every node that reads the event destroys the key.
    await node.vault.destroy(kind, owner)
    return receipt is not None


def _command(kind: OwnerKind, reason: str) -> Command:
    return ForgetPerson(reason=reason) if kind is OwnerKind.PERSON else TakeTextBack(reason=reason)


class Forgetting:
    """Destroys keys as the events that ask for it come by: on every node, after any crash, harmlessly repeated."""

    def __init__(self, heads: Heads, vault: Vault):
        self._vault = vault
        self._due: asyncio.Queue[tuple[OwnerKind, str]] = asyncio.Queue()
        self.trouble = ""
        for kind in ASKED_BY:
            heads.watch(kind.value, partial(self._note, kind))

    def _note(self, kind: OwnerKind, stream: str, judged: Judged) -> None:
        # Known by its name alone: a body that can't be read hides no request, and another event destroys nothing.
        if dict(judged.message.headers).get("ce_type") != ASKED_BY[kind]:
            raise TypeError("this is no event that is known here to destroy a key")
        name = stream.partition("/")[2]
        try:
            self._due.put_nowait((kind, str(UUID(name))))
        except ValueError:
            log.error("forgetting_nobody", reason="the stream names nobody's id")

    async def run(self) -> None:
        """Destroys what is due until cancelled; a vault that is away is asked again."""
        while True:
            kind, owner = await self._due.get()
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
