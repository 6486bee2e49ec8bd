"""Events of access: bearer tokens of organisations. Streams are `access/{token id}`."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Final

from pydantic import AwareDatetime

from events.schemas.values import Digest, Identifier, Payload, Sealed


class Role(StrEnum):
    """What a bearer may do; each aggregate of `registry.domain` declares who may give its commands."""

    PUBLIC = "public"
    SITE = "site"
    SPONSOR = "sponsor"
    REGISTRY = "registry"
    REGULATOR = "regulator"
    PARTNER = "partner"
    AUTHORITY = "authority"
    """Decides, asks and halts in its own regions; a `regulator` sees the whole registry."""
    ETHICS_BODY = "ethics-body"
    INSTITUTION = "institution"
    """The head of a place where participants are treated: permits and stops at its own sites."""
    COORDINATOR = "coordinator"
    """A sponsor's own, for one region."""
    SECOND_SPONSOR = "second-sponsor"
    """A sponsor beside the one that registered a programme."""


class TokenIssued(Payload):
    """An organisation got a bearer token. Only the token's SHA-256 is kept; it has 256 random bits."""

    REVISION: ClassVar[int] = 2

    digest: Digest
    role: Role
    organisation: Identifier
    name: Sealed | None = None
    """Who acts with it."""
    expires: AwareDatetime | None = None
    """From when on it opens nothing; absent means that it does until it is revoked."""


class TokenRevoked(Payload):
    """The token no longer opens anything."""


EVENTS: Final[Mapping[str, type[Payload]]] = MappingProxyType(
    {
        "access.token-issued.v1": TokenIssued,
        "access.token-revoked.v1": TokenRevoked,
    }
)
"""By literal name. A class may be renamed, a name never."""
