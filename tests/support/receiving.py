"""One document of a partner received by a node, as an import receives many."""

from collections.abc import Callable

from events.event import Event
from events.schemas.registration import Source
from registry.domain.decider import Command
from registry.exchange.raw import Receiving
from registry.exchange.received import Received
from registry.node import Node


async def receive(node: Node, stream: str, received: Received, command: Callable[[Source], Command]) -> Event | None:
    """The event of the command; raises the outcome otherwise."""
    [outcome] = await node.receive_all([Receiving(stream, received, command)])
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
