"""The office reads what was refused, and retries or closes it; a history says what an event follows from."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import pytest

from events.schemas.access import Role
from registry import wiring
from registry.domain.access.decider import IssueToken
from registry.domain.permissions import CONSOLE
from registry.node import Node
from registry.office import tokens as issuing
from registry.policies.policy import Policy
from registry.settings import Settings
from tests.api.conftest import Api
from tests.projections.views import eventually
from tests.support.node import READ
from tests.support.policies import AT_ONCE, TOYS, publishes, token

POLICIES: Final = (*TOYS, Policy("at-once", "trial", publishes), Policy("by-token", "access", publishes))


@pytest.fixture
async def node(settings: Settings) -> AsyncIterator[Node]:
    """A node with toy policies."""
    async with wiring.running(settings, policies=POLICIES) as running:
        running.views._clock = lambda: READ
        yield running


async def listed(api: Api, holds: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """The office's list, once it is as it should be."""
    found: list[dict[str, Any]] = []

    async def as_it_should_be() -> bool:
        found[:] = (await api.get("/v1/consequences", role=Role.REGISTRY)).body["consequences"]
        return bool(found) and holds(found)

    await eventually(as_it_should_be)
    return found


def is_first(status: str, refusals: int = 1) -> Callable[[list[dict[str, Any]]], bool]:
    return lambda found: (found[0]["status"], found[0]["refusals"]) == (status, refusals)


async def refused(api: Api) -> str:
    """A trial of which a token that nobody issued is to be revoked."""
    trial = await api.draft()
    await api.done(f"/v1/trials/{trial}/amend", {"reason": "slow", "registration": {"planned_size": 9}})
    return trial


async def test_a_refused_command_is_listed_and_settled_once_its_retry_is_recorded(api: Api) -> None:
    trial = await refused(api)
    [one] = await listed(api, is_first("open"))

    assert (one["policy"], one["cause"], one["command"]) == ("revokes", f"trial/{trial}/2", "access.revoke-token")
    assert one["target"] == token(f"trial/{trial}")
    assert [fault["rule"] for fault in one["faults"]] == ["token-unknown"]
    retry = f"/v1/consequences/{one['consequence']}/retry"
    assert (await api.done(retry, {}, role=Role.REGISTRY))["event"] == "consequence.retry-asked.v1"
    await listed(api, is_first("open", 2))
    issue = IssueToken(digest="a" * 64, role=Role.SITE, organisation="kyoto")
    await api.node.submit(CONSOLE, api.node.new_id(), token(f"trial/{trial}"), issue)
    await api.done(retry, {}, role=Role.REGISTRY)
    [settled] = await listed(api, is_first("settled", 2))

    assert (settled["made"], settled["refusals"]) == (2, 2)
    answer = await api.post(retry, {}, role=Role.REGISTRY)
    assert (answer.status, answer.rules) == (422, {"consequence-settled"})


async def test_a_refused_command_is_closed_with_a_reason(api: Api) -> None:
    await refused(api)
    [one] = await listed(api, is_first("open"))
    close = f"/v1/consequences/{one['consequence']}/close"
    assert (await api.post(close, {}, role=Role.REGISTRY)).status == 422
    await api.done(close, {"reason": "The token was never issued"}, role=Role.REGISTRY)
    [closed] = await listed(api, is_first("closed"))

    assert closed["reason"] == "The token was never issued"
    assert (await api.post(close, {"reason": "again"}, role=Role.REGISTRY)).rules == {"consequence-closed"}


@pytest.mark.parametrize("role", sorted({*Role} - {Role.REGISTRY}))
async def test_nobody_but_the_office_reads_or_gives_them(api: Api, role: Role) -> None:
    await refused(api)
    [one] = await listed(api, is_first("open"))

    assert (await api.get("/v1/consequences", role=role)).status == 403
    assert (await api.post(f"/v1/consequences/{one['consequence']}/retry", {}, role=role)).status == 403


async def test_a_page_is_followed_to_the_end(api: Api) -> None:
    for _ in range(3):
        await refused(api)
    whole = await listed(api, lambda found: len(found) == 3)
    seen, following = [], "/v1/consequences?limit=2"
    while following:
        page = (await api.get(following, role=Role.REGISTRY)).body
        seen += page["consequences"]
        following = page.get("next", "")

    assert seen == whole
    assert (await api.get("/v1/consequences?after=x", role=Role.REGISTRY)).status == 400


async def test_measurements_tell_what_waits_and_what_was_refused(api: Api) -> None:
    await refused(api)
    await listed(api, is_first("open"))
    measured = (await api.get("/metrics")).raw.decode().splitlines()

    assert 'registry_policy_refused{policy="revokes"} 1.0' in measured
    assert 'registry_policy_waiting{policy="waits"} 1.0' in measured
    assert any(line.startswith('registry_follower_lag{follower="policies"') for line in measured)


async def history(api: Api, trial: str, role: Role | None) -> list[dict[str, Any]]:
    """The events of a trial, once it is published."""
    events: list[dict[str, Any]] = []

    async def published() -> bool:
        answer = await api.get(f"/v1/trials/{trial}/history", role=role)
        events[:] = answer.body["events"] if answer.status == 200 else []
        return any(one["type"] == "trial.published.v1" for one in events)

    await eventually(published)
    return events


async def test_the_history_names_the_policy_and_the_cause_to_whoever_may_read_it(api: Api) -> None:
    trial = await api.draft(acronym=AT_ONCE)
    cause = {"stream": f"trial/{trial}", "version": 1}
    for role in (None, Role.REGISTRY):
        [published] = [one for one in await history(api, trial, role) if one["type"] == "trial.published.v1"]
        assert published["follows_from"] == {"policy": "at-once", **cause}
        assert ("actor" in published) is (role is Role.REGISTRY)
    assert published["actor"]["token"] == "policy:at-once"
    page = (await api.get(f"/en/trials/{trial}/timeline")).raw.decode()

    assert f"trial/{trial}/1" in page
    assert "at-once" in page


async def test_of_a_cause_that_a_reader_may_not_read_the_policy_alone_is_named(api: Api) -> None:
    trial = await api.draft()
    await issuing.issue(api.node, Role.SPONSOR, trial)
    for role in (None, Role.REGISTRY):
        [published] = [one for one in await history(api, trial, role) if one["type"] == "trial.published.v1"]
        assert published["follows_from"] == {"policy": "by-token"}
    page = (await api.get(f"/en/trials/{trial}/timeline")).raw.decode()

    assert "by-token" in page
    assert "access/" not in page
