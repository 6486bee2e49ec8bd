"""Files read in a process of their own: the same records in the same order, and an end that is told."""

import gzip
import json
import multiprocessing
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from adapters.catalogue import SOURCES
from adapters.reading import Parsed
from events.schemas.exchange import Refusal
from registry.exchange.inputs import Input
from registry.exchange.partners import records_of, study_of
from registry.exchange.reading import ReaderDied, reading
from registry.exchange.received import Study
from tests.support.ctgov import FULL


def study(number: int) -> dict[str, Any]:
    made = deepcopy(FULL)
    made["protocolSection"]["identificationModule"]["nctId"] = f"NCT9{number:07}"
    return made


async def test_what_is_read_in_another_process_is_what_parse_yields_here(tmp_path: Path) -> None:
    files = [tmp_path / "first.json", tmp_path / "second.json"]
    files[0].write_text(json.dumps([study(number) for number in range(40)]))
    files[1].write_text(json.dumps([study(40), {"protocolSection": {}}]))
    with reading("ctgov", [Input(file, file.name) for file in files]) as reader:
        read = [record async for record in reader.records()]
    source = SOURCES["ctgov"]
    here = [record for file in files for record in records_of(source, [file.read_bytes()], file.name)]

    assert read == [study_of(source, record) if isinstance(record, Parsed) else record for record in here]
    assert [type(record) for record in read] == [Study] * 41 + [Refusal]
    assert reader.report.losses.carried == sum(record.carried for record in here if isinstance(record, Parsed))


async def test_a_file_that_cannot_be_read_stops_the_import_with_its_reason(tmp_path: Path) -> None:
    with (
        reading("ctgov", [Input(tmp_path / "gone.json", "gone.json")]) as reader,
        pytest.raises(FileNotFoundError, match="gone"),
    ):
        [record async for record in reader.records()]


async def test_a_reader_that_is_killed_is_no_end_of_the_files(tmp_path: Path) -> None:
    file = tmp_path / "many.json"
    file.write_text(json.dumps([study(number) for number in range(200)]))
    with reading("ctgov", [Input(file, file.name)]) as reader:
        records = reader.records()
        await anext(records)
        for process in multiprocessing.active_children():
            process.kill()
        with pytest.raises(ReaderDied, match="whole"):
            [record async for record in records]


async def test_a_file_of_another_source_is_refused_with_the_name_of_its_reader(tmp_path: Path) -> None:
    xml, other = tmp_path / "who.xml", tmp_path / "other.xml"
    xml.write_text(
        "\ufeff <?xml version='1.0'?>\n<Trials_downloaded_from_ICTRP><Trial/></Trials_downloaded_from_ICTRP>"
    )
    other.write_text("<html/>")
    json_file = tmp_path / "study.json"
    json_file.write_text(json.dumps([study(1)]))

    assert await reasons("ctgov", xml) == ["a file of another source; run: registry import ictrp"]
    assert await reasons("ictrp", json_file) == ["a file of another source; run: registry import ctgov"]
    assert await reasons("ctgov", other) == ["neither a JSON object nor a list"]


async def reasons(source: str, file: Path) -> list[str]:
    with reading(source, [Input(file, file.name)]) as reader:
        return [one.reason async for one in reader.records() if isinstance(one, Refusal)]


async def test_documents_without_a_record_are_told_and_refused_ones_are_none_of_them(tmp_path: Path) -> None:
    contents = {"nothing": b"", "blank": b"\xef\xbb\xbf \n", "list": b"[]", "one": json.dumps(study(1)).encode()}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "none.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    with reading("ctgov", [Input(tmp_path / name, name) for name in [*contents, "none.zip"]]) as reader:
        records = [record async for record in reader.records()]

    assert [type(record) for record in records] == [Study]
    assert reader.report.empty == ["nothing", "blank", "list", "none.zip"]


async def test_what_was_unpacked_before_a_fault_is_taken_and_the_fault_is_told(tmp_path: Path) -> None:
    whole = gzip.compress(json.dumps([study(number) for number in range(200)]).encode(), 1)
    cut = tmp_path / "cut.json.gz"
    cut.write_bytes(whole[: len(whole) // 2])
    with reading("ctgov", [Input(cut, cut.name)]) as reader:
        records = [record async for record in reader.records()]

    assert len([record for record in records if isinstance(record, Study)]) > 0
    assert "it can't be unpacked" in records[-1].reason
