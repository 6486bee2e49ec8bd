"""Data that can be erased: sealed on the way in, opened for a reader on the way out."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from events import canonical, sealing
from events.normal_form import nfkc
from events.schemas.fields import CONTACTS, SPONSORS
from events.schemas.parties import PARTS_OF_NAMES, Contact, Organisation, Person
from events.schemas.values import Sealed, SealedText, Text
from events.sealing import OwnerKind
from events.vault import Identity, Vault, keys_apart
from registry.domain.decider import Command, Fault, Rejection
from registry.domain.trial.commands import ImportTrial
from registry.domain.trial.vocabularies import COUNTRIES, countries_of_persons
from registry.people.sealable import PARTIES, TEXTS, Leaf, found_in, replaced

NAME_PARTS: Final = ("name", *PARTS_OF_NAMES)
_TEXTS: Final = (OwnerKind.TEXT.value,)
_PERSONS: Final = (OwnerKind.PERSON.value,)
C = TypeVar("C", bound=Command)


def identity(details: Mapping[str, Any], affiliation: Text | None) -> Identity:
    """The values that distinguish persons: e-mail address and name, or else all their fields and where they work.

    An address alone identifies nobody: an office has one mailbox for all its staff. Without a name, the mailbox itself
    is meant. A title does not count: the same person is chair of a study and investigator at one of its sites.
    """
    if email := details.get("email"):
        named = {part: _plain(details[part]) for part in NAME_PARTS if part in details}
        name = f" {canonical.to_json(named).decode()}" if named else ""
        return Identity(OwnerKind.PERSON, f"mailto:{email.strip().lower()}{name}")
    stated = {name: value for name, value in details.items() if name != "title"}
    distinction = canonical.to_json([stated, affiliation.to_stored() if affiliation else None])
    return Identity(OwnerKind.PERSON, distinction.decode())


def _plain(name: Any) -> Any:
    """A name, or each of its languages, without differences of case and width, or blanks around it."""
    if isinstance(name, Mapping):
        return {language: _plain(text) for language, text in name.items()}
    return " ".join(nfkc(name).casefold().split())


async def seal(vault: Vault, stream: str, command: C) -> C:
    """The command sealed for the stream; raises as `seal_all`."""
    [(sealed, _)] = await seal_all(vault, [(stream, command)])
    return sealed


async def seal_all(vault: Vault, commands: Sequence[tuple[str, C]]) -> list[tuple[C, frozenset[str]]]:
    """Each command, of its stream, with persons, reasons and whys sealed, and the ids of their keys.

    All keys are looked up at once. Raises Rejection if a command contains data that is already sealed: nobody could
    know its content.
    """
    to_seal = [_persons_in(command) | _texts_in(stream, command) for stream, command in commands]
    if not any(to_seal):
        return [(command, frozenset()) for _, command in commands]
    identities = {one.identity for owners in to_seal for one in owners.values()}
    keys = await vault.owners(identities)
    return [
        (
            _sealed(command, partial(_seal, stream, keys, owners)),
            frozenset(keys[one.identity][0] for one in owners.values()),
        )
        for (stream, command), owners in zip(commands, to_seal, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _ToSeal:
    """A value to be sealed, in stored form, and the values that identify the owner of its key."""

    clear: Any
    identity: Identity


BROUGHT_SEALED: Final = Fault("sealed-input", "give persons, reasons and texts in clear; they are sealed here")


def _persons_in(command: Command) -> dict[int, _ToSeal]:
    """The persons of a command, by the identity of the contact or sponsor that names them."""
    found = {}
    for party in found_in(PARTIES, command):
        if isinstance(party.person, Sealed):
            raise Rejection(BROUGHT_SEALED)
        if isinstance(party.person, Person):
            details = party.person.to_stored()
            if not (isinstance(command, ImportTrial) or party.person.country in (None, *COUNTRIES)):
                # Once they are sealed, nobody could see it.
                raise Rejection(*countries_of_persons(command.to_stored()))
            works_at = party.affiliation if isinstance(party, Contact) else party.name
            found[id(party)] = _ToSeal(details, identity(details, works_at))
    return found


def _texts_in(stream: str, command: Command) -> dict[int, _ToSeal]:
    """The texts of a command that can be taken back. The same text given twice in one stream is one text."""
    found = {}
    for text in found_in(TEXTS, command):
        if isinstance(text, SealedText):
            raise Rejection(BROUGHT_SEALED)
        clear = text if isinstance(text, str) else text.to_stored()
        found[id(text)] = _ToSeal(clear, Identity(OwnerKind.TEXT, canonical.to_json([stream, clear]).decode()))
    return found


def _sealed(command: C, seal_one: Callable[[Any], Any]) -> C:
    return replaced(TEXTS, replaced(PARTIES, command, seal_one), seal_one)


def _seal(stream: str, keys: Mapping[Identity, tuple[str, bytes]], owners: Mapping[int, _ToSeal], one: Leaf) -> Leaf:
    item = owners.get(id(one))
    if item is None:
        return one
    owner, key = keys[item.identity]
    if isinstance(one, Contact | Organisation):
        person = Sealed.model_validate(sealing.seal(key, owner, stream, item.clear))
        return one.model_copy(update={"person": person})
    return SealedText.model_validate(sealing.seal(key, owner, stream, item.clear, of=OwnerKind.TEXT))


async def opened(vault: Vault, stream: str, document: Any) -> Any:
    """The document with all sealed values in clear, and `{"erased": true}` for destroyed keys."""
    return sealing.opened(document, stream, await vault.keys(sealing.owners_in(document)))


async def opened_each(vault: Vault, documents: Sequence[tuple[str, Any]]) -> list[Any]:
    """As `opened`, for documents of many trials. A value under an altered key stays closed, and hides no other."""
    keys, changed = await keys_apart(vault, sealing.owners_in([document for _, document in documents]))
    return [sealing.opened(sealing.closed(document, changed), stream, keys) for stream, document in documents]


async def opened_for_pages(vault: Vault, stream: str, document: Any) -> Any:
    """The document with texts in clear, and persons who sponsor or fund; those of contacts stay sealed."""
    owners = list(sealing.owners_in(document, _TEXTS))
    _replaced_under(SPONSORS, document, lambda part: owners.extend(sealing.owners_in(part)))
    keys = await vault.keys(owners)
    document = _replaced_under(SPONSORS, document, lambda part: sealing.opened(part, stream, keys))
    return sealing.opened(document, stream, keys, _TEXTS)


def persons_in(document: Any) -> frozenset[str]:
    """The ids of the persons that a document names."""
    return frozenset(sealing.owners_in(document, _PERSONS))


def without_former_contacts(document: Any, named: Collection[str]) -> Any:
    """The document with contacts closed unless the trial still names them."""

    def is_former(value: Any) -> bool:
        return sealing.is_sealed(value) and "person" in value and sealing.owner_of(value) not in named

    def closed(value: Any) -> Any:
        return {"person": sealing.owner_of(value), **sealing.CLOSED}

    return _replaced_under(CONTACTS, document, lambda part: sealing.replace(part, is_former, closed))


def _replaced_under(fields: frozenset[str], value: Any, new: Callable[[Any], Any]) -> Any:
    """A copy in which each part under one of the fields, or in a change of one, is replaced."""
    if isinstance(value, list):
        return [_replaced_under(fields, item, new) for item in value]
    if not isinstance(value, dict):
        return value
    if not fields.isdisjoint(str(value.get("field", "")).split("/")):
        return new(value)
    return {name: new(part) if name in fields else _replaced_under(fields, part, new) for name, part in value.items()}
