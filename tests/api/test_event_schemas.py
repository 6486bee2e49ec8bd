"""An event's `dataschema` resolves on a running server, and its data is as the schema says."""

import json
from urllib.parse import urlsplit

import jsonschema
import pytest

from events.catalogue import EVENTS
from events.record import encode
from registry.node import Node
from tests.api.conftest import Api


@pytest.mark.parametrize("kind", EVENTS)
async def test_every_type_has_a_schema_at_its_address(api: Api, node: Node, kind: str) -> None:
    address = node.origin.dataschema(kind, EVENTS[kind].REVISION)

    found = await api.get(urlsplit(address).path)

    assert found.status == 200
    assert found.body["$id"] == address
    jsonschema.Draft202012Validator.check_schema(found.body)


async def test_what_is_recorded_is_as_its_schema_says(api: Api, node: Node) -> None:
    trial = await api.draft()
    await api.settled()
    [row] = await node.views.history(f"trial/{trial}")
    headers = dict(encode(row.event.record).headers)

    schema = await api.get(urlsplit(headers["ce_dataschema"].decode()).path)

    jsonschema.validate(json.loads(encode(row.event.record).value), schema.body)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"owner": 7}, schema.body)


@pytest.mark.parametrize("path", ["trial.published.v1/2", "trial.published.v1/0", "trial.published.v1/01", "x.v1/1"])
async def test_a_schema_that_is_not_there_is_a_problem(api: Api, path: str) -> None:
    found = await api.get(f"/schemas/{path}")

    assert (found.status, found.body["type"]) == (404, "/problems/schema-unknown")
