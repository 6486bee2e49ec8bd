"""Trials from their home registry and in WHO's rendering, in any order: one trial each, the home's data wins."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from events.changes import diff
from registry.settings import Settings
from tests.support.ctgov import SAMPLES, SHARED
from tests.support.exchange import log_of, of_trials, run_json
from tests.support.ictrp import export_file
from tests.support.node import settings_for
from tests.support.postgres import fresh_database
from tests.support.renderings import rendered_title, rendering
from tests.support.servers import Server

HOME, WHO = "ctgov", "who-ictrp"
TRIALS = 100
FILES = 4
NOT_COMPARED = {"version", "position", "recorded", "first_recorded", "last_recorded", "last_changed", "received"}

pytestmark = [
    pytest.mark.skipif(not SHARED.is_dir(), reason="../shared, with the real samples, is not here"),
    pytest.mark.asyncio(loop_scope="module"),
    # Three registries and eighteen imports are set up for the first test: 80 s on two idle cores, and more than the
    # usual 300 s where ten other processes run beside them.
    pytest.mark.timeout(1200),
]

Imports = Sequence[tuple[str, Sequence[Path]]]
"""Imports one after another: each a source and its files."""


@dataclass(frozen=True)
class Read:
    """What the public reads of every trial, by its home's number, and how many records each trial's log has."""

    trials: dict[str, Any]
    sources: dict[str, Any]
    log: dict[str, int]


@dataclass(frozen=True)
class Arrival:
    """One order of arrival: what was read after the first of its imports, after all, and after all once more."""

    first: Read
    once: Read
    twice: Read
    receipts: list[dict[str, Any]]
    receipts_again: list[dict[str, Any]]


class Channels:
    """The trials as files of both channels: odd and even ones apart, each in several files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.studies: list[dict[str, Any]] = [
            study for file in SAMPLES if "lung" in file.name for study in json.loads(file.read_bytes())
        ][:TRIALS]
        self.odd, self.even = self._direct("odd", self.studies[1::2]), self._direct("even", self.studies[::2])
        self.who = self._rendered()

    def _direct(self, name: str, studies: list[Any]) -> list[Path]:
        files = [self.folder / f"{name}-{number}.json" for number in range(FILES // 2)]
        for number, file in enumerate(files):
            file.write_text(json.dumps(studies[number :: len(files)], ensure_ascii=False))
        return files

    def _rendered(self) -> list[Path]:
        files = [self.folder / f"who-{number}.xml" for number in range(FILES)]
        for number, file in enumerate(files):
            file.write_bytes(export_file(*map(rendering, reversed(self.studies[number::FILES]))))
        return files

    def orders(self) -> dict[str, Imports]:
        """Interleaved: every second trial comes from WHO first."""
        direct, who = ("ctgov", [*self.odd, *self.even]), ("ictrp", self.who)
        return {
            "home first": [direct, who],
            "WHO first": [who, direct],
            "interleaved": [("ctgov", self.odd), who, ("ctgov", self.even)],
        }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def channels(tmp_path_factory: pytest.TempPathFactory) -> Channels:
    return Channels(tmp_path_factory.mktemp("channels"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def arrivals(postgres_url: str, channels: Channels) -> AsyncIterator[dict[str, Arrival]]:
    async def one(imports: Imports) -> Arrival:
        with fresh_database(postgres_url) as url:
            return await come(settings_for(url), channels.folder, imports)

    orders = channels.orders()
    yield dict(zip(orders, await asyncio.gather(*map(one, orders.values())), strict=True))


async def come(settings: Settings, folder: Path, imports: Imports) -> Arrival:
    async with Server(settings, folder) as server:
        receipts = [await take(settings, imports[0])]
        first = await read(settings, server.url)
        receipts += [await take(settings, one) for one in imports[1:]]
        once = await read(settings, server.url)
        receipts_again = [await take(settings, one) for one in imports]
        return Arrival(first, once, await read(settings, server.url), receipts, receipts_again)


async def take(settings: Settings, one: tuple[str, Sequence[Path]]) -> dict[str, Any]:
    source, files = one
    summary: dict[str, Any] = await run_json(settings, "import", source, *files)
    return summary


async def read(settings: Settings, url: str) -> Read:
    async with aiohttp.ClientSession(raise_for_status=True) as session:

        async def get(path: str) -> Any:
            async with session.get(f"{url}/v1/trials{path}") as response:
                return await response.json()

        # The server's index follows the views by a moment; a search as of a moment waits until it holds all.
        page = await get(f"?limit={TRIALS}&as_of={datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}")
        assert page["total"] == len(page["trials"])
        trials = {found["home"]["number"]: await get(f"/{found['trial']}") for found in page["trials"]}
        sources = {number: await get(f"/{trial['trial']}/sources") for number, trial in trials.items()}
    return Read(trials, sources, of_trials(await log_of(settings)))


def compared(value: Any) -> Any:
    """Without positions, versions and recorded times, and without the ids under which persons are sealed."""
    if isinstance(value, dict):
        return {
            name: compared(inner)
            for name, inner in value.items()
            if name not in NOT_COMPARED and not (name == "person" and isinstance(inner, str))
        }
    return [compared(inner) for inner in value] if isinstance(value, list) else value


async def test_the_same_trials_by_both_channels_are_the_same_in_every_order(arrivals: dict[str, Arrival]) -> None:
    home_first = arrivals["home first"].once
    for order in arrivals.values():
        assert len(order.once.trials) == TRIALS
        assert [receipt["new"] + receipt["changed"] for receipt in order.receipts] == [
            receipt["given"] for receipt in order.receipts
        ]
        assert compared(order.once.trials) == compared(home_first.trials)
        assert compared(order.once.sources) == compared(home_first.sources)


async def test_the_same_files_again_change_nothing_in_any_order(arrivals: dict[str, Arrival]) -> None:
    for order in arrivals.values():
        assert [(receipt["unchanged"], receipt["events"]) for receipt in order.receipts_again] == [
            (receipt["given"], 0) for receipt in order.receipts
        ]
        assert order.twice == order.once


async def test_whos_rendering_fills_what_the_home_leaves_unknown_and_stands_over_nothing_of_its_own(
    arrivals: dict[str, Arrival], channels: Channels
) -> None:
    alone, together = arrivals["home first"].first, arrivals["home first"].once
    for study in channels.studies:
        protocol = study["protocolSection"]
        number = protocol["identificationModule"]["nctId"]
        filled = {"/registration/ethics_reviews", "/registration/funders", f"/sources/{WHO}"}
        filled |= {"/registration/phase"} if "phases" not in protocol["designModule"] else set()
        filled |= (
            {"/registration/scientific_title"} if "officialTitle" not in protocol["identificationModule"] else set()
        )
        differing = list(diff(compared(alone.trials[number]), compared(together.trials[number])))

        assert {(field, before) for field, before, _ in differing} == {(field, None) for field in filled}


async def test_the_homes_data_takes_the_place_of_whos_when_it_comes(
    arrivals: dict[str, Arrival], channels: Channels
) -> None:
    rendered, together = arrivals["WHO first"].first, arrivals["WHO first"].once
    for study in channels.studies:
        identity = study["protocolSection"]["identificationModule"]
        before, after = rendered.trials[identity["nctId"]], together.trials[identity["nctId"]]

        assert before["registration"]["public_title"] == {"en": rendered_title(study)}
        assert after["registration"]["public_title"] == {"en": identity["briefTitle"]}
        assert before["home"]["registered"] != after["home"]["registered"]


async def test_both_sources_are_listed_with_what_whos_rendering_says_otherwise(
    arrivals: dict[str, Arrival], channels: Channels
) -> None:
    for order in arrivals.values():
        for study in channels.studies:
            identity = study["protocolSection"]["identificationModule"]
            own, who = order.once.sources[identity["nctId"]]["sources"]
            differing = {one["field"]: (one["here"], one["there"]) for one in who["differs"]}

            assert [(one["source"], one["home"]) for one in (own, who)] == [(HOME, True), (WHO, False)]
            assert own["differs"] == []
            assert differing["/registration/public_title/en"] == (identity["briefTitle"], rendered_title(study))
            assert {"/home/registered", "/home/url"} < set(differing)
            assert [field for field in differing if field.startswith("/registration/primary_sponsor/")]
