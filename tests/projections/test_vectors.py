"""The words of texts as vectors, written out; and where a text is cut that one vector can't hold."""

import re
from collections import defaultdict

import pytest

from projections.views.search.vectors import LAST_POSITION, MOST_BYTES, MOST_POSITIONS, SHARED, vectors
from projections.views.search.words import LONGEST, Tokens, tokens

KANJI = "".join(map(chr, range(0x4E00, 0x9FFF)))
NUMBERS = [str(number) for number in range(LAST_POSITION)]
"""Words without a stem, each another."""
LONG = 120
"""A run of one character that is kept in one piece; three of them have a pair more often than a vector keeps it."""


def read(literal: str) -> dict[int, set[str]]:
    """The lexemes of a vector by their positions."""
    found = defaultdict(set)
    for lexeme, position in re.findall(r"'([^']+)':(\d+)(?: |$)", literal):
        found[int(position)].add(lexeme)
    return found


def words(literal: str) -> list[str]:
    """The words of a vector in order, where none has a stem and no two texts are in it."""
    [*positions] = sorted(found := read(literal))
    assert positions == [*range(positions[0], positions[0] + len(positions))]
    return [word for position in positions for word in found[position]]


@pytest.mark.parametrize(
    ("texts", "literal"),
    [
        (["lung"], "'lung':3"),
        (["lung cancers"], "'lung':3 'cancers':4 'cancer':4"),
        (["a", "b"], "'a':3 'b':6"),
        (["", "a"], "'a':5"),
        (["肺"], "'肺':3"),
        (["肺癌"], "'肺癌':3 '癌':4"),
        (["EGFR変異 x"], "'egfr':3 '変異':4 '異':5 'x':6"),
        (["小細胞", "肺"], "'小細':3 '細胞':4 '胞':5 '肺':8"),
    ],
)
def test_words_stand_at_their_places_with_their_stems_and_runs_as_pairs(texts: list[str], literal: str) -> None:
    assert vectors(map(tokens, texts)) == [literal]


def test_no_words_make_no_vector() -> None:
    assert vectors([]) == []
    assert vectors([[], []]) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("癌 " * MOST_POSITIONS + "x", 1),
        ("癌 " * (MOST_POSITIONS + 1), 2),
        ("肺癌 " * MOST_POSITIONS + "肺胃", 1),
        ("肺癌 " * (MOST_POSITIONS + 1), 2),
        ("癌肺 癌胃 " * 150, 1),
        ("癌肺 胃肺 " * 125 + "肺胃", 1),
        ("癌肺 胃肺 " * 126, 2),
        ("the " * 2 * MOST_POSITIONS, 1),
        (" ".join(f"肺癌{last}" for last in KANJI[:MOST_POSITIONS]), 1),
        (" ".join(f"肺癌{last}" for last in KANJI[: MOST_POSITIONS + 1]), 2),
    ],
)
def test_no_lexeme_of_japanese_stands_more_often_than_a_vector_keeps_it(text: str, count: int) -> None:
    assert len(vectors([tokens(text)])) == count


@pytest.mark.parametrize(
    ("fitting", "one"),
    [
        ([("", number) for number in NUMBERS[: LAST_POSITION - 2]], ("", "x")),
        ([(KANJI[at : at + 2], "") for at in range(0, LAST_POSITION - 2, 2)], (KANJI[-1], "")),
        # Of 64 characters and a place each, which has fewer than four digits up to the 997th.
        ([("", "\U00010428" * 64)] * ((MOST_BYTES + 1_102) // 264), ("", "\U00010428" * 64)),
    ],
    ids=["words", "kanji", "bytes"],
)
def test_a_vector_is_filled_up_to_its_bounds(fitting: Tokens, one: tuple[str, str]) -> None:
    assert len(vectors([fitting])) == 1
    assert len(vectors([[*fitting, one]])) == 2


def test_a_text_is_cut_in_the_middle_and_what_stood_before_the_cut_is_said_again() -> None:
    numbers = NUMBERS[: LAST_POSITION - 1]
    middle = len(numbers) // 2
    first, second = vectors([[("", number) for number in numbers]])

    assert words(first) == numbers[:middle]
    assert words(second) == numbers[middle - SHARED :]


def test_of_many_texts_each_half_is_a_vector() -> None:
    texts: list[Tokens] = [[("", number) for number in NUMBERS[at : at + 6_000]] for at in (0, 6_000)]
    texts += [[("", "x")] * 6_000]
    first, *others = vectors(texts)

    assert words(first) == NUMBERS[:6_000]
    assert {frozenset(lexemes) for one in others for lexemes in read(one).values()} == {
        *[frozenset([number]) for number in NUMBERS[6_000:12_000]],
        frozenset("x"),
    }


def test_runs_are_said_again_up_to_half_of_what_stands_before_the_cut() -> None:
    runs = ["癌" * LONG + last for last in "肺胃脳骨"]
    made = vectors([[(run, "") for run in runs]])

    assert [{lexeme for one in read(literal).values() for lexeme in one} - {"癌癌"} for literal in made] == [
        {"癌肺", "肺", "癌胃", "胃"},
        {"癌胃", "胃"},
        {"癌脳", "脳", "癌骨", "骨"},
    ]


def test_of_short_runs_as_many_characters_are_said_again_as_of_words() -> None:
    runs = [KANJI[at : at + 10] for at in range(0, LAST_POSITION, 10)]
    first, second = (run_of(literal) for literal in vectors([[(run, "") for run in runs]]))

    assert first == KANJI[: LAST_POSITION // 2]
    assert second == KANJI[LAST_POSITION // 2 - SHARED : LAST_POSITION]


def test_what_is_said_again_is_measured_by_what_stands_before_the_cut() -> None:
    short = [KANJI[at : at + 2] for at in range(0, 8_000, 2)]
    long = [KANJI[at : at + 3] for at in range(8_000, 20_000, 3)]
    _, second = vectors([[(run, "") for run in [*short, *long]]])

    assert run_of(second) == KANJI[8_000 - SHARED : 20_000]


def run_of(literal: str, between: str = "") -> str:
    """The characters of a vector of Japanese in order; `between`: what is put after the last of each run."""
    lexemes = [lexeme for _, [lexeme] in sorted(read(literal).items())]
    return "".join(lexeme[0] + between * (len(lexeme) == 1) for lexeme in lexemes)


def test_every_phrase_of_a_run_stands_whole_in_one_of_its_vectors() -> None:
    run = KANJI[:12_000]
    parts = [run_of(literal, "|") for literal in vectors([[(run, "")]])]

    assert len(parts) == 2
    for at in range(len(run) - LONGEST + 1):
        assert any(run[at : at + LONGEST] in part for part in parts), at
