"""Whatever a body holds, making a command of it takes little time, little memory, and nobody else's turn."""

import asyncio
import json
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final
from uuid import uuid4

import pytest

from events.schemas.access import Role
from events.weight import values
from registry.api import bodies
from registry.api.bodies import FEW_VALUES, MOST_VALUES, VALUE, stated
from registry.api.problems import CROWDED, Problem
from registry.api.receiving import PARTS, SMALL, BodyMemory
from registry.domain.decider import Command
from registry.domain.trial.commands import AmendTrial, RegisterTrial
from registry.process.cycles import seldom_sought
from registry.settings import Settings
from tests.api.conftest import Api
from tests.api.test_door import head_of, line
from tests.support import worst
from tests.support.commands import SITE_COMMANDS, TRIAL_COMMANDS
from tests.support.node import settings_for
from tests.support.trials import registration
from tests.support.waiting import PATIENCE

LIMIT = 800_000
MODELS = (RegisterTrial, *TRIAL_COMMANDS.values(), *SITE_COMMANDS.values())


@pytest.fixture
def settings(database_url: str, request: pytest.FixtureRequest) -> Settings:
    """The usual settings; a test may lower limits."""
    return settings_for(database_url).model_copy(update=getattr(request, "param", {}))


SHARED = (" /registration/", " /results/", " /site/", " /why/")
"""Parts that several commands bring: each is tried in the first of them."""
FILLED = ("unknown names", "nested", "long")
"""Of each kind of place the filling that took longest; in a registration, which has most places, these alone."""


MOST: Final = 0.2
"""Seconds of processor time for a body; without bounds the worst takes 5."""
ROUNDS: Final = 3
"""The least counts where one takes too long: what else the machine does only adds to it."""


@pytest.fixture
def collected_as_in_a_node() -> Iterator[None]:
    """Python's own collector goes through all that a worker's tests have made, nine times for one body's faults."""
    with seldom_sought():
        yield


def worst_bodies() -> Iterator[tuple[type[Command], str, bytes]]:
    """Of every model."""
    tried: set[str] = set()
    for model in MODELS:
        for name, body in worst.bodies(model, LIMIT, MOST_VALUES):
            place = name.removeprefix(model.__name__)
            shared = place.startswith(SHARED)
            if shared and (place in tried or not place.endswith(FILLED)):
                continue
            tried.add(place)
            yield model, name, body


def test_the_worst_body_of_every_command_is_judged_in_little_time(collected_as_in_a_node: None) -> None:
    took: dict[str, float] = {}
    for model, name, body in worst_bodies():
        for _ in range(ROUNDS):
            began = time.thread_time()
            with pytest.raises(Problem) as refused:
                stated(model, body)
            took[name] = min(took.get(name, MOST), time.thread_time() - began)
            if took[name] < MOST:
                break
        assert len(refused.value.faults) <= bodies.MOST_FAULTS, name
    slowest = sorted(took, key=took.__getitem__, reverse=True)[:5]
    print(*(f"{took[name] * 1000:.0f} ms: {name}" for name in slowest), f"{len(took)} bodies", sep="\n")  # noqa: T201

    assert {name.split()[0] for name in took} == {model.__name__ for model in MODELS}
    assert took[slowest[0]] < MOST


@pytest.mark.parametrize(
    "hostile",
    [
        b'{"registration":' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"registration":' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"registration":{' + b",".join(b'"%d":1' % number for number in range(101)) + b"}}",
        b'{"registration":{"countries":[' + b",".join([b'""'] * MOST_VALUES) + b"]}}",
    ],
    ids=["deep", "deeper than can be encoded", "names", "values"],
)
def test_what_no_command_can_hold_is_refused_before_it_is_looked_at(hostile: bytes) -> None:
    with pytest.raises(Problem) as refused:
        stated(AmendTrial, hostile)

    assert refused.value.kind.code == "too-large"


def test_marks_within_texts_are_no_values() -> None:
    text = ",[{" * 30_000 + '\\"' * 100
    command = stated(AmendTrial, b'{"reason":"r","registration":{"description":{"en":"%s"}}}' % text.encode())

    assert command.registration.description is not None


def test_a_large_body_is_told_the_first_wrong_item_of_each_list_and_a_small_one_all() -> None:
    def faults(wrong: int, right: int) -> set[str]:
        countries, terms = ["japan"] * wrong, [{"en": "t"}] * right
        wrong_fields = {"countries": countries, "funders": [3, 4], "condition_keywords": terms}
        body = {"reason": "r", "registration": {**wrong_fields, "intervention_keywords": terms}}
        with pytest.raises(Problem) as refused:
            bodies.command_from(AmendTrial, body)
        return {fault.field for fault in refused.value.faults}

    small, large = faults(150, 1), faults(150, FEW_VALUES // 2)
    assert len(small) == 152
    assert large == {"/registration/countries/0", "/registration/funders/0"}


def test_what_is_held_is_bounded_for_one_organisation_and_for_all() -> None:
    memory = BodyMemory(800)
    with ExitStack() as all_parts:
        for organisation in range(PARTS):
            all_parts.enter_context(memory.on_behalf_of(str(organisation))).take(SMALL + 200)
        _refused(memory, "another", SMALL + 1)
        with memory.on_behalf_of("another") as report:
            report.take(SMALL)
    with memory.on_behalf_of("one") as first:
        first.take(SMALL + 150)
        _refused(memory, "one", SMALL + 51)
        with memory.on_behalf_of("one") as more:
            more.take(SMALL)
            more.take(50)
        _refused(memory, "one", SMALL + 51)
    with memory.on_behalf_of("one") as first:
        first.take(SMALL + 200)


def test_what_is_made_of_a_body_counts_and_one_alone_is_never_too_much() -> None:
    memory = BodyMemory(4 * 10_000)
    with memory.on_behalf_of("one") as first:
        first.take(4_000)
        first.make(1_000_000)
        _refused(memory, "one", SMALL + 3_000)
    with memory.on_behalf_of("one") as first, memory.on_behalf_of("one") as second:
        first.take(5_000)
        second.take(4_000)
        first.make(2_000)
        with pytest.raises(Problem):
            second.make(7_000)


def test_no_command_takes_more_than_is_counted_for_its_values() -> None:
    """Of what a command may hold most of: one value each, or several, in as many objects as there may be."""
    for reference in ({"url": "1"}, {"url": "1", "kind": "2", "pmid": "3", "label": "4"}):
        content = {"registration": registration(contacts=[], references=[reference] * 8_000)}
        body = json.dumps(content, separators=(",", ":")).encode()
        stated(RegisterTrial, body)
        tracemalloc.start()
        try:
            command = stated(RegisterTrial, body)
            taken, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert command
        assert 1_000_000 < taken <= len(body) + VALUE * values(body)


def _refused(memory: BodyMemory, organisation: str, size: int) -> None:
    with memory.on_behalf_of(organisation) as holding, pytest.raises(Problem) as refused:
        holding.take(size)
    assert refused.value.kind is CROWDED


@pytest.mark.parametrize("settings", [{"bodies_limit": 400_000}], indirect=True)
async def test_more_bodies_than_a_node_holds_are_told_to_come_again(api: Api) -> None:
    known = (f"Authorization: Bearer {api.tokens[Role.SPONSOR]}", "Content-Type: application/json")
    async with line(api) as slow:
        slow.writer.write(head_of("/v1/trials", *known, "Content-Length: 90000") + b" " * 80_000)
        async with asyncio.timeout(PATIENCE):
            while (answer := await api.post("/v1/trials", b" " * 90_000)).status != 429:
                pass
        other = await api.post(f"/v1/trials/{uuid4()}/publish", b" " * 90_000 + b"{}", role=Role.REGISTRY)

    assert (answer.kind, answer.headers["Retry-After"]) == ("too-many-at-once", "2")
    assert other.status == 404


async def test_probes_and_reports_are_answered_beside_hostile_bodies(api: Api) -> None:
    trial = await api.published()
    site = await api.with_site(trial)
    hostile = [body for _, body in worst.bodies(AmendTrial, LIMIT, MOST_VALUES)][:8]
    sent = [asyncio.create_task(api.post(f"/v1/trials/{trial}/amend", body)) for body in hostile]
    report = await asyncio.wait_for(api.post(f"{site}/open", {"on": "2026-11-01"}, role=Role.SITE), PATIENCE)
    probe = await asyncio.wait_for(api.get("/healthz"), PATIENCE)

    assert (report.status, probe.status) == (201, 200)
    assert {answer.status for answer in await asyncio.gather(*sent)} <= {400, 413, 422, 429}
