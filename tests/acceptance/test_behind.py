"""A right command is not refused by a node that is behind: `make behind` sends 10,000 reports where these send 200."""

import json
import sys
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio

from adapters.losses import Losses
from events.schemas.access import Role
from registry.exchange.intake import Intake
from registry.office import tokens
from tests.support.behind import Pair, alternate
from tests.support.kafka import brokers_for
from tests.support.node import settings_for
from tests.support.postgres import fresh_database
from tests.support.trials import registration

ROUNDS = 20
FEW = 3


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["postgres", "kafka3"])
async def pair(postgres_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    """Two nodes on each log in turn, for all tests: each asks for trials of its own."""
    kafka = brokers_for(request, request.param)
    with fresh_database(postgres_url) as url:
        async with Pair.running(settings_for(url, kafka)) as running:
            yield running


async def test_a_report_that_follows_from_one_acknowledged_elsewhere_is_never_refused(
    pair: Pair, request: pytest.FixtureRequest
) -> None:
    outcome = await alternate(pair, request.config.getoption("--reports"))

    log = pair.nodes[0].settings.log
    sys.stdout.write(
        f"{log}: {outcome.recorded:,} reports recorded, {len(outcome.refused):,} refused, in {outcome.seconds:.0f} s\n"
    )
    assert outcome.refused == []


async def test_a_token_a_number_and_a_site_are_known_everywhere_as_soon_as_they_are_acknowledged(pair: Pair) -> None:
    for _ in range(ROUNDS):
        _, office = await tokens.issue(pair.nodes[0], Role.REGISTRY, "registry-office")
        trial, number = await pair.published(office, at=1)
        status, answer = await pair.post(0, office, f"/{number}/amend", {"reason": "as agreed", "registration": {}})
        assert answer.get("type") != "/problems/trial-unknown"
        await pair.add_site(office, trial, at=1)
        _, coordinator = await tokens.issue(pair.nodes[1], Role.SITE, "kyoto-hp")
        status, answer = await pair.post(0, coordinator, f"/{trial}/sites/kyoto/open", {"on": "2026-11-20"})
        assert status == 201, answer


READ_BY_ANYBODY = ("/v1/trials/{}", "/v1/trials/{}/sites", "/v1/trials/{}/history", "/trials/{}", "/en/report?trial={}")


async def test_nothing_acknowledged_is_unknown_to_readers_anywhere(pair: Pair) -> None:
    _, office = await tokens.issue(pair.nodes[0], Role.REGISTRY, "registry-office")
    for place in READ_BY_ANYBODY:
        for name in (0, 1):
            named = (await pair.published(office, at=1))[name]
            status, answer = await pair.get(0, place.format(named))
            assert status == 200, (place, answer)


async def test_the_receipt_of_what_one_node_acknowledged_is_given_by_the_other(pair: Pair) -> None:
    _, office = await tokens.issue(pair.nodes[0], Role.REGISTRY, "registry-office")
    for _ in range(FEW):
        status, receipt = await pair.post(1, office, "", {"registration": registration()})
        assert status == 201
        status, answer = await pair.get(0, f"/v1/commands/{receipt['key']}", office)
        assert (status, json.loads(answer)) == (200, receipt)


async def test_the_receipt_of_an_import_is_given_by_every_node(pair: Pair) -> None:
    _, office = await tokens.issue(pair.nodes[0], Role.REGISTRY, "registry-office")
    for _ in range(FEW):
        intake = Intake(pair.nodes[1], adopt=False, owner="registry-office", import_id=(name := uuid4()))
        await intake.finish("ctgov", ["a.json"], Losses())
        status, answer = await pair.get(0, f"/v1/imports/{name}", office)
        assert (status, json.loads(answer)["id"]) == (200, str(name))


async def test_a_report_on_the_form_of_one_node_knows_the_site_that_was_added_at_the_other(pair: Pair) -> None:
    _, office = await tokens.issue(pair.nodes[0], Role.REGISTRY, "registry-office")
    _, coordinator = await tokens.issue(pair.nodes[0], Role.SITE, "kyoto-hp")
    for _ in range(FEW):
        trial, _ = await pair.published(office, at=1)
        await pair.add_site(office, trial, at=1)
        fields = {"trial": trial, "site": "kyoto", "key": str(uuid4()), "what": "open", "on": "2026-11-20"}
        async with pair.session.post(f"{pair.urls[0]}/en/report", data=fields | {"token": coordinator}) as answer:
            assert answer.status == 201, await answer.text()


async def test_the_form_of_one_node_is_there_for_a_site_that_was_added_at_the_other(pair: Pair) -> None:
    _, office = await tokens.issue(pair.nodes[0], Role.REGISTRY, "registry-office")
    for _ in range(FEW):
        trial, _ = await pair.published(office, at=1)
        await pair.add_site(office, trial, at=1)
        status, page = await pair.get(0, f"/en/report?trial={trial}&site=kyoto")
        assert (status, 'name="token"' in page) == (200, True)
    assert 'name="token"' not in (await pair.get(0, f"/en/report?trial={trial}&site=osaka"))[1]


async def test_what_nobody_recorded_is_unknown(pair: Pair) -> None:
    for place in (*READ_BY_ANYBODY, "/v1/commands/{}"):
        assert (await pair.get(0, place.format(uuid4())))[0] == 404


async def test_a_token_that_nobody_issued_is_refused(pair: Pair) -> None:
    for invented in ("registry_invented", "invented"):
        status, answer = await pair.post(0, invented, "", {})

        assert (status, answer["type"]) == (401, "/problems/token-invalid")
