"""Whatever text a log holds, put there past every door: pages, answers, commands and exports stand.

Two thousand strings stand in every text of every event of trials and imports, each string in several, each text with
many. None of them needs an event to be set aside.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

import pytest

from events.admission import Head, advance
from events.catalogue import EVENTS
from events.partitions import partition_of
from events.port import Addressed
from events.record import Record, encode
from events.schemas.access import Role
from projections.document import JAPAN
from registry.node import Node
from tests.api.conftest import Api, api
from tests.projections.trials import BEGINNING, ORIGIN
from tests.support.nasty import corpus, filled
from tests.support.node import ORGANISATIONS
from tests.support.servers import console

__all__ = ["api"]

LIVES = 10
ON = "2026-11-16\n"
"""A date as older versions took it."""
HTML = {"Accept": "text/html"}
PATHS = (
    "/trials/{}", "/en/trials/{}", "/trials/{}/timeline", "/en/trials/{}/timeline", "/report?trial={}",
    "/en/report?trial={}", "/en/report?trial={}&site=kyoto", "/v1/trials/{}", "/v1/trials/{}/sites",
    "/v1/trials/{}/history", "/v1/trials/{}/sources", "/v1/trials/{}?as_of={now}",
    "/en/trials/{}?as_of={now}",
)  # fmt: skip


class Planter:
    """Appends events as they stand, past every door, each text of them taken from the corpus in turn."""

    def __init__(self, node: Node, texts: Iterator[str]) -> None:
        self.node, self.texts, self.planted, self.heads = node, texts, 0, dict[str, Head]()

    def text(self) -> str:
        self.planted += 1
        return next(self.texts)

    def data(self, name: str, **fields: Any) -> dict[str, Any]:
        return {**filled(EVENTS[name], self.text), **fields}

    async def append(self, stream: str, name: str, **fields: Any) -> None:
        head, topic = self.heads.get(stream, Head()), self.node.heads.topic
        event = uuid5(NAMESPACE_URL, f"{stream} {head.version}")
        message = encode(
            Record(
                id=event,
                origin=ORIGIN,
                type=name,
                subject=stream,
                expectedversion=head.version,
                previoushash=head.digest,
                commandhash=b"c" * 32,
                actor="token-1",
                onbehalfof=ORGANISATIONS[Role.SPONSOR],
                time=BEGINNING,
                data=self.data(name, **fields),
                reason=self.text(),
            )
        )
        self.heads[stream] = advance(head, event, message.digest, head.offset + 1)
        await self.node.log.append(topic, [Addressed(partition_of(stream, topic.partitions), message)])

    def changes(self) -> list[dict[str, Any]]:
        fields = ("/acronym", "/public_title/ja", "/plain_summary/en", "/scientific_acronym", "/description/ja")
        return [{"field": field, "old": self.text(), "new": self.text()} for field in fields]


async def ours(plant: Planter, life: int) -> str:
    """A trial of the sponsor's, through most of what can happen to one."""
    trial = str(uuid5(NAMESPACE_URL, f"ours {life}"))
    stream = f"trial/{trial}"
    await plant.append(stream, "trial.registered.v1", owner=ORGANISATIONS[Role.SPONSOR])
    named = {"site": "kyoto", "organisation": ORGANISATIONS[Role.SITE]}
    site = plant.data("trial.site-added.v1")["site"] | named
    await plant.append(stream, "trial.site-added.v1", site=site, authorisation="published", recruitment="not_yet")
    number = {} if life % 2 else {"number": f"JTR2026{life:07}"}
    await plant.append(stream, "trial.published.v1", **number)
    await plant.append(stream, "trial.amended.v1", changes=plant.changes())
    await plant.append(stream, "trial.corrected.v1", corrects=2, changes=plant.changes())
    await plant.append(stream, "trial.first-participant-recorded.v1", on=ON)
    await plant.append(stream, "trial.results-posted.v1")
    await plant.append(stream, "trial.site-opened.v1", site="kyoto", was="not_yet", on=ON)
    await plant.append(stream, "trial.site-verified.v1", site="kyoto", status="recruiting", on=ON)
    await plant.append(stream, "trial.site-paused.v1", site="kyoto", was="recruiting", on=ON)
    if life % 3 == 0:
        ends = ("trial.completed.v1", "trial.discontinued.v1", "trial.withdrawn.v1")
        await plant.append(stream, ends[life // 3 % 3], on=ON)
    return trial


async def partners(plant: Planter, life: int) -> str:
    """A partner's trial with two sources, and then adopted, restored or left to its home."""
    trial = str(uuid5(NAMESPACE_URL, f"partner's {life}"))
    stream = f"trial/{trial}"
    await plant.append(stream, "trial.imported.v1")
    await plant.append(stream, "trial.source-added.v1", effects=_under_registration(plant.changes()))
    if life % 3 == 1:
        await plant.append(stream, "trial.adopted.v1", owner=ORGANISATIONS[Role.SPONSOR])
    if life % 3 == 2:
        await plant.append(stream, "trial.restored.v1", owner=ORGANISATIONS[Role.SPONSOR])
    return trial


def _under_registration(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**change, "field": f"/registration{change['field']}"} for change in changes]


@pytest.fixture
async def planted(node: Node, api: Api) -> tuple[list[str], list[str]]:
    """Ids of trials of ours and of partners'."""
    strings = corpus()
    plant = Planter(node, cycle(strings))
    trials = [await ours(plant, life) for life in range(LIVES)], [await partners(plant, life) for life in range(LIVES)]
    for imported in range(5):
        stream = f"import/{uuid5(NAMESPACE_URL, f'import {imported}')}"
        await plant.append(stream, "import.records-refused.v1")
        await plant.append(stream, "import.finished.v1")
    assert plant.planted > 3 * len(strings) >= 6_000
    await node.until_settled(60)
    return trials


async def test_every_answer_page_command_and_export_stands(planted: tuple[list[str], list[str]], api: Api) -> None:
    failed = [await _asked(api, "GET", path) for path in _paths(planted)]
    searched = [f"{place}?q={quote(text)}" for text in corpus()[::20] for place in ("/en/", "/v1/trials")]
    failed += [await _asked(api, "GET", path) for path in searched]
    failed += [await _asked(api, "POST", path, body, role) for path, body, role in _commands(*planted)]

    assert [one for one in failed if one] == []
    assert (await api.get("/readyz")).status == 200
    for command in (("history", planted[0][0]), ("history", planted[1][0]), ("status",), ("dump",)):
        lines = (await console(api.node.settings, *command)).decode()
        assert not any(character in lines for character in "\x1b\x9b\x85\u2028\u202e\u2066\x07"), command
    for line in (await console(api.node.settings, "dump")).splitlines():
        json.loads(line)


def _paths(planted: tuple[list[str], list[str]]) -> Iterator[str]:
    yield from (
        "/",
        "/en/",
        "/report",
        "/v1/trials",
        "/v1/imports",
        "/metrics",
        "/v1/trials?limit=100",
        "/en/?limit=100",
    )
    yield from (path.format(trial, now=_today()) for kind in planted for trial in kind for path in PATHS)


def _today() -> str:
    return datetime.now(JAPAN).date().isoformat()


def _commands(mine: list[str], theirs: list[str]) -> Iterator[tuple[str, Any, Role]]:
    for trial in mine:
        at = f"/v1/trials/{trial}"
        yield f"{at}/amend", {"reason": "r", "registration": {"acronym": "NEW"}}, Role.SPONSOR
        yield f"{at}/correct", {"reason": "r", "corrects": 1, "registration": {"planned_size": 7}}, Role.SPONSOR
        yield f"{at}/post-results", {"results": {"urls": ["https://example.org"]}}, Role.SPONSOR
        yield f"{at}/sites/kyoto/open", {"on": "2026-11-17"}, Role.SITE
        yield f"{at}/sites/kyoto/close", {"on": "2026-11-18"}, Role.SITE
        yield f"{at}/record-first-participant", {"on": "2026-11-18"}, Role.SPONSOR
        yield f"{at}/complete", {"on": "2026-11-18"}, Role.SPONSOR
        yield f"{at}/publish", {}, Role.REGISTRY
    for trial in theirs:
        yield f"/v1/trials/{trial}/adopt", {}, Role.REGISTRY


async def _asked(api: Api, method: str, path: str, body: Any = None, role: Role | None = None) -> str:
    """What failed; empty where nothing did."""
    answer = await (api.post(path, body, role=role) if method == "POST" else api.ask("GET", path, headers=HTML))
    return f"{answer.status} {method} {path} {answer.raw[:200]!r}" if answer.status >= 500 else ""


class Isolation(HTMLParser):
    """Notes texts of others that nothing isolates: neither an element nor marks around them."""

    def __init__(self) -> None:
        super().__init__()
        self.within, self.found = 0, list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within += tag == "bdi"
        self.found += [f"{name}={value}" for name, value in attrs if value and tag != "input" and not _closed_in(value)]

    def handle_endtag(self, tag: str) -> None:
        self.within -= tag == "bdi"

    def handle_data(self, data: str) -> None:
        if not self.within and not _closed_in(data):
            self.found.append(data)


def _closed_in(text: str) -> bool:
    """Whether each letter from right to left stands between isolates."""
    depth = 0
    for character in text:
        depth += (character == "\u2068") - (character == "\u2069")
        if character == "א" and depth <= 0:
            return False
    return True


async def test_pages_isolate_every_text_that_others_wrote(node: Node, api: Api) -> None:
    texts = (f"א{number}" for number in range(10_000))
    plant = Planter(node, texts)
    trials = [await ours(plant, 1), await partners(plant, 0), await partners(plant, 1)]
    await node.until_settled(60)
    of_trials = [path.format(trial, now=_today()) for trial in trials for path in PATHS if not path.startswith("/v1/")]
    pages = ["/", "/en/", f"/en/?q={quote('א')}", *of_trials]
    seen = 0
    for path in pages:
        answer = await api.ask("GET", path, headers=HTML)
        assert answer.status == 200, path
        reader = Isolation()
        reader.feed(answer.raw.decode())
        seen += answer.raw.decode().count("א")
        assert reader.found == [], path

    assert seen > 500


async def test_whos_upload_carries_every_text(planted: tuple[list[str], list[str]], api: Api, tmp_path: Path) -> None:
    out = tmp_path / "upload.xml"
    report = json.loads(await console(api.node.settings, "export", "ictrp", "--out", str(out), "--json"))

    assert report["written"] > 0
    assert report["not_written"] == []
