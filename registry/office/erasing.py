"""Destroys keys: of persons who are forgotten, and of texts that are taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from events import sealing
from events.sealing import OwnerKind
from events.streams import Stream
from events.vault import OtherKind
from registry.domain.decider import Command
from registry.domain.permissions import CONSOLE
from registry.domain.person.decider import ForgetPerson
from registry.domain.text.decider import TakeTextBack
from registry.node import Node
from registry.people.destructions import Destruction
from registry.people.persons import NAME_PARTS

HIDDEN: Final = frozenset({*sealing.OWNERS, "erased", "closed"})
"""Fields of an opened value that are not its words."""


@dataclass(frozen=True, slots=True)
class Touched:
    """The things that the destruction of a key would affect."""

    owner: str
    details: str
    """The sealed value, as one of its events has it: a name, a text. Empty if it is gone, or no event has it."""
    trials: tuple[str, ...]
    """The numbers of the trials that contain it, or their ids."""
    documents: int
    """Partners' documents that contain it: they can't be read afterwards."""


async def touched(node: Node, kind: OwnerKind, owners: Sequence[str]) -> list[Touched]:
    """The things that `destroy` would affect, by owner; raises what it raises, and changes nothing."""
    await _known(node, kind, owners)
    return [await _touched(node, owner) for owner in owners]


async def _touched(node: Node, owner: str) -> Touched:
    details, trials = "", list[str]()
    for stream, data in await node.views.naming(owner):
        found = next(sealing.sealed_under(data, owner), None)
        if found is None:
            continue
        details = details or _in_words((await node.open_all({"it": found}, stream))["it"])
        named = Stream(stream)
        trials += [await _number(node, named.id)] if named.category == "trial" else []
    return Touched(owner, details, tuple(trials), await node.vault.appearances(owner))


def _in_words(opened: Any) -> str:
    """The sealed value on one line, the name first, without the id of its owner."""
    if not isinstance(opened, dict):
        return str(opened)
    named_first = sorted(opened, key=lambda field: field not in NAME_PARTS)
    return ", ".join(filter(None, (_in_words(opened[field]) for field in named_first if field not in HIDDEN)))


async def _number(node: Node, trial: str) -> str:
    document = await node.views.document(trial) or {}
    return str(document.get("number") or document.get("home", {}).get("number") or trial)


async def destroy(node: Node, kind: OwnerKind, owners: Sequence[str], reason: str) -> list[bool]:
    """Has the keys of these owners (UUIDs) destroyed; returns for each whether this call did it.

    Raises OtherKind if one is of another kind, LookupError if one never existed; then nothing is done.
    """
    await _known(node, kind, owners)
    return [await _destroyed(node, kind, owner, reason) for owner in owners]


async def _known(node: Node, kind: OwnerKind, owners: Sequence[str]) -> None:
    kinds = await node.vault.kinds(owners)
    for owner in owners:
        if (other := kinds.get(owner, kind)) is not kind:
            raise OtherKind(owner, kind, other)
        if owner not in kinds and node.heads.head(Stream.of(kind.value, owner)).version == 0:
            raise LookupError(f"no {kind.value} is known here under {owner}")


async def _destroyed(node: Node, kind: OwnerKind, owner: str, reason: str) -> bool:
    receipt = await node.submit(CONSOLE, node.new_id(), Stream.of(kind.value, owner), _command(kind, reason))
    # Recorded first, then destroyed: if we crash here, the node that follows the log for this destroys the key.
    await node.vault.destroy(kind, owner)
    return receipt is not None


def _command(kind: OwnerKind, reason: str) -> Command:
    return ForgetPerson(reason=reason) if kind is OwnerKind.PERSON else TakeTextBack(reason=reason)


async def record(node: Node, destruction: Destruction, reason: str) -> bool:
    """Records a destruction that the log lacks, as after a restoration; returns whether it lacked it."""
    stream = Stream.of(destruction.kind.value, destruction.owner)
    if node.heads.head(stream).version:
        return False
    await node.submit(CONSOLE, node.new_id(), stream, _command(destruction.kind, reason))
    await node.vault.destroy(destruction.kind, destruction.owner)
    return True
