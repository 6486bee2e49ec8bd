"""Milestones of a site: one definition each, days that are corrected without being lost, and who may state them."""

from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import ValidationError

from events.schemas.behind import AWAITED
from events.schemas.ethics import EthicsShape
from events.schemas.site_milestones import SiteMilestone
from registry.domain.trial.coordinating import CorrectMilestone, RecordMilestone
from registry.pages.words import Language, words_in
from tests.registry.domain.test_gates import after, published, rules

DEFINITIONS: Final = Path(__file__).parents[3] / "docs/milestones.md"


def record(milestone: str = "selected", **fields: Any) -> RecordMilestone:
    return RecordMilestone.model_validate({"site": "kyoto", "milestone": milestone, **fields})


def correct(corrects: int = 4, **fields: Any) -> CorrectMilestone:
    return CorrectMilestone.model_validate({"site": "kyoto", "reason": "typing", "corrects": corrects, **fields})


def test_each_milestone_has_one_definition_in_both_languages_as_the_document_shows() -> None:
    rows = [line.strip("|").split("|") for line in DEFINITIONS.read_text().splitlines() if line.startswith("| `")]
    shown = {row[0].strip().strip("`"): [cell.strip() for cell in row[1:]] for row in rows}
    both = [words_in(Language.JAPANESE), words_in(Language.ENGLISH)]
    expected = {
        str(one): [words.say(f"{section}.{one}") for words in both for section in ("milestone", "milestone_definition")]
        for one in SiteMilestone
    }

    assert shown == expected
    assert len({tuple(row[1::2]) for row in shown.values()}) == len(shown)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "give the day planned"),
        ({"milestone": "other", "actual": "2026"}, "say in written"),
        ({"milestone": "version_in_use", "actual": "2026"}, "needs the version of the protocol"),
        ({"milestone": "activated", "actual": "2026"}, "Input should be"),
    ],
)
def test_a_milestone_that_says_too_little_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        record(**fields)


def test_days_keep_the_precision_they_were_stated_with() -> None:
    trial = published(record(planned="2027", actual="2026-11"))

    stated = trial.sites["kyoto"].milestones[4]
    assert (stated.planned, stated.actual) == ("2027", "2026-11")


def test_what_has_come_is_not_in_the_future_and_what_is_planned_may_be() -> None:
    assert rules(published(), record(actual="2026-11-23")) == {"date-in-future"}
    assert rules(published(), record(planned="2027-11-23")) == set()
    planned = published(record(planned="2027-11-23"))
    assert rules(planned, correct(actual="2026-11-23")) == {"date-in-future"}


def test_the_same_is_stated_once_and_other_days_again() -> None:
    trial = published(record(planned="2026-12"))

    assert rules(trial, record(planned="2026-12")) == {"no-change"}
    assert rules(trial, record(planned="2027-01")) == set()
    assert list(after(trial, record(actual="2026-11-20")).sites["kyoto"].milestones) == [4, 5]


def test_a_correction_replaces_what_it_gives_and_leaves_the_rest() -> None:
    trial = published(record(planned="2026-12", actual="2026-11-20"))
    without_plan = after(trial, correct(planned=None)).sites["kyoto"].milestones[4]
    other_day = after(trial, correct(actual="2026-11-19")).sites["kyoto"].milestones[4]

    assert (without_plan.planned, without_plan.actual) == (None, "2026-11-20")
    assert (other_day.planned, other_day.actual) == ("2026-12", "2026-11-19")
    assert after(trial, correct(void=True)).sites["kyoto"].milestones == {}


def test_a_correction_that_corrects_nothing_is_refused() -> None:
    trial = published(record(actual="2026-11-20"))

    assert rules(trial, correct(actual="2026-11-20")) == {"no-change"}
    assert rules(trial, correct(actual=None)) == {"day-missing"}
    assert rules(trial, correct(3, actual="2026-11-19")) == {"event-unknown"}
    assert rules(after(trial, correct(void=True)), correct(actual="2026-11-19")) == {"event-unknown"}
    for fields in ({}, {"void": True, "actual": "2026"}):
        with pytest.raises(ValidationError, match="give the days that are right"):
            correct(**fields)


@pytest.mark.parametrize("shape", EthicsShape)
def test_each_shape_of_ethics_review_says_which_acts_a_site_waits_for(shape: EthicsShape) -> None:
    """Coordination reference, 1.15: one row of the table each."""
    waits_for = {
        "within_decision": [],
        "one_body_and_heads": [{"institution_permitted"}],
        "per_institution": [{"ethics_approved"}, {"institution_permitted"}],
        "one_body_relied_on": [{"reliance_signed", "institution_permitted"}],
    }

    assert [set(map(str, group)) for group in AWAITED[shape]] == waits_for[shape]
