"""Whether somebody can join, and if not, why: of a trial and of each site, from what they say and from days."""

from datetime import date, datetime
from itertools import permutations, product
from typing import Any, Final

import pytest

from events.schemas import trial as happened
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.zones import JAPAN
from projections.base.moments import Moment
from projections.reading import Views
from projections.search.query import SearchQuery
from projections.trial import joining
from projections.trial.courses import FORBIDDEN, Joining, on
from projections.trial.document import Document, evolve, stream_of
from projections.trial.freshness import FRESHNESS, Freshness, months_later, stale_from
from tests.projections.trials import (
    BEGINNING,
    Writer,
    amended,
    event_of,
    folded,
    imported,
    memory_log,
    now,
    registered,
    site_added,
    trial_id,
)
from tests.projections.views import dumped, project

TODAY: Final = date(2026, 11, 29)
PUBLISHED: Final = "published"


def site(recruitment: str = "recruiting", authorisation: str = PUBLISHED, **fields: Any) -> Document:
    return {"site": "a", "authorisation": authorisation, "recruitment": recruitment, **fields}


def reported(on: str) -> dict[str, Any]:
    return {"changed": {"on": on, "recorded": f"{on}T00:00:00.000Z"}}


def trial(recruitment: str = "recruiting", *sites: Document, authorisation: str = PUBLISHED, **fields: Any) -> Document:
    """A trial that was last confirmed in this very month, unless it says otherwise."""
    return {
        "status": {"authorisation": authorisation, "recruitment": recruitment, **fields.pop("status", {})},
        "sites": {str(number): one | {"site": str(number)} for number, one in enumerate(sites)},
        "registration": fields.pop("registration", {}),
        **({"confirmed": "2026-11"} | fields),
    }


def answer_of(document: Document, day: date = TODAY) -> tuple[str, str | None, str | None]:
    """The trial's answer: recruitment, why not, since when."""
    answer = on(joining.of_trial(document), day)
    return str(answer.recruitment), answer.why_not and str(answer.why_not), answer.since


def answer_of_site(document: Document, day: date = TODAY) -> tuple[str, str | None, str | None]:
    answer = on(joining.of_site(document, document["sites"]["0"]), day)
    return str(answer.recruitment), answer.why_not and str(answer.why_not), answer.since


OLD: Final = "2019-03"
TRIALS: Final = {
    "recruits": (trial(), ("recruiting", None, None)),
    "recruits at a site": (trial("recruiting", site()), ("recruiting", None, None)),
    "stopped by the authority": (
        trial("recruiting", site(), authorisation="suspended_by_authority"),
        ("paused", "suspended_by_authority", None),
    ),
    "its only site paused": (trial("recruiting", site("paused")), ("paused", "no_site_open", None)),
    "its only site closed": (trial("recruiting", site("closed")), ("closed", "no_site_open", None)),
    "its only site left": (
        trial("recruiting", site("closed", "ended", left=True)),
        ("closed", "no_site_open", None),
    ),
    "one site opens later": (trial("recruiting", site("not_yet"), site("closed")), ("not_yet", "no_site_open", None)),
    "one paused, one opens later": (
        trial("recruiting", site("not_yet"), site("paused")),
        ("paused", "no_site_open", None),
    ),
    "its site is not authorised yet": (
        trial("recruiting", site("not_yet", "filed")),
        ("not_yet", "no_site_open", None),
    ),
    "its site is stopped by the authority": (
        trial("recruiting", site("recruiting", "suspended_by_authority")),
        ("paused", "no_site_open", None),
    ),
    "one of two sites is open": (trial("recruiting", site("paused"), site()), ("recruiting", None, None)),
    "a site under another name of a site is no other": (
        trial("recruiting", site("paused"), site(same_as="0")),
        ("paused", "no_site_open", None),
    ),
    "its sites say nothing": (trial("recruiting", site("unknown")), ("recruiting", None, None)),
    "one site says nothing": (trial("recruiting", site("closed"), site("unknown")), ("recruiting", None, None)),
    "who said nothing has left": (
        trial("recruiting", site("unknown", "ended", left=True)),
        ("closed", "no_site_open", None),
    ),
    "invites": (trial("by_invitation", site()), ("by_invitation", "by_invitation", None)),
    "a site invites": (trial("recruiting", site("by_invitation")), ("by_invitation", "by_invitation", None)),
    "its site paused, it paused": (trial("paused", site("paused")), ("paused", "paused", None)),
    "closed": (trial("closed", site()), ("closed", "closed", None)),
    "not yet, whatever a site says": (trial("not_yet", site()), ("not_yet", "not_yet", None)),
    "withdrawn, as stored before": (
        trial("not_yet", authorisation="withdrawn"),
        ("closed", "withdrawn", None),
    ),
    "completed": (trial("completed", authorisation="ended"), ("completed", "ended", None)),
    "all have been examined": (trial("completed"), ("completed", "completed", None)),
    "draft": (trial("not_yet", authorisation="draft"), ("not_yet", "not_authorised", None)),
    "unknown since 2019, a site says recruiting": (
        trial("unknown", site(), confirmed=OLD),
        ("unknown", "not_confirmed", OLD),
    ),
    "unknown since 2019, its site reported since": (
        trial("unknown", site(**reported("2026-11-01")), site("closed"), confirmed=OLD),
        ("recruiting", None, None),
    ),
    "unknown since 2019, its site reported before that": (
        trial("unknown", site(**reported("2017-11-01")), confirmed=OLD),
        ("unknown", "not_confirmed", OLD),
    ),
    "unknown, its site reported that it paused": (
        trial("unknown", site("paused", **reported("2026-11-01"))),
        ("unknown", "unknown", None),
    ),
    "unknown, and confirmed to be": (trial("unknown"), ("unknown", "unknown", None)),
    "said in 2019": (trial(confirmed=OLD), ("unknown", "not_confirmed", OLD)),
    "not yet since 2019": (trial("not_yet", confirmed=OLD), ("unknown", "not_confirmed", OLD)),
    "paused since 2019": (trial("paused", confirmed=OLD), ("paused", "paused", None)),
    "its site said so in 2019": (
        trial("recruiting", site(**reported("2019-03-04"))),
        ("unknown", "not_confirmed", "2019-03-04"),
    ),
    "its site confirmed this year": (
        trial("recruiting", site(**reported("2019-03-04"), verified={"on": "2026-02-01"}), confirmed=OLD),
        ("recruiting", None, None),
    ),
    "past its completion": (
        trial(confirmed="2026-01", registration={"completion": {"date": "2026-10", "kind": "anticipated"}}),
        ("unknown", "past_completion", "2026-10"),
    ),
    "past its primary completion": (
        trial(confirmed="2026-01", registration={"primary_completion": {"date": "2026-10"}}),
        ("unknown", "past_completion", "2026-10"),
    ),
    "completes at the end of the year": (
        trial(registration={"completion": {"date": "2026"}}),
        ("recruiting", None, None),
    ),
    "confirmed after the day that was planned": (
        trial(registration={"completion": {"date": "2026-10-31", "kind": "anticipated"}}),
        ("recruiting", None, None),
    ),
    "confirmed in the very month that was planned": (
        trial(registration={"completion": {"date": "2026-11-15", "kind": "anticipated"}}),
        ("unknown", "past_completion", "2026-11-15"),
    ),
    "completed in fact": (
        trial(registration={"completion": {"date": "2026-10-31", "kind": "actual"}}),
        ("unknown", "past_completion", "2026-10-31"),
    ),
}


@pytest.mark.parametrize("name", TRIALS)
def test_a_trial_can_be_joined_or_the_answer_says_why_not(name: str) -> None:
    document, right = TRIALS[name]

    assert answer_of(document) == right


SITES: Final = {
    "recruits": (trial("recruiting", site()), ("recruiting", None, None)),
    "paused": (trial("recruiting", site("paused")), ("paused", "paused", None)),
    "left": (
        trial("recruiting", site("closed", "ended", **reported("2026-10-01"))),
        ("closed", "left", "2026-10-01"),
    ),
    "ended with its trial": (
        trial("completed", site("closed", "ended"), authorisation="ended"),
        ("closed", "ended", None),
    ),
    "the trial paused": (trial("paused", site()), ("paused", "trial", None)),
    "the trial is stopped": (
        trial("recruiting", site(), authorisation="suspended_by_authority"),
        ("paused", "trial", None),
    ),
    "closed before the trial was stopped": (
        trial("recruiting", site("closed"), authorisation="suspended_by_authority"),
        ("closed", "closed", None),
    ),
    "the trial is unknown since 2019": (trial("unknown", site(), confirmed=OLD), ("unknown", "not_confirmed", OLD)),
    "the trial is unknown since 2019, the site reported since": (
        trial("unknown", site(**reported("2026-11-01")), confirmed=OLD),
        ("recruiting", None, None),
    ),
    "the trial is unknown since 2019, and it was decided about the site": (
        trial("unknown", site(**reported("2026-11-01"), reported={}), confirmed=OLD),
        ("unknown", "not_confirmed", OLD),
    ),
    "said in 2019, and then decided about": (
        trial("recruiting", site(**reported("2026-11-01"), reported={"on": "2019-03-04"})),
        ("unknown", "not_confirmed", "2019-03-04"),
    ),
    "the trial invites": (trial("by_invitation", site()), ("by_invitation", "by_invitation", None)),
    "not authorised": (trial("recruiting", site("recruiting", "filed")), ("not_yet", "not_authorised", None)),
    "another name": (trial("recruiting", site(same_as="b")), ("recruiting", "same_site", None)),
    "said in 2019, the trial amended since": (
        trial("recruiting", site(**reported("2019-03-04"))),
        ("unknown", "not_confirmed", "2019-03-04"),
    ),
}


@pytest.mark.parametrize("name", SITES)
def test_a_site_can_be_joined_or_the_answer_says_why_not(name: str) -> None:
    document, right = SITES[name]

    assert answer_of_site(document) == right


def test_each_authorisation_but_published_forbids_and_says_why() -> None:
    assert set(FORBIDDEN) == set(AuthorisationStatus) - {AuthorisationStatus.PUBLISHED}


def test_nobody_is_sent_where_trial_or_site_says_that_nobody_recruits() -> None:
    """Of every pair of statuses of a trial and of its site, and of fresh and old days."""
    axes = tuple(product(AuthorisationStatus, RecruitmentStatus))
    for (of_trial, trial_says), (of_site, site_says), day in product(axes, axes, ("2019-03-04", "2026-11-01")):
        document = trial(str(trial_says), site(str(site_says), str(of_site), **reported(day)), authorisation=of_trial)
        may = {of_trial, of_site} == {AuthorisationStatus.PUBLISHED} and day > "2024-11-28"
        both = site_says == RecruitmentStatus.RECRUITING and trial_says in {site_says, RecruitmentStatus.UNKNOWN}

        assert (answer_of_site(document)[1] is None) == (may and both)
        assert joining.open_on(joining.open_sites(document), TODAY) == (may and both)
        trial_alone = of_trial == of_site == PUBLISHED and site_says == RecruitmentStatus.UNKNOWN
        expected = (may and both) or (trial_alone and trial_says == RecruitmentStatus.RECRUITING)
        assert (answer_of(document)[1] is None) == expected


def test_two_years_count_from_the_end_of_the_day_or_month_that_was_stated() -> None:
    assert stale_from(date(2024, 2, 29)) == date(2026, 3, 1)
    assert stale_from(date(2022, 11, 29)) == date(2024, 11, 30)
    assert months_later(date(2024, 12, 31), 2) == date(2025, 2, 28)
    assert months_later(date(9999, 1, 1), 24) == stale_from(date.max) == date.max
    document = trial(confirmed="2024-11")
    assert [answer_of(document, day)[1] for day in (date(2026, 11, 30), date(2026, 12, 1))] == [None, "not_confirmed"]


def test_a_rule_counts_from_the_day_on_which_it_comes_into_force_and_no_longer_than_it_is() -> None:
    def rule(months: int, effective_from: date, effective_to: date | None = None) -> Freshness:
        return Freshness("r", months, effective_from, effective_to, "somewhere", "nobody")

    later = rule(12, date(2030, 4, 1))
    assert stale_from(date(2020, 1, 1), (later,)) == date(2030, 4, 1)
    assert stale_from(date(2029, 12, 1), (later,)) == date(2030, 12, 2)
    until = rule(24, date(2020, 1, 1), date(2030, 3, 31))
    assert stale_from(date(2028, 6, 1), (until,)) is None
    assert stale_from(date(2028, 6, 1), (until, later)) == date(2030, 4, 1)
    assert stale_from(date(2028, 6, 1), ()) is None


def test_each_rule_says_where_it_is_from() -> None:
    assert all(rule.source and rule.verified_by and rule.months > 0 for rule in FRESHNESS)


def sourced(**fields: Any) -> dict[str, Any]:
    source = {"recorded": "2026-05-01T16:00:00.000Z", **fields}
    return {"sources": {"ctgov": source}}


@pytest.mark.parametrize(
    ("source_fields", "verified", "until"),
    [
        ({}, None, date(2028, 5, 3)),
        ({"retrieved": "2026-03-10"}, None, date(2028, 3, 11)),
        ({"retrieved": "2026-03-10"}, "2025-01", date(2027, 2, 1)),
        ({"retrieved": "2026-03-10"}, "2206-01", date(2028, 5, 3)),
    ],
)
def test_a_partner_s_status_counts_from_when_its_home_confirmed_it_else_from_its_version_else_from_when_it_came(
    source_fields: dict[str, Any], verified: str | None, until: date
) -> None:
    document = {name: value for name, value in trial(**sourced(**source_fields)).items() if name != "confirmed"}
    document["status"] |= {"verified": verified} if verified else {}

    assert joining.of_trial(document)[0].until == until


def test_a_version_that_merely_came_after_the_planned_completion_does_not_confirm_that_it_goes_on() -> None:
    document = trial(**sourced(), registration={"completion": {"date": "2026-04-20"}})
    del document["confirmed"]
    assert answer_of(document)[1] == "past_completion"
    document["status"]["verified"] = "2026-05-01"
    assert answer_of(document)[1] is None


def test_a_country_s_row_confirms_its_own_status_and_the_trial_s_where_it_says_the_same() -> None:
    closed, open_ = (
        {"authorisation": PUBLISHED, "recruitment": recruitment} for recruitment in ("closed", "recruiting")
    )
    received = {"recorded": "2026-11-01T00:00:00.000Z"}
    document = trial(
        regions={"AT": closed, "DE": open_},
        sources={
            "at": {**received, "region": "AT", "status": closed, "retrieved": "2026-10-01"},
            "de": {**received, "region": "DE", "status": open_, "retrieved": "2019-10-01"},
        },
    )
    del document["confirmed"]

    assert answer_of(document) == ("unknown", "not_confirmed", "2019-10-01")
    assert on(joining.of_region(document, "AT"), TODAY).recruitment == "closed"
    assert on(joining.of_region(document, "DE"), TODAY).why_not == "not_confirmed"
    document["sources"]["de"]["retrieved"] = "2026-10-01"
    assert answer_of(document) == ("recruiting", None, None)
    assert on(joining.of_region(document, "DE"), TODAY).possible


def test_a_rendering_by_others_does_not_confirm_what_the_home_says() -> None:
    document = trial(home={"registry": "isrctn"}, sources={})
    del document["confirmed"]
    document["sources"] = {"isrctn": {"registry": "isrctn", "recorded": "2019-03-04T00:00:00.000Z"}}
    assert answer_of(document) == ("unknown", "not_confirmed", "2019-03-04")
    document["sources"]["who-ictrp"] = {"registry": "who-ictrp", "recorded": "2026-11-01T00:00:00.000Z"}
    assert answer_of(document) == ("unknown", "not_confirmed", "2019-03-04")
    del document["sources"]["isrctn"]
    assert answer_of(document)[1] is None


def test_the_completion_in_one_country_ends_nothing_in_another() -> None:
    open_, over = {"authorisation": PUBLISHED, "recruitment": "recruiting"}, {"date": "2026-10-31"}
    received = {
        "registry": "who-ictrp",
        "status": open_,
        "recorded": "2026-11-01T00:00:00.000Z",
        "retrieved": "2026-10-01",
    }
    at, de = received | {"region": "AT", "completion": over}, received | {"region": "DE"}
    document = trial(
        regions={"AT": open_, "DE": open_}, sources={"at": at, "de": de}, registration={"completion": over}
    )
    del document["confirmed"]

    assert answer_of(document) == ("recruiting", None, None)
    answers = {code: on(joining.of_region(document, code), TODAY) for code in ("AT", "DE")}
    assert answers["AT"].why_not == "past_completion"
    assert answers["DE"].possible
    whole = {"registry": "euctr", "recorded": "2026-11-01T00:00:00.000Z", "retrieved": "2026-10-01"}
    document |= {"home": {"registry": "euctr"}, "sources": {**document["sources"], "euctr": whole}}
    assert answer_of(document)[1] == "past_completion", "as the home itself says of all countries"


def test_answers_of_countries_end_too() -> None:
    status = {"authorisation": PUBLISHED, "recruitment": "recruiting"}
    received = {"region": "AT", "status": status, "recorded": "2019-03-04T00:00:00.000Z"}
    document = trial("closed", regions={"AT": status}, sources={"at": received})
    del document["confirmed"]

    assert joining.ended_by(document, date(2021, 3, 4)) == 0
    assert joining.ended_by(document, date(2021, 3, 5)) == 1


def test_of_a_year_and_a_day_in_it_the_day_is_surely_as_late() -> None:
    """`2026` may be January: what is sure is that somebody confirmed it in August, after the completion."""
    planned = {"completion": {"date": "2026-06-30", "kind": "anticipated"}}
    site_says = {"changed": {"on": "2026-08-01"}, "verified": {"on": "2026"}}
    assert answer_of(trial("recruiting", site(**site_says), registration=planned))[1] is None


def test_a_report_speaks_of_no_day_after_it_was_recorded() -> None:
    changed = {"on": "2026", "recorded": "2026-05-01T00:00:00.000Z"}
    assert joining.of_trial(trial("recruiting", site(changed=changed)))[0].until == date(2028, 5, 2)


def test_the_order_of_sites_and_sources_makes_no_difference() -> None:
    """A document that was read from the view has another order than one that was folded."""
    days = ("2026-05-31", "2026-05", "2026-04-01")
    sites = [site(**reported("2026-01-01"), verified={"on": one}) for one in days]
    courses = {joining.of_trial(trial("recruiting", *order)) for order in permutations(sites)}
    sources = [(one, {"recorded": "2026-11-01T00:00:00.000Z", "retrieved": one}) for one in days]
    documents = [trial(sources=dict(order)) for order in permutations(sources)]
    for document in documents:
        del document["confirmed"]

    assert [course[-1].since for course in courses] == ["2026-05-31"]
    assert {joining.of_trial(document)[-1].since for document in documents} == {"2026-05-31"}


def test_answers_are_kept_and_read_again() -> None:
    for document, _ in TRIALS.values():
        course = joining.of_trial(document)
        assert tuple(Joining.from_stored(one.to_stored()) for one in course) == course
        assert [one.until for one in course][-1] is None
        days = [one.until or date.max for one in course]
        assert sorted(set(days)) == days


PAYLOADS: Final = (
    registered(),
    happened.TrialPublished(number="J1", registered="2026-04-01"),
    happened.TrialRecruitmentChanged(was="not_yet", now="recruiting", on="2026-05-01"),
)


def test_reports_on_the_trial_and_amendments_confirm_it_and_those_on_others_do_not() -> None:
    document = folded(*PAYLOADS)
    assert document["confirmed"] == "2026-05-01"
    suspended = happened.TrialAuthorisationChanged(was=PUBLISHED, now="suspended_by_authority", on="2026-05-09")
    for payload, day in (
        (site_added(), "2026-05-01"),
        (suspended, "2026-05-01"),
        (amended(("/acronym", None, "ZN")), "2026-06-02"),
    ):
        event = event_of(trial_id(1), 4, payload, datetime(2026, 6, 2, 1, tzinfo=JAPAN))
        assert evolve(document, event)["confirmed"] == day


ADOPTED: Final = happened.TrialAdopted(
    owner="s", number="J1", registered="2020-05", was=happened.Home(registry="ctgov", number="NCT00000001")
)
SUSPENDED: Final = happened.TrialAuthorisationChanged(was=PUBLISHED, now="suspended_by_authority", on="2026-05-09")
LIFTED: Final = happened.TrialAuthorisationChanged(was="suspended_by_authority", now=PUBLISHED, on="2026-06-09")


def verified_in(month: str | None) -> happened.TrialImported:
    event = imported()
    return event.model_copy(update={"status": event.status.model_copy(update={"verified": month})})


def test_a_suspension_that_is_lifted_confirms_nothing() -> None:
    adopted, lifted = (
        folded(verified_in("2019-03"), ADOPTED),
        folded(verified_in("2019-03"), ADOPTED, SUSPENDED, LIFTED),
    )

    assert answer_of(adopted) == answer_of(lifted) == ("unknown", "not_confirmed", "2019-03")
    assert joining.open_sites(lifted) == {"2021-04-01": 1}


def test_what_a_partner_sends_of_a_trial_that_is_ours_confirms_nothing() -> None:
    later = happened.TrialImportChanged(
        source=imported().source.model_copy(update={"retrieved": "2026-03"}), changes=()
    )
    ours = folded(verified_in(None), ADOPTED)
    later_event = event_of(trial_id(1), 3, later, datetime(2026, 11, 1, tzinfo=JAPAN))

    assert ours["confirmed_before"] == "2026-04-01"
    assert joining.of_trial(evolve(ours, later_event)) == joining.of_trial(ours)


def test_a_decision_about_a_site_is_no_report_of_its_own() -> None:
    decided = [
        happened.SiteAuthorisationChanged(site="site-1", was=was, now=now, on=decided_on)
        for was, now, decided_on in (
            (PUBLISHED, "suspended_by_authority", "2026-02-01"),
            ("suspended_by_authority", PUBLISHED, "2026-03-01"),
        )
    ]
    opened = happened.SiteOpened(site="site-1", was="not_yet", on="2019-05-01")
    published = happened.TrialPublished(number="J1", registered="2019-04-01")
    document = folded(registered(), site_added(), published, opened, *decided)

    assert document["sites"]["site-1"]["changed"]["on"] == "2026-03-01"
    assert answer_of(document) == ("unknown", "not_confirmed", "2019-05-01")
    corrected = happened.EventCorrected(
        corrects=4,
        event="trial.site-opened.v1",
        site="site-1",
        changes=[happened.ReportChange(field="/on", old="2019-05-01", new="2019-05-02")],
        effects=[],
    )
    assert answer_of(evolve(document, event_of(trial_id(1), 7, corrected))) == (
        "unknown",
        "not_confirmed",
        "2019-05-02",
    )
    void = happened.EventCorrected(
        corrects=6,
        event="trial.site-authorisation-changed.v1",
        site="site-1",
        void=True,
        effects=[
            happened.SeenChange(field="/sites/site-1/authorisation", old=PUBLISHED, new="suspended_by_authority"),
            happened.SeenChange(field="/sites/site-1/changed/on", old="2026-03-01", new="2026-02-01"),
        ],
    )
    assert evolve(document, event_of(trial_id(1), 7, void))["sites"]["site-1"]["reported"]["on"] == "2019-05-01"
    moved = evolve(
        document, event_of(trial_id(1), 7, happened.SitePaused(site="site-1", was="recruiting", on="2026-04-01"))
    )
    assert "reported" not in moved["sites"]["site-1"]


async def test_what_can_be_joined_changes_by_the_day_alone_in_filter_order_count_and_answer(database_url: str) -> None:
    """No event, no job: the same rows, read on another day. A trial confirmed later stands until later."""
    writer = Writer(memory_log())
    for number, verified in enumerate(("2026-03", "2025-03", "2019-03")):
        event = imported(f"NCT{number:08}", dated="2019-03", public_title={"en": "Zinc"})
        status = event.status.model_copy(update={"verified": verified})
        await writer.append(stream_of(trial_id(number)), event.model_copy(update={"status": status}))
    await project(writer.log, database_url)
    before, today = await dumped(database_url), now()
    clock = [today]
    views = await Views.open(database_url, lambda: clock[0])
    names = {trial_id(number): number for number in range(3)}

    async def listed(**query: Any) -> list[int]:
        page = await views.search(SearchQuery(**query))
        return [names[one.summary["trial"]] for one in page.found]

    try:
        days = (today, datetime(2027, 4, 1, tzinfo=JAPAN), datetime(2028, 4, 1, tzinfo=JAPAN))
        for clock[0], recruiting in zip(days, ([1, 0], [0], []), strict=True):
            others = [number for number in (2, 1, 0) if number not in recruiting]
            counts = (await views.counts(SearchQuery()))["recruitment"]
            for q in ("", "zinc", "clinic"):
                assert await listed(q=q) == [*recruiting, *others]
                assert await listed(q=q, recruitment=("recruiting",)) == recruiting
                assert await listed(q=q, recruitment=("unknown",)) == others
                assert await listed(q=q, recruiting_sites=True) == recruiting
                assert await listed(q=q, recruiting_sites=False) == others
            expected = {"recruiting": len(recruiting), "unknown": len(others)}
            assert counts == {word: number for word, number in expected.items() if number}
            for one in (await views.search(SearchQuery())).found:
                possible = names[one.summary["trial"]] in recruiting
                assert one.summary["joining"]["possible"] is possible
                assert one.summary["recruiting_sites"] == possible
                assert one.summary["status"]["recruitment"] == "recruiting", "what was said stays"
        as_of = Moment(recorded=today)
        assert (await views.counts(SearchQuery(), as_of))["recruitment"] == {"recruiting": 2, "unknown": 1}
        assert await views.day(as_of) == today.astimezone(JAPAN).date()
        assert await views.day(Moment(position=(await views.last(stream_of(trial_id(0)))).position)) == BEGINNING.date()
    finally:
        await views.close()
    assert await dumped(database_url) == before


async def test_a_site_s_report_sets_the_day_anew(database_url: str) -> None:
    writer = Writer(memory_log())
    stream = stream_of(trial_id(0))
    for payload in (
        registered(),
        site_added(),
        happened.TrialPublished(number="J1", registered="2020-04-01"),
        happened.SiteOpened(site="site-1", was="not_yet", on="2020-05-01"),
    ):
        await writer.append(stream, payload)
    await project(writer.log, database_url)
    views = await Views.open(database_url, now)
    try:
        [stale] = (await views.search(SearchQuery())).found
        await writer.append(stream, happened.SiteVerified(site="site-1", status="recruiting", on="2026-03-20"))
        await project(writer.log, database_url)
        [fresh] = (await views.search(SearchQuery())).found
    finally:
        await views.close()

    assert stale.summary["joining"] == {
        "possible": False,
        "recruitment": "unknown",
        "why_not": "not_confirmed",
        "since": "2020-05-01",
    }
    assert fresh.summary["joining"] == {"possible": True, "recruitment": "recruiting", "until": "2028-03-21"}
    assert (stale.summary["recruiting_sites"], fresh.summary["recruiting_sites"]) == (0, 1)
