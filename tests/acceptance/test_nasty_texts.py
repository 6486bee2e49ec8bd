"""Whatever text a log holds, put there past every door: pages, answers, commands and exports stand.

Two thousand strings stand in every text of every event of trials and imports, each string in several, each text with
many. None of them needs an event to be set aside.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import pytest

from events.admission import Head, advance
from events.partitions import partition_of
from events.port import Addressed
from events.record import Record, encode
from events.schemas.access import Role
from events.schemas.zones import JAPAN
from registry.node import Node
from tests.api.conftest import Answer, Api, api
from tests.projections.trials import BEGINNING, ORIGIN
from tests.support.nasty import corpus
from tests.support.servers import console
from tests.support.stories import ENDS, Happened, Teller, adopted, beside, ours, partners

__all__ = ["api"]

LIVES: Final = 8
HTML: Final = {"Accept": "text/html"}
PAGES: Final = (
    "/trials/{}", "/en/trials/{}", "/trials/{}/timeline", "/en/trials/{}/timeline", "/report?trial={}",
    "/en/report?trial={}", "/en/report?trial={}&site=kyoto", "/en/trials/{}?as_of={now}",
)  # fmt: skip
READS: Final = (
    "/v1/trials/{}", "/v1/trials/{}/sites", "/v1/trials/{}/history", "/v1/trials/{}/sources",
    "/v1/trials/{}?as_of={now}",
)  # fmt: skip
PLAIN: Final = (
    "/", "/en/", "/report", "/v1/trials", "/v1/trials?limit=100", "/en/?limit=100", "/v1/imports", "/metrics",
    "/openapi.json", "/docs", "/healthz", "/readyz",
)  # fmt: skip
NEVER_PRINTED: Final = frozenset("\x1b\x9b\x85\u2028\u202e\u2066\x07")


@dataclass
class Planter:
    """Appends events as they stand, past every door, each text of them taken from some in turn."""

    node: Node
    texts: Iterator[str]
    planted: int = 0
    heads: dict[str, Head] = field(default_factory=dict)
    ids: list[UUID] = field(default_factory=list)

    def text(self) -> str:
        self.planted += 1
        return next(self.texts)

    async def append(self, story: Iterable[Happened]) -> list[str]:
        """Appends a story; returns its streams."""
        events = list(story)
        for one in events:
            await self._append(one)
        return list(dict.fromkeys(one.stream for one in events))

    async def _append(self, happened: Happened) -> None:
        head, topic = self.heads.get(happened.stream, Head()), self.node.heads.topic
        event = uuid5(NAMESPACE_URL, f"{happened.stream} {head.version}")
        message = encode(
            Record(
                id=event,
                origin=ORIGIN,
                type=happened.type,
                subject=happened.stream,
                expectedversion=head.version,
                previoushash=head.digest,
                commandhash=b"c" * 32,
                actor=happened.actor,
                onbehalfof=happened.onbehalfof,
                time=BEGINNING,
                data=happened.data,
                extensions=happened.extensions,
            )
        )
        self.ids.append(event)
        self.heads[happened.stream] = advance(head, event, message.digest, head.offset + 1)
        await self.node.log.append(topic, [Addressed(partition_of(happened.stream, topic.partitions), message)])


@dataclass(frozen=True, slots=True)
class Planted:
    """Ids of trials of ours and of partners', of imports, and of the commands that made some events."""

    ours: list[str]
    partners: list[str]
    imports: list[str]
    keys: list[UUID]


async def plant_all(plant: Planter, lives: int = LIVES) -> Planted:
    """Lives of trials that differ in how they are numbered and end, and what stands beside them."""
    mine, theirs, imports = list[str](), list[str](), list[str]()
    for life in range(lives):
        teller = Teller(plant.text, f"life {life}")
        ends = ENDS[life % 4 : life % 4 + 1]
        mine += await plant.append(ours(teller, None if life % 2 else f"JTR2026{life:07}", ends))
        theirs += await plant.append(partners(teller))
        if how := (None, "trial.adopted.v1", "trial.restored.v1")[life % 3]:
            await plant.append(adopted(teller, how))
        imports += [one for one in await plant.append(beside(teller)) if one == f"import/{teller.id('import')}"]
    names = ([stream.partition("/")[2] for stream in streams] for streams in (mine, theirs, imports))
    return Planted(*names, plant.ids[:: len(plant.ids) // 20])


@pytest.fixture
async def planted(node: Node, api: Api) -> Planted:
    strings = corpus()
    plant = Planter(node, cycle(strings))
    found = await plant_all(plant)
    assert plant.planted > 3 * len(strings) >= 6_000
    await node.until_settled(60)
    return found


async def test_every_answer_page_command_and_export_stands(planted: Planted, api: Api) -> None:
    failed = [await _failure(api, "GET", path, role=role) for path, role in _paths(planted)]
    searched = [f"{place}?q={quote(text)}" for text in corpus()[::20] for place in ("/en/", "/v1/trials")]
    failed += [await _failure(api, "GET", path) for path in searched]
    failed += [await _failure(api, "POST", path, body, role) for path, body, role in _commands(planted)]

    assert [one for one in failed if one] == []
    assert (await api.get("/readyz")).status == 200
    assert await api.node.views.set_aside(limit=10) == []
    for command in _printing(planted):
        printed = (await console(api.node.settings, *command)).decode()
        assert printed, command
        assert not NEVER_PRINTED & set(printed), command
        if command[-1] == "--json":
            json.loads(printed)
    for line in (await console(api.node.settings, "dump")).splitlines():
        json.loads(line)


def _printing(planted: Planted) -> Iterator[tuple[str, ...]]:
    yield from (("history", planted.ours[0]), ("history", planted.partners[1], "--json"))
    yield from ((*command, *form) for command in (("status",), ("token", "list")) for form in ((), ("--json",)))
    yield ("dump",)


def _paths(planted: Planted) -> Iterator[tuple[str, Role | None]]:
    """Each as the public, and as the registry's office where that may see more."""
    paths = [
        *PLAIN,
        *(f"/v1/imports/{one}" for one in planted.imports),
        *(f"/v1/commands/{one}" for one in planted.keys),
    ]
    yield from ((path, role) for path in paths for role in (None, Role.REGISTRY))
    for trial in (*planted.ours, *planted.partners):
        yield from ((path.format(trial, now=_today()), None) for path in (*PAGES, *READS))
        yield from ((path.format(trial, now=_today()), Role.REGISTRY) for path in READS)


def _today() -> str:
    return datetime.now(JAPAN).date().isoformat()


def _commands(planted: Planted) -> Iterator[tuple[str, Any, Role]]:
    for trial in planted.ours:
        at = f"/v1/trials/{trial}"
        yield f"{at}/amend", {"reason": "r", "registration": {"acronym": "NEW"}}, Role.SPONSOR
        yield f"{at}/correct", {"reason": "r", "corrects": 1, "registration": {"planned_size": 7}}, Role.SPONSOR
        yield f"{at}/post-results", {"results": {"urls": ["https://example.org"]}}, Role.SPONSOR
        yield f"{at}/sites/kyoto/open", {"on": "2026-11-17"}, Role.SITE
        yield f"{at}/sites/kyoto/close", {"on": "2026-11-18"}, Role.SITE
        yield f"{at}/record-first-participant", {"on": "2026-11-18"}, Role.SPONSOR
        yield f"{at}/complete", {"on": "2026-11-18"}, Role.SPONSOR
        yield f"{at}/publish", {}, Role.REGISTRY
    for trial in planted.partners:
        yield f"/v1/trials/{trial}/adopt", {}, Role.REGISTRY


async def _failure(api: Api, method: str, path: str, body: Any = None, role: Role | None = None) -> str:
    """The failure of a request; empty where there was none."""
    if method == "POST":
        answer = await api.post(path, body, role=role)
    else:
        answer = await api.ask("GET", path, role=role, headers={} if role else HTML)
    return f"{answer.status} {method} {path} {answer.raw[:200]!r}" if answer.status >= 500 else ""


ISOLATING: Final = frozenset(["bdi", "textarea"])
"""Elements whose text turns round nothing beside them."""


class Isolation(HTMLParser):
    """Notes texts of others that nothing isolates: neither an element nor marks around them."""

    def __init__(self) -> None:
        super().__init__()
        self.within, self.found = 0, list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within += tag in ISOLATING
        self.found += [f"{name}={value}" for name, value in attrs if value and tag != "input" and not _closed_in(value)]

    def handle_endtag(self, tag: str) -> None:
        self.within -= tag in ISOLATING

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
    planted = await plant_all(Planter(node, (f"א{number}" for number in range(100_000))), 4)
    await node.until_settled(60)
    paths = [path.format(one, now=_today()) for one in (*planted.ours, *planted.partners) for path in PAGES]
    pages = [await api.ask("GET", path, headers=HTML) for path in ("/", "/en/", f"/en/?q={quote('א')}", *paths)]
    reports = [await _reported(api, planted.ours[3], **fields) for fields in _reports(api)]
    refusals = [await api.ask("GET", path, headers=HTML) for path in ("/en/trials/א", "/א", "/en/?q=א&as_of=א")]

    assert {answer.status for answer in pages} == {200}
    assert [answer.status for answer in reports] == [422, 401, 422, 201, 422]
    assert [answer.status for answer in refusals] == [404, 404, 400]
    assert sum(answer.raw.decode().count("א") for answer in pages) > 500
    for answer in (*pages, *reports, *refusals):
        reader = Isolation()
        reader.feed(answer.raw.decode())
        assert reader.found == []


def _reports(api: Api) -> Iterator[dict[str, str]]:
    """Filled forms: without a token, with a wrong one, with a wrong date, one that is recorded, and that again."""
    token = api.tokens[Role.SITE]
    yield {"what": "open", "on": "2026-11-18", "why": "א"}
    yield {"what": "open", "on": "2026-11-18", "why": "א", "token": "א"}
    yield {"what": "open", "on": "א", "why": "א", "token": token}
    yield {"what": "open", "on": "2026-11-18", "why": "א", "token": token}
    yield {"what": "open", "on": "2026-11-18", "why": "א", "token": token}


async def _reported(api: Api, trial: str, **fields: str) -> Answer:
    form_fields = {"key": str(uuid4()), "trial": trial, "site": "kyoto", "seen": "recruiting", **fields}
    media_type = {"Content-Type": "application/x-www-form-urlencoded", **HTML}
    return await api.ask("POST", "/en/report", data=urlencode(form_fields), headers=media_type)


async def test_whos_upload_carries_every_text(planted: Planted, api: Api, tmp_path: Path) -> None:
    out = tmp_path / "upload.xml"
    settings = api.node.settings.model_copy(update={"public_url": "https://registry.example"})
    report = json.loads(await console(settings, "export", "ictrp", "--out", str(out), "--json"))

    assert planted.ours
    assert report["written"] > 0
    assert report["not_written"] == []
