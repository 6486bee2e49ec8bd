"""Identifiers of MeSH with and without zeros in front are one term's, written as its library does."""

import pytest

from events.identifiers.mesh import mesh_id


@pytest.mark.parametrize(
    ("padded", "written"),
    [
        ("D000001249", "D001249"),
        ("D001249", "D001249"),
        ("D000066329", "D066329"),
        ("D000066448", "D000066448"),
        ("D066448", "D000066448"),
        ("D000072471", "D000072471"),
        ("C000053518", "C053518"),
        ("C000613593", "C000613593"),
    ],
)
def test_an_identifier_is_written_as_its_library_writes_it(padded: str, written: str) -> None:
    assert mesh_id(padded) == written
    assert mesh_id(written) == written


@pytest.mark.parametrize("code", ["D000066400", "D066400", "Q000000941", "D00124", "D0000012490", "C34.1", "", "d1"])
def test_what_is_none_or_not_known_stays_as_it_is(code: str) -> None:
    assert mesh_id(code) == code
