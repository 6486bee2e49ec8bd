"""The demo's tokens: fresh ones at every start, and the old ones revoked."""

from collections.abc import Mapping
from typing import Final

from events.schemas.access import Role
from events.schemas.values import Identifier
from events.streams import Stream
from registry.domain.access.decider import IssueToken, RevokeToken
from registry.domain.permissions import CONSOLE
from registry.node import Node
from registry.people.tokens import new_token

PREFIX: Final = "demo-"
"""The prefix of the ids of demo tokens, and of no others: nodes make those."""


async def renew(node: Node, organisations: Mapping[Role, Identifier]) -> dict[Role, str]:
    """A fresh token for each role, for its organisation, after all earlier demo tokens are revoked."""
    for entry in node.access.entries():
        if entry.actor.token.startswith(PREFIX) and not entry.revoked:
            await node.submit(
                CONSOLE,
                node.new_id(),
                Stream.of("access", entry.actor.token),
                RevokeToken(reason="A new start of the demo"),
            )
    return {role: await _issued(node, role, organisation) for role, organisation in organisations.items()}


async def _issued(node: Node, role: Role, organisation: Identifier) -> str:
    token, digest = new_token()
    command = IssueToken(digest=digest, role=role, organisation=organisation)
    await node.submit(CONSOLE, node.new_id(), Stream.of("access", f"{PREFIX}{node.new_id()}"), command)
    return token
