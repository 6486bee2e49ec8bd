"""The export: the trials that are sent, the report on them, and a file that is whole or visibly incomplete."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from lxml import etree

from adapters.ctgov.parse import parse
from adapters.exporting import ExportReport, Gap, Outgoing
from adapters.ictrp.checks import faults
from adapters.ictrp.exporting import export
from adapters.ictrp.writing import Upload
from adapters.reading import Parsed
from events.schemas.parties import Person
from events.schemas.values import Sealed, Text
from tests.support.ctgov import SAMPLES, sample_studies
from tests.support.ictrp import SENDER, adopted, document, dtd, rendered

SENT = {"public_title": {"en": "A trial"}, "study_type": "interventional"}


async def nobody(trial: str, sealed: Sequence[Sealed]) -> list[Person | None]:
    return [None for _ in sealed]


async def exported(
    documents: list[dict[str, Any]], open_persons: Any = nobody, progress: list[int] | None = None
) -> tuple[bytes, ExportReport]:
    async def all_documents() -> AsyncIterator[dict[str, Any]]:
        for one in documents:
            yield one

    out = BytesIO()
    report = await export(
        Outgoing(SENDER, all_documents(), open_persons), out, (progress if progress is not None else []).append
    )
    return out.getvalue(), report


def numbers(file: bytes) -> list[str]:
    return [element.text or "" for element in etree.fromstring(file).iterfind("trial/main/trial_id")]


async def test_only_trials_with_our_number_are_sent() -> None:
    draft = {name: value for name, value in document(SENT).items() if name not in ("number", "registered")}
    partners = document(SENT, number="X", home={"registry": "Other", "number": "X"})
    file, report = await exported([draft, partners, document(SENT)])

    assert numbers(file) == ["JP-1"]
    assert (report.written, report.unnumbered, report.elsewhere, report.not_written) == (1, 1, 1, ())


async def test_a_trial_that_breaks_a_rule_is_told_and_not_written() -> None:
    file, report = await exported([document({}, number="JP-0"), document(SENT)])

    assert numbers(file) == ["JP-1"]
    assert [(one.trial, one.faults) for one in report.not_written] == [("JP-0", ("main/public_title is empty",))]
    assert {gap.trial for gap in report.gaps} == {"JP-1"}


async def test_without_a_trial_nothing_is_written() -> None:
    file, report = await exported([document({})])

    assert file == b""
    assert report.written == 0


async def test_persons_are_opened_for_the_contacts_that_are_sent() -> None:
    requests = []

    async def open_persons(trial: str, sealed: Sequence[Sealed]) -> list[Person | None]:
        requests.append((trial, [one.person for one in sealed]))
        return [Person(family="Hopper"), None]

    contacts = [
        {"role": role, "person": {"person": f"p-{role}", "sealed": "1." + letter * 40}}
        for role, letter in (("public", "A"), ("site", "B"), ("scientific", "C"))
    ]
    file, report = await exported([document({**SENT, "contacts": [*contacts, {"role": "public"}]})], open_persons)

    assert requests == [("0190-example", ["p-public", "p-scientific"])]
    assert etree.fromstring(file).findtext("trial/contacts/contact/lastname") == "Hopper"
    assert Gap("JP-1", "8 Scientific", "the person's data is erased or closed") in report.gaps


SPONSORING = ("primary_sponsor", "secondary_sponsors", "funders")


async def test_persons_who_sponsor_or_fund_are_opened_and_named_until_they_are_erased() -> None:
    named = {name: Person(name=Text(en=f"Grace {name}")) for name in SPONSORING}
    persons = {name: {"person": {"person": name, "sealed": "1." + "A" * 40 + name}} for name in SPONSORING}
    registration = {name: one if name == "primary_sponsor" else [one] for name, one in persons.items()}

    async def open_persons(trial: str, sealed: Sequence[Sealed]) -> list[Person | None]:
        return [named[one.person or ""] for one in sealed]

    organisations = {name: {"name": {"en": f"Grace {name}"}} for name in SPONSORING}
    clear = {name: one if name == "primary_sponsor" else [one] for name, one in organisations.items()}
    file, _ = await exported([document({**SENT, **registration})], open_persons)
    erased, report = await exported([document({**SENT, **registration})])

    assert file == (await exported([document({**SENT, **clear})]))[0]
    assert b"Grace" not in erased
    assert [gap.item for gap in report.gaps if gap.what == "the person's data is erased or closed"] == [
        "5 primary_sponsor",
        "6 sponsor_name",
        "4 source_name",
    ]


async def test_progress_is_told_for_every_document() -> None:
    progress: list[int] = []
    await exported([document(SENT), document({}), document(SENT)], progress=progress)

    assert progress == [1, 2, 3]


async def test_the_report_is_json() -> None:
    _, report = await exported([document({}), document({**SENT, "actual_size": 7})])
    report_read = json.loads(json.dumps(report.to_json()))

    assert report_read["written"] == 1
    assert report_read["no_element"] == {"actual_size": 1}
    assert {"trial": "JP-1", "item": "4 source_name", "what": "not known; sent empty"} in report_read["gaps"]
    assert report_read["not_written"][0]["faults"] == ["main/public_title is empty"]


def test_a_file_that_was_left_by_an_error_is_not_well_formed() -> None:
    out = BytesIO()
    with suppress(RuntimeError), Upload(out) as upload:
        upload.add(rendered(SENT).element)
        raise RuntimeError
    del upload

    assert b"<trial>" in out.getvalue()
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(out.getvalue())


async def test_the_samples_adopted_are_all_sent_valid_and_within_the_rules() -> None:
    schema, count = dtd(), len(sample_studies())
    parsed = [one for file in SAMPLES for one in parse([file.read_bytes()], file.name) if isinstance(one, Parsed)]
    file, report = await exported([adopted(one, f"JP-{index}") for index, one in enumerate(parsed)])
    root = etree.fromstring(file)

    assert (report.written, report.not_written) == (count, ())
    assert schema.validate(root), schema.error_log
    assert [fault for trial in root for fault in faults(trial)] == []
    partial = {f"JP-{index}" for index, one in enumerate(parsed) if _is_partial(one)}
    assert partial
    assert {gap.trial for gap in report.gaps if "sent as its first day" in gap.what} == partial


def _is_partial(one: Parsed) -> bool:
    stated = one.registration.first_enrolment
    return stated is not None and len(stated.date) < 10
