"""The real files: every record is taken, and every element with a text is carried or counted as not carried."""

import copy
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from adapters.ictrp.parse import parse
from adapters.losses import Losses
from adapters.reading import Parsed, Refused
from tests.support.ictrp import sample

TAKEN = {"export": 300, "upload": 57}
ROOT = {"export": "Trials_downloaded_from_ICTRP", "upload": "trials"}
LISTS = {
    "contact", "country2", "hc_code", "hc_keyword", "i_code", "i_keyword", "prim_outcome", "sec_outcome",
    "sponsor_name", "secondary_id", "source_name",
}  # fmt: skip
SAID_TWICE = ("countries.country2[]", "Date_registration3")
"""Elements with the content of another: of two equal names one is kept, and the other date is used."""


def leaves(record: etree._Element, path: str = "") -> Iterator[tuple[str, etree._Element]]:
    """The path of every element with a text. Independent of the reader's own walk, which it checks."""
    for child in record:
        name = f"{path}{child.tag}{'[]' if child.tag in LISTS else ''}"
        if len(child):
            yield from leaves(child, f"{name}.")
        elif (child.text or "").strip():
            yield name, child


def read(record: etree._Element, form: str) -> Parsed | Refused:
    root = etree.Element(ROOT[form])
    root.append(copy.deepcopy(record))
    (one,) = parse([etree.tostring(root, encoding="UTF-8")], "file")
    return one


def taken(one: Parsed | Refused) -> Any:
    if isinstance(one, Refused):
        return one.reason
    return one.home, one.record, one.registration, one.status, one.retrieved


def lost(one: Parsed) -> Counter[str]:
    counted: Counter[str] = Counter()
    for label, count in one.not_carried.items():
        counted[label.split(" (")[0]] += count
    return counted


@pytest.mark.parametrize("form", TAKEN)
def test_every_record_of_the_samples_is_taken_and_nothing_of_it_goes_unaccounted(form: str) -> None:
    losses, total = Losses(), 0
    for one in sample(form):
        assert isinstance(one, Parsed)
        counted = Counter(path for path, _ in leaves(etree.fromstring(one.raw)))
        losses.add(one)
        total += counted.total()

        assert lost(one) <= counted
        assert one.carried + lost(one).total() == counted.total()
    assert len(sample(form)) == TAKEN[form]
    assert losses.carried + losses.not_carried == total


@pytest.mark.parametrize("form", TAKEN)
def test_what_is_carried_changes_the_record_and_what_is_not_does_not(form: str) -> None:
    for one in sample(form)[:: TAKEN[form] // 12]:
        assert isinstance(one, Parsed)
        record = etree.fromstring(one.raw)
        counted, not_carried, before = Counter(path for path, _ in leaves(record)), lost(one), taken(read(record, form))
        for path, element in list(leaves(record)):
            text = element.text
            element.text = f"{text} other"
            after = taken(read(record, form))
            element.text = text
            if not_carried[path] == 0 and path not in SAID_TWICE:
                assert after != before, f"{one.place}: {path} counts as carried"
            elif not_carried[path] == counted[path]:
                assert after == before, f"{one.place}: {path} counts as not carried"


@pytest.mark.parametrize("form", TAKEN)
def test_the_bytes_kept_of_each_record_are_the_file_s_own(form: str) -> None:
    for one in sample(form):
        assert isinstance(one, Parsed)
        record = etree.fromstring(one.raw)

        assert record.findtext("TrialID" if form == "export" else "main/trial_id") == one.record


def test_the_samples_ages_and_sexes_are_understood_but_for_three_marks() -> None:
    losses = Losses()
    for one in sample("export"):
        assert isinstance(one, Parsed)
        losses.add(one)
    ages = {
        loss.path: loss.values for loss in losses.table() if loss.path.startswith(("Inclusion_age", "Inclusion_gender"))
    }

    assert ages == {
        "Inclusion_agemax (- stands for a missing value)": 1,
        "Inclusion_agemax (?? stands for a missing value)": 2,
    }
