"""Answers are compressed for clients that accept it, where that reveals nobody's secrets."""

import gzip
from http import HTTPStatus

import pytest

from events.schemas.access import Role
from registry.api.zipping import SMALLEST, takes_gzip
from tests.api.conftest import Api

PACKED = {"Accept_Encoding": "gzip"}
AS_IT_IS = {"Accept_Encoding": "identity"}


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        ("gzip", True), ("br, GZIP;q=0.5", True), ("*", True), ("*;q=0.1, br", True), ("deflate, gzip; q=1.0", True),
        ("", False), ("br", False), ("gzip;q=0", False), ("gzip;q=0.000, *", False), ("identity", False),
        ("*;q=0", False), ("x-gzip2", False),
    ],
)  # fmt: skip
def test_who_takes_gzip_says_so(header: str, takes: bool) -> None:
    assert takes_gzip(header) is takes


async def test_a_long_answer_is_smaller_and_the_same(api: Api) -> None:
    api.session._auto_decompress = False
    trial = await api.published()
    await api.settled()
    for path in ("/openapi.json", "/docs", "/", f"/trials/{trial}", f"/v1/trials/{trial}", "/v1/trials", "/v1/nothing"):
        plain, packed = await api.get(path, **AS_IT_IS), await api.get(path, **PACKED)
        headed = await api.ask("HEAD", path, headers=PACKED)

        assert "Content-Encoding" not in plain.headers
        if len(plain.raw) < SMALLEST:
            assert (plain.headers.get("Vary"), len(packed.raw)) == (None, len(plain.raw))
            continue
        assert packed.headers["Content-Encoding"] == headed.headers["Content-Encoding"] == "gzip"
        assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(packed.raw) == plain.raw
        assert int(headed.headers["Content-Length"]) == len(packed.raw) < len(plain.raw) * 0.6


async def test_a_compressed_record_has_a_tag_of_its_own_that_all_preconditions_know(api: Api) -> None:
    trial = await api.published()
    await api.settled()
    at = f"/v1/trials/{trial}"
    plain, packed = (await api.get(at, **AS_IT_IS)).headers["ETag"], (await api.get(at, **PACKED)).headers["ETag"]
    assert (plain, packed) == ('"2"', '"2-gzip"')

    for tag in (plain, packed):
        again = await api.get(at, If_None_Match=tag, **PACKED)
        assert (again.status, again.raw) == (HTTPStatus.NOT_MODIFIED, b"")
    amended = {"reason": "Longer", "registration": {"planned_size": 7}}
    assert (await api.post(f"{at}/amend", amended, If_Match='"1-gzip"')).kind == "version-conflict"
    assert (await api.post(f"{at}/amend", amended, If_Match=packed)).status == HTTPStatus.CREATED


async def test_what_is_for_one_reader_alone_is_sent_as_it_is(api: Api) -> None:
    trial = await api.published()
    await api.with_site(trial)
    await api.settled()
    form = await api.get(f"/report?trial={trial}&site=kyoto", **PACKED)
    receipt = await api.post(f"/v1/trials/{trial}/amend", {"reason": "x"}, role=Role.SPONSOR, **PACKED)

    assert (form.status, len(form.raw) > SMALLEST) == (200, True)
    assert "Content-Encoding" not in form.headers
    assert "Content-Encoding" not in receipt.headers
