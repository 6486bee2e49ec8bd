"""Personal data at the boundary: sealed on the way in, opened for a reader on the way out, forgotten on request."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final, TypeVar, get_args
from uuid import UUID

import structlog
from pydantic import BaseModel

from events import canonical, sealing
from events.admission import Judged
from events.catalogue import NAMES
from events.schemas.person import PersonForgotten
from events.schemas.values import Contact, Person, Sealed, Text
from events.vault import Vault
from registry.domain.decider import Command, Fault, Rejection
from registry.heads import Heads

log = structlog.get_logger()
FORGOTTEN: Final = NAMES[PersonForgotten].encode()
C = TypeVar("C", bound=Command)
V = TypeVar("V")


def identity(details: Mapping[str, Any], affiliation: Text | None) -> str:
    """What tells a person from another: the e-mail address, or else all that is said of them and where they work."""
    if email := details.get("email"):
        return f"mailto:{email.strip().lower()}"
    return canonical.to_json([details, affiliation.to_stored() if affiliation else None]).decode()


@cache
def _may_name_persons(kind: type[BaseModel]) -> frozenset[str]:
    """The fields of a model in which a contact may stand, at any depth."""
    return frozenset(name for name, field in kind.model_fields.items() if _leads_to_contact(field.annotation))


def _leads_to_contact(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return issubclass(annotation, Contact) or bool(_may_name_persons(annotation))
    return any(_leads_to_contact(part) for part in get_args(annotation))


def contacts_in(value: Any) -> Iterator[Contact]:
    """Every contact in a model, at any depth, in no particular order."""
    pending = [value]
    while pending:
        here = pending.pop()
        if isinstance(here, Contact):
            yield here
        elif isinstance(here, tuple):
            pending.extend(here)
        elif isinstance(here, BaseModel):
            inner = [getattr(here, name) for name in _may_name_persons(type(here))]
            pending += [one for one in inner if one is not None]


def replaced(value: V, new: Callable[[Contact], Contact]) -> V:
    """The value with every contact in it replaced; what holds none is the very same object."""
    if isinstance(value, Contact):
        return new(value)  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(replaced(item, new) for item in value)  # type: ignore[return-value]
    if not isinstance(value, BaseModel):
        return value
    held = {name: inner for name in _may_name_persons(type(value)) if (inner := getattr(value, name)) is not None}
    after = {name: replaced(inner, new) for name, inner in held.items()}
    changed = {name: inner for name, inner in after.items() if inner is not held[name]}
    return value.model_copy(update=changed) if changed else value


async def seal(vault: Vault, stream: str, command: C) -> C:
    """The command with every contact's person sealed for the stream; raises as `seal_all`."""
    [(sealed, _)] = await seal_all(vault, [(stream, command)])
    return sealed


async def seal_all(vault: Vault, commands: Sequence[tuple[str, C]]) -> list[tuple[C, frozenset[str]]]:
    """Each command, of its stream, with every contact's person sealed, and the persons in it by their opaque ids.

    Everybody is looked up at once. Raises Rejection where a command brings sealed data of its own: nobody could tell
    what is in it.
    """
    told = [_told_in(command) for _, command in commands]
    if not any(told):
        return [(command, frozenset()) for _, command in commands]
    identities = {one.identity for persons in told for one in persons.values()}
    keys = await vault.persons(identities)
    return [
        (
            replaced(command, partial(_sealed, stream, keys, persons)),
            frozenset(keys[one.identity][0] for one in persons.values()),
        )
        for (stream, command), persons in zip(commands, told, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Told:
    """What a contact tells of its person, in stored form, and what tells that person from another."""

    details: Mapping[str, Any]
    identity: str


def _told_in(command: Command) -> dict[int, _Told]:
    """The persons of a command, by the identity of the contact that names them."""
    found = {}
    for contact in contacts_in(command):
        match contact.person:
            case Sealed():
                raise Rejection(Fault("sealed-input", "give the person's details in clear; they are sealed here"))
            case Person() as person:
                details = person.to_stored()
                found[id(contact)] = _Told(details, identity(details, contact.affiliation))
            case None:
                pass
    return found


def _sealed(
    stream: str, keys: Mapping[str, tuple[str, bytes]], persons: Mapping[int, _Told], contact: Contact
) -> Contact:
    told = persons.get(id(contact))
    if told is None:
        return contact
    person, key = keys[told.identity]
    sealed = Sealed.model_validate(sealing.seal(key, person, stream, told.details))
    return contact.model_copy(update={"person": sealed})


async def opened(vault: Vault, stream: str, document: Any) -> Any:
    """The document with its persons in clear, and `{"erased": true}` in place of those forgotten."""
    return sealing.opened(document, stream, await vault.keys(sealing.owners_in(document)))


class Forgetting:
    """Destroys keys as `person.forgotten` events come by: on every node, again after any crash, harmlessly repeated."""

    def __init__(self, heads: Heads, vault: Vault):
        self._vault = vault
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self.trouble = ""
        heads.watch("person", self._note)

    def _note(self, stream: str, judged: Judged) -> None:
        # Known by its name alone: a body that can't be read hides no request, and another event destroys nothing.
        if dict(judged.message.headers).get("ce_type") != FORGOTTEN:
            raise TypeError("this is no event of a person's that is known here")
        name = stream.partition("/")[2]
        try:
            self._due.put_nowait(str(UUID(name)))
        except ValueError:
            log.error("forgetting_nobody", reason="the stream names no person's id")

    async def run(self) -> None:
        """Destroys what is due until cancelled; a vault that is away is asked again."""
        while True:
            person = await self._due.get()
            try:
                destroyed = await self._vault.forget(person)
            except Exception as fault:
                self.trouble = "keys of persons to be forgotten can't be destroyed"
                log.warning("forgetting_delayed", kind=type(fault).__name__)
                self._due.put_nowait(person)
                await asyncio.sleep(1)
            else:
                self.trouble = ""
                if destroyed:
                    log.info("person_forgotten", person=person)
