"""A text is what it says: no control acts on who reads it, no mark turns round what follows."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from events.schemas import values, wording
from events.schemas.registration import IdentifierClaim, Reference
from events.schemas.trial import Change, SiteOpened
from events.schemas.values import CountryCode, Digest, Identifier, IdNumber, Line, PartialDate, Prose, StatedDate, Text
from tests.support.ids import code_points

CONTROLS = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cc"]
BREAKS = ["\t", "\n", "\r"]
OPENED = ["\u202aa", "\u202ba", "\u2066a", "\u2067a", "\u2068a", "\u2067a\n\u2069", "\u2067\u202aa\u2069"]
LEFT_OPEN = [*OPENED, "a\u202c", "a\u2069"]
OVERRIDES = ["a\u202eb", "a\u202eb\u202c", "\u202dab\u202c"]
BALANCED = ["\u2067אבג\u2069", "a \u202bאבג\u202c b", "\u2068\u2067א\u2069 b\u2069", "אבג abc", "a\u200eb", "\u200fאב"]

LINE, PROSE, DATE = TypeAdapter[str](Line), TypeAdapter[str](Prose), TypeAdapter[str](PartialDate)
MARKS = st.sampled_from("\u202a\u202c\u202e\u2067\u2069\n\r\x85\u2028")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | MARKS)


@pytest.mark.parametrize("control", CONTROLS, ids=code_points)
def test_no_text_has_a_control_character_but_breaks_and_tabs_in_prose(control: str) -> None:
    with pytest.raises(ValidationError):
        LINE.validate_python(f"a{control}b")
    if control in BREAKS:
        assert PROSE.validate_python(f"a{control}b") == f"a{control}b"
    else:
        with pytest.raises(ValidationError):
            PROSE.validate_python(f"a{control}b")


@pytest.mark.parametrize("text", [*LEFT_OPEN, *OVERRIDES, "a\u2028b", "a\u2029b"])
def test_no_line_breaks_or_turns_what_comes_after_it(text: str) -> None:
    with pytest.raises(ValidationError):
        LINE.validate_python(f"x{text}x")


@pytest.mark.parametrize("text", [*LEFT_OPEN, *OVERRIDES])
def test_no_prose_turns_what_comes_after_it(text: str) -> None:
    with pytest.raises(ValidationError):
        PROSE.validate_python(f"x{text}x")


@pytest.mark.parametrize("text", BALANCED)
def test_text_in_other_directions_is_taken_where_it_closes_its_marks(text: str) -> None:
    assert LINE.validate_python(text) == PROSE.validate_python(text) == text


@given(TEXTS)
def test_cleaned_text_is_taken_and_stays_as_it_is(text: str) -> None:
    cleaned, line = wording.cleaned(text), wording.as_line(text, 2_000)

    assert wording.cleaned(cleaned) == cleaned
    assert wording.wrong_in_prose(cleaned) is None
    assert wording.wrong_in_line(line) is None


@given(TEXTS.filter(lambda text: wording.wrong_in_prose(text) is None and not wording.blank(text)))
def test_cleaning_changes_no_text_that_is_right(text: str) -> None:
    assert wording.cleaned(text) == text


INVISIBLE = [
    *(
        " ",
        "\u200b",
        "\u00ad",
        "\u3164",
        "\u2800",
        "\ufeff",
        "\u3000",
        "\u115f",
        "\uffa0",
        "\u2060",
        "\u034f",
        "\ufe0f",
    ),
    *("\u17b5", "\u180e", "\u2065", "\ufff0", "\U0001d159", "\U000e0001", "\U000e0100", "\U000e0fff", "\u0301"),
    *("\u200b \u200b", "\u2067\u2069", "\u3164" * 50),
]


@pytest.mark.parametrize("text", INVISIBLE, ids=code_points)
def test_a_text_of_which_nobody_sees_anything_is_none(text: str) -> None:
    for adapter in (LINE, PROSE, TypeAdapter(IdNumber)):
        with pytest.raises(ValidationError):
            adapter.validate_python(text)
        assert adapter.validate_python(f"{text}a{text}")
    with pytest.raises(ValidationError):
        Text(en=text)

    assert wording.cleaned(text) == ""
    assert Text.from_stored({"en": text}).en == text, "what a log holds stays readable"


@pytest.mark.parametrize(
    "text", ["a", "治", "ｱ", "か\u3099", "\u0939\u093f", "7", "-", "😀", "\u0600\u0661", "\ue000"], ids=code_points
)
def test_a_text_of_which_anything_is_seen_is_one(text: str) -> None:
    assert LINE.validate_python(text) == PROSE.validate_python(text) == wording.cleaned(text) == text


def test_every_default_ignorable_character_is_invisible() -> None:
    """The property's ranges, from DerivedCoreProperties of Unicode 15.1."""
    spans = (
        "00AD 034F 061C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F FEFF FFA0 FFF0-FFF8"
        " 1BCA0-1BCA3 1D173-1D17A E0000-E0FFF"
    )
    ends = [(span.partition("-")[0], span.rpartition("-")[2]) for span in spans.split()]
    ignorable = [chr(code) for first, last in ends for code in range(int(first, 16), int(last, 16) + 1)]

    assert len(ignorable) == 4_174
    assert [character for character in ignorable if not wording.blank(character)] == []


WHOLE: list[tuple[Any, str]] = [
    (PartialDate, "2026-11-16"),
    (PartialDate, "2026"),
    (Identifier, "kyoto-hp"),
    (CountryCode, "JP"),
    (Digest, "a" * 64),
]


@pytest.mark.parametrize(("kind", "text"), WHOLE)
@pytest.mark.parametrize("after", ["\n", "\r", " ", "\u2028", "\x85", "\x0b"], ids=code_points)
def test_what_has_a_pattern_matches_it_whole(kind: Any, text: str, after: str) -> None:
    adapter = TypeAdapter[str](kind)

    assert adapter.validate_python(text) == text
    for wrong in (text + after, after + text):
        with pytest.raises(ValidationError):
            adapter.validate_python(wrong)


@pytest.mark.parametrize("digits", ["٢٠٢٦", "２０２６", "२०२६", "²⁰²⁶"])
def test_digits_are_ascii(digits: str) -> None:
    with pytest.raises(ValidationError):
        DATE.validate_python(digits)


def test_what_a_log_holds_stays_readable_under_older_rules() -> None:
    assert SiteOpened.from_stored({"site": "kyoto", "was": "not_yet", "on": "2026-11-16\n"}).on == "2026-11-16"
    assert StatedDate.from_stored({"date": "2026-11\n"}).date == "2026-11"
    assert Text.from_stored({"ja": "\x1b[2J\u202e"}).ja == "\x1b[2J\u202e"
    claim = {"value": "a\nb", "kind": "other", "issuer": "\u202eIssuer"}
    assert IdentifierClaim.from_stored(claim).to_stored() == claim
    assert Reference.from_stored({"citation": "\x9b"}).citation == "\x9b"
    assert Change.from_stored({"field": "/a", "new": "\x00"}).new == "\x00"


def test_a_stored_date_is_still_a_date() -> None:
    with pytest.raises(ValidationError):
        SiteOpened.from_stored({"site": "kyoto", "was": "not_yet", "on": "soon"})
    assert values.first_day(SiteOpened.from_stored({"site": "a", "was": "not_yet", "on": "2026\n"}).on).year == 2026
