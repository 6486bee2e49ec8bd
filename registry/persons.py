"""What can be erased: sealed on the way in, opened for a reader on the way out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from events import canonical, sealing
from events.schemas.values import Contact, Person, Sealed, SealedText, Text
from events.sealing import OwnerKind
from events.vault import Identity, Vault
from registry.domain.decider import Command, Fault, Rejection
from registry.sealable import CONTACTS, TEXTS, Leaf, found_in, replaced

C = TypeVar("C", bound=Command)


def identity(details: Mapping[str, Any], affiliation: Text | None) -> Identity:
    """What tells a person from another: the e-mail address, or else all that is said of them and where they work."""
    if email := details.get("email"):
        return Identity(OwnerKind.PERSON, f"mailto:{email.strip().lower()}")
    told = canonical.to_json([details, affiliation.to_stored() if affiliation else None])
    return Identity(OwnerKind.PERSON, told.decode())


async def seal(vault: Vault, stream: str, command: C) -> C:
    """The command sealed for the stream; raises as `seal_all`."""
    [(sealed, _)] = await seal_all(vault, [(stream, command)])
    return sealed


async def seal_all(vault: Vault, commands: Sequence[tuple[str, C]]) -> list[tuple[C, frozenset[str]]]:
    """Each command, of its stream, with persons, reasons and whys sealed, and the ids of their keys.

    All keys are looked up at once. Raises Rejection where a command brings sealed data of its own: nobody could tell
    what is in it.
    """
    told = [_told_in(command) | _said_in(stream, command) for stream, command in commands]
    if not any(told):
        return [(command, frozenset()) for _, command in commands]
    identities = {one.identity for owners in told for one in owners.values()}
    keys = await vault.owners(identities)
    return [
        (
            _sealed(command, partial(_seal, stream, keys, owners)),
            frozenset(keys[one.identity][0] for one in owners.values()),
        )
        for (stream, command), owners in zip(commands, told, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Told:
    """What is sealed, in stored form, and what tells the owner of its key from another."""

    clear: Any
    identity: Identity


BROUGHT_SEALED: Final = Fault("sealed-input", "give persons, reasons and texts in clear; they are sealed here")


def _told_in(command: Command) -> dict[int, _Told]:
    """The persons of a command, by the identity of the contact that names them."""
    found = {}
    for contact in found_in(CONTACTS, command):
        if isinstance(contact.person, Sealed):
            raise Rejection(BROUGHT_SEALED)
        if isinstance(contact.person, Person):
            details = contact.person.to_stored()
            found[id(contact)] = _Told(details, identity(details, contact.affiliation))
    return found


def _said_in(stream: str, command: Command) -> dict[int, _Told]:
    """The texts of a command that can be taken back. The same text, said again in one stream, is one text."""
    found = {}
    for text in found_in(TEXTS, command):
        if isinstance(text, SealedText):
            raise Rejection(BROUGHT_SEALED)
        clear = text if isinstance(text, str) else text.to_stored()
        found[id(text)] = _Told(clear, Identity(OwnerKind.TEXT, canonical.to_json([stream, clear]).decode()))
    return found


def _sealed(command: C, seal_one: Callable[[Any], Any]) -> C:
    return replaced(TEXTS, replaced(CONTACTS, command, seal_one), seal_one)


def _seal(stream: str, keys: Mapping[Identity, tuple[str, bytes]], owners: Mapping[int, _Told], one: Leaf) -> Leaf:
    told = owners.get(id(one))
    if told is None:
        return one
    owner, key = keys[told.identity]
    if isinstance(one, Contact):
        person = Sealed.model_validate(sealing.seal(key, owner, stream, told.clear))
        return one.model_copy(update={"person": person})
    return SealedText.model_validate(sealing.seal(key, owner, stream, told.clear, of=OwnerKind.TEXT))


async def opened(vault: Vault, stream: str, document: Any, owners: Sequence[str] = sealing.OWNERS) -> Any:
    """The document with what these kinds of owners have sealed in clear, and `{"erased": true}` for destroyed keys."""
    return sealing.opened(document, stream, await vault.keys(sealing.owners_in(document, owners)), owners)
