"""The demo: invented trials that obey the rules and cover the country, entered once, and tokens that work."""

import ast
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeGuard
from uuid import uuid4

import pytest

from events import moving
from events.postgres import vault_copy
from events.schemas import trial as events
from events.schemas.access import Role
from events.schemas.japan import LegalRegime, ResearchAim
from events.schemas.registration import Registration
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import PartialDate, first_day
from projections.base.moments import Moment
from projections.search.query import SearchQuery
from registry import wiring
from registry.cli.demo import enter_past, open_demo
from registry.demo import sources, tokens
from registry.demo.outline import TRIALS, outlines
from registry.demo.past import Seed
from registry.demo.plan import DatedStep, in_order, plans
from registry.demo.programmes import programme_plans
from registry.domain.permissions import CONSOLE
from registry.domain.programme.commands import LinkToProgramme
from registry.domain.trial.commands import AmendTrial
from registry.engine.commanding import JAPAN
from registry.node import Node
from registry.office import tokens as issuing
from registry.settings import Settings
from tests.support.demo import TODAY, enter, lines, lived, planned
from tests.support.postgres import everything_in
from tests.support.servers import console

ROOT = Path(__file__).parents[2]


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


def test_each_step_is_recorded_when_it_occurred_or_minutes_after_and_in_the_order_of_its_trial() -> None:
    steps = in_order(planned())
    of_trial: dict[str, list[DatedStep]] = {}
    for one in steps:
        of_trial.setdefault(one.stream, []).append(one)

    assert [one.at for one in steps] == sorted(one.at for one in steps)
    assert {stream: tuple(one.step for one in steps) for stream, steps in of_trial.items()} == {
        plan.stream: plan.steps for plan in planned()
    }
    for one in steps:
        assert one.step.command.occurred_at is not None
        # Hours of one day are drawn in any order.
        assert timedelta(0) <= one.at - one.step.command.occurred_at < timedelta(hours=10)


def test_trials_are_registered_in_the_years_in_which_they_began_and_before_their_first_participant() -> None:
    days = {
        stream: str(event.registered)
        for stream, (_, happened) in lived().items()
        for event in happened
        if isinstance(event, events.TrialPublished)
    }
    starts = {stream: lived()[stream][0].registration["first_enrolment"]["date"] for stream in days}

    assert len(days) > 280
    assert len({day[:4] for day in days.values()}) >= 4
    assert max(days.values()) < TODAY.isoformat()
    assert [stream for stream, day in days.items() if day[: len(starts[stream])] > starts[stream]] == []


@pytest.fixture
async def seeded(settings: Settings) -> AsyncIterator[Node]:
    """A node on a registry with a part of the demo: the trials' own lives are tested above, without a log."""
    await enter(settings, planned()[:40])
    async with wiring.running(settings) as node:
        await node.until_settled(60)
        yield node


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


async def test_a_seeded_registry_tells_its_years_as_of_any_day(seeded: Node) -> None:
    steps = in_order(planned()[:40])
    recorded = [
        (event.recorded, event.record.subject, event.record.id)
        for plan in planned()[:40]
        for event in await seeded.views.events(plan.stream)
    ]
    moments = [steps[len(steps) * tenth // 10].at for tenth in (1, 5, 9)]
    totals = [(await seeded.views.search(SearchQuery(), Moment(moment))).total for moment in moments]
    documents = [await seeded.views.document(plan.stream.removeprefix("trial/")) for plan in planned()[:40]]
    published = [document for document in documents if document and "number" in document]

    assert sorted(recorded) == sorted((one.at, one.stream, one.step.key) for one in steps)
    assert 0 < totals[0] < totals[1] < totals[2]
    assert len(published) > 30
    for document in published:
        assert document["number"].startswith(f"JTR{document['registered'][:4]}")
        assert document["registered"] < TODAY.isoformat()


async def test_what_is_done_in_a_demo_bears_the_time_at_which_it_is_done(seeded: Node) -> None:
    before = wiring.now() - timedelta(minutes=5)
    stream = next(plan.stream for plan in planned()[:40] if lived()[plan.stream][0].number)
    await seeded.submit(CONSOLE, uuid4(), stream, AmendTrial(reason="x", registration=Registration(planned_size=77)))
    await seeded.until_settled(60)

    assert (await seeded.views.events(stream))[-1].recorded > before


async def test_a_past_comes_to_the_same_bytes_again(settings: Settings) -> None:
    once, twice = [await lines(settings, planned()[:12]) for _ in range(2)]
    other = await lines(settings, planned()[:12], Seed(TODAY, uuid4()))

    assert once == twice
    assert other != once


async def test_a_demo_that_was_cut_off_starts_no_node_and_goes_on_on_another_day(settings: Settings) -> None:
    long_ago, url = Seed(TODAY, uuid4()), str(settings.database_url)
    async with wiring.log_and_vault(settings) as (log, _):
        await vault_copy.begin(url, f"{wiring.DEMO}{long_ago}")
        world = sources.read()
        records = await lines(settings, (*plans(world, TODAY), *programme_plans(world, TODAY)), long_ago)
        begun = moving.restore(log, wiring.topics(settings), records)
        await anext(begun)
        await begun.aclose()
    refused = await console(settings, "status", expect=1, errors=True)
    await enter_past(settings)
    async with wiring.running(settings) as node:
        entered = {plan.stream: node.heads.head(plan.stream).version for plan in planned()}
        programmes = tuple(programme_plans(sources.read(), TODAY))
        programmes_entered = {
            plan.stream for plan in programmes if node.heads.head(plan.stream).version >= len(plan.steps)
        }
        assert node.invented
        assert node.origin.log == str(long_ago.log)

    assert b"start it again: registry run --demo" in refused
    planned_steps = {plan.stream: len(plan.steps) for plan in planned()}
    linked = {f"trial/{step.command.trial}" for plan in programmes for step in plan.steps if is_link(step.command)}
    assert len(linked) == 3
    # Policies tell a linked trial of its programme as soon as the node runs.
    assert all(entered[stream] >= planned_steps[stream] for stream in linked)
    assert {**entered, **{stream: planned_steps[stream] for stream in linked}} == planned_steps
    assert programmes_entered == {plan.stream for plan in programmes}


def is_link(command: Any) -> TypeGuard[LinkToProgramme]:
    return isinstance(command, LinkToProgramme)


async def test_fresh_tokens_open_the_door_and_close_it_to_those_before(node: Node) -> None:
    before = await tokens.renew(node, {Role.SITE: "kyoto-hp", Role.REGULATOR: "regulator"})
    lasting = (await issuing.issue(node, Role.REGISTRY, "registry-office"))[1]
    after = await tokens.renew(node, {Role.SITE: "kyoto-hp"})
    actors = [node.access.actor(token) for token in (*before.values(), lasting, *after.values())]

    assert [actor.role if actor else None for actor in actors] == [None, None, Role.REGISTRY, Role.SITE]


async def test_a_registry_that_did_not_begin_as_a_demo_never_gets_a_past_nor_demo_tokens(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with wiring.running(settings) as node:
        assert not node.invented
    before = everything_in(str(settings.database_url))
    await enter_past(settings)
    async with wiring.running(settings) as node:
        await open_demo(node)
        entries = list(node.access.entries())

    assert everything_in(str(settings.database_url)) == before
    assert entries == []
    assert "did not begin as a demo" in capsys.readouterr().out


async def test_keys_without_a_log_are_somebodys_and_get_no_past(settings: Settings) -> None:
    async with wiring.log_and_vault(settings) as (_, vault):
        await vault.document_keys({"00" * 32: []})
    await enter_past(settings)
    async with wiring.log_and_vault(settings, restoring=True) as (log, _):
        assert not any((await log.ends(wiring.topics(settings)[0])).values())


def uses(name: str) -> set[str]:
    """The files of the program that name something."""
    files = [file for top in ("events", "projections", "registry", "adapters") for file in (ROOT / top).rglob("*.py")]
    return {
        str(file.relative_to(ROOT))
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if name in (getattr(node, "attr", ""), getattr(node, "id", ""), getattr(node, "name", ""))
    }


def called(name: str) -> set[str]:
    """The files that import a function of events/times.py."""
    files = [file for top in ("events", "projections", "registry", "adapters") for file in (ROOT / top).rglob("*.py")]
    return {
        str(file.relative_to(ROOT))
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "events.times"
        if name in {alias.name for alias in node.names}
    }


def test_only_the_demo_has_a_clock_of_its_own_and_no_setting_gives_one() -> None:
    """A time is stated by what restores a log; a log by another clock is made for the demo; nodes have no choice."""
    assert called("stated") == {"events/moving.py"}
    assert uses("log_of_past") - {"registry/wiring/__init__.py"} == {
        "registry/wiring/stores.py",
        "registry/cli/demo.py",
    }
    assert uses("enter_past") == {"registry/cli/demo.py", "registry/cli/serving.py"}
    assert uses("MemoryEventLog") == {"events/memory.py", "registry/wiring/stores.py"}
    assert {name for name in Settings.model_fields if "clock" in name or "time" in name or "now" in name} == {
        "clock_tolerance",
        "search_time",
    }
    # A node's own clock: nothing of the program gives it another.
    opened = [
        call
        for file in (ROOT / "registry").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) == "open_node"
    ]
    assert opened
    assert not [call for call in opened if "clock" in {keyword.arg for keyword in call.keywords}]
