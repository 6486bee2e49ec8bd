"""All real samples in, the WHO upload out, and that upload into an empty registry and its own. Reads ../shared."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
from lxml import etree

from registry.settings import Settings
from tests.support.ctgov import SAMPLES, SHARED
from tests.support.exchange import REAL_FILES, log_of, of_trials, ours, run_json
from tests.support.ictrp import EXPORT, dtd
from tests.support.node import settings_for
from tests.support.postgres import fresh_database

ALL = 635
WHO_STATUSES = {"Pending", "Recruiting", "Suspended", "Complete", "Other"}
FULL_DATE = re.compile(r"\d\d/\d\d/\d{4}")

pytestmark = [
    pytest.mark.skipif(not SHARED.is_dir(), reason="../shared, with the real samples, is not here"),
    pytest.mark.asyncio(loop_scope="module"),
]


@dataclass(frozen=True)
class Adopted:
    """A registry that adopted all samples, and then was given them again."""

    settings: Settings
    first: dict[str, Any]
    second: dict[str, Any]
    logs: tuple[Counter[str], Counter[str]]
    status: dict[str, Any]
    upload: Path
    report: dict[str, Any]
    documents: dict[str, dict[str, Any]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def adopted(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Adopted]:
    upload = tmp_path_factory.mktemp("exchange") / "upload.xml"
    with fresh_database(postgres_url) as url:
        settings = public(url)
        first = await adopt_all(settings)
        before = await log_of(settings)
        second = await adopt_all(settings)
        after, status = await log_of(settings), await run_json(settings, "status")
        report = await run_json(settings, "export", "ictrp", "--out", upload)
        yield Adopted(settings, first, second, (before, after), status, upload, report, await ours(settings))


async def adopt_all(settings: Settings) -> dict[str, Any]:
    """The summaries of the imports, one for each source."""
    return {
        name: await run_json(settings, "import", source, *files, "--adopt")
        for name, (source, files, _) in REAL_FILES.items()
    }


async def test_every_real_record_is_taken_and_adopted(adopted: Adopted) -> None:
    for name, (_, _, count) in REAL_FILES.items():
        summary = adopted.first[name]

        assert summary["given"] == count
        assert (summary["new"], summary["changed"], summary["unchanged"], summary["adopted"]) == (count, 0, 0, count)
        assert (summary["refused"], summary["refusals"]) == (0, [])
        assert summary["events"] == 2 * count
    assert of_trials(adopted.logs[0]) == {"trial.imported.v1": ALL, "trial.adopted.v1": ALL}


async def test_the_same_files_again_add_their_receipts_and_no_event_of_a_trial(adopted: Adopted) -> None:
    for name, (_, _, count) in REAL_FILES.items():
        summary = adopted.second[name]

        assert (summary["given"], summary["unchanged"], summary["events"]) == (count, count, 0)
        assert summary["values"] == adopted.first[name]["values"]
    before, after = adopted.logs
    assert of_trials(after) == of_trials(before)
    assert after - before == {"import.finished.v1": len(REAL_FILES)}


async def test_the_status_shows_receipts_that_agree_with_what_each_import_told(adopted: Adopted) -> None:
    receipts = {receipt["import"]: receipt for receipt in adopted.status["imports"]}
    for name, (source, files, _) in REAL_FILES.items():
        summary = adopted.second[name]
        receipt, values = receipts[summary["import"]], summary["values"]
        counts = ("given", "new", "changed", "unchanged", "refused", "adopted", "restored", "events")

        assert (receipt["source"], receipt["files"]) == (source, [file.name for file in files])
        assert {count: receipt[count] for count in counts} == {count: summary[count] for count in counts}
        assert receipt["carried"] == values["carried"] > 0
        assert sum(path["values"] for path in receipt["not_carried"]) == values["not_carried"] > 0
        assert [(path["path"], path["values"], path["records"]) for path in receipt["not_carried"]] == [
            (loss["path"], loss["values"], loss["studies"]) for loss in values["losses"]
        ]


async def test_all_that_was_adopted_goes_out_valid_and_in_whos_words(adopted: Adopted) -> None:
    upload = etree.parse(adopted.upload)

    assert dtd().validate(upload), dtd().error_log
    assert (adopted.report["written"], adopted.report["elsewhere"], adopted.report["not_written"]) == (ALL, 0, [])
    assert [main.findtext("trial_id") for main in upload.iterfind("trial/main")] == sorted(adopted.documents)
    for main in upload.iterfind("trial/main"):
        fields = {child.tag: child.text or "" for child in main}
        assert fields["study_type"] in {"interventional", "observational"}
        assert fields["recruitment_status"] in WHO_STATUSES
        assert FULL_DATE.fullmatch(fields["date_registration"])
        assert not fields["date_enrolment"] or FULL_DATE.fullmatch(fields["date_enrolment"])
        assert all(fields[name] for name in ("reg_name", "public_title", "url"))
    statuses = {main.findtext("recruitment_status") for main in upload.iterfind("trial/main")}
    assert statuses == WHO_STATUSES, "the samples hold all five"


async def test_every_date_sent_fuller_than_it_was_known_is_reported_and_no_other(adopted: Adopted) -> None:
    gaps = adopted.report["gaps"]
    fuller = [(gap["trial"], gap["item"]) for gap in gaps if "sent as its first day" in gap["what"]]
    partial = set(partial_starts())

    assert all(gap["trial"] and gap["item"] and gap["what"] for gap in gaps)
    assert {adopted.documents[trial]["adopted_from"]["number"] for trial, _ in fuller} == partial
    assert Counter(item for _, item in fuller) == {"16 date_enrolment": len(partial)}


def partial_starts() -> Iterator[str]:
    """The numbers of the samples whose first enrolment is stated without a day; ReBEC's upload has none."""
    for file in SAMPLES:
        for study in orjson.loads(file.read_bytes()):
            module = study["protocolSection"]
            if len(module["statusModule"]["startDateStruct"]["date"]) < len("2026-11-22"):
                yield module["identificationModule"]["nctId"]
    for trial in etree.parse(EXPORT).iterfind("Trial"):
        if re.fullmatch(r"[A-Z][a-z]+ \d{4}", trial.findtext("Date_enrollement") or ""):
            yield trial.findtext("TrialID") or ""


async def test_an_empty_registry_restores_the_upload_as_its_own_and_sends_the_same_bytes(
    adopted: Adopted, postgres_url: str, tmp_path: Path
) -> None:
    with fresh_database(postgres_url) as url:
        settings = public(url)
        summary = await run_json(settings, "import", "ictrp", adopted.upload, "--adopt")
        documents = await ours(settings)
        report = await run_json(settings, "export", "ictrp", "--out", tmp_path / "again.xml")
        log = of_trials(await log_of(settings))

    assert (summary["new"], summary["restored"], summary["adopted"], summary["refused"]) == (ALL, ALL, 0, 0)
    assert log == {"trial.imported.v1": ALL, "trial.restored.v1": ALL}
    assert registrations(documents) == registrations(adopted.documents)
    assert not [number for number, one in documents.items() if "home" in one or "adopted_from" in one]
    assert (report["written"], report["elsewhere"], report["not_written"]) == (ALL, 0, [])
    assert (tmp_path / "again.xml").read_bytes() == adopted.upload.read_bytes()


def public(url: str) -> Settings:
    """Settings of a registry on a database, at an address that an export may lead to."""
    return settings_for(url).model_copy(update={"public_url": "https://registry.example"})


def registrations(documents: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The date of registration of each number."""
    return {number: document["registered"] for number, document in documents.items()}


async def test_the_upload_read_into_the_registry_it_came_from_changes_nothing(adopted: Adopted) -> None:
    before = await log_of(adopted.settings)
    summary = await run_json(adopted.settings, "import", "ictrp", adopted.upload, "--adopt")
    after = await log_of(adopted.settings)

    assert (summary["given"], summary["unchanged"], summary["events"], summary["restored"]) == (ALL, ALL, 0, 0)
    assert after - before == {"import.finished.v1": 1}
    assert await ours(adopted.settings) == adopted.documents


async def test_a_partners_trial_is_found_but_not_exported_as_ours(postgres_url: str, tmp_path: Path) -> None:
    file = tmp_path / "studies.json"
    file.write_bytes(orjson.dumps(orjson.loads(SAMPLES[1].read_bytes())[:2]))
    with fresh_database(postgres_url) as url:
        settings = public(url)
        imported = await run_json(settings, "import", "ctgov", file)
        report = await run_json(settings, "export", "ictrp", "--out", tmp_path / "upload.xml")
        documents = await ours(settings)

    assert (imported["new"], imported["adopted"]) == (2, 0)
    assert (report["written"], report["elsewhere"], documents) == (0, 2, {})
    assert not (tmp_path / "upload.xml").exists()
