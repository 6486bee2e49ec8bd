"""The words of an upload, each table whole."""

import pytest

from adapters.ictrp import codes
from events.schemas.eligibility import Age, AgeUnit, Sex
from events.schemas.registration import Phase, StudyType
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import DateKind

COLUMNS = "not_yet   recruiting by_invitation paused    closed   completed unknown"
TABLE = """
draft                  Pending   Recruiting Recruiting    Suspended Complete Complete  Other
under_review           Pending   Recruiting Recruiting    Suspended Complete Complete  Other
opinion_favourable     Pending   Recruiting Recruiting    Suspended Complete Complete  Other
opinion_unfavourable   Other     Other      Other         Other     Other    Other     Other
filed                  Pending   Recruiting Recruiting    Suspended Complete Complete  Other
published              Pending   Recruiting Recruiting    Suspended Complete Complete  Other
suspended_by_authority Suspended Suspended  Suspended     Suspended Suspended Suspended Suspended
revoked                Other     Other      Other         Other     Other    Other     Other
expired                Other     Other      Other         Other     Other    Other     Other
withdrawn              Other     Other      Other         Other     Other    Other     Other
discontinued           Other     Other      Other         Other     Other    Other     Other
ended                  Complete  Complete   Complete      Complete  Complete Complete  Complete
"""
ROWS = {row.split()[0]: row.split()[1:] for row in TABLE.strip().splitlines()}


def test_the_recruitment_status_follows_from_both_axes() -> None:
    found = {
        authorisation.value: [
            codes.recruitment_status(authorisation, recruitment, StudyType.INTERVENTIONAL)
            for recruitment in map(RecruitmentStatus, COLUMNS.split())
        ]
        for authorisation in AuthorisationStatus
    }

    assert COLUMNS.split() == list(RecruitmentStatus)
    assert found == ROWS


def test_expanded_access_has_no_recruitment_that_who_knows() -> None:
    statuses = {
        codes.recruitment_status(authorisation, recruitment, StudyType.EXPANDED_ACCESS)
        for authorisation in AuthorisationStatus
        for recruitment in RecruitmentStatus
    }

    assert statuses == {"Other"}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (codes.STUDY_TYPE, StudyType),
        (codes.PHASE, Phase),
        (codes.GENDER, Sex),
        (codes.DATE_KIND, DateKind),
        (codes.AGE_UNIT, AgeUnit),
    ],
    ids=["study type", "phase", "gender", "kind of date", "unit of age"],
)
def test_every_word_of_ours_has_one_of_whos(table: dict[str, str], words: type) -> None:
    assert set(table) == set(words)
    assert all(table.values())


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (Age(value=18, unit=AgeUnit.YEARS), "18Y"),
        (Age(value=3, unit=AgeUnit.MONTHS), "3M"),
        (Age(value=30, unit=AgeUnit.MINUTES), "30Min"),
        ("unlimited", "N/A"),
        (None, ""),
    ],
    ids=str,
)
def test_an_age(limit: Age | None, text: str) -> None:
    assert codes.age(limit.to_stored() if isinstance(limit, Age) else limit) == text


def test_a_day_is_written_day_first_in_ten_characters() -> None:
    assert codes.day("0987-06-05") == "05/06/0987"
