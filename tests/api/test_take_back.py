"""A site asks the office to take back a reason: it is withheld from all but office and regulators, then decided."""

import html
import re
from typing import Any
from uuid import uuid4

import pytest

from events.schemas.access import Role
from events.sealing import OwnerKind
from registry.office.erasing import destroy
from tests.api.conftest import Answer, Api
from tests.pages.conftest import Browser

WHY = "田中 太郎の退職"
EVERYBODY = (None, Role.SITE, Role.SPONSOR, Role.PARTNER)
TRUSTED = (Role.REGISTRY, Role.REGULATOR)


async def paused(api: Api) -> tuple[str, str, int]:
    """A trial whose site paused for a reason that names somebody; the site's address, and the event's version, 6.

    Version 4 is a regulator's decision on the site, with its reason.
    """
    trial = await api.published()
    await api.with_site(trial)
    site = f"/v1/trials/{trial}/sites/kyoto"
    await api.done(f"{site}/open", {"on": "2026-11-10"}, role=Role.SITE)
    receipt = await api.done(f"{site}/pause", {"on": "2026-11-12", "why": {"ja": WHY}}, role=Role.SITE)
    await api.settled()
    return f"/v1/trials/{trial}", site, receipt["version"]


async def read(api: Api, path: str, role: Role | None) -> Answer:
    bearer = {} if role is None else {"Authorization": f"Bearer {api.tokens[role]}"}
    return await api.get(path, **bearer)


async def ask_back(api: Api, site: str, of: int) -> dict[str, Any]:
    receipt = await api.done(f"{site}/ask-take-back", {"of": of}, role=Role.SITE)
    await api.settled()
    return receipt


async def test_what_a_site_asks_to_take_back_is_read_by_office_and_regulators_alone(api: Api) -> None:
    trial, site, of = await paused(api)
    before = await api.get(trial)
    paths = (trial, f"{trial}/sites", f"{trial}/history", f"{trial}?as_of={before.headers['Registry-Position']}")
    paths += (f"{trial}/history?as_of={before.headers['Registry-Position']}",)
    assert all([WHY in (await read(api, path, None)).raw.decode() for path in paths])
    await ask_back(api, site, of)

    for path in paths:
        for role in EVERYBODY:
            content = (await read(api, path, role)).raw.decode()
            assert (WHY in content, '"withheld":true' in content) == (False, True), (path, role)
        for role in TRUSTED:
            assert WHY in (await read(api, path, role)).raw.decode(), (path, role)


async def test_a_stored_answer_of_before_is_not_taken_for_the_one_of_now(api: Api) -> None:
    trial, site, of = await paused(api)
    before = await api.get(trial)
    then = f"{trial}?as_of={before.headers['Registry-Position']}"
    tag = (await api.get(then)).headers["ETag"]
    await ask_back(api, site, of)

    again = await api.get(then, If_None_Match=tag)
    assert (again.status, again.headers["ETag"] == tag) == (200, False)


async def test_pages_say_that_it_is_withheld(api: Api) -> None:
    trial, site, of = await paused(api)
    browser, name = Browser(api), trial.rpartition("/")[2]
    pages = (f"/trials/{name}", f"/trials/{name}/timeline", f"/report?trial={name}&site=kyoto")
    assert WHY in (await browser.get(pages[0])).text
    await ask_back(api, site, of)

    for path in pages:
        assert WHY not in (await browser.get(path)).source
    for path in pages[:2]:
        page = await browser.get(path)
        assert "施設から撤回の申し出があり、表示していません" in page.text
    assert f"第 {of} 版の理由について、施設が撤回を申し出ました" in page.text


async def test_what_the_office_declines_is_read_again_and_may_be_asked_again(api: Api) -> None:
    trial, site, of = await paused(api)
    await ask_back(api, site, of)
    declined = {"reason": "It names a role, not a person", "of": of}
    await api.done(f"{site}/decline-take-back", declined, role=Role.REGISTRY)
    await api.settled()

    answer = await api.get(trial)
    assert (WHY in answer.raw.decode(), "withheld" in answer.raw.decode()) == (True, False)
    again = await api.post(f"{site}/decline-take-back", declined, role=Role.REGISTRY)
    assert (again.status, again.rules) == (422, {"not-asked"})
    await ask_back(api, site, of)
    assert WHY not in (await api.get(trial)).raw.decode()


async def test_what_the_office_takes_back_is_gone_for_everybody(api: Api) -> None:
    trial, site, of = await paused(api)
    await ask_back(api, site, of)
    document = await api.node.views.document(trial.rpartition("/")[2])
    assert document is not None
    assert [{"site": "kyoto", "of": of}] == list(document["withheld"].values())
    await destroy(api.node, OwnerKind.TEXT, list(document["withheld"]), "as the site asked")

    for role in (*EVERYBODY, *TRUSTED):
        for path in (trial, f"{trial}/history"):
            assert WHY not in (await read(api, path, role)).raw.decode()


@pytest.mark.parametrize(
    ("of", "role", "status", "rules"),
    [
        (1, Role.SITE, 422, {"nothing-said"}),
        (4, Role.SITE, 422, {"nothing-said"}),
        (999, Role.SITE, 422, {"nothing-said"}),
        (0, Role.PARTNER, 403, set()),
        (0, Role.REGULATOR, 403, set()),
    ],
)
async def test_only_what_a_site_reports_is_asked_for_and_only_by_who_reports(
    api: Api, of: int, role: Role, status: int, rules: set[str]
) -> None:
    _, site, version = await paused(api)
    refused = await api.post(f"{site}/ask-take-back", {"of": of or version}, role=role)

    assert refused.status == status
    assert not rules or refused.rules == rules


async def test_a_text_is_asked_for_once(api: Api) -> None:
    _, site, of = await paused(api)
    await ask_back(api, site, of)
    again = await api.post(f"{site}/ask-take-back", {"of": of}, role=Role.SITE)

    assert (again.status, again.rules) == (422, {"asked-already"})


async def test_a_text_that_was_corrected_away_is_withheld_where_it_still_stands(api: Api) -> None:
    trial, site, of = await paused(api)
    correction = {"reason": "No names", "corrects": of, "why": {"ja": "担当者の交代"}}
    await api.done(f"{site}/correct-event", correction, role=Role.SITE)
    await api.settled()
    assert WHY in (await api.get(f"{trial}/history")).raw.decode()
    await ask_back(api, site, of)

    history = (await api.get(f"{trial}/history")).raw.decode()
    assert (WHY in history, "担当者の交代" in history) == (False, True)


async def test_a_coordinator_asks_by_the_page(api: Api) -> None:
    trial, _, of = await paused(api)
    browser, name = Browser(api), trial.rpartition("/")[2]
    timeline = await browser.get(f"/en/trials/{name}/timeline")
    links = re.findall(r'href="(/en/report\?trial=[^"]*of=[^"]*)"', timeline.source)
    assert [html.unescape(link).rpartition("=")[2] for link in links] == [str(of)], "no other event gives a reason"
    form = await browser.get(html.unescape(links[0]))
    assert (form.status, "Ask for a reason to be taken back" in form.text) == (200, True)

    fields = {field: form.field(field) for field in ("key", "trial", "site", "of", "what")}
    refused = await browser.post("/en/report", fields | {"token": "registry_wrong"})
    assert (refused.status, refused.field("of"), "token is wrong" in refused.text) == (401, str(of), True)
    receipt = await browser.post("/en/report", fields | {"token": api.tokens[Role.SITE]})
    assert (receipt.status, "What happened Ask for a reason" in receipt.text) == (201, True), receipt.text
    await api.settled()
    again = await browser.post("/en/report", {**fields, "key": str(uuid4()), "token": api.tokens[Role.SITE]})
    assert (again.status, "The office has already been asked." in again.text) == (422, True)
    after = await browser.get(f"/en/trials/{name}/timeline")
    assert (WHY in after.source, "&amp;of=" in after.source) == (False, False)
