"""Programmes over HTTP: what each asker reads, now and as of a moment, page by page."""

from typing import Any
from uuid import uuid4

import pytest

from events.schemas.access import Role
from registry.api import programme_answers as answers
from registry.api import programmes as routes
from registry.domain.programme import commands as programme
from registry.domain.region import commands as region
from tests.api.conftest import Api
from tests.support.programme_nodes import JAPAN, ProgrammeOnNode, registered
from tests.support.regions import SPONSOR, day

QUESTION = {"application": "initial", "question": "q1", "step": "waiting_period", "formal": True}
QUESTION_TEXT = "用量の根拠を示してください"


async def european(api: Api, *codes: str, public: bool = True) -> ProgrammeOnNode:
    on_node = await registered(api.node, public=public)
    for code in codes:
        await on_node.join(code)
    await api.settled()
    return on_node


async def japanese(api: Api, **fields: Any) -> ProgrammeOnNode:
    """A programme in Japan, with a question of its authority."""
    on_node = await registered(api.node)
    await on_node.join("JP", **JAPAN)
    handed_in = {"application": "initial", "kind": "initial", "on": day("2024-03-05")}
    await on_node.region("JP", region.SubmitApplication, Role.SPONSOR, SPONSOR, **handed_in)
    question = {**QUESTION, "step": "validation", "text": {"ja": QUESTION_TEXT}, "due": day("2099-04-01"), **fields}
    audience = {"audience": ["own_region", "region_sponsor"], "on": day("2024-03-20")}
    await on_node.region("JP", region.AskQuestion, Role.AUTHORITY, "pmda", **question, **audience)
    await api.settled()
    return on_node


def at(on_node: ProgrammeOnNode, path: str = "") -> str:
    return f"/v1/programmes/{on_node.id}{path}"


READS = {
    "": answers.ProgrammeAnswer,
    "/board": answers.BoardAnswer,
    "/questions": answers.QuestionsAnswer,
    "/versions": answers.VersionsAnswer,
    "/turns": answers.TurnsAnswer,
    "/history": answers.ProgrammeHistoryAnswer,
    "/regions/JP": answers.ProgrammeRegionAnswer,
    "/regions/JP/history": answers.ProgrammeHistoryAnswer,
}


@pytest.mark.parametrize("path", READS)
async def test_every_read_of_a_programme_answers_as_its_schema_says(api: Api, path: str) -> None:
    on_node = await japanese(api)
    halt = {"item": "h1", "actor": "sponsor", "organisation": SPONSOR, "kind": "temporary_halt", "scope": "all"}
    why = {"why": {"ja": "安全性情報の評価のため"}, "decided": day("2024-06-01")}
    await on_node.sponsor(programme.HaltProgramme, halt={**halt, **why})
    await api.settled()
    for role in (None, Role.SPONSOR, Role.AUTHORITY, Role.REGISTRY):
        answer = await api.get(at(on_node, path), role=role)
        if role is None and path.endswith("history"):
            assert answer.kind == "token-missing"
        else:
            assert answer.status == 200, answer.raw
            READS[path].model_validate(answer.body)


async def test_a_question_is_read_in_clear_by_its_audience_and_by_nobody_else(api: Api) -> None:
    on_node = await japanese(api)
    reads: dict[Role | None, bool] = {}
    for role in (None, *Role):
        for path in ("/questions", "/regions/JP", "/regions/JP/history", "/board"):
            answer = await api.get(at(on_node, path), role=role)
            found = QUESTION_TEXT in answer.raw.decode()
            reads[role] = reads.get(role, False) or found
    shown = (await api.get(at(on_node, "/questions"), role=Role.SPONSOR)).body["questions"]

    # The coordinator's token is of another organisation than the region's.
    assert {role for role, reader in reads.items() if reader} == {Role.SPONSOR, Role.AUTHORITY, Role.ETHICS_BODY}
    assert [(one["region"], one["text"], one["due"]["date"]) for one in shown] == [
        ("JP", {"ja": QUESTION_TEXT}, "2099-04-01")
    ]


async def test_w14_a_question_is_public_from_its_moment_on(api: Api) -> None:
    on_node = await japanese(api, public_from=day("2024-03-21"))

    assert QUESTION_TEXT in (await api.get(at(on_node, "/questions"))).raw.decode()


async def test_a_programme_that_is_not_public_is_unknown_to_all_who_take_no_part(api: Api) -> None:
    on_node = await european(api, "BE", public=False)

    for path in ("", "/board", "/regions/BE", "/history"):
        assert (await api.get(at(on_node, path))).kind == "programme-unknown"
        assert (await api.get(at(on_node, path), role=Role.SITE)).kind == "programme-unknown"
        assert (await api.get(at(on_node, path), role=Role.SPONSOR)).status == 200
    listed = (await api.get("/v1/programmes")).body["programmes"]
    mine = (await api.get("/v1/programmes", role=Role.SECOND_SPONSOR)).body["programmes"]
    assert (listed, [one["programme"] for one in mine]) == ([], [on_node.id])
    for unknown in (str(uuid4()), "NCT04665037"):
        assert (await api.get(f"/v1/programmes/{unknown}", role=Role.REGISTRY)).kind == "programme-unknown"
    assert (await api.get(at(on_node, "/regions/JP"), role=Role.SPONSOR)).kind == "region-unknown"


async def test_the_public_sees_a_region_once_its_authority_has_decided(api: Api) -> None:
    on_node = await european(api, "BE", "GR")
    await on_node.decided("BE")
    await api.settled()
    board = (await api.get(at(on_node, "/board"))).body
    rows = {one["region"]: one for one in board["regions"]}

    assert rows["BE"]["state"] == "permitted"
    assert "state" not in rows["GR"]
    assert [step["state"] for step in rows["BE"]["applications"][0]["steps"]] == ["done"] * 4


async def test_as_of_a_moment_everything_is_as_it_was_then(api: Api) -> None:
    on_node = await european(api, "BE")
    before = (await api.get(at(on_node, "/regions/BE"), role=Role.SPONSOR)).body
    await on_node.decided("BE")
    await api.settled()
    moment = f"?as_of={before['position']}"
    then = await api.get(at(on_node, f"/regions/BE{moment}"), role=Role.SPONSOR)
    now = (await api.get(at(on_node, "/regions/BE"), role=Role.SPONSOR)).body

    assert then.body == before
    assert (before["state"], now["state"]) == ("planned", "permitted")
    assert (await api.get(at(on_node, f"/regions/BE{moment}"))).body.get("state") is None


async def test_whoever_no_longer_sponsors_reads_no_more_than_the_public_as_of_any_moment(api: Api) -> None:
    on_node = await european(api, "BE", public=False)
    then = (await api.get(at(on_node), role=Role.SECOND_SPONSOR)).body["position"]
    await on_node.sponsor(programme.RemoveSponsor, organisation="nara-sponsor", reason="the contract ended")
    await on_node.node.order(
        f"region/{(await api.get(at(on_node, '/regions/BE'), role=Role.SPONSOR)).body['id']}",
        region.NoteProgramme(version=9, sponsors=(SPONSOR,), second_sponsors=()),
    )
    await api.settled()

    assert (await api.get(at(on_node), role=Role.SECOND_SPONSOR)).kind == "programme-unknown"
    assert (await api.get(at(on_node, f"?as_of={then}"), role=Role.SECOND_SPONSOR)).kind == "programme-unknown"
    assert (await api.get(at(on_node, f"?as_of={then}"), role=Role.SPONSOR)).status == 200


async def test_programmes_are_found_by_title_number_and_region_and_followed_page_by_page(api: Api) -> None:
    ids = sorted([(await european(api, code)).id for code in ("BE", "GR", "PL")])

    async def found(query: str) -> list[str]:
        return [one["programme"] for one in (await api.get(f"/v1/programmes?{query}")).body["programmes"]]

    assert await found("q=POSACONAZOLE") == await found("q=nct04665037") == ids
    assert await found("q=aspirin") == []
    assert len(await found("region=GR")) == 1
    seen, following = [], "/v1/programmes?limit=2"
    while following:
        page = (await api.get(following)).body
        seen += [one["programme"] for one in page["programmes"]]
        following = page.get("next", "")
    assert seen == ids
    for wrong in ("region=Japan", "after=x", "limit=0", "q=" + "x" * 201, "as_of=2024-01-01"):
        assert (await api.get(f"/v1/programmes?{wrong}")).kind == "bad-parameter"


async def test_lists_of_a_programme_are_paged_by_bytes(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    on_node = await european(api, "BE", "GR", "PL")
    whole = (await api.get(at(on_node, "/board"), role=Role.SPONSOR)).body
    monkeypatch.setattr(routes, "PAGE_BYTES", 1)
    seen, following = [], at(on_node, "/board")
    while following:
        page = (await api.get(following, role=Role.SPONSOR)).body
        assert len(page["regions"]) <= 2
        seen += page["regions"]
        following = page.get("next", "")

    assert seen == whole["regions"]


@pytest.mark.parametrize("on", ["2024-02-30", "today", "2024", "24-1-1"])
async def test_a_day_that_is_none_is_refused_by_name(api: Api, on: str) -> None:
    on_node = await european(api, "BE")
    answer = await api.get(at(on_node, f"/versions?on={on}"))

    assert (answer.status, answer.kind) == (400, "bad-parameter")
    assert answer.body["faults"][0]["field"] == "on"


async def test_w08_the_version_in_force_on_a_day_comes_with_the_digest_of_its_document(api: Api) -> None:
    on_node = await european(api, "BE")
    version = {"protocol": "main", "version": "v1", "number": "01", "dated": "2024-01", "sha256": "a" * 64}
    await on_node.sponsor(programme.AddProtocolVersion, version=version)
    used = {"protocol": "main", "version": "v1", "use": "authorised", "on": day("2024-04-15")}
    await on_node.decided("BE")
    await on_node.region("BE", region.RecordVersion, Role.AUTHORITY, "authority-be", **used)
    await api.settled()

    [be] = (await api.get(at(on_node, "/versions?on=2024-04-15"))).body["regions"]
    assert [(one["number"], one["sha256"]) for one in be["authorised"]] == [("01", "a" * 64)]
    [be] = (await api.get(at(on_node, "/versions?on=2024-04-14"))).body["regions"]
    assert be["authorised"] == []


async def test_a_history_names_what_was_corrected_and_hides_what_is_another_audiences(api: Api) -> None:
    on_node = await japanese(api)
    fixed = {"reason": "misread", "corrects": 2, "on": day("2024-03-04")}
    await on_node.region("JP", region.CorrectRegionEvent, Role.SPONSOR, SPONSOR, **fixed)
    await api.settled()
    mine = (await api.get(at(on_node, "/regions/JP/history"), role=Role.SPONSOR)).body["events"]
    office = (await api.get(at(on_node, "/regions/JP/history"), role=Role.REGISTRY)).body["events"]

    assert next(one for one in mine if one["version"] == 2)["corrected_by"] == [4]
    assert {one["type"] for one in mine} - {one["type"] for one in office} == {"region.question-asked.v1"}
    assert next(one for one in mine if one["version"] == 4)["reason"] == "misread"
