"""Makes and revokes bearer tokens on a node, for the command line."""

from datetime import datetime

from events import canonical, sealing
from events.schemas.access import Role
from events.schemas.values import Sealed
from events.sealing import OwnerKind
from events.streams import Stream
from events.vault import Identity
from registry.domain.access.decider import IssueToken, RevokeToken
from registry.domain.permissions import CONSOLE
from registry.node import Node
from registry.people.tokens import new_token


async def issue(
    node: Node, role: Role, organisation: str, name: str | None = None, expires: datetime | None = None
) -> tuple[str, str]:
    """Issues a token and returns (token id, token). The token can't be shown again: only its digest is kept."""
    token_id, (token, digest) = str(node.new_id()), new_token()
    stream = Stream.of("access", token_id)
    sealed = await _sealed_name(node, stream, organisation, name) if name else None
    command = IssueToken(digest=digest, role=role, organisation=organisation, name=sealed, expires=expires)
    await node.submit(CONSOLE, node.new_id(), stream, command)
    return token_id, token


async def revoke(node: Node, token_id: str, reason: str | None) -> None:
    """Revokes a token; raises Rejection if it is unknown or already revoked."""
    await node.submit(CONSOLE, node.new_id(), Stream.of("access", token_id), RevokeToken(reason=reason))


async def _sealed_name(node: Node, stream: str, organisation: str, name: str) -> Sealed:
    identity = canonical.to_json(["bearer", organisation, name]).decode()
    person, key = await node.vault.owner(Identity(OwnerKind.PERSON, identity))
    return Sealed.model_validate(sealing.seal(key, person, stream, {"name": name}))
