"""The table agrees with the packages: exactly the rows that they state are attributed to them."""

import io
import pickle
from dataclasses import replace

import pytest

from deploy import vocabulary
from projections.search.vocabulary.table import rows_of, text


@pytest.fixture(scope="module")
def packages() -> vocabulary.Packages:
    return vocabulary.read()


def test_the_file_is_what_the_script_makes_of_it(packages: vocabulary.Packages) -> None:
    assert vocabulary.table_of(vocabulary.attributed(rows_of(text()), packages)) == text()


def test_a_row_that_no_package_states_is_the_projects(packages: vocabulary.Packages) -> None:
    rows = [row for row in rows_of(text()) if row.group == "disease/nsclc"]
    forged = replace(rows[-1], language="en", term="a word of nobody", source="breame", source_version="9")

    assert vocabulary.attributed([*rows, forged], packages)[-1] == replace(
        forged, source="project", source_version="", licence="Apache-2.0"
    )


def test_a_term_that_the_package_puts_under_another_name_is_not_its_own(packages: vocabulary.Packages) -> None:
    rows = [row for row in rows_of(text()) if row.group == "disease/nsclc"]
    wider = replace(rows[-1], term="lung cancer", source="")

    assert vocabulary.attributed([*rows, wider], packages)[-1].source == "project"


def test_a_pickle_that_names_something_to_call_is_refused() -> None:
    with pytest.raises(pickle.UnpicklingError, match="no plain data"):
        vocabulary.PlainData(io.BytesIO(pickle.dumps(print))).load()
