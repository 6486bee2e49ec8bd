"""Events planted below the door: in the log, as another version of the program may have written them."""

from typing import Any
from uuid import uuid4

from events.partitions import partition_of
from events.port import Addressed
from events.record import Position, Record, encode
from registry import wiring
from registry.node import Node
from tests.projections.trials import ORIGIN


async def plant(node: Node, stream: str, kind: str, body: bytes = b"{}", **attributes: Any) -> Position:
    """Appends an event of any type and body to a stream, at its head as this node knows it.

    Returns when the node has read it. `attributes` are further ones of the record, as `revision` and `extensions`.
    """
    head = node.heads.head(stream)
    record = Record(
        id=uuid4(),
        type=kind,
        subject=stream,
        expectedversion=head.version,
        previoushash=head.digest,
        commandhash=b"c" * 32,
        actor="another-version",
        onbehalfof="registry",
        time=wiring.now(),
        data={},
        origin=ORIGIN,
        **attributes,
    )
    message = encode(record)
    partition = partition_of(stream, node.heads.topic.partitions)
    planted = type(message)(message.key, message.headers, body)
    (position,) = await node.log.append(node.heads.topic, [Addressed(partition, planted)])
    await node.heads.catch_up(stream)
    return position
