"""`registry programmes`: proposals over real records; an acceptance leaves nothing behind once it is taken back."""

from collections.abc import Iterable
from functools import partial
from operator import itemgetter
from typing import Any, Final
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

PLACE: Final = {"version", "position", "last_recorded", "last_changed", "since", "since_offset"}
"""The fields that every event of a trial changes."""


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
    """All but the history is as before, byte for byte; the trial's rows have its new version and position in the log.

    The search begins an entry at each event of a trial and stores the former one with its end.
    """
    former = by_table({*before} - {*after})
    added = by_table({*after} - {*before})
    for of_table in (former, added):
        assert [row["document"].get("trial") for row in of_table["record"]] == [trial]
        assert [row["trial"] for row in of_table["search"]] == [trial]
    [programme] = added["programme"]

    [record] = added["record"]
    assert [gate["removed"] for gate in record["document"].pop("gates").values()] == [True]
    assert without_place(added["record"]) == without_place(former.pop("record"))
    assert without_place(added["search"]) == without_place(former.pop("search"))
    assert former == {}
    assert programme["trials"] == []
    history = {"history", "search_past", "search_shown"}
    assert added.keys() == {"programme", "record", "search", *history}
    assert {row["trial"] for table in ("search_past", "search_shown") for row in added[table]} == {trial}
    [shown] = (row for row in by_table(before)["search_shown"] if row["trial"] == trial)
    assert max(added["search_shown"], key=itemgetter("version"))["summary"] == shown["summary"]


def by_table(lines: Iterable[bytes]) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for row in map(orjson.loads, sorted(lines)):
        tables.setdefault(row["table"], []).append(row)
    return tables


def without_place(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows and their documents without version, position and times of the last event."""
    return [
        {
            name: without_place([value])[0] if name == "document" else value
            for name, value in row.items()
            if name not in PLACE
        }
        for row in rows
    ]
