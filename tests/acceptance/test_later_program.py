"""A log that a later program has written to: what this one does not understand it holds, tells, and never guesses."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer

from events import catalogue
from events.schemas.access import Role
from events.schemas.trial import TrialPublished
from events.schemas.values import Line, Value
from projections.dump import dump
from projections.rebuild import rebuild
from registry import tokens as issuing
from registry.access import CONSOLE
from registry.api.server import create_app
from registry.domain.trial.commands import RegisterTrial
from registry.node import Node
from tests.support.planting import plant
from tests.support.trials import registration
from tests.support.waiting import PATIENCE

PUBLISHED = json.dumps({"number": "JTR20260000013", "registered": "2026-11-28", "fast_track": True}).encode()
ISSUED = {"digest": "0" * 64, "role": "authority", "organisation": "region-eu"}
LATER: Mapping[str, tuple[str, bytes, dict[str, Any]]] = {
    "a later revision": ("trial.published.v1", PUBLISHED, {"revision": 2}),
    "a later type": ("trial.transferred.v1", b'{"to":"eu"}', {}),
    "an audience": ("trial.completed.v1", b'{"on":"2026-11-01"}', {"extensions": {"audience": "region-eu"}}),
    "a day of publication": (
        "trial.completed.v1",
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
    held, other = await registered(node), await registered(node)
    await plant(node, f"trial/{held}", kind, body, **attributes)
    await node.until_visible(PATIENCE)
    sponsor = {"Authorization": f"Bearer {tokens[Role.SPONSOR]}"}

    async with TestClient(TestServer(create_app(node))) as client:

        async def amend(trial: str) -> tuple[int, dict[str, Any]]:
            body = {"reason": "more", "registration": {"planned_size": 7}}
            headers = sponsor | {"Idempotency-Key": str(uuid4())}
            async with client.post(f"/v1/trials/{trial}/amend", json=body, headers=headers) as response:
                return response.status, await response.json()

        refused, problem = await amend(held)
        recorded, _ = await amend(other)
        async with client.get(f"/v1/trials/{held}", headers=sponsor) as response:
            shown = await response.json()
        async with client.get(f"/v1/trials/{held}/history", headers=sponsor) as response:
            history = await response.json()

    assert (refused, problem["type"], recorded) == (503, "/problems/set-aside", 201)
    assert shown["version"] == 1
    assert (shown["set_aside"]["since_version"], shown["set_aside"]["events"]) == (2, 1)
    assert [event["version"] for event in history["events"]] == [1]


@pytest.mark.parametrize(
    ("body", "revision"),
    [(ISSUED, 1), (ISSUED | {"role": "sponsor", "regions": ["eu"]}, 1), (ISSUED | {"role": "sponsor"}, 2)],
    ids=["a later role", "a later field", "a later revision"],
)
async def test_a_token_of_a_later_program_opens_nothing_and_the_node_goes_on(
    node: Node, body: dict[str, Any], revision: int
) -> None:
    _, known = await issuing.issue(node, Role.SPONSOR, "one")

    await plant(node, f"access/{uuid4()}", "access.token-issued.v1", json.dumps(body).encode(), revision=revision)

    assert node.access.actor(known) is not None
    assert [entry.digest for entry in node.access.entries()].count(ISSUED["digest"]) == 0
    assert node.heads.ready
    assert node.heads.held


async def test_a_category_of_a_later_program_is_kept_whole_and_does_no_harm(node: Node) -> None:
    extensions = {"audience": "region-eu", "causationid": "3:4"}
    stream = f"programme/{uuid4()}"

    await plant(node, stream, "programme.stated.v1", b'{"protocols":["A"]}', revision=3, extensions=extensions)
    await node.until_visible(PATIENCE)

    [row] = await node.views.history(stream)
    assert (row.event.record.data, row.event.record.revision) == ({"protocols": ["A"]}, 3)
    assert row.event.record.extensions == extensions
    assert not node.heads.held


class PublishedLater(TrialPublished):
    """What a later program may make of it: a field more."""

    REVISION: ClassVar[int] = 2
    fast_track: bool | None = None


class Transferred(Value):
    """An event that this program has not."""

    to: Line


async def test_a_later_program_makes_the_same_views_of_todays_log(
    node: Node, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    for _ in range(3):
        await registered(node)
    await node.until_visible(PATIENCE)
    before = [line async for line in dump(database_url)]
    events = {**catalogue.EVENTS, "trial.published.v1": PublishedLater, "trial.transferred.v1": Transferred}
    monkeypatch.setattr(catalogue, "EVENTS", MappingProxyType(events))
    monkeypatch.setattr(catalogue, "UPCASTS", MappingProxyType({("trial.published.v1", 1): dict}))

    await rebuild(node.log, node.heads.topic, database_url)

    assert [line async for line in dump(database_url)] == before
