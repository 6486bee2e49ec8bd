"""The feed: every accepted change that the asker may see, once, in order, from any place, and live."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from events.origin import Origin
from events.schemas.access import Role
from events.sealing import OwnerKind, owners_in
from projections.trial.document import is_public, stream_of
from registry import wiring
from registry.feed import cursor
from registry.feed.fold import fold
from registry.node import Node
from registry.office import tokens as issuing
from registry.office.erasing import destroy
from registry.server import serving
from registry.settings import Settings
from tests.api.conftest import Api
from tests.support.lived import live
from tests.support.node import ORGANISATIONS, settings_for
from tests.support.trials import PERSON
from tests.support.waiting import PATIENCE

Entries = list[dict[str, Any]]
READERS = 100
"""That follow at once."""


@pytest.fixture
def settings(database_url: str) -> Settings:
    """With a sign of life twice a second, and room for a few more readers from one address than follow at once."""
    changed = {"stream_heartbeat": 0.5, "streams_most": READERS + 2, "streams_each": READERS + 2}
    return settings_for(database_url).model_copy(update=changed)


async def page(api: Api, role: Role | None = None, after: str | None = None) -> tuple[Entries, str]:
    """One page of the feed, and the place after it."""
    query = "" if after is None else f"&after={after}"
    answer = await api.get(f"/v1/changes?follow=false{query}", role=role)
    assert answer.status == 200, answer.raw
    [after] = re.findall(r"<.*[?&]after=([^&>]*).*>; rel=\"next\"", answer.headers["Link"])
    return [json.loads(line) for line in answer.raw.splitlines()], after


async def everything(api: Api, role: Role | None = None) -> Entries:
    """The whole feed as the role gets it now."""
    await api.settled()
    found: Entries = []
    entries, cursor = await page(api, role)
    while entries:
        found += entries
        entries, cursor = await page(api, role, cursor)
    return found


@asynccontextmanager
async def followed(
    api: Api, role: Role | None = None, query: str = "", **headers: str
) -> AsyncIterator[aiohttp.StreamReader]:
    """The feed as it comes."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if role is not None:
        sent["Authorization"] = f"Bearer {api.tokens[role]}"
    timeout = aiohttp.ClientTimeout(total=None)
    async with api.session.get(f"/v1/changes{query}", headers=sent, timeout=timeout) as response:
        assert response.status == 200, await response.read()
        yield response.content


@asynccontextmanager
async def wide(api: Api) -> AsyncIterator[Api]:
    """The same with any number of connections; a session has a hundred by itself."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{api.port}", connector=connector) as session:
        yield replace(api, session=session)


async def entries_of(lines: aiohttp.StreamReader, count: int) -> Entries:
    """The next entries of a stream."""
    found: Entries = []
    async with asyncio.timeout(PATIENCE):
        while len(found) < count:
            line = await lines.readline()
            assert line, "the stream ended"
            if line.strip():
                found.append(json.loads(line))
    return found


def without_places(entries: Entries) -> Entries:
    """The entries without their cursors: these say how far the reader has come in other partitions, too."""
    return [{name: value for name, value in entry.items() if name != "cursor"} for entry in entries]


def ids(entries: Sequence[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(entry["trial"], entry["version"]) for entry in entries]


async def test_from_zero_the_feed_folds_to_the_documents_of_the_registry(api: Api) -> None:
    await live(api.node)
    trial = await api.published()
    at = await api.with_site(trial)
    await api.done(f"{at}/open", {"on": "2026-11-02"}, role=Role.SITE)
    await api.done(f"{at}/pause", {"on": "2026-11-03", "why": {"ja": "点検"}}, role=Role.SITE)
    await api.done(f"{at}/ask-take-back", {"of": 6}, role=Role.SITE)
    await api.draft()
    folded = fold({}, await everything(api, Role.REGULATOR))
    stored = {document["trial"]: document async for document in api.node.views.documents()}

    assert len(stored) == 5
    assert folded == {trial: await api.node.open_all(stored[trial], stream_of(trial)) for trial in stored}
    public = fold({}, await everything(api))
    assert public.keys() == {trial for trial in stored if is_public(stored[trial])}
    for trial, document in public.items():
        shown = (await api.get(f"/v1/trials/{trial}")).body
        assert {**shown, "sites": document["sites"]} == {**shown, **document}


async def test_a_follower_gets_what_comes_and_each_change_once(api: Api) -> None:
    first = await api.published()
    async with followed(api, Role.REGULATOR) as lines:
        before = await entries_of(lines, 2)
        second = await api.published()
        after = await entries_of(lines, 2)

    assert ids(before + after) == [(first, 1), (first, 2), (second, 1), (second, 2)]
    assert without_places(before + after) == without_places(await everything(api, Role.REGULATOR))


async def test_a_draft_comes_to_the_public_whole_when_it_is_published(api: Api) -> None:
    trial = await api.draft()
    async with followed(api) as lines, followed(api, Role.SPONSOR) as own:
        await api.done(f"/v1/trials/{trial}/amend", {"reason": "typing", "registration": {"planned_size": 7}})
        await api.done(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY)
        await api.done(f"/v1/trials/{trial}/amend", {"reason": "more", "registration": {"planned_size": 9}})
        public, sponsors = await entries_of(lines, 2), await entries_of(own, 4)
    shown = (await api.get(f"/v1/trials/{trial}")).body

    assert ids(public) == [(trial, 3), (trial, 4)]
    assert ids(sponsors) == [(trial, version) for version in (1, 2, 3, 4)]
    assert without_places(public) == without_places(await everything(api))
    assert without_places(sponsors) == without_places(await everything(api, Role.SPONSOR))
    assert public[0]["record"]["first_recorded"] == public[0]["recorded"], "nothing says since when it was a draft"
    [document] = fold({}, public).values()
    assert document == {name: shown[name] for name in document}
    assert shown.keys() - document.keys() == {"joining"}


async def test_any_cursor_is_a_place_to_go_on_from(api: Api) -> None:
    for _ in range(3):
        await api.published()
    whole = await everything(api, Role.REGULATOR)

    assert len(whole) == 6
    for number, entry in enumerate(whole, start=1):
        rest, _ = await page(api, Role.REGULATOR, entry["cursor"])
        assert without_places(rest) == without_places(whole[number:])
        async with followed(api, Role.REGULATOR, f"?after={entry['cursor']}&limit=1") as lines:
            assert without_places(await entries_of(lines, min(1, len(rest)))) == without_places(rest[:1])


async def test_a_limit_ends_a_page_and_a_stream(api: Api) -> None:
    for _ in range(2):
        await api.published()
    whole = await everything(api, Role.REGULATOR)
    answer = await api.get("/v1/changes?follow=false&limit=3", role=Role.REGULATOR)
    first = [json.loads(line) for line in answer.raw.splitlines()]
    async with api.session.get(answer.headers["Link"][1:].partition(">")[0], headers=bearer(api)) as response:
        rest = [json.loads(line) for line in (await response.read()).splitlines()]
    async with followed(api, Role.REGULATOR, "?limit=3") as lines:
        streamed = (await lines.read()).splitlines()

    assert (first, without_places(rest)) == (whole[:3], without_places(whole[3:]))
    assert [json.loads(line) for line in streamed] == whole[:3]


def bearer(api: Api, role: Role = Role.REGULATOR) -> dict[str, str]:
    return {"Authorization": f"Bearer {api.tokens[role]}"}


async def test_a_browser_gets_events_and_goes_on_from_its_last_one(api: Api) -> None:
    trial = await api.published()
    await api.settled()
    accepts = {"Accept": "text/event-stream"}
    async with followed(api, Role.REGULATOR, "?limit=2", **accepts) as lines:
        blocks = (await lines.read()).decode().split("\n\n")
    [first, second] = [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks[1:-1]]
    async with followed(api, Role.REGULATOR, "?limit=1", Last_Event_ID=first["id"], **accepts) as lines:
        again = (await lines.read()).decode()

    assert blocks[0] == "retry: 2000"
    assert ids([json.loads(one["data"]) for one in (first, second)]) == [(trial, 1), (trial, 2)]
    assert first["id"] == json.loads(first["data"])["cursor"]
    assert f"data: {second['data']}" in again
    assert first["data"] not in again


async def test_silence_is_broken_by_a_sign_of_life(api: Api) -> None:
    draft = await api.draft()
    async with followed(api) as lines, followed(api, Accept="text/event-stream") as events:
        async with asyncio.timeout(PATIENCE):
            assert await lines.readline() == b"\n"
            assert [await events.readline() for _ in range(2)] == [b"retry: 2000\n", b"\n"]
            event, blank = await events.readline(), await events.readline()
        await api.done(f"/v1/trials/{draft}/publish", {}, role=Role.REGISTRY)
        async with asyncio.timeout(PATIENCE):
            assert ids(await entries_of(lines, 1)) == [(draft, 2)]

    assert (event.startswith(b"id: "), blank) == (True, b"\n")
    # Its place lies after changes that the asker may not see: they are not read again.
    assert (await page(api, after=event[4:-1].decode()))[0][0]["version"] == 2


@pytest.mark.parametrize("role", [None, Role.SITE, Role.PARTNER, Role.PUBLIC])
async def test_no_draft_comes_to_who_may_not_see_it(api: Api, role: Role | None) -> None:
    await api.draft(public_title={"ja": "秘密の試験", "en": "A secret trial"})
    published = await api.published()
    answer = await api.get("/v1/changes?follow=false", role=role)

    assert "secret" not in answer.raw.decode()
    assert ids(await everything(api, role)) == [(published, 2)]
    assert "actor" not in answer.raw.decode()


async def test_a_forgotten_person_and_a_former_contact_come_to_nobody_from_the_past(api: Api) -> None:
    others = {**PERSON, "email": "other@example.jp", "name": {"ja": "別の 人", "en": "Somebody Else"}}
    trial = await api.published()
    contacts = [{"role": role, "person": others} for role in ("public", "scientific")]
    await api.done(f"/v1/trials/{trial}/amend", {"reason": "left", "registration": {"contacts": contacts}})
    public, regulators = str(await everything(api)), str(await everything(api, Role.REGULATOR))
    assert (PERSON["email"] in public, PERSON["email"] in regulators) == (False, True)
    assert others["email"] in public
    document = await api.node.views.document(trial)
    assert document is not None
    await destroy(api.node, OwnerKind.PERSON, set(owners_in(document, ("person",))), "asked")

    for role in (None, Role.REGULATOR, Role.SPONSOR):
        assert others["email"] not in str(await everything(api, role))


async def test_who_gave_a_draft_away_gets_no_more_of_it_and_the_new_owner_gets_it_whole(api: Api) -> None:
    trial = await api.draft()
    _, secret = await issuing.issue(api.node, Role.SPONSOR, "another-sponsor")
    api.tokens[Role.PARTNER] = secret
    async with followed(api, Role.SPONSOR) as lines, followed(api, Role.PARTNER) as others:
        assert ids(await entries_of(lines, 1)) == [(trial, 1)]
        give = {"reason": "merged", "owner": "another-sponsor"}
        await api.done(f"/v1/trials/{trial}/change-owner", give, role=Role.REGISTRY)
        [gained] = await entries_of(others, 1)
        await api.done(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY)
        [published] = await entries_of(lines, 1)

    assert (gained["version"], gained["record"]["owner"]) == (2, "another-sponsor")
    assert (published["version"], published["record"]["version"]) == (3, 3)
    assert ids(await everything(api, Role.SPONSOR)) == [(trial, 3)]


async def test_what_is_no_place_of_this_log_is_refused(api: Api) -> None:
    partitions, log = len(api.node.heads.next_offsets()), api.node.origin.log
    other = cursor.encode(Origin("https://other.example", "another").log, dict.fromkeys(range(partitions), 0))
    beyond = cursor.encode(log, dict.fromkeys(range(partitions), 10**6))
    for token, words in (("3:141", "as it is"), (other, "another registry"), (beyond, "beyond the end")):
        refused = await api.get(f"/v1/changes?after={token}")
        assert (refused.status, refused.kind, refused.body["faults"][0]["field"]) == (400, "bad-parameter", "after")
        assert words in refused.body["detail"]
        refused = await api.get("/v1/changes", **{"Last-Event-ID": token})
        assert (refused.kind, refused.body["faults"][0]["field"]) == ("bad-parameter", "Last-Event-ID")
    for query in ("follow=yes", "limit=0", "limit=10001", "as_of=2026-11-22", "since=1", "after=&after="):
        assert (await api.get(f"/v1/changes?{query}")).kind == "bad-parameter", query
    assert (await api.ask("HEAD", "/v1/changes")).status == 405


async def test_a_revoked_token_ends_its_stream(api: Api) -> None:
    token, secret = await issuing.issue(api.node, Role.REGULATOR, "ministry")
    api.tokens[Role.PUBLIC] = secret
    trial = await api.published()
    async with followed(api, Role.PUBLIC) as lines, followed(api, Role.REGULATOR) as others:
        assert ids(await entries_of(lines, 2)) == ids(await entries_of(others, 2))
        await issuing.revoke(api.node, token, "lost")
        async with asyncio.timeout(PATIENCE):
            rest = await lines.read()
        await api.done(f"/v1/trials/{trial}/amend", {"reason": "x", "registration": {"planned_size": 9}})
        assert ids(await entries_of(others, 1)) == [(trial, 3)]

    assert rest.strip() == b""


async def test_a_hundred_readers_follow_at_once_and_share_what_comes(api: Api) -> None:
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(wide(api))
        readers = [await stack.enter_async_context(followed(api)) for _ in range(READERS // 2)]
        readers += [await stack.enter_async_context(followed(api, Role.REGULATOR)) for _ in range(READERS // 2)]
        for lines in readers:
            async with asyncio.timeout(PATIENCE):
                await lines.readline()
        before = await selects(api)
        trials = [await api.published() for _ in range(3)]
        public = [await entries_of(lines, 3) for lines in readers[: READERS // 2]]
        whole = [await entries_of(lines, 6) for lines in readers[READERS // 2 :]]
        queries = await selects(api) - before
        metrics = (await api.get("/metrics")).raw.decode()

    assert all(ids(one) == [(trial, 2) for trial in trials] for one in public)
    assert all(sorted(ids(one)) == sorted((trial, version) for trial in trials for version in (1, 2)) for one in whole)
    assert queries < READERS, "one query serves all who follow"
    assert f"registry_feed_readers {READERS}.0" in metrics


async def selects(api: Api) -> int:
    """How many times the history was read for changes, as PostgreSQL counts."""
    async with api.node.views._pools.reads.connection() as connection:
        await connection.execute("select pg_stat_force_next_flush()")
        row = await (
            await connection.execute("select idx_scan from pg_stat_user_indexes where indexrelname = 'history_place'")
        ).fetchone()
    assert row is not None
    return int(row[0]) // 8


async def test_one_reader_too_many_is_told_to_come_again_and_a_place_is_free_when_one_leaves(api: Api) -> None:
    first = api
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(wide(api))
        for _ in range(READERS + 2):
            await stack.enter_async_context(followed(api))
        refused = await api.get("/v1/changes")
        assert (refused.status, refused.kind, "Retry-After" in refused.headers) == (429, "too-many-at-once", True)
        async with followed(api, Role.SITE):
            assert (await api.get("/v1/trials")).status == 200
        await until(api, "registry_feed_readers 102.0")
    await until(first, "registry_feed_readers 0.0")
    assert (await first.get("/v1/changes?follow=false")).status == 200


async def test_a_reader_that_takes_nothing_is_let_go(impatient: Api) -> None:
    api, most = impatient, 40
    for number in range(most):
        await api.draft(description={"ja": f"{number} " + "長" * 60_000})
    await api.settled()
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.connect(("127.0.0.1", api.port))
        head = "GET /v1/changes HTTP/1.1\r\nHost: registry\r\nAuthorization: Bearer {}\r\n\r\n"
        deaf.sendall(head.format(api.tokens[Role.SPONSOR]).encode())
        await until(api, "registry_feed_readers 1.0")
        async with followed(api, Role.SPONSOR) as lines:
            assert len(await entries_of(lines, most)) == most
        await until(api, "registry_feed_readers 0.0")


async def until(api: Api, metric: str) -> None:
    """Returns when the metrics have this line."""
    async with asyncio.timeout(PATIENCE):
        while metric not in (await api.get("/metrics")).raw.decode():
            pass


@pytest.fixture
async def impatient(settings: Settings) -> AsyncIterator[Api]:
    """On a node of clients that must take a part of an answer within a second."""
    hurried = settings.model_copy(update={"answer_deadline": 1.0})
    async with wiring.running(hurried) as node, serving(node, "127.0.0.1", 0) as port:
        issued = {role: (await issuing.issue(node, role, name))[1] for role, name in ORGANISATIONS.items()}
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            yield Api(session, node, issued, port)


async def test_a_stopping_server_ends_streams_at_a_whole_line(node: Node, tokens: dict[Role, str]) -> None:
    async with AsyncExitStack() as stopping:
        port = await stopping.enter_async_context(serving(node, "127.0.0.1", 0))
        # A socket's address is known only now, and the server has to stop before the client does.
        session = aiohttp.ClientSession(f"http://127.0.0.1:{port}")
        api = Api(session, node, tokens, port)
        trial = await api.published()
        async with followed(api, Role.REGULATOR) as lines:
            assert ids(await entries_of(lines, 2)) == [(trial, 1), (trial, 2)]
            async with asyncio.timeout(PATIENCE):
                _, rest = await asyncio.gather(stopping.aclose(), lines.read())
        await session.close()

    assert rest.strip() == b""
