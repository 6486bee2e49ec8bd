"""The catalogues: whole in both languages, and with words for all that the registry can say."""

import ast
import inspect
import re
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from typing import Any

import pydantic
import pytest

from events import catalogue
from events.schemas import japan, registration
from events.schemas.eligibility import AgeUnit, Sex
from events.schemas.parties import ContactRole
from events.schemas.registration import Registration
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import DateKind, PartialDate
from projections.search.query import FACETS
from registry.api.problems import KINDS
from registry.domain.trial import days, decide_site, rules
from registry.pages.record import OF_DOCUMENT, SECTIONS
from registry.pages.values import DATES, PERSONAL
from registry.pages.words import Language, Words, words_in
from registry.policies.catalogue import POLICIES

PAGES = Path(inspect.getfile(Words)).parent
JA, EN = words_in(Language.JAPANESE), words_in(Language.ENGLISH)
LITERAL = re.compile(r"""say\(\s*f?["']([a-z_.]+)["']""")
CLOSED = {
    "recruitment": RecruitmentStatus,
    "headline_recruitment": RecruitmentStatus,
    "authorisation": AuthorisationStatus,
    "headline_authorisation": AuthorisationStatus,
    "study_type": registration.StudyType,
    "phase": registration.Phase,
    "aim": japan.ResearchAim,
    "legal_regime": japan.LegalRegime,
    "sex": Sex,
    "ethics_status": registration.EthicsStatus,
    "sharing_plan": registration.SharingPlan,
    "outcome_rank": registration.OutcomeRank,
    "identifier_kind": registration.IdentifierKind,
    "contact_role": ContactRole,
    "date_kind": DateKind,
    "age": AgeUnit,
    "age_unit": AgeUnit,
    "period": AgeUnit,
}


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same_things_with_the_same_blanks() -> None:
    assert JA.catalogue.keys() == EN.catalogue.keys()
    assert list(JA.places) == list(EN.places)
    assert {key: blanks(text) for key, text in JA.catalogue.items()} == {
        key: blanks(text) for key, text in EN.catalogue.items()
    }


@pytest.mark.parametrize(("section", "values"), CLOSED.items(), ids=CLOSED.keys())
def test_every_value_of_a_closed_list_has_words(section: str, values: Any) -> None:
    for value in values:
        assert JA.known(f"{section}.{value}"), f"{section}.{value}"


def test_every_event_of_a_trial_programme_or_region_facet_and_problem_has_words() -> None:
    kinds = ("trial.", "programme.", "region.")
    events = {name.rpartition(".")[0] for name in catalogue.EVENTS if name.startswith(kinds)}
    keys = {f"event.{name}" for name in events} | {f"facet.{name}" for name in FACETS}
    keys |= {f"problem.{kind.code}" for kind in KINDS}

    assert len(events) > 60
    assert keys <= JA.catalogue.keys()


def test_every_policy_has_words() -> None:
    assert {f"policy.{one.name}" for one in POLICIES} <= JA.catalogue.keys()


def test_every_rule_that_can_refuse_a_report_of_a_site_has_words() -> None:
    deciding = ast.parse(inspect.getsource(decide_site))
    calls = {
        (node.value.id, node.attr)
        for node in ast.walk(deciding)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    functions = [
        node
        for module in (days, rules)
        for node in ast.parse(inspect.getsource(module)).body
        if (module.__name__.rpartition(".")[2], getattr(node, "name", "")) in calls
    ]
    named = {
        call.args[0].value
        for tree in (deciding, *functions)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Fault"
        and isinstance(call.args[0], ast.Constant)
    }

    assert {"date-in-future", "no-change", "recruitment-move"} <= named
    assert {f"rule.{rule}" for rule in named} <= JA.catalogue.keys()


def test_every_word_that_code_and_templates_ask_for_is_there() -> None:
    sources = [path.read_text() for form in ("*.py", "templates/*.html") for path in PAGES.glob(form)]
    keys = {key for source in sources for key in LITERAL.findall(source) if not key.endswith(".")}

    assert len(keys) > 80
    assert {key for key in keys if "." in key} <= JA.catalogue.keys()


def fields(model: type[pydantic.BaseModel], seen: set[type]) -> Iterator[str]:
    """All fields of a model and of those within it, but for persons."""
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        if name not in PERSONAL:
            yield name
            for inner in _models(field.annotation):
                yield from fields(inner, seen)


def _models(annotation: Any) -> Iterator[type[pydantic.BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _models(inner)


def test_every_field_of_a_registration_has_a_label() -> None:
    named = set(fields(Registration, set())) - {"ja", "en"}

    assert len(named) > 80
    assert {f"label.{name}" for name in named} <= JA.catalogue.keys()


def dates(model: type[pydantic.BaseModel], seen: set[type]) -> Iterator[str]:
    """The fields of a model, and of those within it, that are dates."""
    if model not in seen:
        seen.add(model)
        for name, field in model.model_fields.items():
            if field.annotation == PartialDate or PartialDate in typing.get_args(field.annotation):
                yield name
            for inner in _models(field.annotation):
                yield from dates(inner, seen)


def test_every_date_of_a_registration_is_shown_as_one() -> None:
    named = set(dates(Registration, set()))

    assert {"last_update_submitted", "decided"} <= named
    assert named <= DATES


def test_the_full_record_has_a_place_for_every_field_of_a_registration() -> None:
    placed = [name for names in SECTIONS.values() for name in names]

    assert len(placed) == len(set(placed))
    assert set(Registration.model_fields) | OF_DOCUMENT == set(placed)


@pytest.mark.parametrize(
    ("words", "dates"),
    [(JA, ["2027年", "2027年1月", "2027年1月5日"]), (EN, ["2027", "January 2027", "5 January 2027"])],
    ids=["ja", "en"],
)
def test_dates_keep_the_precision_they_were_stated_with(words: Words, dates: list[str]) -> None:
    assert [words.date(text) for text in ("2027", "2027-01", "2027-01-05")] == dates


def test_moments_are_those_of_clocks_in_japan() -> None:
    assert JA.moment("2026-11-22T16:55:00.906Z") == "2026年11月23日 01:55（日本時間）"
    assert EN.moment(datetime(2026, 11, 22, 16, 55, tzinfo=UTC)) == "23 November 2026 01:55 (Japan)"
