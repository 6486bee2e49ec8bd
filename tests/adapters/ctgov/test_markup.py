"""Texts in CommonMark become plain text, and hostile ones in time that grows with their length alone."""

import json
import re
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ctgov import markup
from adapters.ctgov.parse import parse
from adapters.cursor import Cursor, Ledger
from adapters.ictrp.render import render
from adapters.reading import Parsed
from tests.support.ctgov import SAMPLES
from tests.support.ictrp import SENDER, adopted

ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]|<!--")


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("* BMI \\>= 30 and HbA1c \\< 7.0%", "* BMI >= 30 and HbA1c < 7.0%"),
        ("* platelets \\<100 x 10\\^9/L \\[within 7 days\\]", "* platelets <100 x 10^9/L [within 7 days]"),
        ("1. one \\~10\n   more\n   * under \\&\n2. two", "1. one ~10\n   more\n   * under &\n2. two"),
        ("* one\n\n<!-- -->\n\n* other", "* one\n\n* other"),
        ("no marks,\n   and   blanks as they were", "no marks,\n   and   blanks as they were"),
        ("AT&amp;T, \\&lt;", "AT&T, &lt;"),
        ("**Bold** and *in vitro*", "Bold and in vitro"),
        ("[the protocol](https://example.org/a_b), <https://example.org>",
         "the protocol (https://example.org/a_b), https://example.org"),
        ("![a curve](https://example.org/c.png)", "a curve (https://example.org/c.png)"),
        ("`a\nb`\nlast", "a b\nlast"),
        ("one\\\ntwo<br>three", "one\ntwo\nthree"),
        ("a <sup>b</sup>", "a <sup>b</sup>"),
        ("    code \\< stays", "    code \\< stays"),
        ("CYP2D6*2/*4, 5 * 3 * 2, a_b_c, C:\\dir", "CYP2D6*2/*4, 5 * 3 * 2, a_b_c, C:\\dir"),
        ("# Part \\<\n\n> said \\>\nand on \\[", "# Part <\n\n> said >\nand on ["),
    ],
)  # fmt: skip
def test_marks_are_read_and_lines_stay(marked: str, plain: str) -> None:
    assert markup.read(marked) == plain


def test_what_says_nothing_but_marks_is_counted_as_not_carried() -> None:
    record = {"text": "<!-- -->"}
    ledger = Ledger()

    assert markup.english(Cursor(record, ledger).at("text")) is None
    assert ledger.balance(record) == (0, {"text (nothing but marks)": 1})


def test_an_entity_brings_in_no_character_that_a_text_may_not_have() -> None:
    text = markup.english(Cursor({"text": "safe &#x202E;mirror &#7;"}, Ledger()).at("text"))

    assert text is not None
    assert text.en == "safe mirror \ufffd"


@given(st.text(alphabet="ab \n\t\\*_[]()<>&!`#-:;1.", max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(markup.read(text), str)


@given(st.text(alphabet="ab c<>[]*_&`\\#-~^!()\n", max_size=60).filter(lambda text: text.strip()))
def test_a_text_with_each_mark_escaped_reads_as_it_was_written(text: str) -> None:
    words = [" ".join(line.split()) for line in text.splitlines()]
    written = "\n\n".join(re.sub(r"([<>\[\]*_&`\\#~^!()-])", r"\\\1", line) for line in words if line)

    assert markup.read(written) == "\n\n".join(line for line in words if line)


@pytest.mark.parametrize("bit", ["[", "![](", "*_", "**a*", "[a](b", "\n* \\<", "[a]: b\n[a] ", "<a ", "&", "`a", "> "])
def test_a_hostile_text_takes_time_by_its_length(bit: str) -> None:
    def seconds(length: int) -> float:
        started = process_time()
        markup.read((bit * length)[:length] + "\\")
        return process_time() - started

    # The least of three: other work on the machine, and a collection of garbage, only ever add to it.
    short, long = (min(seconds(length) for _ in range(3)) for length in (20_000, 80_000))

    assert long < max(10 * short, 0.5), "four times the text takes about four times as long"


def study(**sections: Any) -> dict[str, Any]:
    return {"protocolSection": {"identificationModule": {"nctId": "NCT90000002"}} | sections}


def read(record: Any) -> Parsed:
    (found,) = parse([json.dumps(record).encode()], "a.json")
    assert isinstance(found, Parsed), found
    return found


def test_a_title_is_no_markup() -> None:
    titled = study(identificationModule={"nctId": "NCT90000002", "briefTitle": "5 \\< 6 &amp; *more*"})

    assert read(titled).registration.to_stored()["public_title"] == {"en": "5 \\< 6 &amp; *more*"}


def test_what_was_marked_is_sent_to_who_as_text() -> None:
    criteria = "Inclusion Criteria:\n\n* HbA1c \\< 7\n\nExclusion Criteria:\n\n* \\[none\\]"
    sent = render(adopted(read(study(eligibilityModule={"eligibilityCriteria": criteria})), "JP-1"), {}, SENDER)

    assert sent.element.findtext("criteria/inclusion_criteria") == "* HbA1c < 7"
    assert sent.element.findtext("criteria/exclusion_criteria") == "* [none]"


@pytest.mark.skipif(not SAMPLES, reason="../shared, with the real samples, is not here")
def test_no_sample_shows_an_escape_and_all_that_is_plain_stays_as_it_was() -> None:
    studies = [one for file in SAMPLES for one in parse([file.read_bytes()], file.name)]
    texts = [text for one in studies if isinstance(one, Parsed) for text in strings(one.registration.to_stored())]

    assert len(texts) > 10_000
    assert [text for text in texts if ESCAPED.search(text)] == []
    assert any("HbA1C <6.5%" in text for text in texts), "a measure, which is plain text"


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in strings(one)]
