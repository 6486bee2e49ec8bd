"""`registry import` at the console: its input, its line for each record, and its exit code."""

import gzip
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson

from registry.settings import Settings
from tests.support.ctgov import FULL
from tests.support.servers import console


def study(number: int) -> dict[str, Any]:
    made = deepcopy(FULL)
    made["protocolSection"]["identificationModule"]["nctId"] = f"NCT9{number:07}"
    return made


async def test_a_folder_is_imported_and_each_record_is_told_by_its_trial(settings: Settings, tmp_path: Path) -> None:
    folder, report = tmp_path / "given", tmp_path / "report.ndjson"
    folder.mkdir()
    (folder / "1.json.gz").write_bytes(gzip.compress(json.dumps([study(1), study(2)]).encode()))
    (folder / "2.json").write_text(json.dumps({"protocolSection": {}}))
    (folder / "3.json").write_bytes(b"")
    arguments = ("import", "ctgov", str(folder), "--report", str(report), "--json")
    summary = orjson.loads(await console(settings, *arguments, expect=3))
    lines = [orjson.loads(line) for line in report.read_bytes().splitlines()]
    again = orjson.loads(await console(settings, "import", "ctgov", str(folder / "1.json.gz"), "--json"))

    assert (summary["given"], summary["new"], summary["refused"], summary["empty"]) == (3, 2, 1, ["3.json"])
    assert sorted((line["number"], line["fate"]) for line in lines if line["trial"]) == [
        ("NCT90000001", "new"),
        ("NCT90000002", "new"),
    ]
    assert [(line["place"], line["fate"], line["reason"]) for line in lines if not line["trial"]] == [
        ("2.json, study 1", "refused", "no number: protocolSection.identificationModule.nctId")
    ]
    assert (again["given"], again["unchanged"], again["empty"]) == (2, 2, [])


async def test_a_file_without_a_record_is_a_warning_and_no_file_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty.xml").write_bytes(b"")
    printed = await console(settings, "import", "ictrp", str(tmp_path / "empty.xml"), expect=3)
    refused = await console(settings, "import", "ictrp", str(tmp_path / "*.json"), expect=2, errors=True)

    assert "warning: empty.xml has no raw document" in printed.decode()
    assert refused == f"registry: {tmp_path}/*.json: no such file\n".encode()
