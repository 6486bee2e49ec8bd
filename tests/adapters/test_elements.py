"""The tables of elements give the treatment of every element, and agree with the samples."""

import csv
import re
from typing import Any

import pytest
from lxml import etree

from adapters.ctgov.parse import parse as parse_ctgov
from tests.support.ctgov import SHARED, encode, leaves, sample_studies, small
from tests.support.element_tables import Fate, Row, json_record, table, to_csv, xml_record
from tests.support.elements import FOLDER, FORMATS, ctgov_schema, ictrp_samples, ictrp_schema
from tests.support.ictrp_whole import EXPORTED, UPLOADED

SITE = {"facility": "A hospital", "zip": "0010", "status": "RECRUITING"}
PATHS = SHARED / "schemas" / "ids" / "ctgov2_study.paths.txt"


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def elements(name: str) -> set[str]:
    return {row["element"] for row in rows(name)}


@pytest.mark.parametrize("name", FORMATS)
def test_the_table_is_what_the_samples_make_it(name: str) -> None:
    sample_studies()

    assert (FOLDER / f"{name}.csv").read_bytes() == to_csv(FORMATS[name]())


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_carried_says_where_and_nothing_else_does(name: str) -> None:
    for row in rows(name):
        assert (row["fate"] == Fate.CARRIED) == bool(row["where"]), row["element"]
        assert (row["fate"] != Fate.NOT_REPRESENTABLE) or row["reasons"], row["element"]
        assert int(row["not_carried"]) <= int(row["values"]), row["element"]


def test_every_element_of_a_clinicaltrials_sample_is_in_the_table_with_its_values() -> None:
    met: dict[str, int] = {}
    for study in sample_studies():
        for path in leaves(study):
            name = "".join("[]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
            met[name] = met.get(name, 0) + 1

    assert met == {row["element"]: int(row["values"]) for row in rows("ctgov") if row["values"] != "0"}


def test_every_element_that_clinicaltrials_schema_names_is_in_the_table() -> None:
    sample_studies()
    listed = {line.split(" ")[0] for line in PATHS.read_text().splitlines()}
    # Columns of the database that the list was taken from; no record has them.
    named = listed - {"ctrname", "record_last_import"}

    assert named <= set(ctgov_schema())
    assert set(ctgov_schema()) <= elements("ctgov")


@pytest.mark.parametrize("form", ["export", "upload"])
def test_every_element_of_a_sample_of_ictrp_is_in_the_table_with_its_values(form: str) -> None:
    sample_studies()
    met: dict[str, int] = {}
    for record in ictrp_samples(form):
        tree = etree.ElementTree(record)
        for element in record.iter("*"):
            if not len(element):
                name = re.sub(r"\[\d+\]", "", tree.getelementpath(element)).replace("/", ".")
                met[name] = met.get(name, 0) + bool((element.text or "").strip())
    listed = {row["element"].replace("[]", ""): int(row["values"]) for row in rows(f"ictrp_{form}")}

    assert met.items() <= listed.items()


def test_every_element_that_the_dtd_declares_is_in_the_table_and_in_the_whole_upload() -> None:
    declared = set(ictrp_schema("upload"))

    assert declared <= elements("ictrp_upload")
    assert {name.replace("[]", "").replace(".", "/") for name in declared} == set(UPLOADED)


def test_every_element_that_the_web_export_is_known_to_have_is_in_the_table() -> None:
    sample_studies()
    (listed,) = re.findall("`(TrialID, [^`]*)`", (SHARED / "formats.md").read_text())
    known = {name.removesuffix(" [sic]") for name in listed.split(", ")}

    assert len(known) == 36
    assert known <= elements("ictrp_export")
    assert set(EXPORTED) <= elements("ictrp_export")


def one_row(element: str, **modules: Any) -> Row:
    (row,) = [
        row
        for row in table(parse_ctgov, [json_record(encode(small(**modules)), {})], [], [])
        if row.element == f"protocolSection.{element}"
    ]
    return row


def test_where_an_element_goes_is_found_by_altering_it() -> None:
    row = one_row("contactsLocationsModule.locations[].zip", contactsLocationsModule={"locations": [SITE]})

    assert (row.values, row.not_carried, row.fate) == (1, 0, Fate.CARRIED)
    assert row.where == ("/sites[]/place/postcode",)


def test_an_element_that_cannot_be_altered_into_a_valid_one_is_taken_out() -> None:
    row = one_row("contactsLocationsModule.locations[].status", contactsLocationsModule={"locations": [SITE]})

    assert row.where == ("/sites[]/recruitment",)


def test_an_element_that_nothing_reads_is_only_in_the_bytes() -> None:
    row = one_row("newModule.newField", newModule={"newField": "new"})

    assert (row.not_carried, row.fate, row.where, row.reasons) == (1, Fate.RAW_ONLY, (), ())


def test_an_element_that_is_read_and_has_no_place_says_why() -> None:
    row = one_row(
        "contactsLocationsModule.locations[].country", contactsLocationsModule={"locations": [{"country": "Atlantis"}]}
    )

    assert (row.fate, row.where) == (Fate.NOT_REPRESENTABLE, ())
    assert row.reasons == ("not a country's name in CLDR or ClinicalTrials.gov's spelling",)


def test_a_value_that_counts_as_carried_and_changes_nothing_is_no_table() -> None:
    said_twice = {
        "armGroups": [{"label": "A", "interventionNames": ["Drug: X"]}],
        "interventions": [{"type": "DRUG", "name": "X", "armGroupLabels": ["A"]}],
    }
    with pytest.raises(ValueError, match="armGroupLabels"):
        one_row("armsInterventionsModule.interventions[].name", armsInterventionsModule=said_twice)


def test_the_elements_of_xml_are_named_by_their_path_with_those_that_repeat() -> None:
    record = xml_record(b"<trials><trial><main><a>1</a><b/></main><c><d> </d><d>x</d></c></trial></trials>", {"d"})

    assert [(leaf.element, leaf.empty) for leaf in record.leaves] == [
        ("main.a", False), ("main.b", True), ("c.d[]", True), ("c.d[]", False),
    ]  # fmt: skip
    *_, changed, emptied = record.leaves[3].altered()
    assert b"<d>x x</d>" in changed
    assert b"<d/>" in emptied or b"<d></d>" in emptied
