"""Records that met us in real use, each with its right outcome: what the registry says of the trial after the import.

The inputs are in `../shared/review/cases`. A row names the files in the order in which they come, who sends them, the
trial, and what a reader then finds: a path in the trial's document as the API gives it, and what has to stand there.
Paths lead into lists by position; `...` stands for what is not there.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import pytest

from adapters.catalogue import SOURCES
from events.schemas.exchange import Refusal
from registry.api.joining import with_answers
from registry.exchange.intake import Intake
from registry.exchange.partners import records_of
from registry.exchange.received import Study
from registry.node import Node
from tests.registry.test_intake import each
from tests.support.ctgov import SHARED
from tests.support.waiting import PATIENCE

CASES: Final = SHARED.parent / "review" / "cases"
OF_LATER_WORK: Final = ("kafka-", "07b-", "12-")
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="../shared, with the cases, is not here")


@dataclass(frozen=True, slots=True)
class Case:
    """Files from one partner, and what is right after them."""

    files: tuple[str, ...]
    partner: str
    number: str
    right: Mapping[str, Any]
    receipt: Mapping[str, int] = field(default_factory=lambda: {"new": 1})
    """What became of the records of all files together."""
    not_carried: tuple[str, ...] = ()
    """Values that are counted as not carried."""
    before: Mapping[str, Any] | None = None
    """A study of ClinicalTrials.gov that is here before, and counted in the receipt."""
    then: Mapping[str, Any] | None = None
    """One that comes after."""


RENUMBERED: Final = {
    "protocolSection": {
        "identificationModule": {
            "nctId": "NCT02300909",
            "nctIdAliases": ["NCT02380456"],
            "briefTitle": "The trial that the number leads to",
        },
        "statusModule": {"overallStatus": "COMPLETED"},
    }
}
"""ClinicalTrials.gov's own statement of which number leads where now."""

TABLE: Final = (
    Case(
        ("03b-withdrawn-minimal.json",),
        "ctgov",
        "NCT80030008",
        {
            "status/authorisation": "withdrawn",
            "status/recruitment": "closed",
            "joining": {"possible": False, "recruitment": "closed", "why_not": "withdrawn"},
        },
        {"new": 2},
    ),
    Case(
        ("04e-markdown-minimal.json",),
        "ctgov",
        "NCT80040056",
        {
            "registration/eligibility/inclusion/en": "* BMI >= 30 and HbA1c < 7.0%",
            "registration/eligibility/exclusion/en": "* platelets <100 x 10^9/L [within 7 days]",
        },
    ),
    Case(
        ("06b-contact-withdrawn-v1.json", "06b-contact-withdrawn-v2.json"),
        "ctgov",
        "NCT80060021",
        {
            "sites/s1/contacts": [],
            "sites/s1/recruitment": "unknown",
            "sites/s1/left": ...,
            "sites/s2/name/en": "Clinic C",
            "sites/s2/left": True,
            "sites/s2/recruitment": "closed",
        },
        {"new": 1, "changed": 1},
    ),
    Case(
        ("19-wrong-link.xml",),
        "ictrp",
        "NCT80190014",
        {"home/number": "NCT80190014", "home/url": ...},
        {"new": 2},
        ("web_address (leads to another trial)", "web_address (no address of the web)"),
    ),
    Case(("19-wrong-link.xml",), "ictrp", "NCT80190022", {"home/url": ...}, {"new": 2}),
    Case(
        ("23-shared-mailbox.json", "23b-after-forgetting.json"),
        "ctgov",
        "NCT80230012",
        {
            "registration/contacts/0/person/name/en": "Alpha Person",
            "registration/contacts/1/person/name/en": "Beta Person",
        },
        {"new": 3},
    ),
    Case(
        ("09b-euctr-status-by-alphabet.xml",),
        "ictrp",
        "EUCTR2015-001234-17",
        {
            "registration/countries": ["AT", "DE"],
            "status/recruitment": "recruiting",
            "regions/AT/recruitment": "closed",
            "regions/DE/recruitment": "recruiting",
            "regions/AT/joining/recruitment": "closed",
            "regions/DE/joining/recruitment": "recruiting",
            "joining/recruitment": "recruiting",
        },
        {"new": 1, "changed": 1},
    ),
    Case(
        ("ictrp-alias.xml",),
        "ictrp",
        "NCT02380456",
        {"home/number": "NCT02300909", "registration/public_title/en": "The trial that the number leads to"},
        {"new": 1, "changed": 1},
        before=RENUMBERED,
    ),
    Case(
        ("ictrp-alias.xml",),
        "ictrp",
        "NCT02380456",
        {"home/number": "NCT02300909", "same_as": ...},
        {"new": 2},
        then=RENUMBERED,
    ),
    Case(
        ("ictrp-chictr-phase.xml",),
        "ictrp",
        "ChiCTR2000099901",
        {"registration/phase": "3"},
    ),
    Case(
        ("ictrp-older-1-newer.xml", "ictrp-older-2-older.xml"),
        "ictrp",
        "ChiCTR2600099903",
        {"status/recruitment": "closed"},
        {"new": 1, "older": 1},
    ),
    Case(
        ("ictrp-older-2-older.xml", "ictrp-older-1-newer.xml", "ictrp-older-2-older.xml"),
        "ictrp",
        "ChiCTR2600099903",
        {"status/recruitment": "closed"},
        {"new": 1, "changed": 1, "older": 1},
    ),
    Case(
        ("same-trial-twice.json", "same-trial-twice.json"),
        "ctgov",
        "NCT90000021",
        {"status/recruitment": "completed"},
        {"new": 1, "unchanged": 1, "older": 2},
    ),
    Case(
        ("mesh-padded-2024.json",),
        "ctgov",
        "NCT90000027",
        {"registration/conditions/0/codes/0/code": "D001249"},
    ),
    Case(
        ("new-vocabulary-word.json",),
        "ctgov",
        "NCT90000029",
        {"registration/interventions/0/name/en": "App", "registration/interventions/0/kind": ...},
        not_carried=("protocolSection.armsInterventionsModule.interventions[].type (a word unknown here: SOFTWARE)",),
    ),
    Case(
        ("post-date-estimated.json",),
        "ctgov",
        "NCT90000028",
        {
            "registration/ctgov/dates/first_posted": {"date": "2008-08-01"},
            "registration/ctgov/dates/last_update_posted": {"date": "2024-02-05", "kind": "actual"},
        },
    ),
    Case(
        ("unknown-status-site-recruiting.json",),
        "ctgov",
        "NCT90000023",
        {
            "status/recruitment": "unknown",
            "sites/s1/recruitment": "recruiting",
            "joining": {
                "possible": False,
                "recruitment": "unknown",
                "why_not": "not_confirmed",
                "since": "2019-03",
            },
            "sites/s1/joining/why_not": "not_confirmed",
        },
    ),
    Case(
        ("untyped-enrollment.json",),
        "ctgov",
        "NCT90000025",
        {
            "registration/unspecified_size": 534,
            "registration/planned_size": ...,
            "registration/actual_size": ...,
        },
    ),
    Case(
        ("utrn-none.xml",),
        "ictrp",
        "RBR-5kz-yp8",
        {"registration/identifiers": ..., "registration/phase": "not_applicable"},
        not_carried=("main.utrn (says that there is no number)",),
    ),
)


def test_every_case_has_a_row() -> None:
    files = {path.name for path in CASES.iterdir() if not path.name.startswith(OF_LATER_WORK)}
    rows = {file for case in TABLE for file in case.files}

    assert files - rows == set()


def found_at(document: Any, path: str) -> Any:
    """What stands at the path; `...` where there is nothing."""
    for step in path.split("/"):
        if isinstance(document, list) and int(step) < len(document):
            document = document[int(step)]
        elif isinstance(document, dict) and step in document:
            document = document[step]
        else:
            return ...
    return document


def of_ctgov(study: Mapping[str, Any]) -> AsyncIterator[Study | Refusal]:
    """The study as an import takes it."""
    return each(records_of(SOURCES["ctgov"], [orjson.dumps(study)], "study"))


@pytest.mark.parametrize(
    "case", TABLE, ids=lambda case: " ".join((*case.files, case.number, *(["first"] if case.then else [])))
)
async def test_a_record_of_real_use_comes_out_right(node: Node, case: Case) -> None:
    intake, not_carried = Intake(node, adopt=False, owner="registry", import_id=node.new_id()), set[str]()
    if case.before is not None:
        await intake.take_all(of_ctgov(case.before), lambda _: None)
    for file in case.files:
        records = list(records_of(SOURCES[case.partner], [(CASES / file).read_bytes()], file))
        not_carried |= {path for record in records for path in getattr(record, "not_carried", ())}
        await intake.take_all(each(records), lambda _: None)
    if case.then is not None:
        await intake.take_all(of_ctgov(case.then), lambda _: None)
    await node.until_visible(PATIENCE)
    trial = await node.views.trial_by_identifier(case.number)
    assert trial is not None
    document = await node.views.document(trial)
    assert document is not None
    answered = with_answers(document, document["sites"].values(), await node.views.day())
    opened = await node.open_all(answered, f"trial/{trial}")

    assert {path: found_at(opened, path) for path in case.right} == dict(case.right)
    assert {fate.value: count for fate, count in intake.summary.fates.items() if count} == dict(case.receipt)
    assert not_carried >= {*case.not_carried}
