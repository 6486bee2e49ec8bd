"""Many open sites of a programme under load: how long after a halt the last of them is shown as open."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from lxml import etree

from adapters.catalogue import TARGETS
from events.schemas.access import Role
from registry.exchange.exporting import export
from tests.api.conftest import Api
from tests.pages.conftest import Browser
from tests.support.node import ORGANISATIONS
from tests.support.waiting import PATIENCE

COUNTRIES: Final = ("BE", "GR", "PL")
ON: Final = "2026-11-20"
AT_ONCE: Final = 8
"""Commands under way while the sites are made, and reports under way while they are measured."""


@dataclass
class Many:
    """A programme that three countries have joined, with trials whose sites are in all of them."""

    api: Api
    programme: str
    trials: list[str]
    sites: int
    """Of each trial."""
    acknowledged: list[UUID] = field(default_factory=list)
    """Keys of the reports of sites that were recorded under load."""

    def places(self) -> Iterator[tuple[str, str]]:
        """Every trial with every site of it."""
        return itertools.product(self.trials, (f"s{number}" for number in range(self.sites)))

    async def open_all(self) -> None:
        """Every site reports that it opened."""
        await _few_at_once(self._open(trial, site) for trial, site in self.places())

    async def _open(self, trial: str, site: str) -> None:
        await self.api.done(f"/v1/trials/{trial}/sites/{site}/open", {"on": ON}, role=Role.REGISTRY)

    async def report(self) -> None:
        """Sites count participants, one after the other, until it is cancelled."""
        for number, (trial, site) in zip(itertools.count(1), itertools.cycle([*self.places()]), strict=False):
            key = uuid4()
            path = f"/v1/trials/{trial}/sites/{site}/report-enrolment"
            answer = await self.api.post(path, {"enrolled": number, "on": ON}, role=Role.REGISTRY, key=key)
            if answer.status == 201:
                self.acknowledged.append(key)

    async def read(self) -> None:
        """Readers look at pages and search, one after the other, until it is cancelled."""
        for trial in itertools.cycle(self.trials):
            await self.api.get(f"/v1/trials/{trial}/sites")
            await self.api.get("/v1/trials?recruitment=recruiting")


async def joined(api: Api, sites: int) -> Many:
    """Three published trials, with so many sites together, linked to a programme whose regions are permitted."""
    receipt = await api.done("/v1/programmes", {"details": {"title": {"ja": "国際共同試験", "en": "A programme"}}})
    made = Many(api, receipt["programme"], [], sites // len(COUNTRIES))
    at = f"/v1/programmes/{made.programme}"
    for code in COUNTRIES:
        named = {"regime": "eu-ctr", "procedure": "eu-ctr", "authorities": [f"authority-{code.lower()}"]}
        terms = {"region": code, "country": code, **named}
        await api.done(f"{at}/join-region", {"terms": terms, "on": {"date": "2026-10-01"}})
    for _ in COUNTRIES:
        trial = await api.draft(countries=[*COUNTRIES])
        made.trials.append(trial)
        await _few_at_once(_added(api, trial, number) for number in range(made.sites))
        await api.done(f"/v1/trials/{trial}/publish", {}, role=Role.REGISTRY)
    return made


async def linked(made: Many, addresses: Sequence[str]) -> None:
    """Permits the regions at these addresses, links the trials, and returns when every trial has its open gates."""
    earlier = {"how": "transferred", "law": "Directive 2001/20/EC", "on": {"date": "2026-10-02"}}
    for address in addresses:
        await made.api.done(f"{address}/record-permission", earlier)
    for trial in made.trials:
        await made.api.done(f"/v1/programmes/{made.programme}/link-registration", {"trial": trial})

    async def gated() -> bool:
        documents = [(await made.api.get(f"/v1/trials/{trial}")).body for trial in made.trials]
        gates = [document.get("gates", {}).values() for document in documents]
        return all([gate.get("state") for gate in some].count("permitted") == len(COUNTRIES) for some in gates)

    await until(gated)


async def _added(api: Api, trial: str, number: int) -> None:
    place = {"country": COUNTRIES[number % len(COUNTRIES)]}
    site = {"name": {"en": f"Site {number}"}, "organisation": ORGANISATIONS[Role.SITE], "place": place}
    await api.done(f"/v1/trials/{trial}/sites/s{number}/add", {"site": site})


async def _few_at_once(tasks: Iterator[Awaitable[Any]]) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(task: Awaitable[Any]) -> None:
        async with places:
            await task

    await asyncio.gather(*map(one, tasks))


async def until(holds: Callable[[], Awaitable[bool]], patience: float = 20 * PATIENCE) -> float:
    """The seconds until something holds."""
    began = time.monotonic()
    while not await holds():
        assert time.monotonic() - began < patience, "it never came to hold"
    return time.monotonic() - began


async def measured(made: Many, item: str, folder: Path) -> dict[str, list[float]]:
    """Halts the programme; the seconds from the receipt until no surface shows sites as open any more, by surface."""
    api, browser, at = made.api, Browser(made.api), f"/v1/programmes/{made.programme}"
    halt = {"item": item, "actor": "sponsor", "organisation": ORGANISATIONS[Role.SPONSOR], "kind": "temporary_halt"}
    halt |= {"scope": "all", "benefit_risk": False, "decided": {"date": ON}}  # type: ignore[dict-item]
    await api.done(f"{at}/halt", {"halt": halt})

    def badge_gone(trial: str) -> Callable[[], Awaitable[bool]]:
        async def holds() -> bool:
            page = (await browser.get(f"/en/trials/{trial}")).text
            return f"Sites recruiting: 0 of {made.sites}" in page

        return holds

    def not_found(trial: str) -> Callable[[], Awaitable[bool]]:
        async def holds() -> bool:
            found = (await api.get("/v1/trials?recruitment=recruiting")).body["trials"]
            return trial not in {one["trial"] for one in found}

        return holds

    async def suspended() -> bool:
        out = folder / f"{item}.xml"
        await export(TARGETS["ictrp"], await api.node.outgoing(), out)
        return {one.text for one in etree.parse(out).iterfind("trial/main/recruitment_status")} == {"Suspended"}

    badges = [until(badge_gone(trial)) for trial in made.trials]
    searches = [until(not_found(trial)) for trial in made.trials]
    *seconds, who = await asyncio.gather(*badges, *searches, until(suspended))
    await api.done(f"{at}/lift-halt", {"halt": item, "basis": "own_word", "on": {"date": ON}})

    async def lifted() -> bool:
        documents = [(await api.get(f"/v1/trials/{trial}")).body for trial in made.trials]
        return not any(document["gates"][made.programme].get("halts") for document in documents)

    await until(lifted)
    return {"badge": seconds[: len(badges)], "search": seconds[len(badges) :], "WHO status": [who]}
