"""An order: a command on a stream, given by someone, under a key."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from events import canonical
from registry.domain.catalogue import name_of
from registry.domain.decider import Command
from registry.domain.permissions import Actor


@dataclass(frozen=True, slots=True)
class Order:
    """A command, sealed, on a stream, by someone, under a key. `version` is what If-Match asked for, where it did."""

    key: UUID
    stream: str
    command: Command
    actor: Actor
    version: int | None = None
    long: bool = False
    """Whether it is so long that deciding on it would hold the loop."""
    cause: str = ""
    """The event that it follows from, as `{stream}/{version}`; empty where somebody gave it."""

    @property
    def digest(self) -> bytes:
        """Distinguishes a retry from another command: SHA-256 over stream, organisation, name and the sealed command.

        What went in as plain personal data is ciphertext here, so the digest gives nothing away. Limit: after a person
        in it was forgotten, the same command reads as another.
        """
        content = [
            "command-v1",
            self.stream,
            self.actor.organisation,
            name_of(type(self.command)),
            self.command.to_content(),
        ]
        return hashlib.sha256(canonical.to_json(content)).digest()
