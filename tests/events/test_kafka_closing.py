"""Clients of Kafka that are cancelled while they end."""

import asyncio

import pytest

from deploy.kafka.cluster import KafkaCluster
from events.kafka.clients import Clients, end


@pytest.mark.parametrize("turns", range(1, 6))
async def test_a_client_whose_end_is_cancelled_leaves_no_connection(kafka1: KafkaCluster, turns: int) -> None:
    consumer = await Clients(kafka1.bootstrap, 10.0).consumer()
    connection = await consumer._client._get_conn(consumer._client.get_random_node())
    assert connection.connected()

    ending = asyncio.create_task(end(consumer))
    for _ in range(2):
        for _ in range(turns):
            await asyncio.sleep(0)
        ending.cancel()
    await asyncio.wait([ending])

    assert ending.cancelled()
    assert not connection.connected()
