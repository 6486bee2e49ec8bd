"""A list of ClinicalTrials.gov studies of any length at real size: the samples again and again, under new numbers."""

from collections.abc import Iterator
from functools import cache
from itertools import count, cycle, islice
from pathlib import Path

from adapters.ctgov.spans import STUDIES
from adapters.scanning.json_spans import Found, records
from tests.support.ctgov import SAMPLES


@cache
def samples() -> tuple[Found, ...]:
    """Every study of the samples, with its original bytes."""
    return tuple(one for file in SAMPLES for one in records([file.read_bytes()], STUDIES) if isinstance(one, Found))


def numbered() -> Iterator[bytes]:
    """Studies without end, each under a number of its own, beyond those that ClinicalTrials.gov has given."""
    for number, study in zip(count(90_000_000), cycle(samples()), strict=False):
        number_there = study.value["protocolSection"]["identificationModule"]["nctId"]
        yield study.raw.replace(number_there.encode(), f"NCT{number}".encode())


def write_list(path: Path, length: int) -> None:
    """Writes a JSON list of so many studies."""
    with path.open("wb") as file:
        for number, study in enumerate(islice(numbered(), length)):
            file.write(b",\n" if number else b"[")
            file.write(study)
        file.write(b"]")
