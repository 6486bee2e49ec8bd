"""A partner's record with a character that no text of ours may have is not lost: it is cleaned by rule, and counted."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.ctgov.parse import parse as parse_ctgov
from adapters.ictrp.parse import parse as parse_ictrp
from adapters.losses import Losses
from adapters.reading import Parsed, Refused
from tests.support.ctgov import full
from tests.support.ids import code_points

STRAY = ["\x07", "\x1b", "\x85", "\x9b", "\u202e", "\u2066", "\u2069", "\x00"]


def _texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(inner, (*path, key))


def _with(value: Any, path: tuple[str | int, ...], put: str) -> Any:
    """The value with `put` within each text of the path, or of all paths if it is empty."""
    if isinstance(value, str):
        return value[:1] + put + value[1:]
    step, *rest = path
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[step] = _with(copied[step], tuple(rest), put)
    return copied


@pytest.mark.parametrize("stray", STRAY, ids=code_points)
def test_a_study_with_a_stray_character_anywhere_is_taken_without_it(stray: str) -> None:
    clean = _read(full())
    for path in _texts(full()):
        read = _read(_with(full(), path, stray))
        assert read.registration == clean.registration, path
        assert read.sites == clean.sites, path
        assert read.home == clean.home, path
        assert sum(read.cleaned.values()) <= 1, path


@pytest.mark.parametrize("line_break", ["\n", "\t", "\r\n", "\u2028"], ids=code_points)
def test_a_study_with_a_line_break_anywhere_in_free_text_is_taken(line_break: str) -> None:
    for path in _texts(full()):
        if path[-1] in ("briefTitle", "acronym", "detailedDescription", "briefSummary", "city", "citation", "name"):
            assert _read(_with(full(), path, line_break)).home == _read(full()).home, path


def test_what_was_cleaned_is_counted_by_the_import() -> None:
    study, losses = full(), Losses()
    study["protocolSection"]["identificationModule"]["briefTitle"] = "Zinc\x07 \u202efor colds"
    losses.add(_read(study))

    assert losses.to_json()["cleaned"] == 1


def test_a_record_of_whos_export_is_taken_without_stray_characters() -> None:
    record = (
        "<Trials_downloaded_from_ICTRP><Trial><TrialID>JPRN-UMIN000000001</TrialID><Source_Register>JPRN</Source_Register>"
        "<Public_title>Zinc\u202e for\x85 colds</Public_title><Acronym>ZI\nNC</Acronym>"
        "<Secondary_ID>\u2067A;B\u2069</Secondary_ID></Trial></Trials_downloaded_from_ICTRP>"
    )
    (read,) = parse_ictrp([record.encode()], "file")
    assert isinstance(read, Parsed), read

    assert read.registration.to_stored()["public_title"] == {"en": "Zinc for colds"}
    assert read.registration.acronym == "ZI NC"
    assert [claim.value for claim in read.registration.identifiers or ()] == ["A", "B"]
    assert read.cleaned["Public_title"] == 1


INVISIBLE = ["\u200b", "\u00ad", "\u3164", "\u2800", "\ufeff \u200b"]


def _cut(value: Any, path: tuple[str | int, ...], instead: Any) -> Any:
    """The value with another value in one place."""
    if not path:
        return instead
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = _cut(copied[path[0]], path[1:], instead)
    return copied


@pytest.mark.parametrize("nothing", INVISIBLE, ids=code_points)
def test_a_text_of_which_nobody_sees_anything_is_taken_as_a_blank_one(nothing: str) -> None:
    for path in _texts(full()):
        (blank,) = parse_ctgov([json.dumps(_cut(full(), path, " ")).encode()], "file")
        (invisible,) = parse_ctgov([json.dumps(_cut(full(), path, nothing)).encode()], "file")
        if isinstance(blank, Refused):
            assert isinstance(invisible, Refused), path
        else:
            assert isinstance(invisible, Parsed), path
            assert invisible.registration == blank.registration, path
            assert invisible.sites == blank.sites, path


@pytest.mark.parametrize("nothing", INVISIBLE, ids=code_points)
def test_a_part_of_a_cell_of_which_nobody_sees_anything_is_no_part(nothing: str) -> None:
    cells = {
        "Public_title": nothing,
        "Scientific_title": "Zinc",
        "Condition": f"Cold;{nothing}",
        "Intervention": f"Drug: {nothing}",
        "Primary_outcome": f"Days;{nothing};",
        "Source_Support": f"A;{nothing}",
        "Secondary_ID": f"A1;{nothing}",
        "Contact_Lastname": f"Sato;{nothing}",
        "Contact_Email": f"a@example.jp;{nothing}",
        "Ethics_review_status": "Approved",
        "Ethics_review_contact_name": nothing,
        "results_url_link": f"https://example.jp/1;{nothing}",
    }
    content = "".join(f"<{name}>{text}</{name}>" for name, text in cells.items())
    begin = "<Trials_downloaded_from_ICTRP><Trial><TrialID>NCT01234567</TrialID><Source_Register>ClinicalTrials.gov"
    record = f"{begin}</Source_Register>{content}</Trial></Trials_downloaded_from_ICTRP>"
    (read,) = parse_ictrp([record.encode()], "file")
    assert isinstance(read, Parsed), read

    assert read.registration.public_title is None
    assert len(read.registration.contacts or ()) == 1


WHAT = "has a character that can't be stored (half a surrogate pair)"
HALF = "\ud800"
"""Half a surrogate pair, which JSON can write (RFC 8259, 8.2) and UTF-8 can't."""


def test_a_study_with_half_a_character_is_refused_alone() -> None:
    (broken,) = (path for path in _texts(full()) if path[-1] == "briefTitle")
    document = json.dumps([full(), _with(full(), broken, HALF), full()]).encode()

    assert [type(read) for read in parse_ctgov([document], "file")] == [Parsed, Refused, Parsed]


def test_a_study_with_half_a_character_anywhere_is_told_where_it_stands() -> None:
    refused = 0
    for path in _texts(full()):
        (read,) = parse_ctgov([json.dumps(_with(full(), path, HALF)).encode()], "file")
        if isinstance(read, Parsed):  # a value that is not carried
            continue
        refused += 1
        reasons = read.reason.removesuffix("; no number: protocolSection.identificationModule.nctId").split("; ")
        names = ".".join(step for step in path if isinstance(step, str))
        assert {one.replace("[]", "") for one in reasons} == {f"{names}: {WHAT}"}
    assert refused > 100


def _read(study: Any) -> Parsed:
    (read,) = parse_ctgov([json.dumps(study).encode()], "file")
    assert isinstance(read, Parsed), read
    return read
