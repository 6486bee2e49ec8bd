"""The feed where a page would come to much, or one change can't be shown: pages are bounded, and the others come."""

import asyncio
import json
import re
from typing import Any

import pytest

from events.schemas.access import Role
from events.sealing import owners_in
from registry.feed.pages import BYTES
from tests.api.conftest import Api
from tests.api.test_changes import entries_of, everything, followed, ids
from tests.support.trials import PERSON, registration
from tests.support.waiting import PATIENCE

LONG = "長" * 60_000
"""180 kB, which are stored in 2 kB."""
OTHERS = {**PERSON, "email": "other@example.jp", "name": {"ja": "別の 人", "en": "Somebody Else"}}


async def pages(api: Api, role: Role) -> list[bytes]:
    """The feed page by page, as the role gets it now."""
    await api.settled()
    found, at = [], "/v1/changes?follow=false"
    while True:
        answer = await api.get(at, role=role)
        assert answer.status == 200, answer.raw
        if not answer.raw:
            return found
        found.append(answer.raw)
        [at] = re.findall("<(.*)>", answer.headers["Link"])


async def test_a_page_ends_by_the_documents_that_come_whole_with_it(api: Api) -> None:
    trials = [await api.draft(description={"ja": f"{number} {LONG}"}) for number in range(7)]
    for trial in trials:
        await api.done(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY)
    read = await pages(api, Role.SPONSOR)
    entries = [json.loads(line) for page in read for line in page.splitlines()]

    assert sorted(ids(entries)) == sorted((trial, version) for trial in trials for version in (1, 2))
    assert max(map(len, read)) < BYTES + 2 * len(LONG.encode())
    whole = await pages(api, Role.SITE)
    assert sorted(ids([json.loads(line) for page in whole for line in page.splitlines()])) == sorted(
        (trial, 2) for trial in trials
    )
    assert max(map(len, whole)) < BYTES + 2 * len(LONG.encode())


async def statement(api: Api, text: str, *parameters: Any) -> None:
    async with api.node.views.connection() as connection:
        await connection.execute(text.encode(), parameters)


async def test_a_key_that_was_changed_closes_what_is_under_it_and_hides_no_other(api: Api) -> None:
    sponsors = {"primary_sponsor": {"person": OTHERS, "name": {"en": "A hospital"}}}
    first, second = await api.published(), await api.published(**sponsors)
    await api.settled()
    document = await api.node.views.document(second)
    assert document is not None
    [owner] = owners_in(document["registration"]["primary_sponsor"])
    await statement(api, "update vault.owner set kind = 'text' where owner = %s", owner)
    entries = await everything(api)
    async with followed(api) as lines:
        streamed = await entries_of(lines, 2)
    found = await api.get("/v1/trials")

    assert ids(entries) == ids(streamed) == [(first, 2), (second, 2)]
    assert PERSON["email"] in str(entries[0])
    shown = entries[1]["record"]["registration"]["primary_sponsor"]
    assert shown == {"person": {"person": owner, "closed": True}, "name": {"en": "A hospital"}}
    assert (found.status, found.body["total"]) == (200, 2)
    assert OTHERS["email"] not in str(entries)


async def test_a_change_that_can_not_be_made_into_an_entry_is_told_closed_and_hides_no_other(api: Api) -> None:
    trials = [await api.published() for _ in range(3)]
    await api.settled()
    spoil = "update views.history set data = '{}' where stream = %s and version = 1"
    await statement(api, spoil, f"trial/{trials[1]}")
    entries = await everything(api, Role.REGULATOR)

    assert sorted(ids(entries)) == sorted((trial, version) for trial in trials for version in (1, 2))
    closed = {(entry["trial"], entry["version"]) for entry in entries if "closed" in entry}
    # Published, it would come whole to the public; regulators saw the draft, and get what changed.
    assert closed == {(trials[1], 1)}
    public = await everything(api)
    assert {entry["trial"] for entry in public if "closed" in entry} == {trials[1]}
    assert len(public) == 3


async def test_a_trial_that_can_not_be_shown_today_is_in_nobodys_feed(api: Api) -> None:
    hidden, shown = await api.published(), await api.published()
    await api.settled()
    await statement(api, "delete from views.record where trial = %s", hidden)

    assert (await api.get(f"/v1/trials/{hidden}")).status == 404
    assert ids(await everything(api)) == [(shown, 2)]
    assert ids(await everything(api, Role.REGULATOR)) == [(shown, 1), (shown, 2)]


@pytest.mark.parametrize("accepts", ["application/x-ndjson", "text/event-stream"])
async def test_a_node_whose_views_are_not_of_its_log_ends_its_streams_and_begins_none(api: Api, accepts: str) -> None:
    await api.published()
    await api.settled()
    async with followed(api, Accept=accepts) as lines, asyncio.timeout(PATIENCE):
        await lines.readline()
        await statement(api, "update views.position set next_offset = next_offset + 100")
        await api.post("/v1/trials", {"registration": registration()})
        rest = await lines.read()
    refused = await api.get("/v1/changes", Accept=accepts)

    assert "older copy" in api.node.unfit
    assert rest == b"" or rest.endswith(b"\n")
    assert (refused.status, refused.kind, refused.headers["Retry-After"]) == (503, "views-unfit", "60")


@pytest.mark.parametrize("query", ["", "&follow=false"])
async def test_a_client_of_http_1_0_gets_lines_as_they_are_and_the_end_by_the_connection(api: Api, query: str) -> None:
    trial = await api.published()
    await api.settled()
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    head = f"GET /v1/changes?limit=1{query} HTTP/1.0\r\nHost: registry\r\nAccept-Encoding: gzip;q=0\r\n\r\n"
    writer.write(head.encode())
    async with asyncio.timeout(PATIENCE):
        answer = await reader.read()
    writer.close()
    head_of_answer, _, body = answer.partition(b"\r\n\r\n")

    assert b"transfer-encoding" not in head_of_answer.lower()
    assert ids([json.loads(line) for line in body.splitlines()]) == [(trial, 2)]


async def test_a_stream_is_not_held_back_to_be_compressed(api: Api) -> None:
    trial = await api.published()
    async with api.session.get("/v1/changes", headers={"Accept-Encoding": "gzip"}) as stream:
        assert "Content-Encoding" not in stream.headers
        assert stream.headers["X-Accel-Buffering"] == "no"
        assert stream.headers["Cache-Control"] == "no-store"
        assert ids(await entries_of(stream.content, 1)) == [(trial, 2)]
