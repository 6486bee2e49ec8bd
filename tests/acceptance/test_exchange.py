"""Real studies in, the WHO upload out: the sums add up, nothing twice, every trial valid. Reads ../shared."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from lxml import etree

from registry.settings import Settings
from tests.support.servers import console

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "formats"
FILES = sorted((SHARED / "samples" / "ctgov_v2").glob("*.json"))
STUDIES = 278

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared, with the real samples, is not here")


async def run_json(settings: Settings, *arguments: str) -> Any:
    return orjson.loads(await console(settings, *arguments, "--json"))


async def test_real_studies_come_in_once_and_go_out_valid(settings: Settings, tmp_path: Path) -> None:
    names = [str(file) for file in FILES]
    first = await run_json(settings, "import", "ctgov", *names, "--adopt")
    second = await run_json(settings, "import", "ctgov", *names, "--adopt")

    assert first["given"] == STUDIES
    assert first["new"] + first["changed"] + first["unchanged"] + first["refused"] == STUDIES
    assert first["events"] == first["new"] + first["changed"] + first["adopted"]
    assert (second["unchanged"], second["refused"], second["events"]) == (
        STUDIES - first["refused"],
        first["refused"],
        0,
    )
    assert first["adopted"] == first["new"]
    assert sum(loss["values"] for loss in first["values"]["losses"]) == first["values"]["not_carried"]

    report = await run_json(settings, "export", "ictrp", "--out", str(tmp_path / "upload.xml"))
    upload = etree.parse(tmp_path / "upload.xml")
    dtd = etree.DTD(str(SHARED / "schemas" / "ictrp" / "who_ictrp.dtd"))

    assert dtd.validate(upload), dtd.error_log
    assert report["written"] == len(upload.findall("trial")) == first["new"]
    assert report["not_written"] == []
    check_content(upload, report)


def check_content(upload: Any, report: dict[str, Any]) -> None:
    """What the DTD can't say: WHO's own words and dates, and every date sent fuller than it was known is reported."""
    dates = {"date_registration", "date_enrolment"}
    for trial in upload.iterfind("trial/main"):
        fields = {child.tag: child.text or "" for child in trial}
        assert fields["study_type"] in {"interventional", "observational"}
        assert fields["recruitment_status"] in {"Pending", "Recruiting", "Suspended", "Complete", "Other"}
        for name in dates:
            assert re.fullmatch(r"(\d\d/\d\d/\d{4})?", fields[name])
        assert fields["date_registration"]
    assert all(gap["trial"] and gap["item"] and gap["what"] for gap in report["gaps"])
    fuller = [gap["trial"] for gap in report["gaps"] if "sent as its first day" in gap["what"]]
    assert len(set(fuller)) == len(fuller) == sum(len(day) < len("2026-11-22") for day in start_dates())


def start_dates() -> list[str]:
    """The start dates of the samples, as ClinicalTrials.gov states them: many are months."""
    studies = [study for file in FILES for study in orjson.loads(file.read_bytes())]
    return [study["protocolSection"]["statusModule"]["startDateStruct"]["date"] for study in studies]


async def test_a_partners_trial_is_found_but_not_exported_as_ours(settings: Settings, tmp_path: Path) -> None:
    imported = await run_json(settings, "import", "ctgov", str(FILES[1]))
    report = await run_json(settings, "export", "ictrp", "--out", str(tmp_path / "upload.xml"))

    assert imported["adopted"] == 0
    assert (report["written"], report["elsewhere"]) == (0, imported["new"])
