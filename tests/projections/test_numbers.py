"""Who bears a number comes before who claims it, in the search and in look-ups; a claim is told as one."""

from collections.abc import AsyncIterator

import pytest

from events.event import Event
from events.schemas import trial as happened
from events.schemas.registration import Registration
from projections.base.moments import Moment
from projections.reading import Views
from projections.search.query import SearchQuery
from projections.trial.document import stream_of
from tests.projections.trials import Writer, imported, memory_log, now, registered, source, trial_id
from tests.projections.views import project

OURS, THEIRS = "JTR20260000017", "NCT01234567"
NOW, FORMER, UNUSED = "NCT02300909", "NCT02380456", "NCT02380457"
"""A number of ClinicalTrials.gov, and two that it says it gave that trial before; the first was imported as a trial."""
WIDE = "".join(chr(ord(character) + 0xFEE0) for character in OURS.lower())
VICTIM, PARTNERS, RIVAL, FOREIGN, ADOPTED, RENUMBERED, FORMERLY = map(trial_id, range(7))
CLAIMED = [OURS, THEIRS, VICTIM, f"JPRN-{OURS}", "ClinicalTrials.gov ID: nct 01234567"]


def from_elsewhere(number: str) -> happened.TrialImported:
    """A partner's registration whose home gave it a number that looks like one of ours."""
    return happened.TrialImported(
        home=happened.Home(registry="Elsewhere", number=number),
        registration=Registration.model_validate({"public_title": {"en": f"Foreign {number}"}}),
        status=happened.Status(authorisation="published", recruitment="recruiting"),
        sites=(),
        source=source("Elsewhere"),
    )


@pytest.fixture
async def views(database_url: str) -> AsyncIterator[Views]:
    """Those who bear a number are written first, so that the newest entries are the claims."""
    log = memory_log()
    writer = Writer(log)
    await writer.append(stream_of(FOREIGN), from_elsewhere(OURS))
    adopted = from_elsewhere(f"{OURS}")
    await writer.append(stream_of(ADOPTED), adopted)
    await writer.append(
        stream_of(ADOPTED),
        happened.TrialAdopted(owner="o", number="JTR20260000099", registered="2026-04-01", was=adopted.home),
    )
    await writer.append(stream_of(VICTIM), registered(public_title={"en": "The trial itself"}))
    await writer.append(stream_of(VICTIM), happened.TrialPublished(number=OURS, registered="2026-04-01"))
    await writer.append(stream_of(PARTNERS), imported(THEIRS, public_title={"en": "The partner's trial"}))
    await writer.append(stream_of(FORMERLY), imported(FORMER))
    former = {"value": FORMER, "kind": "registry", "issuer": "ctgov", "source": "ctgov"}
    await writer.append(stream_of(RENUMBERED), imported(NOW, identifiers=[former, {**former, "value": UNUSED}]))
    claims = [{"value": value, "kind": "registry"} for value in CLAIMED]
    claims += [{**former, "value": value} for value in (FORMER, UNUSED)]
    rival = registered(public_title={"en": f"RIVAL to {OURS} and {THEIRS}"}, identifiers=claims)
    await writer.append(stream_of(RIVAL), rival)
    await writer.append(stream_of(RIVAL), happened.TrialPublished(number="JTR20260000098", registered="2026-04-01"))
    await project(log, database_url)
    opened = await Views.open(database_url, now)
    yield opened
    await opened.close()


async def found(views: Views, q: str, moment: Moment | None = None) -> list[tuple[str, bool]]:
    page = await views.search(SearchQuery(q=q), moment)
    return [(one.summary["trial"], one.claims) for one in page.found]


async def last(views: Views) -> Moment:
    (*_, event) = await views.events(stream_of(RIVAL))
    assert isinstance(event, Event)
    return Moment(recorded=event.recorded)


@pytest.mark.parametrize("written", [OURS, f"JPRN-{OURS}", WIDE, "JTR-2026-0000017"])
async def test_a_number_of_ours_finds_its_trial_first_however_it_is_written(views: Views, written: str) -> None:
    for moment in (None, await last(views)):
        hits = await found(views, written, moment)
        assert hits[0] == (VICTIM, False)
        assert hits[-1] == (RIVAL, True)
        assert {trial for trial, claims in hits if claims} == {RIVAL}


async def test_a_partners_number_finds_its_trial_before_who_claims_it(views: Views) -> None:
    assert await found(views, THEIRS) == [(PARTNERS, False), (RIVAL, True)]


async def test_a_trials_id_finds_it_before_who_claims_that(views: Views) -> None:
    assert await found(views, VICTIM) == [(VICTIM, False), (RIVAL, True)]


async def test_a_number_names_who_bears_it_and_never_who_claims_it(views: Views) -> None:
    assert await views.trial_by_identifier(OURS) == VICTIM
    assert await views.trial_by_identifier(THEIRS) == PARTNERS
    assert await views.trial_by_identifier("JTR20260000099") == ADOPTED
    assert await views.trial_by_identifier("U1111-1234-5678") is None


@pytest.mark.parametrize("number", [FORMER, UNUSED])
async def test_a_former_number_names_the_trial_that_its_registry_says(views: Views, number: str) -> None:
    assert await views.trial_by_identifier(number) == RENUMBERED
    for moment in (None, await last(views)):
        hits = await found(views, number, moment)
        assert (RENUMBERED, False) in hits
        assert hits[-1] == (RIVAL, True)


async def test_the_former_numbers_are_those_that_home_registries_say_of_their_trials(views: Views) -> None:
    assert await views.former_numbers() == {("ctgov", FORMER): RENUMBERED, ("ctgov", UNUSED): RENUMBERED}


async def test_a_number_of_ours_is_nobodys_because_another_registry_gave_the_like(views: Views) -> None:
    assert await views.ours_by_number(OURS) == VICTIM
    assert await views.ours_by_number(THEIRS) is None
    assert await views.ours_by_number("JTR20260000099") == ADOPTED
