"""What can be erased: sealed on the way in, opened for a reader on the way out, its keys destroyed on request."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog

from events import canonical, sealing
from events.admission import Judged
from events.catalogue import NAMES
from events.schemas.person import PersonForgotten
from events.schemas.text import TextTakenBack
from events.schemas.values import Contact, Person, Sealed, SealedText, Text
from events.vault import Vault
from registry.domain.decider import Command, Fault, Rejection
from registry.heads import Heads
from registry.sealable import CONTACTS, TEXTS, Leaf, found_in, replaced

log = structlog.get_logger()
ASKED_BY: Final = {"person": NAMES[PersonForgotten].encode(), "text": NAMES[TextTakenBack].encode()}
"""By category of streams: the event that asks for a key to be destroyed. The stream names whose."""
C = TypeVar("C", bound=Command)


def identity(details: Mapping[str, Any], affiliation: Text | None) -> str:
    """What tells a person from another: the e-mail address, or else all that is said of them and where they work."""
    if email := details.get("email"):
        return f"mailto:{email.strip().lower()}"
    return canonical.to_json([details, affiliation.to_stored() if affiliation else None]).decode()


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
    keys = await vault.persons(identities)
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
    identity: str


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
        found[id(text)] = _Told(clear, canonical.to_json(["text", stream, clear]).decode())
    return found


def _sealed(command: C, seal_one: Callable[[Any], Any]) -> C:
    return replaced(TEXTS, replaced(CONTACTS, command, seal_one), seal_one)


def _seal(stream: str, keys: Mapping[str, tuple[str, bytes]], owners: Mapping[int, _Told], one: Leaf) -> Leaf:
    told = owners.get(id(one))
    if told is None:
        return one
    owner, key = keys[told.identity]
    if isinstance(one, Contact):
        person = Sealed.model_validate(sealing.seal(key, owner, stream, told.clear))
        return one.model_copy(update={"person": person})
    return SealedText.model_validate(sealing.seal(key, owner, stream, told.clear, of="text"))


async def opened(vault: Vault, stream: str, document: Any, owners: Sequence[str] = sealing.OWNERS) -> Any:
    """The document with what these kinds of owners have sealed in clear, and `{"erased": true}` for destroyed keys."""
    return sealing.opened(document, stream, await vault.keys(sealing.owners_in(document, owners)), owners)


class Forgetting:
    """Destroys keys as the events that ask for it come by: on every node, after any crash, harmlessly repeated."""

    def __init__(self, heads: Heads, vault: Vault):
        self._vault = vault
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self.trouble = ""
        for category, asked in ASKED_BY.items():
            heads.watch(category, partial(self._note, asked))

    def _note(self, asked: bytes, stream: str, judged: Judged) -> None:
        # Known by its name alone: a body that can't be read hides no request, and another event destroys nothing.
        if dict(judged.message.headers).get("ce_type") != asked:
            raise TypeError("this is no event that is known here to destroy a key")
        name = stream.partition("/")[2]
        try:
            self._due.put_nowait(str(UUID(name)))
        except ValueError:
            log.error("forgetting_nobody", reason="the stream names nobody's id")

    async def run(self) -> None:
        """Destroys what is due until cancelled; a vault that is away is asked again."""
        while True:
            owner = await self._due.get()
            try:
                destroyed = await self._vault.forget(owner)
            except Exception as fault:
                self.trouble = "keys of persons to be forgotten, or of texts taken back, can't be destroyed"
                log.warning("forgetting_delayed", kind=type(fault).__name__)
                self._due.put_nowait(owner)
                await asyncio.sleep(1)
            else:
                self.trouble = ""
                if destroyed:
                    log.info("key_destroyed", owner=owner)
