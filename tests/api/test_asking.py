"""A wrong query is named, a request that needs a token hears so first, and the index lists the reads."""

import re
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import uuid4

import pytest

from projections.base.moments import WRITTEN, moment_of
from registry.api.openapi import document
from registry.node import Node
from registry.server import create_app
from tests.api.conftest import Api
from tests.support.commands import SITE_COMMANDS, TRIAL_COMMANDS

ABSENT = "0b0b5a5e-7c1f-4e0e-9d2b-6f1c1f8f2a11"
"""Names nothing here. The same in each process: pytest-xdist wants the same names of tests from all."""
TRIAL = f"/v1/trials/{ABSENT}"
COMMANDS = (
    "/v1/trials",
    *(f"{TRIAL}/{name}" for name in TRIAL_COMMANDS),
    *(f"{TRIAL}/sites/kyoto/{name}" for name in SITE_COMMANDS),
)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/trials?colour=red", "colour"),
        ("/v1/trials?q=a&q=b", "q"),
        ("/v1/trials?phase=9", "phase"),
        ("/v1/trials?phase=2&phase=9", "phase"),
        ("/v1/trials?age=old", "age"),
        (f"/v1/trials?q={'+'.join(map(str, range(40)))}", "q"),
        ("/v1/trials?as_of=tomorrow", "as_of"),
        ("/v1/trials?as_of=2999-01-01", "as_of"),
        ("/v1/trials?as_of=9999:1", "as_of"),
        ("/v1/trials?wait_for=x", "wait_for"),
        (f"{TRIAL}/history?after=x", "after"),
        (f"{TRIAL}/history?limit=0", "limit"),
        (f"/v1/commands/{ABSENT}?key=1", "key"),
        ("/v1?x=1", "x"),
    ],
)
async def test_a_query_parameter_that_cannot_be_read_is_named(api: Api, path: str, field: str) -> None:
    answer = await api.get(path)

    assert answer.kind == "bad-parameter"
    assert [fault["field"] for fault in answer.body["faults"]] == [field]
    assert all(fault["message"] for fault in answer.body["faults"])


@pytest.mark.parametrize("name", ["Registry-Wait-For"])
async def test_a_header_that_cannot_be_read_is_named(api: Api, name: str) -> None:
    answer = await api.get("/v1/trials", **{name: "x"})

    assert (answer.kind, [fault["field"] for fault in answer.body["faults"]]) == ("bad-parameter", [name])


@pytest.mark.parametrize("path", COMMANDS)
async def test_who_brings_no_token_is_told_so_before_anything_else_is_looked_at(api: Api, path: str) -> None:
    for body, key, query in ((b"{", "none", "?x=1"), (b'{"x": 1}', str(uuid4()), ""), (b"", "", "")):
        headers = {"Idempotency-Key": key, "Content-Type": "application/json", "If-Match": "wrong"}
        assert (await api.ask("POST", path + query, data=body, headers=headers)).kind == "token-missing"
    wrong = await api.ask("POST", path + "?x=1", data=b"{", headers={"Authorization": "Bearer registry_wrong"})

    assert wrong.kind == "token-invalid"


@pytest.mark.parametrize("path", ["/v1/imports?x=1", f"/v1/imports/{ABSENT}?after=x"])
async def test_a_read_that_needs_a_token_says_so_first(api: Api, path: str) -> None:
    assert (await api.get(path)).kind == "token-missing"


STREAMS = {"/v1/changes": "?follow=false"}
"""What goes on without an end, so that no HEAD could say what a GET would; and how to get a page of it."""


async def test_the_index_names_every_read_and_they_are_there(api: Api) -> None:
    index = (await api.get("/v1")).body
    described = {
        one["get"]["operationId"]
        for path, one in document("x")["paths"].items()
        if "get" in one and path.startswith("/v1/")
    }

    assert index["name"] == api.node.settings.name
    assert set(index["reads"]) == described
    for path in index["links"].values():
        assert (await api.get(path)).status == HTTPStatus.OK
    for path in index["reads"].values():
        answer = await api.get(re.sub("{.*?}", str(uuid4()), path) + STREAMS.get(path, ""))
        assert answer.status == HTTPStatus.OK or answer.kind != "route-unknown"


async def test_what_can_be_got_can_be_headed(api: Api, node: Node) -> None:
    routes = [route for route in create_app(node).router.routes() if route.resource is not None]
    got, headed = (
        {r.resource.canonical for r in routes if r.method == method and r.resource} for method in ("GET", "HEAD")
    )

    assert got - headed == STREAMS.keys()
    assert "/v1" in got
    for path in sorted(got - STREAMS.keys()):
        address = re.sub("{.*?}", str(uuid4()), path)
        get, head = await api.get(address), await api.ask("HEAD", address, allow_redirects=False)
        assert head.raw == b""
        assert head.status in (get.status, HTTPStatus.FOUND)


@pytest.mark.parametrize(
    "text", ["2026-11-22", "2026-11-22T09:30:00+09:00", "2026-11-22t00:30:00.123z", "3:141", "2026-11-22 09:30:00Z"]
)
def test_a_moment_is_written_as_the_schema_says(text: str) -> None:
    assert re.search(WRITTEN, text)
    assert moment_of(text).recorded != datetime(1, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026",
        "2026-13-01",
        "2026-11-32",
        "2026-11-22T25:00:00Z",
        "2026-11-22T09:30:00",
        "3",
        "3:",
        "now",
        "2026-11-22\n",
    ],
)
def test_what_the_schema_does_not_allow_is_no_moment(text: str) -> None:
    assert not re.search(WRITTEN.replace("$", r"\Z"), text)
    assert _is_refused(text)


def _is_refused(text: str) -> bool:
    try:
        moment_of(text)
    except ValueError:
        return True
    return False
