"""A log that a later program has written to: this one sets aside unknown events, reports them, and never guesses."""

import json
from collections.abc import Mapping
from itertools import chain, count
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer

from events import catalogue
from events.schemas.access import Role, TokenIssued
from events.schemas.trial import TrialPublished
from events.schemas.values import Line, Value
from projections.catalogue import PROGRAM
from projections.engine.dump import dump
from projections.engine.rebuild import rebuild
from registry import wiring
from registry.domain.permissions import CONSOLE
from registry.domain.trial.commands import RegisterTrial
from registry.node import Node
from registry.office import tokens as issuing
from registry.server import create_app
from tests.support.planting import plant
from tests.support.stories import Teller, every
from tests.support.trials import registration
from tests.support.waiting import PATIENCE

PUBLISHED = json.dumps({"number": "JTR20260000013", "registered": "2026-11-28", "fast_track": True}).encode()
ISSUED = {"digest": "0" * 64, "role": "auditor", "organisation": "region-eu"}
LATER: Mapping[str, tuple[str, bytes, dict[str, Any]]] = {
    "a later revision": ("trial.published.v1", PUBLISHED, {"revision": 2}),
    "an unknown field at a known revision": (
        "trial.first-participant-recorded.v1",
        b'{"on":"2026-11-01","place":"eu"}',
        {},
    ),
    "an unknown word at a known revision": (
        "trial.authorisation-changed.v1",
        b'{"was":"draft","now":"permitted","on":"2026-11-01"}',
        {},
    ),
    "a later type": ("trial.transferred.v1", b'{"to":"eu"}', {}),
    "an audience": (
        "trial.first-participant-recorded.v1",
        b'{"on":"2026-11-01"}',
        {"extensions": {"audience": "region-eu"}},
    ),
    "a day of publication": (
        "trial.first-participant-recorded.v1",
        b'{"on":"2026-11-01"}',
        {"extensions": {"publicfrom": "2027-01-01"}},
    ),
}


async def registered(node: Node) -> str:
    key = uuid4()
    command = RegisterTrial.model_validate({"owner": "kyoto-sponsor", "registration": registration()})
    await node.submit(CONSOLE, key, f"trial/{key}", command)
    return str(key)


@pytest.mark.parametrize("what", LATER)
async def test_a_trial_with_an_event_of_a_later_program_is_held_and_told(
    node: Node, tokens: dict[Role, str], what: str
) -> None:
    kind, body, attributes = LATER[what]
    stopped, other = await registered(node), await registered(node)
    await plant(node, f"trial/{stopped}", kind, body, **attributes)
    await node.until_visible(PATIENCE)
    sponsor = {"Authorization": f"Bearer {tokens[Role.SPONSOR]}"}

    async with TestClient(TestServer(create_app(node))) as client:

        async def amend(trial: str) -> tuple[int, dict[str, Any]]:
            body = {"reason": "more", "registration": {"planned_size": 7}}
            headers = sponsor | {"Idempotency-Key": str(uuid4())}
            async with client.post(f"/v1/trials/{trial}/amend", json=body, headers=headers) as response:
                return response.status, await response.json()

        refused, problem = await amend(stopped)
        recorded, _ = await amend(other)
        async with client.get(f"/v1/trials/{stopped}", headers=sponsor) as response:
            shown = await response.json()
        async with client.get(f"/v1/trials/{stopped}/history", headers=sponsor) as response:
            history = await response.json()

    assert (refused, problem["type"], recorded) == (503, "/problems/set-aside", 201)
    assert shown["version"] == 1
    assert (shown["set_aside"]["since_version"], shown["set_aside"]["events"]) == (2, 1)
    assert [event["version"] for event in history["events"]] == [1]


@pytest.mark.parametrize(
    ("kind", "body", "revision"),
    [
        ("access.token-issued.v1", ISSUED, 1),
        ("access.token-issued.v1", ISSUED | {"role": "sponsor", "regions": ["eu"]}, 1),
        ("access.token-issued.v1", ISSUED | {"role": "sponsor"}, 3),
        ("access.token-lent.v1", ISSUED | {"role": "sponsor"}, 1),
    ],
    ids=["a later role", "a later field", "a later revision", "a later type"],
)
async def test_a_token_of_a_later_program_opens_nothing_and_the_node_goes_on(
    node: Node, kind: str, body: dict[str, Any], revision: int
) -> None:
    _, known = await issuing.issue(node, Role.SPONSOR, "one")

    await plant(node, f"access/{uuid4()}", kind, json.dumps(body).encode(), revision=revision)

    assert node.access.actor(known) is not None
    assert [entry.digest for entry in node.access.entries()].count(ISSUED["digest"]) == 0
    assert node.heads.ready
    assert node.heads.unreadable


async def test_a_category_of_a_later_program_is_kept_whole_and_does_no_harm(node: Node) -> None:
    extensions = {"audience": "region-eu", "causationid": "3:4"}
    stream = f"cohort/{uuid4()}"

    await plant(node, stream, "cohort.stated.v1", b'{"protocols":["A"]}', revision=3, extensions=extensions)
    await node.until_visible(PATIENCE)

    [row] = await node.views.history(stream)
    assert (row.event.record.data, row.event.record.revision) == ({"protocols": ["A"]}, 3)
    assert row.event.record.extensions == extensions
    assert not node.heads.unreadable


class PublishedLater(TrialPublished):
    """What a later program may make of it: a field more."""

    REVISION: ClassVar[int] = 2
    fast_track: bool | None = None


class IssuedLater(TokenIssued):
    """Likewise of a token."""

    REVISION: ClassVar[int] = 2
    regions: tuple[Line, ...] = ()


class Transferred(Value):
    """An event that this program has not."""

    to: Line


LATER_FORMS: Mapping[str, type[Value]] = {
    "trial.published.v1": PublishedLater,
    "access.token-issued.v1": IssuedLater,
    "trial.transferred.v1": Transferred,
}


async def test_a_later_program_makes_the_same_views_and_the_same_book_of_tokens_of_todays_log(
    node: Node, tokens: dict[Role, str], monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    await registered(node)
    number = count()
    for event in chain.from_iterable(every(Teller(lambda: f"text {next(number)}", "later program"))):
        await plant(node, event.stream, event.type, json.dumps(event.data).encode(), extensions=event.extensions)
    await node.until_visible(PATIENCE)
    before = [line async for line in dump(database_url, program=PROGRAM)]
    entries, actors = node.access.entries(), {role: node.access.actor(token) for role, token in tokens.items()}
    steps = {(kind, 1): dict for kind in LATER_FORMS if kind in catalogue.EVENTS}
    monkeypatch.setattr(catalogue, "EVENTS", MappingProxyType({**catalogue.EVENTS, **LATER_FORMS}))
    monkeypatch.setattr(catalogue, "UPCASTS", MappingProxyType(steps))

    await rebuild(node.log, node.heads.topic, database_url, program=PROGRAM)
    async with wiring.running(node.settings) as later:
        book = later.access.entries(), {role: later.access.actor(token) for role, token in tokens.items()}
        unreadable = dict(later.heads.unreadable)

    assert [line async for line in dump(database_url, program=PROGRAM)] == before
    assert book == (entries, actors)
    assert {actor.role if actor else None for actor in actors.values()} == set(Role)
    assert (unreadable, node.heads.unreadable) == ({}, {})
    history = [row for row in map(json.loads, before) if row["view"] == "history"]
    assert {row["type"] for row in history} >= set(catalogue.EVENTS) - {"trial.transferred.v1"}
