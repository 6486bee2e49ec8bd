"""Eligibility: texts divided only if nothing is lost, and limits of age that are known, absent or unknown."""

from typing import Any

import pytest

from adapters.ctgov.eligibility import eligibility, split
from adapters.cursor import Cursor, Ledger
from events.schemas.eligibility import Age, AgeUnit


def read(**module: Any) -> Any:
    return eligibility(Cursor(module, Ledger()))


@pytest.mark.parametrize(
    "heading",
    ["Inclusion Criteria:", "INCLUSION CRITERIA", "Inclusion:", "**Inclusion criteria:**", "  Inclusion Criteria :"],
)
def test_plain_headings_part_the_text(heading: str) -> None:
    text = f"{heading}\n\n* A cold\n\n{heading.replace('In', 'Ex').replace('IN', 'EX')}\n* Zinc"

    assert split(text) == ("* A cold", "* Zinc", None)


def test_headings_that_say_more_part_the_text_and_keep_it_whole() -> None:
    text = "Key Inclusion Criteria:\nA cold\nKey Exclusion Criteria:\nZinc"

    assert split(text) == ("A cold", "Zinc", text)


@pytest.mark.parametrize(
    "text",
    [
        "Adults with a cold",
        "Inclusion Criteria:\nA cold",
        "Exclusion Criteria:\nZinc",
        "Exclusion Criteria:\nZinc\nInclusion Criteria:\nA cold",
        "Part 1\nInclusion Criteria:\nA cold\nExclusion Criteria:\nZinc",
        "Inclusion Criteria:\nA\nExclusion Criteria:\nB\nInclusion Criteria:\nC\nExclusion Criteria:\nD",
        "Inclusion Criteria:\nA\nExclusion Criteria:\nB\nSpecific inclusion criteria for adults:\nC",
        "Inclusion Criteria:\nA\nPatient exclusion criteria:\nB\nExclusion Criteria:\nC",
        "Inclusion Criteria:\nExclusion Criteria:\nZinc",
        "Inclusion Criteria:\nA cold\nExclusion Criteria:\n",
        "Inclusion Criteria: a cold\nExclusion Criteria: zinc",
    ],
)
def test_a_text_without_unmistakable_headings_stays_whole(text: str) -> None:
    assert split(text) == (None, None, text)


def test_a_part_may_have_headings_of_its_own_side() -> None:
    text = "Inclusion Criteria:\nA\nExclusion Criteria:\nB\nOther exclusion criteria:\nC"

    assert split(text) == ("A", "B\nOther exclusion criteria:\nC", None)


@pytest.mark.parametrize(
    ("age", "limit"),
    [
        ("18 Years", Age(value=18, unit=AgeUnit.YEARS, inclusive=True)),
        ("1 Year", Age(value=1, unit=AgeUnit.YEARS, inclusive=True)),
        ("6 Months", Age(value=6, unit=AgeUnit.MONTHS, inclusive=True)),
        ("0 Days", Age(value=0, unit=AgeUnit.DAYS, inclusive=True)),
        ("30 Minutes", Age(value=30, unit=AgeUnit.MINUTES, inclusive=True)),
    ],
)
def test_an_age_has_its_value_and_unit(age: str, limit: Age) -> None:
    found = read(minimumAge=age, maximumAge=age)

    assert (found.minimum_age, found.maximum_age) == (limit, limit)


def test_an_absent_limit_is_none_where_the_age_groups_say_so() -> None:
    found = read(stdAges=["CHILD", "ADULT", "OLDER_ADULT"])

    assert (found.minimum_age, found.maximum_age) == ("unlimited", "unlimited")


@pytest.mark.parametrize("groups", [None, [], ["ADULT"]], ids=str)
def test_an_absent_limit_is_unknown_where_nothing_says_that_there_is_none(groups: list[str] | None) -> None:
    found = read(stdAges=groups)

    assert (found.minimum_age, found.maximum_age) == (None, None)


@pytest.mark.parametrize("written", ["some years", "18", "-1 Years"])
def test_a_limit_that_cannot_be_read_is_not_taken_for_none(written: str) -> None:
    ledger = Ledger()
    module = {"minimumAge": written, "maximumAge": written, "stdAges": ["CHILD", "ADULT", "OLDER_ADULT"]}
    found = eligibility(Cursor(module, ledger))
    not_carried = {f"{key} (no age with a unit known here)": 1 for key in ("minimumAge", "maximumAge")}

    assert (found.minimum_age, found.maximum_age) == (None, None)
    assert ledger.faults == []
    assert ledger.balance(module)[1].items() >= not_carried.items()
