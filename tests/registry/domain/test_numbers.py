"""Registration numbers: their grammar and its check character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.domain.numbers.grammar import Grammar

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
    with pytest.raises(OverflowError, match="full"):
        GRAMMAR.render("JTR2026", 1_000_000)


@pytest.mark.parametrize(
    "pattern", ["JTR{year}", "{number}{year}", "{number}{number}", "JTR/{number:06}", "J{number}X"]
)
def test_a_pattern_under_which_numbers_could_collide_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"must end in|may hold"):
        Grammar(pattern)
