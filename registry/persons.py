"""Personal data at the boundary: sealed on the way in, opened for a reader on the way out, forgotten on request."""

import asyncio
from typing import Any, TypeVar
from uuid import UUID

import structlog

from events import canonical, sealing
from events.admission import Judged
from events.vault import Vault
from registry.domain.decider import Command, Fault, Rejection
from registry.heads import Heads

log = structlog.get_logger()
C = TypeVar("C", bound=Command)


def identity(contact: dict[str, Any]) -> str:
    """What tells a person from another: the e-mail address, or else all that is said of them and where they work."""
    details = contact["person"]
    if email := details.get("email"):
        return f"mailto:{email.strip().lower()}"
    return canonical.to_json([details, contact.get("affiliation")]).decode()


def _is_contact(value: Any) -> bool:
    return isinstance(value, dict) and "role" in value and isinstance(value.get("person"), dict)


def _contacts(value: Any) -> list[dict[str, Any]]:
    if _is_contact(value):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [contact for part in inner for contact in _contacts(part)]


async def seal(vault: Vault, stream: str, command: C) -> C:
    """The command with every contact's person sealed for the stream.

    Raises Rejection where the command brings sealed data of its own: nobody could tell what is in it.
    """
    plain = command.model_dump(mode="json", exclude_unset=True)
    contacts = _contacts(plain)
    if not contacts:
        return command
    keys: dict[str, tuple[str, bytes]] = {}
    for contact in contacts:
        if "sealed" in contact["person"]:
            raise Rejection(Fault("sealed-input", "give the person's details in clear; they are sealed here"))
        known = identity(contact)
        keys[known] = keys.get(known) or await vault.person(known)

    def sealed(contact: dict[str, Any]) -> dict[str, Any]:
        person, key = keys[identity(contact)]
        details = {name: value for name, value in contact["person"].items() if value is not None}
        return {**contact, "person": sealing.seal(key, person, stream, details)}

    return type(command).model_validate(sealing.replace(plain, _is_contact, sealed))


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
