"""Personal data at the boundary: sealed on the way in, opened for a reader on the way out, forgotten on request."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, TypeVar, get_args
from uuid import UUID

import structlog
from pydantic import BaseModel

from events import canonical, sealing
from events.admission import Judged
from events.schemas.values import Contact, Person, Sealed
from events.vault import Vault
from registry.domain.decider import Command, Fault, Rejection
from registry.heads import Heads

log = structlog.get_logger()
C = TypeVar("C", bound=Command)
V = TypeVar("V")


def identity(contact: Contact, person: Person) -> str:
    """What tells a person from another: the e-mail address, or else all that is said of them and where they work."""
    if person.email:
        return f"mailto:{person.email.strip().lower()}"
    affiliation = contact.affiliation.to_stored() if contact.affiliation else None
    return canonical.to_json([person.to_stored(), affiliation]).decode()


@cache
def _may_name_persons(kind: type[BaseModel]) -> frozenset[str]:
    """The fields of a model in which a contact may stand, at any depth."""
    return frozenset(name for name, field in kind.model_fields.items() if _leads_to_contact(field.annotation))


def _leads_to_contact(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return issubclass(annotation, Contact) or bool(_may_name_persons(annotation))
    return any(_leads_to_contact(part) for part in get_args(annotation))


def replaced(value: V, new: Callable[[Contact], Contact]) -> V:
    """The value with every contact in it replaced; what holds none is the very same object."""
    if isinstance(value, Contact):
        return new(value)  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(replaced(item, new) for item in value)  # type: ignore[return-value]
    if not isinstance(value, BaseModel):
        return value
    held = {name: getattr(value, name) for name in _may_name_persons(type(value)) & value.model_fields_set}
    after = {name: replaced(inner, new) for name, inner in held.items()}
    changed = {name: inner for name, inner in after.items() if inner is not held[name]}
    return value.model_copy(update=changed) if changed else value


async def seal(vault: Vault, stream: str, command: C) -> C:
    """The command with every contact's person sealed for the stream; raises as `seal_all`."""
    [sealed] = await seal_all(vault, [(stream, command)])
    return sealed


async def seal_all(vault: Vault, commands: Sequence[tuple[str, C]]) -> list[C]:
    """Each command, of its stream, with every contact's person sealed; everybody is looked up at once.

    Raises Rejection where a command brings sealed data of its own: nobody could tell what is in it.
    """
    named: set[str] = set()

    def note(contact: Contact) -> Contact:
        match contact.person:
            case Sealed():
                raise Rejection(Fault("sealed-input", "give the person's details in clear; they are sealed here"))
            case Person() as person:
                named.add(identity(contact, person))
            case None:
                pass
        return contact

    for _, command in commands:
        replaced(command, note)
    keys = await vault.persons(named) if named else {}
    return [replaced(command, partial(_sealed, stream, keys)) for stream, command in commands]


def _sealed(stream: str, keys: Mapping[str, tuple[str, bytes]], contact: Contact) -> Contact:
    if not isinstance(contact.person, Person):
        return contact
    person, key = keys[identity(contact, contact.person)]
    stored = sealing.seal(key, person, stream, contact.person.to_stored())
    return contact.model_copy(update={"person": Sealed.model_validate(stored)})


def persons_in(command: Command) -> frozenset[str]:
    """The persons whose sealed data the command holds."""
    found = set()

    def note(contact: Contact) -> Contact:
        if isinstance(contact.person, Sealed):
            found.add(contact.person.person)
        return contact

    replaced(command, note)
    return frozenset(found)


async def opened(vault: Vault, stream: str, document: Any) -> Any:
    """The document with its persons in clear, and `{"erased": true}` in place of those forgotten."""
    return sealing.opened(document, stream, await vault.keys(sealing.persons_in(document)))


class Forgetting:
    """Destroys keys as `person.forgotten` events come by: on every node, again after any crash, harmlessly repeated."""

    def __init__(self, heads: Heads, vault: Vault):
        self._vault = vault
        self._due: asyncio.Queue[str] = asyncio.Queue()
        heads.watch("person", self._note)

    def _note(self, stream: str, judged: Judged) -> None:
        del judged
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
                log.warning("forgetting_delayed", kind=type(fault).__name__)
                self._due.put_nowait(person)
                await asyncio.sleep(1)
            else:
                if destroyed:
                    log.info("person_forgotten", person=person)
