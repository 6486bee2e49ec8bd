"""Every value of a study is carried or counted as not carried; and each carried value changes the record."""

import copy
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.ctgov.parse import parse
from adapters.losses import Loss, Losses
from adapters.reading import Parsed, Refused
from tests.support.ctgov import FULL, SAMPLES, encode, leaves, sample_studies
from tests.support.ctgov_whole import whole

Path = tuple[str | int, ...]
STEERING = ("derivedSection.", "stdAges[]", "hasProtocol", "largeDocs[].date")
"""Values that affect how others are read even if they are not carried themselves."""

SAID_TWICE = ("armGroups[].interventionNames[]", "interventions[].armGroupLabels[]")
"""The same link from either side: either alone is enough, as `test_mapping.py` shows."""


def parsed(study: Any) -> Parsed | Refused:
    (one,) = parse([json.dumps(study).encode()], "file")
    return one


def name(path: Path) -> str:
    return ".".join("[]" if isinstance(step, int) else step for step in path).replace(".[]", "[]")


def taken(one: Parsed | Refused) -> Any:
    if isinstance(one, Refused):
        return one.reason
    return one.home, one.registration, one.status, one.sites, one.retrieved, one.given_out


def said_nothing(one: Parsed | Refused, field: str) -> bool:
    """Whether a word that means no more than its absence, such as `CONTACT` of a contact, became an unknown one."""
    return isinstance(one, Parsed) and f"{field} (no word known here)" in one.not_carried


def changed(study: Any, path: Path) -> Any:
    """The study with one value replaced by another of its type, well formed if it is a date or an age."""
    study = copy.deepcopy(study)
    here = study
    for step in path[:-1]:
        here = here[step]
    match here[path[-1]]:
        case bool() as flag:
            other: Any = not flag
        case int() | float() as number:
            other = number + 1
        case str() as text if text[:4].isdigit() and text[4:5] in ("", "-"):
            other = f"{int(text[:4]) - 1}{text[4:].replace('-29', '-28')}"
        case str() as text:
            other = f"other {text}"
    here[path[-1]] = other
    return study


def studies() -> Iterator[Any]:
    yield FULL
    yield whole()
    yield from sample_studies()[::40] if SAMPLES else ()


@pytest.mark.parametrize(
    "study", list(studies()), ids=lambda one: one["protocolSection"]["identificationModule"]["nctId"]
)
def test_what_is_carried_changes_the_record_and_what_is_not_does_not(study: Any) -> None:
    before = parsed(study)
    assert isinstance(before, Parsed)
    total = Counter(name(path) for path in leaves(study))
    lost: Counter[str] = Counter()
    for label, count in before.not_carried.items():
        lost[label.split(" (")[0]] += count
    for path in leaves(study):
        field = name(path)
        if lost[field] == 0 and not field.endswith(SAID_TWICE):
            after = parsed(changed(study, path))
            assert taken(after) != taken(before) or said_nothing(after, field), f"{field} counts as carried"
        elif lost[field] == total[field] and not any(steering in field for steering in STEERING):
            assert taken(parsed(changed(study, path))) == taken(before), f"{field} counts as not carried"


def test_the_samples_are_all_taken_and_nothing_of_them_goes_unaccounted() -> None:
    samples = sample_studies()
    losses, accepted, refused = Losses(), 0, 0
    for file in SAMPLES:
        for one in parse([file.read_bytes()], file.name):
            match one:
                case Parsed():
                    accepted += 1
                    losses.add(one)
                case Refused():
                    refused += 1

    assert (accepted, refused) == (len(samples), 0)
    assert len(samples) == 278
    assert losses.carried + losses.not_carried == sum(1 for study in samples for _ in leaves(study))


def test_each_sample_is_accounted_for_by_path() -> None:
    for study in sample_studies():
        one = parsed(study)
        assert isinstance(one, Parsed)
        total = Counter(name(path) for path in leaves(study))
        lost: Counter[str] = Counter()
        for label, count in one.not_carried.items():
            lost[label.split(" (")[0]] += count

        assert lost <= total
        assert one.carried + lost.total() == total.total()


def test_the_bytes_of_a_sample_are_the_file_without_what_stands_between_studies() -> None:
    sample_studies()
    for file in SAMPLES:
        document = file.read_bytes()
        raws = [one.raw for one in parse([document], file.name) if isinstance(one, Parsed)]
        between = document
        for raw in raws:
            before, found, between = between.partition(raw)
            assert found == raw
            assert before.strip(b" \n,[") == b""

        assert between.strip() == b"]"


def test_a_record_that_loses_many_values_of_a_path_is_one_record() -> None:
    losses = Losses()
    one = parsed(FULL)
    assert isinstance(one, Parsed)
    losses.add(replace(one, not_carried={"a[]": 3, "b": 1}))
    losses.add(replace(one, not_carried={"a[]": 2}))

    assert losses.table() == (Loss("a[]", 5, 2), Loss("b", 1, 1))
    rows = [(each.path, each.values, each.records) for each in losses.not_carried_by_path()]
    assert rows == [("a[]", 5, 2), ("b", 1, 1)]


def test_losses_are_told_by_path_with_how_many_values_and_studies() -> None:
    losses = Losses()
    one = parsed(FULL)
    assert isinstance(one, Parsed)
    losses.add(one)
    losses.add(one)
    path = "derivedSection.conditionBrowseModule.browseLeaves[].id"

    assert Loss(path, 4, 2) in losses.table()
    assert f"{'4':>9} {'2':>8}  {path}" in list(losses.lines())
    assert losses.to_json()["carried"] == 2 * one.carried
    assert losses.to_json()["not_carried"] == sum(loss["values"] for loss in losses.to_json()["losses"])


def test_a_field_of_tomorrow_is_counted_and_refuses_nothing() -> None:
    study = {**FULL, "newSection": {"a": [1, {"b": None}], "empty": {}, "none": []}}
    one = next(iter(parse([encode(study)], "file")))
    assert isinstance(one, Parsed)

    assert one.not_carried["newSection.a[]"] == 1
    assert one.not_carried["newSection.a[].b"] == 1
