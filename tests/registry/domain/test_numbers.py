"""Registration numbers: their grammar with its check character, and who may have which."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.domain.decider import Command, Context, Rejection
from registry.domain.numbers.decider import NUMBERS, ReserveNumbers, Series, SetNumbersAside
from registry.domain.numbers.grammar import Grammar

CONTEXT = Context(datetime(2026, 11, 22, 3, tzinfo=UTC), "registry")
GRAMMAR = Grammar("JTR{year}{number:06}")


@given(number=st.integers(1, 999_999), year=st.integers(2000, 2999))
def test_every_rendered_number_is_valid_and_no_single_changed_character_is(number: int, year: int) -> None:
    text = GRAMMAR.render(GRAMMAR.series(year), number)

    assert GRAMMAR.valid(text)
    for place in range(3, len(text)):
        for other in "0123456789ABCXYZ":
            assert other == text[place] or not GRAMMAR.valid(text[:place] + other + text[place + 1 :])


def test_two_numbers_of_a_series_never_read_alike() -> None:
    made = {GRAMMAR.render("JTR2026", number) for number in range(1, 5_000)}

    assert len(made) == 4_999


def test_a_full_series_is_refused() -> None:
    assert GRAMMAR.render("JTR2026", 999_999)
    with pytest.raises(OverflowError, match=r"^series JTR2026 is full: 1000000 has more than 6 digits$"):
        GRAMMAR.render("JTR2026", 1_000_000)


@pytest.mark.parametrize("pattern", ["JTR{year}", "", "{number}{year}", "{number}{number}", "J{number}X", "J{number}-"])
def test_a_pattern_ends_in_the_one_running_number(pattern: str) -> None:
    with pytest.raises(ValueError, match=rf"^{re.escape(repr(pattern))} must end in {{number}}, and contain it once$"):
        Grammar(pattern)


@pytest.mark.parametrize("pattern", ["JTR/{number:06}", "治験{number}", "J {number}", "J{month}{number}", "J}{number}"])
def test_a_pattern_holds_nothing_that_the_check_can_not_read(pattern: str) -> None:
    with pytest.raises(ValueError, match=rf"^{re.escape(repr(pattern))} may contain letters, digits and hyphens"):
        Grammar(pattern)


@pytest.mark.parametrize(
    ("pattern", "running", "text"),
    [
        ("JTR{year}{number:06}", 12, "JTR2026000012Y"),
        ("JTR{year}{number:6}", 12, "JTR2026000012Y"),
        ("J-{year}-{number:04}", 9_999, "J-2026-9999S"),
        ("j{number}", 7, "j7L"),
        ("{number}", 123_456_789, "1234567899"),
        ("{year}{year}-{number:02}", 3, "20262026-03A"),
    ],
)
def test_a_pattern_makes_numbers_that_it_reads_back(pattern: str, running: int, text: str) -> None:
    grammar = Grammar(pattern)
    series = grammar.series(2026)

    assert grammar.render(series, running) == text
    assert grammar.read(text) == (series, running)
    assert grammar.read(f"{text}0") is None
    assert grammar.read(f"X{text}") is None


def test_a_number_has_as_many_digits_as_the_pattern_says() -> None:
    assert Grammar("J{number}").read(Grammar("J{number:04}").render("J", 12)) == ("J", 12)
    assert Grammar("J{number:04}").read(Grammar("J{number}").render("J", 12)) is None


def test_a_number_reads_back_as_its_series_and_running_number() -> None:
    number = GRAMMAR.render("JTR2019", 12)

    assert GRAMMAR.read(number) == ("JTR2019", 12)
    assert GRAMMAR.read(number[:-1] + ("A" if number[-1] != "A" else "B")) is None
    assert GRAMMAR.read("NCT01234567") is None


def given_after(*commands: Command) -> Series:
    series = NUMBERS.initial
    for command in commands:
        event = NUMBERS.decide(series, command, CONTEXT)
        series = NUMBERS.evolve(series, event) if event is not None else series
    return series


def test_numbers_set_aside_are_never_given_to_others_and_given_ones_never_set_aside() -> None:
    series = given_after(ReserveNumbers(count=20), SetNumbersAside(number=30, through=500), ReserveNumbers(count=20))

    assert (series.next, series.aside) == (521, ((21, 500),))
    assert NUMBERS.decide(series, SetNumbersAside(number=400, through=500), CONTEXT) is None
    for given_out in (20, 501, 520):
        with pytest.raises(Rejection, match="number-taken"):
            NUMBERS.decide(series, SetNumbersAside(number=given_out, through=1_000), CONTEXT)
