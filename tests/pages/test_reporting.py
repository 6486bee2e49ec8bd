"""A coordinator's report: from the form to the receipt to the public page, once, and with faults in words."""

import asyncio
from datetime import date, datetime
from uuid import uuid4

import pytest

from events.schemas.access import Role
from events.schemas.zones import JAPAN
from projections.trial.document import stream_of
from registry.settings import Settings
from tests.pages.conftest import Browser, PublishedTrial
from tests.support.node import settings_for


async def versions(browser: Browser, published: PublishedTrial) -> int:
    await browser.api.settled()
    return len(await browser.api.node.views.history(stream_of(published.trial)))


async def test_a_report_becomes_a_receipt_and_is_on_the_public_page(
    browser: Browser, published: PublishedTrial
) -> None:
    fields = await browser.filled(published.number, "kyoto", what="pause", on="2026-11-17", why="Equipment check")
    receipt = await browser.post("/en/report", fields)

    assert receipt.status == 201, receipt.text
    position = receipt.headers["Registry-Position"]
    for part in (
        f"Record number {position}", "Version 7", published.number, "We paused recruitment", fields["key"],
        "On which day 17 November 2026", "Reason (made public) Equipment check",
    ):  # fmt: skip
        assert part in receipt.text, part
    assert "Shown, 0" in receipt.text
    assert f'href="/en/trials/{published.number}?wait_for={position.replace(":", "%3A")}#site-kyoto"' in receipt.source
    public = await browser.get(f"/en/trials/{published.number}?wait_for={position}")
    assert "Paused" in public.text
    assert "Reported for 17 November 2026 Last verified Not verified yet Reason Equipment check" in public.text
    assert "Recruitment paused: Kyoto Hospital" in public.text


async def test_the_form_says_until_when_the_last_report_counts_and_what_is_shown_once_it_does_not(
    browser: Browser, published: PublishedTrial
) -> None:
    form = f"/en/report?trial={published.number}&site=kyoto"
    status_lines = (
        "Last reported Recruiting Shown now Recruiting The status shown changes on 11 November 2028, unless you report"
    )
    assert status_lines in (await browser.get(form)).text

    browser.api.node.views._clock = lambda: datetime(2028, 11, 11, tzinfo=JAPAN)
    late = await browser.get(form)
    assert "Last reported Recruiting Shown now Not confirmed since 10 November 2026" in late.text
    assert late.field("seen") == "recruiting", "what the site reported is what it can confirm"
    assert "The status shown changes on" not in late.text


async def test_a_form_sent_twice_is_recorded_once(browser: Browser, published: PublishedTrial) -> None:
    fields = await browser.filled(published.number, "kyoto", what="close")
    first, again = await asyncio.gather(*(browser.post("/en/report", fields) for _ in range(2)))

    assert first.status == again.status == 201
    assert first.headers["Registry-Position"] == again.headers["Registry-Position"]
    assert await versions(browser, published) == 7


async def test_the_form_offers_the_day_that_it_is_at_the_site(browser: Browser, published: PublishedTrial) -> None:
    days = []
    for name, zone in (("west", "Pacific/Pago_Pago"), ("east", "Pacific/Kiritimati")):
        named = {"name": {"en": name}, "organisation": "kyoto-hp", "zone": zone}
        await browser.api.done(f"/v1/trials/{published.trial}/sites/{name}/add", {"site": named})
        await browser.api.settled()
        fields = await browser.filled(published.number, name)
        days.append(date.fromisoformat(fields["on"]))

    assert days[1] > days[0], "25 hours apart, it is never the same day"


async def test_each_form_has_a_key_of_its_own(browser: Browser, published: PublishedTrial) -> None:
    keys = {(await browser.filled(published.number, "kyoto"))["key"] for _ in range(3)}

    assert len(keys) == 3


async def test_nothing_changed_confirms_what_the_coordinator_saw(browser: Browser, published: PublishedTrial) -> None:
    fields = await browser.filled(published.number, "kyoto", what="verify")
    assert fields["seen"] == "recruiting"
    stale = await browser.post("/en/report", {**fields, "seen": "paused"})
    assert (stale.status, "The status you saw is not the one recorded now" in stale.text) == (422, True)
    confirmed = await browser.post("/en/report", fields)

    assert confirmed.status == 201
    assert "Last verified" in (await browser.get(f"/en/trials/{published.number}")).text


async def test_a_form_shown_again_still_confirms_what_was_seen_first(
    browser: Browser, published: PublishedTrial
) -> None:
    fields = await browser.filled(published.number, "kyoto", what="verify")
    paused = await browser.filled(published.number, "kyoto", what="pause", on="2026-11-17")
    assert (await browser.post("/en/report", paused)).status == 201
    again = await browser.post("/en/report", fields | {"token": ""})
    assert (again.status, again.field("seen")) == (422, "recruiting")
    stale = await browser.post("/en/report", fields | {"seen": again.field("seen")})

    assert (stale.status, "The status you saw is not the one recorded now" in stale.text) == (422, True)
    assert await versions(browser, published) == 7


@pytest.mark.parametrize("field", ["key", "trial", "site", "seen", "what", "on", "why", "token"])
async def test_a_form_with_the_character_zero_is_refused(
    browser: Browser, published: PublishedTrial, field: str
) -> None:
    fields = await browser.filled(published.number, "kyoto", what="pause", on="2026-11-17", why="x")
    refused = await browser.post("/en/report", fields | {field: fields[field] + "\0"})

    assert (refused.status, "can’t be read" in refused.text) == (400, True)
    assert await versions(browser, published) == 6


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"what": "open"}, 422, "This report is not possible in the site’s current status"),
        ({"on": "2999-01-01"}, 422, "A day in the future can’t be reported"),
        ({"on": "1899-12-31"}, 422, "It can’t be before 1900"),
        ({"on": "Tuesday"}, 422, "Write the day like 2026-11-17. It can’t be before 1900."),
        ({"on": ""}, 422, "Enter the day."),
        ({"what": ""}, 422, "Choose what happened."),
        ({"what": "add"}, 422, "Choose what happened."),
        ({"token": ""}, 422, "Enter your site’s token."),
        ({"token": "registry_wrong"}, 401, "The site’s token is wrong or has expired"),
        ({"token": "Grüße 日本"}, 401, "The site’s token is wrong or has expired"),
    ],
)
async def test_what_stands_against_a_report_is_said_in_words_above_the_form_as_it_was_filled(
    browser: Browser, published: PublishedTrial, wrong: dict[str, str], status: int, words: str
) -> None:
    fields = await browser.filled(published.number, "kyoto", what="pause", on="2026-11-17", why="Grund <x>") | wrong
    refused = await browser.post("/en/report", fields)

    assert refused.status == status
    assert words in refused.text
    assert "Nothing is recorded yet" in refused.text
    assert 'rows="3" maxlength="1000" aria-describedby="why-hint">Grund &lt;x&gt;</textarea>' in refused.source
    assert refused.field("key") == fields["key"]
    assert fields["what"] not in ("open", "pause") or f'value="{fields["what"]}" required checked' in refused.source
    assert await versions(browser, published) == 6


async def test_a_reason_that_cannot_be_taken_is_refused_in_the_reader_s_language(
    browser: Browser, published: PublishedTrial
) -> None:
    fields = await browser.filled(published.number, "kyoto", what="pause", on="2026-11-17", why="\u202ex")
    japanese = await browser.post("/report", fields)
    english = await browser.post("/en/report", fields)

    assert (japanese.status, "理由が長すぎるか、使用できない文字を含んでいます。" in japanese.text) == (422, True)
    assert (english.status, "The reason is too long, or contains a character" in english.text) == (422, True)
    assert "leave it out" not in japanese.text + english.text


@pytest.mark.parametrize(
    "wrong", [{"on": "2999-01-01"}, {"what": ""}, {"why": "田中 太郎"}, {"enrolled": "3"}, {"what": "open"}], ids=str
)
async def test_a_refused_form_never_brings_the_token_back(
    browser: Browser, published: PublishedTrial, wrong: dict[str, str]
) -> None:
    fields = await browser.filled(published.number, "kyoto", what="pause", on="2026-11-17") | wrong
    for token in (fields["token"], "registry_wrong"):
        refused = await browser.post("/en/report", fields | {"token": token})
        assert refused.status in (401, 422)
        assert token not in refused.source


async def test_the_number_of_participants_is_reported_and_shown(browser: Browser, published: PublishedTrial) -> None:
    fields = await browser.filled(published.number, "kyoto", what="report-enrolment", on="2026-11-17", enrolled="１２")
    receipt = await browser.post("/en/report", fields)
    assert (receipt.status, "in all １２" in receipt.text) == (201, True), receipt.text
    assert "No reason was given." in receipt.text
    page = await browser.get(f"/en/trials/{published.number}?wait_for={receipt.headers['Registry-Position']}")
    assert "Participants 12" in page.text

    fewer = await browser.filled(published.number, "kyoto", what="report-enrolment", on="2026-11-18", enrolled="11")
    refused = await browser.post("/en/report", fewer)
    assert (refused.status, "Please give a reason." in refused.text) == (422, True)
    assert (await browser.post("/en/report", fewer | {"why": "One was counted twice"})).status == 201


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"enrolled": ""}, "Enter the number of participants."),
        ({"enrolled": "many"}, "Write the number of participants in digits."),
        ({"enrolled": "-1"}, "Write the number of participants in digits."),
        ({"enrolled": "1" * 400}, "Write the number of participants in digits."),
        ({"what": "pause", "enrolled": "12"}, "The number of participants is a separate report"),
    ],
)
async def test_a_number_that_can_t_be_meant_is_refused(
    browser: Browser, published: PublishedTrial, wrong: dict[str, str], words: str
) -> None:
    fields = await browser.filled(published.number, "kyoto", what="report-enrolment", on="2026-11-17") | wrong
    refused = await browser.post("/en/report", fields)

    assert (refused.status, words in refused.text) == (422, True), refused.text
    assert await versions(browser, published) == 6


async def test_a_site_leaves_the_trial_by_the_form(browser: Browser, published: PublishedTrial) -> None:
    fields = await browser.filled(published.number, "kyoto", what="leave", on="2026-11-17", why="The unit was closed")
    receipt = await browser.post("/en/report", fields)
    page = await browser.get(f"/en/trials/{published.number}?wait_for={receipt.headers['Registry-Position']}")

    assert (receipt.status, "The site left the trial: Kyoto Hospital" in page.text) == (201, True)
    again = await browser.post("/en/report", await browser.filled(published.number, "kyoto", what="verify"))
    assert (again.status, "The site has left the trial." in again.text) == (422, True)


async def test_a_name_and_a_number_in_a_reason_are_pointed_out_before_they_are_public(
    browser: Browser, published: PublishedTrial
) -> None:
    why = "田中 太郎 090-1234-5678"
    fields = await browser.filled(published.number, "kyoto", what="pause", on="2026-11-17", why=why)
    warning = await browser.post("/en/report", fields)
    assert warning.status == 422
    for part in ("Nothing is recorded yet", "A name: 田中 太郎", "A telephone number: 090-1234-5678"):
        assert part in warning.text, part
    assert await versions(browser, published) == 6

    checked = fields | {"checked": warning.field("checked")}
    # The confirmation is good for that text and no other.
    other = await browser.post("/en/report", checked | {"why": "鈴木 花子"})
    assert (other.status, "A name: 鈴木 花子" in other.text) == (422, True)
    assert (await browser.post("/en/report", fields | {"checked": "yes"})).status == 422
    assert await versions(browser, published) == 6
    recorded = await browser.post("/en/report", checked)
    assert (recorded.status, why in recorded.text) == (201, True)


async def test_a_day_that_can_t_be_true_is_refused_with_both_days(browser: Browser, published: PublishedTrial) -> None:
    paused = await browser.filled(published.number, "kyoto", what="pause", on="2026-11-17")
    assert (await browser.post("/en/report", paused)).status == 201
    for language, words in (
        ("/en", "16 November 2026 is before 17 November 2026"),
        ("", "2026年11月16日は、先に報告または決定された2026年11月17日より前の日付です。"),
    ):
        for what in ("open", "verify"):
            fields = await browser.filled(published.number, "kyoto", what=what, on="2026-11-16", seen="paused")
            refused = await browser.post(f"{language}/report", fields)
            assert (refused.status, words in refused.text) == (422, True), refused.text
    assert await versions(browser, published) == 7


async def test_another_organisation_s_token_reports_nothing(browser: Browser, published: PublishedTrial) -> None:
    fields = await browser.filled(published.number, "kyoto", what="pause")
    refused = await browser.post("/report", fields | {"token": browser.api.tokens[Role.PARTNER]})

    assert (refused.status, "このトークンでは、この報告はできません" in refused.text) == (403, True)
    assert await versions(browser, published) == 6


async def test_a_form_used_for_another_report_gets_a_new_key(browser: Browser, published: PublishedTrial) -> None:
    fields = await browser.filled(published.number, "kyoto", what="pause", on="2026-11-17")
    assert (await browser.post("/en/report", fields)).status == 201
    other = await browser.post("/en/report", fields | {"on": "2026-11-18"})

    assert (other.status, "already been used for another report" in other.text) == (422, True)
    assert other.field("key") != fields["key"]


async def test_a_form_sent_from_another_site_is_refused(browser: Browser, published: PublishedTrial) -> None:
    fields = await browser.filled(published.number, "kyoto", what="pause")
    for origin in ("cross-site", "same-site"):
        refused = await browser.post("/en/report", fields, Sec_Fetch_Site=origin)
        assert (refused.status, "can’t be read" in refused.text) == (400, True)

    assert await versions(browser, published) == 6
    assert (await browser.post("/en/report", fields, Sec_Fetch_Site="same-origin")).status == 201


async def test_a_token_in_no_field_opens_nothing(browser: Browser, published: PublishedTrial) -> None:
    fields = await browser.filled(published.number, "kyoto", what="pause")
    del fields["token"]
    bearer = {"Authorization": f"Bearer {browser.api.tokens[Role.SITE]}"}

    assert (await browser.post("/en/report", fields, **bearer)).status == 422
    assert await versions(browser, published) == 6


async def test_neither_form_nor_receipt_is_kept_by_a_browser_and_no_cookie_is_set(
    browser: Browser, published: PublishedTrial
) -> None:
    form = await browser.get(f"/report?trial={published.number}&site=kyoto")
    receipt = await browser.post("/report", await browser.filled(published.number, "kyoto", what="pause"))

    for answer in (form, receipt):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    assert browser.api.tokens[Role.SITE] not in receipt.source


@pytest.mark.parametrize(
    "wrong",
    [{"key": "1"}, {"key": ""}, {"key": "0199a5c0-0000-5000-8000-000000000001"}, {"site": "osaka"}, {"site": ""}],
    ids=str,
)
async def test_a_form_that_is_not_ours_is_refused(
    browser: Browser, published: PublishedTrial, wrong: dict[str, str]
) -> None:
    refused = await browser.post("/en/report", await browser.filled(published.number, "kyoto", what="pause") | wrong)

    assert refused.status == 400


async def test_the_way_to_the_form_goes_by_the_trial_and_its_sites(browser: Browser, published: PublishedTrial) -> None:
    assert 'name="trial"' in (await browser.get("/en/report")).source
    choose = await browser.get(f"/en/report?trial={published.number.lower()}")
    assert f'href="/en/report?trial={published.number}&amp;site=kyoto"' in choose.source
    assert (await browser.get("/en/report?trial=JTR1")).status == 404
    assert (
        f'href="/en/report?trial={published.number}&amp;site=kyoto"'
        in (await browser.get(f"/en/trials/{published.number}")).source
    )


@pytest.fixture
def settings(database_url: str, request: pytest.FixtureRequest) -> Settings:
    """The same node; a test may shorten its deadline."""
    return settings_for(database_url).model_copy(update=getattr(request, "param", {}))


@pytest.mark.parametrize("settings", [{"read_deadline": 0.3}], indirect=True)
async def test_a_report_is_recorded_although_the_page_cannot_show_it_yet(
    browser: Browser, published: PublishedTrial
) -> None:
    fields = await browser.filled(published.number, "kyoto", what="pause")
    # Nobody carries events into the views any more.
    [runner] = [task for task in asyncio.all_tasks() if task.get_name() == "keeping the views"]
    runner.cancel()
    await asyncio.wait([runner])
    receipt = await browser.post("/en/report", fields)

    assert (receipt.status, "It will be shown in a moment" in receipt.text) == (201, True)


async def test_an_unknown_trial_and_a_broken_form_are_refused(browser: Browser, published: PublishedTrial) -> None:
    fields = await browser.filled(published.number, "kyoto", what="pause")

    assert (await browser.post("/en/report", fields | {"trial": str(uuid4())})).status == 404
    assert (await browser.post("/en/report", {})).status == 404
    async with browser.api.session.post("/en/report", json={}, headers={"Accept": "text/html"}) as answer:
        assert answer.status == 415
    broken = b"trial=%FF&site=%00"
    form = {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
    async with browser.api.session.post("/en/report", data=broken, headers=form) as answer:
        assert answer.status == 400
