"""As of any moment, a programme, its regions, its board and its open questions are what they were then."""

import itertools
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from events.schemas.access import Role
from registry.domain.programme import commands as programme
from registry.domain.region import commands as region
from tests.api.conftest import Answer, Api
from tests.support.programme_nodes import JAPAN, ProgrammeOnNode, registered
from tests.support.regions import SPONSOR, day

MOMENTS: Final = 200
GOLDEN: Final = 0.618033988749895
"""Its multiples without their whole part lie all over an interval, and never on each other."""
MILLISECOND: Final = timedelta(milliseconds=1)
INITIAL: Final = {"application": "initial"}
PATHS: Final = (
    "",
    "/board",
    "/questions",
    "/versions?on=2024-12-01",
    "/regions/BE",
    "/regions/GR",
    "/regions/JP",
    "/regions/BE/history",
)


async def test_as_of_200_moments_everything_is_what_it_was_then(api: Api) -> None:
    on_node = await registered(api.node)
    for code, fields in (("BE", {}), ("GR", {}), ("JP", JAPAN)):
        await on_node.join(code, **fields)
    stood = [await what_stands(api, on_node)]
    for act in acts(on_node):
        stood[-1]["until"] = datetime.now(UTC)
        await act()
        stood.append(await what_stands(api, on_node))
    stood[-1]["until"] = datetime.now(UTC)

    moments = [moment_of(number, stood) for number in range(MOMENTS)]
    assert len({at for at, _ in moments}) == MOMENTS
    assert len({id(then) for _, then in moments}) == len(stood), "each state is asked for"
    for number, (at, then) in enumerate(moments):
        path = PATHS[number % len(PATHS)]
        mark = "&" if "?" in path else "?"
        answer = await api.get(f"/v1/programmes/{on_node.id}{path}{mark}as_of={at}", role=Role.SPONSOR)
        assert content_of(answer) == then[path], (at, path)


def moment_of(number: int, stood: list[dict[str, Any]]) -> tuple[str, Mapping[str, Any]]:
    """A moment at which one of the states stood, and that state."""
    then = stood[number % len(stood)]
    # The log's clock shows whole milliseconds.
    since, until = then["since"] + MILLISECOND, then["until"] - MILLISECOND
    at = since + (until - since) * (number * GOLDEN % 1)
    return at.isoformat().replace("+00:00", "Z"), then


async def what_stands(api: Api, on_node: ProgrammeOnNode) -> dict[str, Any]:
    """What the sponsor reads now at every address, and since when it surely stood."""
    await api.settled()
    since = datetime.now(UTC)
    answers = {path: await api.get(f"/v1/programmes/{on_node.id}{path}", role=Role.SPONSOR) for path in PATHS}
    assert {answer.status for answer in answers.values()} == {200}
    return {"since": since, **{path: content_of(answer) for path, answer in answers.items()}}


def content_of(answer: Answer) -> Any:
    """What was answered, without the day for which it was: a node of tests stands on a day of its own."""
    return {name: value for name, value in answer.body.items() if name != "day"}


def acts(on_node: ProgrammeOnNode) -> Iterator[Callable[[], Awaitable[None]]]:
    """What happens, one act after the other, in the programme and in three regions."""
    for code in ("BE", "GR", "JP"):
        yield partial(by_sponsor, on_node, code, region.SubmitApplication, kind="initial", on=day("2024-03-05"))
    formal_question = {"formal": True, "audience": ["own_region", "region_sponsor"], "text": {"en": "Which dose?"}}
    for code, number in itertools.product(("BE", "GR"), range(3)):
        question = {**formal_question, "question": f"q{number}", "step": "joint", "due": day(f"2099-04-0{number + 1}")}
        yield partial(by_authority, on_node, code, region.AskQuestion, **question, on=day("2024-03-20"))
    for code, number in itertools.product(("GR", "BE"), range(3)):
        answer = {"question": f"q{number}", "text": {"en": "This one."}}
        yield partial(by_sponsor, on_node, code, region.AnswerQuestion, **answer, on=day("2024-03-22"))
    version = {"protocol": "main", "version": "v1", "number": "01", "dated": "2024-01", "sha256": "a" * 64}
    yield partial(on_node.sponsor, programme.AddProtocolVersion, version=version)
    for code in ("BE", "GR"):
        yield partial(by_authority, on_node, code, region.ValidateApplication, outcome="valid", on=day("2024-03-18"))
        for part in ("joint", "national"):
            concluded = {"part": part, "outcome": "acceptable", "on": day("2024-04-03")}
            yield partial(by_authority, on_node, code, region.ConcludeAssessment, **concluded)
        yield partial(by_authority, on_node, code, region.DecideApplication, outcome="authorised", on=day("2024-04-15"))
        used = {"protocol": "main", "version": "v1", "use": "authorised", "on": day("2024-04-15")}
        yield partial(on_node.region, code, region.RecordVersion, Role.AUTHORITY, f"authority-{code.lower()}", **used)
    halt = {"item": "h1", "actor": "sponsor", "organisation": SPONSOR, "kind": "temporary_halt", "scope": "all"}
    yield partial(on_node.sponsor, programme.HaltProgramme, halt={**halt, "decided": day("2024-06-01")})
    yield partial(on_node.sponsor, programme.LiftProgrammeHalt, halt="h1", basis="own_word", on=day("2024-06-02"))
    corrected = {"reason": "misread", "corrects": 2, "on": day("2024-03-04")}
    yield partial(on_node.region, "BE", region.CorrectRegionEvent, Role.SPONSOR, SPONSOR, **corrected)
    yield partial(on_node.sponsor, programme.DeclareRegion, country="BR")
    yield partial(on_node.sponsor, programme.EndProgramme, kind="early", on=day("2024-09-01"))


async def by_sponsor(on_node: ProgrammeOnNode, code: str, command: Any, **fields: Any) -> None:
    await on_node.region(code, command, Role.SPONSOR, SPONSOR, **INITIAL, **fields)


async def by_authority(on_node: ProgrammeOnNode, code: str, command: Any, **fields: Any) -> None:
    await on_node.region(code, command, Role.AUTHORITY, f"authority-{code.lower()}", **INITIAL, **fields)
