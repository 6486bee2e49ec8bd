"""The table beside this, `terms.csv`: a term a row, with its group, its source, and who checked it.

Terms of a group mean the same. No term is in two groups, unless both rows call it ambiguous. Rows of a package are
those that it states (`deploy/vocabulary.py`); rows of `sample` are pairs that a public record states side by side; rows
of `project` were written for this registry from general knowledge.
"""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Final

from projections.search.vocabulary.folding import folded_lines

FILE: Final = "terms.csv"
SAMPLE, PROJECT = "sample", "project"
"""Sources that are no package."""
KINDS: Final = ("preferred", "synonym", "everyday", "abbreviation", "spelling", "generic", "brand")


@dataclass(frozen=True, slots=True)
class Term:
    """A row. `group` is its topic and a name, as `disease/als`; `code` an identifier of MeSH, or empty.

    `source_version`: of a package, or the number of a record and the field that states the pair. `checked_by` is empty
    until somebody of the field has checked the row.
    """

    group: str
    term: str
    language: str
    script: str
    kind: str
    code: str
    source: str
    source_version: str
    licence: str
    date: str
    checked_by: str
    ambiguous: str

    @property
    def topic(self) -> str:
        """disease, drug, place or word."""
        return self.group.partition("/")[0]

    @property
    def is_japanese(self) -> bool:
        """Whether it is of the Japanese language."""
        return self.language == "ja"


COLUMNS: Final = tuple(field.name for field in fields(Term))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The whole table, with its indexes: groups by their name, and groups of a term by its folded form."""

    version: str
    """Its latest date and the beginning of its digest: another table has another version."""
    groups: Mapping[str, Sequence[Term]]
    by_form: Mapping[str, Sequence[str]]


def text() -> str:
    """The file."""
    return files(__package__).joinpath(FILE).read_text(encoding="utf-8")


def rows_of(table: str) -> list[Term]:
    """The rows of a table, but for its first line."""
    return [Term(*row) for row in list(csv.reader(table.splitlines()))[1:]]


@cache
def vocabulary() -> Vocabulary:
    """The table, read once."""
    table = text()
    rows = rows_of(table)
    groups: dict[str, list[Term]] = {}
    by_form: dict[str, list[str]] = {}
    for row, form in zip(rows, folded_lines("\n".join(row.term for row in rows)), strict=True):
        groups.setdefault(row.group, []).append(row)
        of_form = by_form.setdefault(form, [])
        if row.group not in of_form:
            of_form.append(row.group)
    digest = hashlib.sha256(table.encode()).hexdigest()[:8]
    return Vocabulary(f"{max(row.date for row in rows)}-{digest}", groups, by_form)
