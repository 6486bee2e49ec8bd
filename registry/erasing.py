"""Destroying keys: of persons who are forgotten, and of texts that are taken back."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

import structlog

from events import sealing
from events.admission import Judged
from events.sealing import OwnerKind
from events.vault import OtherKind, Vault
from registry.access import CONSOLE
from registry.destructions import ASKED_BY, Destruction
from registry.domain.decider import Command
from registry.domain.person.decider import ForgetPerson
from registry.domain.text.decider import TakeTextBack
from registry.heads import Heads
from registry.node import Node
from registry.persons import NAME_PARTS

log = structlog.get_logger()
CLEARING_AGAIN: Final = 60.0
"""Seconds."""
HIDDEN: Final = frozenset({*sealing.OWNERS, "erased", "closed"})
"""Parts of what was opened that are no words of it."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What the destruction of a key would touch."""

    owner: str
    told: str
    """What is sealed under it, as one of its events says it: a name, a text. Empty where it is gone, or nowhere."""
    trials: tuple[str, ...]
    """The numbers of the trials that say it, or their ids."""
    documents: int
    """Partners' documents that have it: they can't be read afterwards."""


async def touched(node: Node, kind: OwnerKind, owners: Sequence[str]) -> list[Touched]:
    """What `destroy` would touch, of each owner; raises as it does, and does nothing."""
    await _known(node, kind, owners)
    return [await _touched(node, owner) for owner in owners]


async def _touched(node: Node, owner: str) -> Touched:
    told, trials = "", list[str]()
    for stream, data in await node.views.naming(owner):
        found = next(sealing.sealed_under(data, owner), None)
        if found is None:
            continue
        told = told or _in_words((await node.open_all({"it": found}, stream))["it"])
        category, _, name = stream.partition("/")
        trials += [await _number(node, name)] if category == "trial" else []
    return Touched(owner, told, tuple(trials), await node.vault.appearances(owner))


def _in_words(opened: Any) -> str:
    """What was sealed, on one line, a name first, without the id of its owner."""
    if not isinstance(opened, dict):
        return str(opened)
    named_first = sorted(opened, key=lambda field: field not in NAME_PARTS)
    return ", ".join(filter(None, (_in_words(opened[field]) for field in named_first if field not in HIDDEN)))


async def _number(node: Node, trial: str) -> str:
    document = await node.views.document(trial) or {}
    return str(document.get("number") or document.get("home", {}).get("number") or trial)


async def destroy(node: Node, kind: OwnerKind, owners: Sequence[str], reason: str) -> list[bool]:
    """Has the keys of these owners (UUIDs) destroyed; of each, whether this did it.

    Raises OtherKind where one is of another kind, LookupError where one never was; then nothing is done.
    """
    await _known(node, kind, owners)
    return [await _destroyed(node, kind, owner, reason) for owner in owners]


async def _known(node: Node, kind: OwnerKind, owners: Sequence[str]) -> None:
    kinds = await node.vault.kinds(owners)
    for owner in owners:
        if (other := kinds.get(owner, kind)) is not kind:
            raise OtherKind(owner, kind, other)
        if owner not in kinds and node.heads.head(f"{kind.value}/{owner}").version == 0:
            raise LookupError(f"no {kind.value} is known here under {owner}")


async def _destroyed(node: Node, kind: OwnerKind, owner: str, reason: str) -> bool:
    receipt = await node.submit(CONSOLE, node.new_id(), f"{kind.value}/{owner}", _command(kind, reason))
    # Recorded first, destroyed after: if we crash here, every node that reads the event destroys the key.
    await node.vault.destroy(kind, owner)
    return receipt is not None


def _command(kind: OwnerKind, reason: str) -> Command:
    return ForgetPerson(reason=reason) if kind is OwnerKind.PERSON else TakeTextBack(reason=reason)


async def record(node: Node, asked: Destruction, reason: str) -> bool:
    """Records a destruction that the log does not know of, as after a restoration; whether it did not."""
    stream = f"{asked.kind.value}/{asked.owner}"
    if node.heads.head(stream).version:
        return False
    await node.submit(CONSOLE, node.new_id(), stream, _command(asked.kind, reason))
    await node.vault.destroy(asked.kind, asked.owner)
    return True


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
        name = stream.partition("/")[2]
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
