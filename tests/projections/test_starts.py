"""Vectors of starts and what is asked of them, written out."""

import pytest

from projections.views.search.starts import REACH, query, starts
from projections.views.search.vectors import LAST_POSITION
from projections.views.search.words import tokens

LONG_WORD = "pneumonoultramicroscopic"


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("", ""),
        ("lung", "'lung ':1"),
        ("lung cancer", "'lung cancer ':1 'cancer ':6"),
        ("肺癌", "'肺癌 ':1 '癌 ':2"),
        ("EGFR変異", "'egfr 変異 ':1 '変異 ':6 '異 ':7"),
        ("a 変異 b", "'a 変異 b ':1 '変異 b ':3 '異 b ':4 'b ':6"),
        ("変異 a", "'変異 a ':1 '異 a ':2 'a ':4"),
        # As written, then as stems.
        ("studies", "'studies ':1 'studi ':10"),
        (LONG_WORD, f"'{LONG_WORD} ':1 '{LONG_WORD[:-2]} ':27"),
        (
            "an open label trial lung",
            "'an open label trial ':1 'open label trial lun':4 'label trial lung ':9 'trial lung ':15 'lung ':21",
        ),
    ],
)
def test_each_place_where_something_begins_gives_what_follows(text: str, literal: str) -> None:
    assert starts([tokens(text)]) == [literal]


def test_a_group_has_what_those_before_it_have() -> None:
    groups = [tokens(text) for text in ("肺", "胃", "脳")]

    assert starts(groups[:2], [], groups[2:]) == [
        "'肺 ':1 '胃 ':4",
        "'肺 ':1 '胃 ':4",
        "'肺 ':1 '胃 ':4 '脳 ':7",
    ]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("1 " * (LAST_POSITION // 2 - 2) + "11", True),
        ("1 " * (LAST_POSITION // 2), False),
    ],
)
def test_a_text_that_goes_beyond_the_last_position_is_left_out_and_a_shorter_one_is_not(text: str, fits: bool) -> None:
    [literal] = starts([tokens(text), tokens("7")])

    assert literal.count("':") == (len(text.split()) if fits else 1)
    assert (literal == "'7 ':1") != fits


def test_stems_are_kept_of_a_text_that_is_too_long_as_written() -> None:
    [literal] = starts([tokens("studies " * (LAST_POSITION // 8))])

    assert literal.startswith("'studi studi studi st':1 ")


@pytest.mark.parametrize(
    ("text", "whole", "expected"),
    [
        ("lung", True, "'lung ':*"),
        ("lung", False, "'lung':*"),
        ("肺癌", True, "'肺癌':*"),
        ("肺癌", False, "'肺癌':*"),
        ("lung 肺", True, "'lung 肺':*"),
        ("肺 lung", True, "'肺 lung ':*"),
        ("randomised controlled trial", True, "'randomised controlle' <11> 'controlled trial ':*"),
        ("randomised controlled t", False, "'randomised controlle' <11> 'controlled t':*"),
        (LONG_WORD, True, f"'{LONG_WORD} ':*"),
        (LONG_WORD + " trial", True, f"'{LONG_WORD} ' <25> 'trial ':*"),
        ("亜" * REACH, True, f"'{'亜' * REACH}':*"),
        ("亜" * (REACH + 1), True, f"'{'亜' * REACH}' <20> '亜':*"),
        ("亜" * (2 * REACH + 1), True, f"'{'亜' * REACH}' <20> '{'亜' * REACH}' <20> '亜':*"),
    ],
)
def test_what_is_longer_than_a_lexeme_is_asked_for_in_steps(text: str, whole: bool, expected: str) -> None:
    assert query(tokens(text), whole=whole) == expected
