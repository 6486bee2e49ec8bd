"""The book of bearer tokens, folded from the log; a token itself is known only to its bearer."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self

from events.admission import Judged
from events.catalogue import payload_of
from events.event import accepted
from events.schemas.access import Role, TokenIssued, TokenRevoked
from events.streams import Stream
from registry.domain.permissions import Actor
from registry.engine.heads import Heads

CATEGORY: Final = "access"
"""The category of the streams of tokens."""
TOKEN: Final = "registry_"
"""The beginning of every token."""


def new_token() -> tuple[str, str]:
    """A bearer token of 256 random bits, and the digest under which it is known here."""
    token = TOKEN + secrets.token_urlsafe(32)
    return token, digest_of(token)


def digest_of(token: str) -> str:
    """SHA-256 in hexadecimal. The token is random and long: nothing can be guessed from its digest."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """A token as issued; `name` is sealed."""

    actor: Actor
    digest: str
    name: dict[str, str] | None
    expires: datetime | None = None
    revoked: bool = False

    def to_json(self) -> dict[str, Any]:
        """The entry as JSON, for a snapshot."""
        return {
            "token": self.actor.token,
            "role": self.actor.role.value,
            "organisation": self.actor.organisation,
            "digest": self.digest,
            "name": self.name,
            "expires": None if self.expires is None else self.expires.isoformat(),
            "revoked": self.revoked,
        }

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        expires = entry["expires"]
        return cls(
            Actor(entry["token"], Role(entry["role"]), entry["organisation"]),
            entry["digest"],
            entry["name"],
            None if expires is None else datetime.fromisoformat(expires),
            entry["revoked"],
        )


class AccessBook:
    """Tokens by digest and by id."""

    def __init__(self, heads: Heads, clock: Callable[[], datetime]):
        self._clock = clock
        self._by_digest: dict[str, Entry] = {}
        self._by_id: dict[str, Entry] = {}
        self._unreadable: set[str] = set()
        heads.watch(CATEGORY, self._follow, memory=self)

    def actor(self, token: str) -> Actor | None:
        """The actor that bears the token; None if it was never issued, is revoked or has expired."""
        entry = self._by_digest.get(digest_of(token))
        if entry is None or (entry.expires is not None and entry.expires <= self._clock()):
            return None
        return entry.actor

    def entry(self, token_id: str) -> Entry | None:
        """The token issued under this id, revoked or not."""
        return self._by_id.get(token_id)

    def entries(self) -> list[Entry]:
        """All tokens ever issued, in the order of the ids."""
        return [self._by_id[token] for token in sorted(self._by_id)]

    def remembered(self, among: Callable[[str], bool]) -> dict[str, Any]:
        """See `Memory.remembered`."""
        return {
            "entries": [
                {**entry.to_json(), "opens": self._by_digest.get(entry.digest) is entry}
                for token, entry in self._by_id.items()
                if among(Stream.of(CATEGORY, token))
            ],
            "unreadable": sorted(token for token in self._unreadable if among(Stream.of(CATEGORY, token))),
        }

    def recall(self, remembered: Any) -> None:
        """See `Memory.recall`."""
        for one in remembered["entries"]:
            entry = Entry.from_json(one)
            self._by_id[entry.actor.token] = entry
            if one["opens"]:
                self._by_digest[entry.digest] = entry
        self._unreadable |= set(remembered["unreadable"])

    def _follow(self, stream: str, judged: Judged) -> None:
        """A token with an event that can't be read gives no access, for good: the event may have revoked it."""
        token = Stream(stream).id
        try:
            if token not in self._unreadable:
                self._take(token, judged)
        except Exception:
            self._unreadable.add(token)
            self._revoke(token)
            raise

    def _revoke(self, token: str) -> None:
        if (entry := self._by_id.get(token)) is not None:
            self._by_digest.pop(entry.digest, None)
            self._by_id[token] = replace(entry, revoked=True)

    def _take(self, token: str, judged: Judged) -> None:
        event = accepted(judged)
        if event is None:
            return
        payload: Any = payload_of(event.record)
        match payload:
            case TokenIssued():
                name = payload.name.to_stored() if payload.name else None
                entry = Entry(Actor(token, payload.role, payload.organisation), payload.digest, name, payload.expires)
                self._by_id[token] = self._by_digest[payload.digest] = entry
            case TokenRevoked():
                self._revoke(token)
            case _:
                raise TypeError(f"{event.record.type} is no event of access")
