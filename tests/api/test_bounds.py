"""Values too large for any view are refused over HTTP, with their place and bound; later ones are taken."""

import json
from random import Random
from typing import Any

import pytest

from events.schemas.access import Role
from tests.api.conftest import Api
from tests.support.trials import registration

RANDOM = Random(3)
SITE = "/v1/trials/{trial}/sites/kyoto"


def kanji(count: int) -> str:
    return "".join(chr(0x4E00 + RANDOM.randrange(20_000)) for _ in range(count))


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"identifiers": [{"value": kanji(1_500), "kind": "other"}]}, "/registration/identifiers/0/value"),
        ({"public_title": {"ja": kanji(20_000)}}, "/registration/public_title"),
        ({"primary_sponsor": {"name": {"en": kanji(2_001)}}}, "/registration/primary_sponsor/name"),
        ({"conditions": [{"name": {"ja": "癌"}}] * 1_001}, "/registration/conditions"),
        ({"references": [{"kind": "a"}] * 10_001}, "/registration/references"),
        (
            {"description": {"ja": kanji(99_000), "en": kanji(99_000)}, "plain_summary": {"ja": kanji(45_000)}},
            "/registration",
        ),
    ],
    ids=["number", "title", "name", "list", "long list", "all in all"],
)
async def test_a_draft_that_can_not_be_carried_is_refused(api: Api, fields: dict[str, Any], pointer: str) -> None:
    body = json.dumps({"registration": registration(**fields)}, ensure_ascii=False).encode()
    refused = await api.post("/v1/trials", body)

    assert (refused.status, [fault["field"] for fault in refused.body["faults"]]) == (422, [pointer])
    assert "may have" in refused.body["faults"][0]["message"] or "at most" in refused.body["faults"][0]["message"]
    trial = await api.draft()
    await api.settled()
    assert (await api.get(f"/v1/trials/{trial}", role=Role.SPONSOR)).status == 200


async def test_a_report_that_can_not_be_carried_is_refused(api: Api) -> None:
    trial = await api.published()
    at = SITE.format(trial=trial)
    named = {"name": {"ja": "京都病院"}, "organisation": "kyoto-hp", "contacts": [{"role": "site"}] * 101}
    many = await api.post(f"{at}/add", {"site": named})
    await api.with_site(trial)
    await api.done(f"{at}/open", {"on": "2026-11-02"}, role=Role.SITE)
    long = await api.post(f"{at}/pause", {"on": "2026-11-03", "why": {"ja": kanji(2_001)}}, role=Role.SITE)

    refusals = [(one.status, [fault["field"] for fault in one.body["faults"]]) for one in (many, long)]
    assert refusals == [(422, ["/site/contacts"]), (422, ["/why"])]


async def test_a_why_in_many_languages_has_so_many_bytes_in_all(api: Api) -> None:
    trial = await api.published()
    at = await api.with_site(trial)
    await api.done(f"{at}/open", {"on": "2026-11-02"}, role=Role.SITE)
    tags = [f"{first}{second}" for first in "abcdef" for second in "abcdefghij"]
    refused = await api.post(f"{at}/pause", {"on": "2026-11-03", "why": dict.fromkeys(tags, "x" * 334)}, role=Role.SITE)
    taken = await api.post(f"{at}/pause", {"on": "2026-11-03", "why": dict.fromkeys(tags, "x" * 333)}, role=Role.SITE)

    assert (refused.status, refused.body["faults"][0]["field"]) == (422, "/why")
    assert "may have 20000 bytes in UTF-8, and has 20040" in refused.body["faults"][0]["message"]
    assert taken.status == 201, taken.raw
