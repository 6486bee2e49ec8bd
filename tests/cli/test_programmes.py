"""`registry programmes`: proposals over real records; an acceptance leaves nothing behind once it is taken back."""

from functools import partial
from uuid import UUID

import orjson
import pytest

from projections.trial.document import stream_of
from registry import wiring
from registry.node import Node
from registry.office import programmes as office
from registry.settings import Settings
from tests.projections.views import dumped
from tests.support.ctgov import SAMPLES, SHARED
from tests.support.halting import until
from tests.support.servers import console
from tests.support.waiting import PATIENCE


async def test_the_samples_yield_the_multinational_trials_and_an_acceptance_is_taken_back_whole(
    settings: Settings,
) -> None:
    if not SAMPLES:
        pytest.skip("../shared/formats/samples is not here")
    await console(settings, "import", "ctgov", *map(str, SAMPLES))
    await console(settings, "import", "ictrp", str(SHARED / "samples" / "ictrp_export"))
    proposed = orjson.loads(await console(settings, "programmes", "propose", "--json"))

    # Of ClinicalTrials.gov 24 name three countries or more, of WHO's export one (coordination reference, 6.7).
    assert len(proposed) == 25
    assert all(len(one["countries"]) >= 3 for one in proposed)
    before = await dumped(settings.database_url)
    [chosen] = [one for one in proposed if one["registrations"][0]["number"] == "NCT05850520"]
    proposal, trial = UUID(chosen["proposal"]), chosen["registrations"][0]["trial"]
    async with wiring.running(settings) as node:
        made = await office.accept(node, proposal, "registry", "One protocol")
        await until(partial(gate_is, node, trial, removed=False))
        await node.until_visible(PATIENCE)
        assert await office.accept(node, proposal, "registry", "One protocol") == made == str(proposal)
        remaining = await office.proposed(node)
        assert [str(one.id) for one in remaining] == [one["proposal"] for one in proposed if one != chosen]

        assert await office.take_apart(node, made, "Two protocols") == 1
        await until(partial(gate_is, node, trial, removed=True))
        await node.until_visible(PATIENCE)
        again = await office.proposed(node)
        assert [str(one.id) for one in again] == [one["proposal"] for one in proposed]
    assert_the_same(before, await dumped(settings.database_url), trial)


async def gate_is(node: Node, trial: str, *, removed: bool) -> bool:
    """Whether the policies have set the trial's gate, or taken it away."""
    document = await node.views.document_of(stream_of(trial))
    gates = (document or {}).get("gates", {}).values()
    return [gate.get("removed", False) for gate in gates] == [removed]


def assert_the_same(before: list[bytes], after: list[bytes], trial: str) -> None:
    """All but the history is as before, byte for byte; the trial's row has its new position in the log."""
    gone, added = sorted({*before} - {*after}), sorted({*after} - {*before})
    [was], documents = map(orjson.loads, gone), [one for one in map(orjson.loads, added) if "document" in one]
    [now] = [one for one in documents if one["document"].get("trial") == trial]
    [programme] = [one for one in documents if one is not now]

    assert [gate["removed"] for gate in now["document"].pop("gates").values()] == [True]
    for one in (was, now):
        for place in ("version", "position", "last_recorded", "last_changed"):
            one["document"].pop(place)
            one.pop(place, None)
    assert now == was
    assert programme["trials"] == []
    assert all("attributes" in orjson.loads(line) for line in added if b'"document"' not in line)
