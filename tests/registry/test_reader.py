"""Files read in a process of their own: the same records in the same order, and an end that is told."""

import json
import multiprocessing
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from adapters.reading import Parsed
from events.schemas.exchange import Refusal
from registry.partners import SOURCES
from registry.reader import ReaderDied, reading
from registry.received import Study
from tests.support.ctgov import FULL


def study(number: int) -> dict[str, Any]:
    made = deepcopy(FULL)
    made["protocolSection"]["identificationModule"]["nctId"] = f"NCT9{number:07}"
    return made


async def test_what_is_read_in_another_process_is_what_parse_yields_here(tmp_path: Path) -> None:
    files = [tmp_path / "first.json", tmp_path / "second.json"]
    files[0].write_text(json.dumps([study(number) for number in range(40)]))
    files[1].write_text(json.dumps([study(40), {"protocolSection": {}}]))
    with reading("ctgov", files) as reader:
        read = [record async for record in reader.records()]
    source = SOURCES["ctgov"]
    here = [record for file in files for record in source.records([file.read_bytes()], file.name)]

    assert read == [source.ready(record) if isinstance(record, Parsed) else record for record in here]
    assert [type(record) for record in read] == [Study] * 41 + [Refusal]
    assert reader.losses.carried == sum(record.carried for record in here if isinstance(record, Parsed))


async def test_a_file_that_cannot_be_read_stops_the_import_with_its_reason(tmp_path: Path) -> None:
    with reading("ctgov", [tmp_path / "gone.json"]) as reader, pytest.raises(FileNotFoundError, match="gone"):
        [record async for record in reader.records()]


async def test_a_reader_that_is_killed_is_no_end_of_the_files(tmp_path: Path) -> None:
    file = tmp_path / "many.json"
    file.write_text(json.dumps([study(number) for number in range(200)]))
    with reading("ctgov", [file]) as reader:
        records = reader.records()
        await anext(records)
        for process in multiprocessing.active_children():
            process.kill()
        with pytest.raises(ReaderDied, match="whole"):
            [record async for record in records]
