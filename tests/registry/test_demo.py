"""The demo: invented trials that obey the rules and cover the country, entered once, and tokens that work."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import pytest

from events.schemas import trial as events
from events.schemas.access import Role
from events.schemas.registration import LegalRegime, ResearchAim
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import PartialDate, first_day
from projections.search.query import SearchQuery
from registry import tokens as issuing
from registry.commanding import JAPAN
from registry.demo import seeding, sources, tokens
from registry.demo.outline import TRIALS, outlines
from registry.demo.plan import Plan, plans
from registry.node import Node
from tests.support.demo import TODAY, lived, planned


def sites() -> Iterator[events.Site]:
    for _, happened in lived().values():
        yield from (event.site for event in happened if isinstance(event, events.SiteAdded))


def test_the_same_day_brings_the_same_trials_and_another_day_only_other_dates() -> None:
    again = tuple(plans(sources.read(), TODAY))
    later = tuple(plans(sources.read(), date(2027, 8, 1)))

    assert again == planned()
    assert [(plan.stream, len(plan.steps)) for plan in later] == [(plan.stream, len(plan.steps)) for plan in planned()]
    assert later != planned()


def test_every_command_obeys_the_rules_and_gives_one_event_with_a_key_of_its_own() -> None:
    keys = [step.key for plan in planned() for step in plan.steps]

    assert len(lived()) == TRIALS
    assert len(set(keys)) == len(keys)


def test_everything_is_stated_to_have_happened_before_today_and_in_order() -> None:
    for plan in planned():
        moments = [step.command.occurred_at for step in plan.steps if step.command.occurred_at is not None]
        days = [moment.astimezone(JAPAN).date() for moment in moments]

        assert len(moments) == len(plan.steps)
        assert max(days) < TODAY
        assert all(earlier <= later for earlier, later in pairwise(days))


def test_every_regime_aim_and_status_is_there() -> None:
    trials = [trial for trial, _ in lived().values()]

    assert {trial.registration["research_aim"] for trial in trials} == set(ResearchAim)
    assert {trial.registration["legal_regime"] for trial in trials} == set(LegalRegime)
    assert {trial.recruitment for trial in trials} == set(RecruitmentStatus) - {
        RecruitmentStatus.BY_INVITATION,
        RecruitmentStatus.UNKNOWN,
    }
    assert {trial.authorisation for trial in trials} == {
        AuthorisationStatus.DRAFT,
        AuthorisationStatus.PUBLISHED,
        AuthorisationStatus.SUSPENDED_BY_AUTHORITY,
        AuthorisationStatus.ENDED,
        AuthorisationStatus.DISCONTINUED,
        AuthorisationStatus.WITHDRAWN,
    }
    assert sum("results" in trial.registration for trial in trials) > 20
    assert len({trial.registration["phase"] for trial in trials}) >= 9


def test_sites_are_in_all_prefectures_and_some_abroad() -> None:
    places = [site.place for site in sites() if site.place is not None]
    multinational = [trial for trial, _ in lived().values() if len(trial.registration["countries"]) > 1]

    assert {place.region for place in places if place.country == "JP"} == {one.en for one in sources.read().prefectures}
    assert 5 <= len(multinational) <= 30


def test_the_trials_are_for_children_and_adults_with_common_and_rare_diseases() -> None:
    made = list(outlines(sources.read(), TODAY))

    assert sum(outline.who.below == 18 for outline in made) > 15
    assert sum(outline.disease.rare == "rare" for outline in made) > 30
    assert len({outline.disease.key for outline in made}) == len(sources.read().diseases)


def test_titles_are_distinct_and_no_place_in_a_text_was_left_unfilled() -> None:
    registered = [happened[0].registration for _, happened in lived().values()]
    titles = Counter(registration.public_title.en for registration in registered)

    assert max(titles.values()) == 1
    assert not [one for one in registered if "{" in f"{one.public_title}{one.scientific_title}{one.plain_summary}"]
    assert not [one for one in registered if "  " in one.scientific_title.en]


def test_nobody_in_the_demo_can_be_reached() -> None:
    for _, happened in lived().values():
        for contact in happened[0].registration.contacts:
            assert contact.person.email.endswith(".example.jp")
            assert contact.person.telephone.startswith("+81-3-0000-")


def test_the_demo_coordinator_has_sites_that_recruit_in_trials_that_run() -> None:
    own = sources.read().organisations.demo_site
    recruiting = [
        name
        for trial, _ in lived().values()
        for name, site in trial.sites.items()
        if site.organisation == own
        and site.recruitment is RecruitmentStatus.RECRUITING
        and trial.authorisation is AuthorisationStatus.PUBLISHED
    ]

    assert len(recruiting) > 10


def test_a_stated_date_of_an_end_comes_after_the_first_participant() -> None:
    for trial, _ in lived().values():
        start, end = trial.registration["first_enrolment"], trial.registration["completion"]
        both: list[PartialDate] = [start["date"], end["date"]]

        assert first_day(both[0]) <= first_day(both[1])


@pytest.fixture
async def seeded(node: Node) -> Node:
    """A node on a registry with a part of the demo: the trials' own lives are tested above, without a log."""
    await seeding.seed(node, seeding.missing(node, planned()[:40]), lambda: None)
    await node.until_settled(60)
    return node


async def test_a_seeded_registry_holds_the_trials_and_finds_them_in_both_languages(seeded: Node) -> None:
    standing = {plan.stream: seeded.heads.head(plan.stream).version for plan in planned()[:40]}
    public = sum(lived()[plan.stream][0].number is not None for plan in planned()[:40])
    everything = await seeded.views.search(SearchQuery())
    outline = next(one for one in outlines(sources.read(), TODAY) if lived()[one.stream][0].number)
    japanese = await seeded.views.search(SearchQuery(q=outline.disease.ja))
    english = await seeded.views.search(SearchQuery(q=outline.disease.en))

    assert standing == {plan.stream: len(plan.steps) for plan in planned()[:40]}
    assert everything.total == public
    assert str(outline.trial) in {found.summary["trial"] for found in japanese.found}
    assert str(outline.trial) in {found.summary["trial"] for found in english.found}


async def test_a_second_seeding_adds_nothing_and_one_that_was_cut_off_goes_on(seeded: Node) -> None:
    nothing = seeding.missing(seeded, planned()[:40])
    cut, whole = Plan(planned()[40].stream, planned()[40].steps[:2]), planned()[40]
    await seeding.seed(seeded, [cut], lambda: None)
    rest = seeding.missing(seeded, planned()[:41])
    await seeding.seed(seeded, rest, lambda: None)

    assert nothing == []
    assert rest == [Plan(whole.stream, whole.steps[2:])]
    assert seeded.heads.head(whole.stream).version == len(whole.steps)
    assert seeding.missing(seeded, planned()[:41]) == []


async def test_fresh_tokens_open_the_door_and_close_it_to_those_before(node: Node) -> None:
    before = await tokens.renew(node, {Role.SITE: "kyoto-hp", Role.REGULATOR: "regulator"})
    kept = (await issuing.issue(node, Role.REGISTRY, "registry-office"))[1]
    after = await tokens.renew(node, {Role.SITE: "kyoto-hp"})
    actors = [node.access.actor(token) for token in (*before.values(), kept, *after.values())]

    assert [actor.role if actor else None for actor in actors] == [None, None, Role.REGISTRY, Role.SITE]


async def test_a_registry_with_trials_of_its_own_is_not_the_demos(node: Node) -> None:
    fresh = seeding.belongs(node, planned())
    await tokens.renew(node, {Role.REGISTRY: "registry-office"})

    assert fresh
    assert not seeding.belongs(node, planned())
