"""The actor, the reach of a permission, and the parts of a record that each role may read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final, TypeAlias

from events.schemas.access import Role


class Scope(Enum):
    """The reach of a permission: one's own, or any."""

    OWN = auto()
    ANY = auto()


Allowed: TypeAlias = Mapping[Role, Scope]
"""The roles that may do a thing, and on what; a role that is not in it may not."""


class NotPermitted(Exception):
    """The bearer's role does not allow this command here."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The asker: an opaque token id, its role, and the organisation it stands for.

    `internal`: the registry's own program or its operator's console. No token makes an actor that is.
    """

    token: str
    role: Role
    organisation: str
    internal: bool = False


ANONYMOUS: Final = Actor(token="anonymous", role=Role.PUBLIC, organisation="public")
CONSOLE: Final = Actor(token="console", role=Role.REGISTRY, organisation="registry", internal=True)
"""The operator at the installation's own command line, and the registry itself."""
_POLICY: Final = "policy:"
"""How the token of a policy begins. Ids of tokens are UUIDs, or have a prefix without a colon."""


def policy_actor(policy: str) -> Actor:
    """The policy of this name, as the actor that gives the commands which follow from events."""
    return Actor(token=f"{_POLICY}{policy}", role=Role.REGISTRY, organisation=CONSOLE.organisation, internal=True)


def policy_of(token: str) -> str | None:
    """The name of the policy that acted under this token id; None where it was no policy."""
    return token.removeprefix(_POLICY) if token.startswith(_POLICY) else None


REGISTRY: Final[Allowed] = MappingProxyType({Role.REGISTRY: Scope.ANY})
AUTHORITY: Final[Allowed] = MappingProxyType({Role.REGULATOR: Scope.ANY, Role.REGISTRY: Scope.ANY})
OWNER: Final[Allowed] = MappingProxyType({Role.SPONSOR: Scope.OWN, Role.REGISTRY: Scope.ANY})
SITE: Final[Allowed] = MappingProxyType({Role.SITE: Scope.OWN, Role.SPONSOR: Scope.OWN, Role.REGISTRY: Scope.ANY})
ONLY_CONSOLE: Final[Allowed] = MappingProxyType({})
"""No role: the console alone, and so never over HTTP."""
NOBODY: Final[Allowed] = MappingProxyType({})
OWNER_AND_AUTHORITY: Final[Allowed] = MappingProxyType(
    {role: Scope.OWN for role in Role if role is not Role.PUBLIC} | dict(AUTHORITY)
)
"""Anybody but the public, on what is its own; the registry and regulators on everything."""


def owns_for(actor: Actor) -> str | None:
    """The organisation whose drafts the actor may read; the public stands for nobody, whatever its name."""
    return None if actor.role is Role.PUBLIC else actor.organisation


def may_see_raw_documents(actor: Actor) -> bool:
    """Whether the actor may read what partners sent as it came, with whole contacts in it."""
    return actor.role in AUTHORITY


def may_see_actors(actor: Actor) -> bool:
    """Whether the actor may read who exactly did a thing; others see the organisation."""
    return actor.role in AUTHORITY


def may_see_withheld(actor: Actor) -> bool:
    """Whether the actor may read a text that a site asked to take back, while the office has not decided."""
    return actor.role in AUTHORITY
