"""Codes and countries are checked when a command of our own brings them; what partners say is kept as said."""

from typing import Any

import pytest
from babel import Locale

from adapters.countries import names
from adapters.ctgov import codes
from registry.domain.decider import Command, Fault, Rejection
from registry.domain.trial import commands as do
from registry.domain.trial.decide import decide
from registry.domain.trial.vocabularies import COUNTRIES, VOCABULARIES, coded, countries_of_persons, country
from registry.pages.words import Language, words_in
from tests.registry.domain.test_imports import after, sent
from tests.registry.domain.test_trial import CONTEXT
from tests.support.trials import registration

PLAIN: dict[str, Any] = registration()


def faults(command: Command, *history: Command) -> dict[str, str]:
    """The message of each fault by its field."""
    try:
        decide(after(*history) if history else None, command, CONTEXT)
    except Rejection as refusal:
        return {fault.field: fault.message for fault in refusal.faults}
    return {}


def register(**fields: Any) -> do.RegisterTrial:
    return do.RegisterTrial.model_validate({"registration": {**PLAIN, **fields}})


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"design": {"allocation": "Randomised!!"}}, "/registration/design/allocation", "randomized"),
        ({"design": {"purpose": "治療"}}, "/registration/design/purpose", "treatment"),
        ({"design": {"masking": "kind of"}}, "/registration/design/masking", "double"),
        ({"design": {"masked": ["participant", "Nobody"]}}, "/registration/design/masked/1", "care_provider"),
        ({"interventions": [{"name": {"en": "Drug A"}, "kind": "durg"}]}, "/registration/interventions/0/kind", "drug"),
        ({"arms": [{"label": "A", "kind": "x"}]}, "/registration/arms/0/kind", "experimental"),
        ({"eligibility": {"sampling": "some"}}, "/registration/eligibility/sampling", "probability_sample"),
    ],
)
def test_a_word_that_is_no_code_is_refused_with_the_codes(fields: dict[str, Any], field: str, code: str) -> None:
    found = faults(register(**fields))

    assert found.keys() == {field}
    assert code in found[field]
    assert "other" in found[field]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        (
            {"design": {"allocation": "Randomised!!"}},
            ("/registration/design/allocation", "allocation is 'Randomised!!'; write one of: {}", "/design/allocation"),
        ),
        (
            {"design": {"masked": ["participant", "x" * 150]}},
            ("/registration/design/masked/1", f"masked is '{'x' * 100}'; write one of: {{}}", "/design/masked/*"),
        ),
        (
            {"arms": [{"label": "A"}, {"label": "B", "kind": "b"}]},
            ("/registration/arms/1/kind", "kind is 'b'; write one of: {}", "/arms/*/kind"),
        ),
    ],
)
def test_a_refusal_names_the_field_and_the_word_and_lists_the_codes(
    fields: dict[str, Any], fault: tuple[str, str, str]
) -> None:
    field, message, place = fault
    stored = register(**fields).registration.to_stored()

    assert [*coded(stored)] == [Fault("unknown-code", message.format(", ".join(VOCABULARIES[place])), field)]
    assert [*coded(stored, stored)] == []


def test_a_refusal_names_what_is_no_country() -> None:
    message = "XK is no country's code in ISO 3166-1; write one as JP or US"
    countries = {"countries": ["JP", "XK"]}

    assert [*coded(countries)] == [Fault("unknown-country", message, "/registration/countries/1")]
    assert [*coded(countries, {"countries": ["XK"]})] == []
    assert [*country(None, "/x")] == []


def test_a_refusal_names_what_is_no_number_and_what_partners_said_may_stay() -> None:
    claims = [{"value": value, "kind": "other"} for value in ("A-1", "該当なし", "N/A")]
    message = "'該当なし' says that there is no number; leave the entry out"

    assert [*coded({"identifiers": claims}, {"identifiers": claims[2:]})] == [
        Fault("no-number", message, "/registration/identifiers/1/value")
    ]
    assert faults(register(identifiers=claims)).keys() == {f"/registration/identifiers/{at}/value" for at in (1, 2)}


def test_the_country_of_a_person_is_found_wherever_the_person_is_and_no_other_field_is_taken_for_one() -> None:
    office, another = {"person": {"country": "JP"}}, {"person": {"country": "EU", "name": {"en": "A"}}}
    review = {"contact": another, "country": "EU"}
    command = {"registration": {"contacts": [office, another], "ethics_reviews": [review]}, "person": "EU"}

    assert [(fault.rule, fault.field) for fault in countries_of_persons(command)] == [
        ("unknown-country", "/registration/contacts/1/person/country"),
        ("unknown-country", "/registration/ethics_reviews/0/contact/person/country"),
    ]
    assert [fault.field for fault in countries_of_persons(another, "/site")] == ["/site/person/country"]


@pytest.mark.parametrize("code", ["ZZ", "XX", "EU", "XK"])
def test_what_is_no_country_is_refused(code: str) -> None:
    assert faults(register(countries=["JP", code])).keys() == {"/registration/countries/1"}


def test_countries_are_those_of_iso_3166_1() -> None:
    assert len(COUNTRIES) == 249
    # Kosovo's code is used by many, and assigned by users alone.
    assert names().keys() - COUNTRIES == {"XK"}
    assert COUNTRIES - names().keys() == set()
    assert all(code in Locale("en").territories for code in COUNTRIES)


def test_a_site_is_in_a_country_and_is_amended_into_one() -> None:
    there = {"site": "a", "name": {"ja": "病院"}, "place": {"country": "EU"}}
    add = do.AddSite.model_validate({"site": there})
    added = do.AddSite.model_validate({"site": {**there, "place": {"country": "JP"}}})
    amend = do.AmendSite.model_validate({"site": "a", "reason": "x", "amendment": {"place": {"country": "ZZ"}}})

    assert faults(add, register()).keys() == {"/site/place/country"}
    assert faults(amend, register(), added).keys() == {"/amendment/place/country"}


def test_partners_are_taken_as_they_write_and_what_they_wrote_may_stay() -> None:
    theirs = {"design": {"allocation": "Randomised!!"}, "countries": ["XX"], "public_title": {"en": "A"}}
    history = (sent(registration=theirs), do.AdoptTrial(owner="us"))
    amend = {"reason": "x", "registration": {"planned_size": 3, "countries": ["XX", "JP"]}}
    worse = {"reason": "x", "registration": {"design": {"allocation": "Randomised!!", "model": "two"}}}

    assert faults(do.AmendTrial.model_validate(amend), *history) == {}
    assert faults(do.AmendTrial.model_validate(worse), *history).keys() == {"/registration/design/model"}


def test_a_code_is_what_clinicaltrials_gov_has_or_other_and_has_words_on_the_page() -> None:
    theirs = {
        "/design/allocation": codes.ALLOCATION,
        "/design/model": codes.MODEL,
        "/design/purpose": codes.PURPOSE,
        "/design/masking": codes.MASKING,
        "/design/masked/*": codes.MASKED,
        "/design/observational_model": codes.OBSERVATIONAL_MODEL,
        "/design/time_perspective": codes.TIME_PERSPECTIVE,
        "/eligibility/sampling": codes.SAMPLING,
        "/interventions/*/kind": codes.INTERVENTION,
        "/arms/*/kind": codes.ARM,
    }

    assert theirs.keys() == VOCABULARIES.keys()
    for place, ours in VOCABULARIES.items():
        assert set(ours) - {"regenerative"} == {*theirs[place].values(), "other"}
        for language in Language:
            assert all(words_in(language).known(f"vocabulary.{code}") for code in ours)
