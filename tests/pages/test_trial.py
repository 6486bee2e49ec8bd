"""A trial's page: in short, its sites, what happened, in full, and as it was."""

from datetime import date
from typing import Any

import pytest

from events.schemas.access import Role
from events.schemas.status import RecruitmentStatus
from events.sealing import OwnerKind
from projections.search.prefectures import PLACES, PREFECTURES
from projections.trial.courses import Joining, WhyNot
from projections.trial.document import Document
from registry.office.erasing import destroy
from registry.pages.contacts import email_link, telephone_link
from registry.pages.folding import LETTERS, first_names, folded
from registry.pages.joining import badge_of_part, headline, of_trial
from registry.pages.joining import of_site as joining_at
from registry.pages.places import board
from registry.pages.shown import Fields, Listing, Passage
from registry.pages.values import show
from registry.pages.words import Language, words_in
from tests.pages.conftest import SECRETS, Browser, PublishedTrial
from tests.support.trials import PERSON

JA, EN = words_in(Language.JAPANESE), words_in(Language.ENGLISH)


async def test_a_trial_is_told_in_short_in_the_reader_s_language(browser: Browser, published: PublishedTrial) -> None:
    japanese = (await browser.get(f"/trials/{published.number}")).text
    english = (await browser.get(f"/en/trials/{published.number}")).text

    for part in (
        "肺がんに対する新しい治療の試験",
        "新しい薬を調べます。",
        "20歳以上、男性・女性とも",
        "京都府（1 施設）",
    ):
        assert part in japanese, part
    assert "参加者を募集しています" in japanese
    for part in (
        "A trial of a new treatment for lung cancer",
        "20 years and older, Women and men",
        "Looking for participants",
    ):
        assert part in english, part
    assert "From January 2027 (planned) to 2029 (planned)" in english
    assert "180 people planned" in english


async def test_sites_stand_by_prefecture_with_their_status_and_when_it_was_verified(
    browser: Browser, published: PublishedTrial
) -> None:
    at = f"/v1/trials/{published.trial}/sites/kyoto"
    before = (await browser.get(f"/en/trials/{published.number}")).text
    assert "Kyoto Sites: 1 Kyoto Hospital" in before
    assert "Last verified Not verified yet" in before
    verified = await browser.api.done(f"{at}/verify", {"on": "2026-11-20", "status": "recruiting"}, role=Role.SITE)

    after = (await browser.get(f"/en/trials/{published.number}?wait_for={verified['position']}")).text
    assert "Reported for 10 November 2026 Last verified 20 November 2026" in after


async def test_the_timeline_says_what_changed_from_what_to_what_and_why(
    browser: Browser, published: PublishedTrial
) -> None:
    timeline = await browser.get(f"/en/trials/{published.number}/timeline")

    assert "Reason Sample size <recalculated>" in timeline.text.replace("&lt;", "<")
    assert "Participants planned 120 180" in timeline.text
    assert "Kyoto Hospital › Recruitment Not yet recruiting Recruiting" in timeline.text
    assert "Recruitment opened: Kyoto Hospital" in timeline.text
    # What the sponsor wrote before publication stays with the sponsor.
    assert "Entered in the registry" not in timeline.text
    assert f"as_of={published.before.replace(':', '%3A')}" in timeline.source


async def test_a_corrected_report_stands_beside_its_correction(browser: Browser, published: PublishedTrial) -> None:
    at = f"/v1/trials/{published.trial}"
    events = (await browser.api.get(f"{at}/history")).body["events"]
    opened = next(event["version"] for event in events if event["type"] == "trial.site-opened.v1")
    correction = {"reason": "Dated a day late", "corrects": opened, "on": "2026-11-09"}
    fixed = await browser.api.done(f"{at}/sites/kyoto/correct-event", correction, role=Role.SITE)
    await browser.api.settled()

    told_of = {one["version"]: one for one in (await browser.api.get(f"{at}/history")).body["events"]}
    then = (await browser.api.get(f"{at}/history?as_of={events[-1]['position']}")).body["events"]
    timeline = (await browser.get(f"/en/trials/{published.number}/timeline")).text
    page = f"/en/trials/{published.number}"

    assert (told_of[opened]["data"]["on"], told_of[opened]["corrected_by"]) == ("2026-11-10", [fixed["version"]])
    assert all("corrected_by" not in event for event in then), "nobody knew"
    assert f"The report of version {opened} was corrected: Kyoto Hospital" in timeline
    assert f"Corrected in version {fixed['version']}; the original report is shown here." in timeline
    assert "Day 10 November 2026 9 November 2026" in timeline
    assert "Reported for 9 November 2026" in (await browser.get(page)).text
    assert "Reported for 10 November 2026" in (await browser.get(f"{page}?as_of={events[-1]['position']}")).text


async def test_the_page_goes_back_to_a_moment(browser: Browser, published: PublishedTrial) -> None:
    was = await browser.get(f"/en/trials/{published.number}?as_of={published.before}")
    now = await browser.get(f"/en/trials/{published.number}")
    early = await browser.get(f"/en/trials/{published.number}?as_of=2020-01-01")

    assert "120 people planned" in was.text
    assert f"This page shows what was known at record number {published.before}." in was.text
    assert "This is what was known" not in now.text
    assert early.status == 404
    assert "may not have been public at that time" in early.text


async def test_the_public_reads_whom_to_ask_and_no_other_person(browser: Browser, published: PublishedTrial) -> None:
    at = f"/v1/trials/{published.trial}"
    people = {
        "public": {"name": {"ja": "窓口 花子"}, "telephone": "０３－１２３４－５６７８", "email": "ask@example.jp"},
        "scientific": {"name": {"ja": "調査 太郎"}, "telephone": "03-9999-9999", "email": "science@example.jp"},
    }
    contacts = [{"role": role, "affiliation": {"ja": "京都中央病院"}, "person": one} for role, one in people.items()]
    amended = await browser.api.done(f"{at}/amend", {"reason": "New people", "registration": {"contacts": contacts}})
    page = await browser.get(f"/trials/{published.number}?wait_for={amended['position']}")

    for part in ("窓口 花子", "０３－１２３４－５６７８", "ask@example.jp"):
        assert part in page.text
    assert 'href="tel:0312345678"' in page.source
    assert 'href="mailto:ask@example.jp"' in page.source
    assert not [value for value in people["scientific"].values() if str(value) in page.source]
    assert "調査" not in page.source
    past = await browser.get(f"/trials/{published.number}?as_of={amended['position']}")
    assert (past.status, "窓口" in past.source, "現在のものだけ" in past.text) == (200, False, True)

    # The home, or the sponsor, withdrew it.
    [_, science] = contacts
    others = [{"role": "public", "affiliation": {"ja": "相談窓口"}}, science]
    withdrawn = await browser.api.done(f"{at}/amend", {"reason": "Left", "registration": {"contacts": others}})
    page = await browser.get(f"/trials/{published.number}?wait_for={withdrawn['position']}")
    assert ("相談窓口" in page.text, "窓口 花子" in page.source) == (True, False)


async def test_a_site_says_whom_to_ask_only_while_one_can_join_there(
    browser: Browser, published: PublishedTrial
) -> None:
    at = f"/v1/trials/{published.trial}/sites/kyoto"
    person = {"telephone": "+81-75-000-0000"}
    amendment = {"contacts": [{"role": "site", "affiliation": {"ja": "治験管理室"}, "person": person}]}
    amended = await browser.api.done(f"{at}/amend", {"reason": "Asked often", "amendment": amendment})
    open_page = await browser.get(f"/trials/{published.number}?wait_for={amended['position']}")
    paused = await browser.api.done(f"{at}/pause", {"on": "2026-11-20"}, role=Role.SITE)
    paused_page = await browser.get(f"/trials/{published.number}?wait_for={paused['position']}")

    assert "この施設の問い合わせ先 治験管理室 電話 +81-75-000-0000" in open_page.text
    assert 'href="tel:+81750000000"' in open_page.source
    assert "+81-75" not in paused_page.source


async def test_a_forgotten_contact_is_on_the_page_no_more(browser: Browser, published: PublishedTrial) -> None:
    trial = (await browser.api.get(f"/v1/trials/{published.trial}")).body
    [person] = {one["person"]["person"] for one in trial["registration"]["contacts"]}
    assert PERSON["telephone"] in (await browser.get(f"/trials/{published.number}")).text
    await destroy(browser.api.node, OwnerKind.PERSON, [person], "asked for")
    page = await browser.get(f"/trials/{published.number}")

    assert "担当者の情報は消去されました" in page.text
    assert not [secret for secret in SECRETS if secret in page.source]


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("+81 (0)3-1234-5678", "tel:+81312345678"),
        ("03 1234 5678", "tel:0312345678"),
        ("03-1234-5678 内線 12", ""),
        ("03-1234-5678 / 03-1234-5679", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_only_one_whole_number_is_to_be_called(text: str, link: str) -> None:
    assert telephone_link(text) == link


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (" a.b+c@example.co.jp ", "mailto:a.b+c@example.co.jp"),
        ("a@example.jp?bcc=b@example.jp", ""),
        ("a@example.jp, b@example.jp", ""),
        ("試験@example.jp", ""),
        ("nobody", ""),
    ],
)
def test_only_one_plain_address_is_to_be_written_to(text: str, link: str) -> None:
    assert email_link(text) == link


@pytest.mark.parametrize(
    "text",
    [
        "One line.",
        "\n".join(f"- criterion {number}" for number in range(40)),
        "とても長い条件です。" * 200,
        "word " * 400,
        "x" * 5000,
        "short\n" * 5,
    ],
)
def test_a_text_folds_behind_its_first_lines_and_loses_nothing(text: str) -> None:
    fold = folded(Passage(text))

    assert "".join((fold.first + fold.rest).split()) == "".join(text.split())
    assert fold.first, text
    assert len(fold.first) <= LETTERS or not fold.rest
    assert (not fold.rest) == (len(text) <= LETTERS)


def test_a_long_list_of_names_is_short_and_says_how_many_more() -> None:
    assert first_names(range(5)) == (range(5), 0)
    assert first_names(range(20)) == (range(4), 16)


async def test_contacts_show_what_they_answer_for_and_changes_of_persons_are_not_told(
    browser: Browser, published: PublishedTrial
) -> None:
    await browser.api.done(
        f"/v1/trials/{published.trial}/amend",
        {"reason": "New people", "registration": {"contacts": [
            {"role": role, "affiliation": {"ja": "京都中央病院"}, "person": {"name": {"ja": "新任 太郎"}}}
            for role in ("public", "scientific")
        ]}},
    )  # fmt: skip
    await browser.api.settled()

    assert "Contact for the public" in (await browser.get(f"/en/trials/{published.number}")).text
    timeline = await browser.get(f"/en/trials/{published.number}/timeline")
    assert "Contacts › 京都中央病院 A field with personal details changed (not shown)" in timeline.text
    assert "新任" not in timeline.source


@pytest.mark.parametrize(
    ("region", "code"),
    [("京都", 25), ("京都府", 25), ("Kyoto", 25), ("Kyoto-fu", 25), ("Tōkyō", 12), ("Tokyo-To", 12), ("Aichi-ken", 22),
     ("Hokkaido", 0), ("Okinawa Prefecture", 46), ("ＴＯＫＹＯ", 12), ("大阪", 26)],
)  # fmt: skip
def test_a_prefecture_is_known_however_it_is_spelled(region: str, code: int) -> None:
    site = {"site": "a", "name": {"ja": "病院"}, "authorisation": "published", "recruitment": "recruiting"}
    document = document_of(RECRUITING, site | {"place": {"country": "JP", "region": region}})

    assert [found.name for found in board(JA, document, TODAY)] == [PREFECTURES[code]["ja"]]
    assert [found.name for found in board(EN, document, TODAY)] == [PREFECTURES[code]["en"]]


def test_all_prefectures_have_a_bare_name_of_their_own() -> None:
    assert len(PREFECTURES) == 47
    assert set(PLACES.values()) == set(range(47))


RECRUITING = {"authorisation": "published", "recruitment": "recruiting"}


SITE = {"site": "a", **RECRUITING}
TODAY = date(2026, 11, 29)


def document_of(status: Document, *sites: Document, **others: Any) -> Document:
    """A document with these sites, last confirmed this month unless it says otherwise."""
    named = {one["site"]: one for one in sites}
    return {"status": status, "sites": named, "registration": {}, "confirmed": "2026-11"} | others


@pytest.mark.parametrize(
    ("trial", "site", "words", "tone"),
    [
        (RECRUITING, SITE, "Recruiting", "open"),
        ({**RECRUITING, "recruitment": "paused"}, SITE, "The trial as a whole is not recruiting", "paused"),
        ({**RECRUITING, "authorisation": "revoked"}, SITE, "The trial as a whole is not recruiting", "paused"),
        (RECRUITING, {**SITE, "authorisation": "filed"}, "Filed", "over"),
        (RECRUITING, {**SITE, "recruitment": "paused"}, "Paused", "paused"),
        ({**RECRUITING, "recruitment": "paused"}, {**SITE, "recruitment": "closed"}, "Closed", "over"),
        (RECRUITING, {**SITE, "recruitment": "closed", "left": True}, "The site has left the trial", "over"),
        (
            RECRUITING,
            {**SITE, "changed": {"on": "2019-03-04"}},
            "Not confirmed since 4 March 2019; recruitment status unknown",
            "unknown",
        ),
    ],
)
def test_no_patient_is_sent_to_a_site_that_may_not_recruit(trial: Any, site: Any, words: str, tone: str) -> None:
    document = document_of(trial, site)
    shown = badge_of_part(EN, site, joining_at(document, site, TODAY))

    assert (shown.words, shown.tone) == (words, tone)


@pytest.mark.parametrize(
    ("document", "ja", "en", "tone"),
    [
        (document_of(RECRUITING), "参加者を募集しています", "Looking for participants", "open"),
        (
            document_of({**RECRUITING, "authorisation": "suspended_by_authority"}, SITE),
            "規制当局の決定により停止しています",
            "Suspended by the authority",
            "over",
        ),
        (
            document_of(RECRUITING, {**SITE, "recruitment": "paused"}),
            "現在、募集中の施設はありません",
            "No site is recruiting today",
            "paused",
        ),
        (
            document_of({**RECRUITING, "recruitment": "unknown"}, SITE, confirmed="2019-03"),
            "2019年3月から確認がなく、募集状況は不明です",
            "Not confirmed since March 2019; recruitment status unknown",
            "unknown",
        ),
        (
            document_of(RECRUITING, registration={"completion": {"date": "2024-02-28"}}, confirmed="2023-06"),
            "終了日（2024年2月28日）を過ぎており、募集状況は不明です",
            "Past its completion date (28 February 2024); recruitment status unknown",
            "unknown",
        ),
    ],
)
def test_the_headline_says_whether_somebody_can_join_today_and_why_not(
    document: Document, ja: str, en: str, tone: str
) -> None:
    answer = of_trial(document, TODAY)

    assert [headline(words, document["status"], answer).words for words in (JA, EN)] == [ja, en]
    assert headline(EN, document["status"], answer).tone == tone


def test_every_reason_has_words() -> None:
    for why in WhyNot:
        answer = Joining(RecruitmentStatus.UNKNOWN, why, "2026-11-29")
        for words in (JA, EN):
            assert headline(words, RECRUITING, answer).words
            assert badge_of_part(words, SITE, answer).words


def test_sites_abroad_and_nowhere_come_after_those_in_japan() -> None:
    def site(name: str, **place: str) -> dict[str, Any]:
        return {
            "site": name,
            "name": {"en": name},
            "authorisation": "published",
            "recruitment": "unknown",
            "place": place,
        }

    sites = {
        "a": site("a", country="US", region="Kyoto"),
        "b": site("b", country="JP", region="Okinawa"),
        "c": site("c", country="JP", region="Somewhere"),
        "d": site("d"),
        "e": site("e", country="JP", region="北海道"),
    }
    regions = board(EN, document_of(RECRUITING, *sites.values()), TODAY)

    assert [region.name for region in regions] == [
        "Hokkaido", "Okinawa", "Somewhere", "Place not registered", "United States",
    ]  # fmt: skip


def test_persons_are_left_out_of_every_value() -> None:
    contact = {"role": "public", "person": {"person": "1", "sealed": "A"}, "affiliation": {"ja": "病院"}}

    assert show(JA, ("contacts",), [contact]) == Listing(
        (Fields((("役割", Passage("一般向けの問い合わせ先")), ("所属", Passage("病院", Language.JAPANESE)))),)
    )
    assert show(JA, ("anything",), {"person": "1", "sealed": "A"}) == Fields(())


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://example.jp/a?b=c", "https://example.jp/a?b=c"),
        ("javascript:alert(1)", ""),
        ("https://example.jp/ and more", ""),
        ("data:text/html,x", ""),
    ],
)
def test_only_addresses_of_the_web_become_links(text: str, link: str) -> None:
    shown = show(EN, ("url",), text)

    assert isinstance(shown, Passage)
    assert (shown.text, shown.link) == (text, link)
