"""The results of `parse`: studies found, and everything else refused with a reason."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ctgov.parse import parse
from adapters.ctgov.spans import STUDIES
from adapters.reading import Parsed, Refused
from adapters.scanning.json_spans import Found, _looked_at, _plain
from adapters.scanning.stream import Stretch
from tests.support.ctgov import FULL, NUMBER, encode, full, leaves, small

THREE = [small("NCT90000001"), small("NCT90000002"), small("NCT90000003")]


def read(document: bytes, size: int = 1 << 20) -> list[Parsed | Refused]:
    return list(parse((document[at : at + size] for at in range(0, len(document), size)), "file"))


def accepted(document: bytes) -> list[str]:
    return [one.home.number for one in read(document) if isinstance(one, Parsed)]


def refusals(document: bytes) -> list[Refused]:
    return [one for one in read(document) if isinstance(one, Refused)]


def refusal(document: bytes) -> Refused:
    (only,) = read(document)
    assert isinstance(only, Refused)
    return only


@pytest.mark.parametrize(
    "form",
    [
        encode(THREE),
        encode({"studies": THREE}),
        encode({"totalCount": 3, "studies": THREE, "nextPageToken": "x"}),
        b"\xef\xbb\xbf" + encode(THREE),
        b" \n" + encode(THREE) + b"\n ",
        b"\n".join(map(encode, THREE)),
        encode({"studies": THREE[:2]}) + b"\n" + encode({"studies": THREE[2:]}),
    ],
    ids=["list", "page", "page with token", "byte order mark", "blanks around", "a study a line", "page after page"],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_every_form_of_document_gives_its_studies_in_order_however_it_is_cut(form: bytes, size: int) -> None:
    assert [(one.place, isinstance(one, Parsed)) for one in read(form, size)] == [
        (f"file, study {number} (NCT9000000{number})", True) for number in (1, 2, 3)
    ]


def test_one_study_is_a_document_of_its_own() -> None:
    (parsed,) = read(encode(FULL))

    assert isinstance(parsed, Parsed)
    assert parsed.place == f"file, study 1 ({NUMBER})"


def test_a_list_and_a_page_may_be_empty() -> None:
    assert read(b"[]") == []
    assert read(b'{"studies": []}') == []


def test_after_a_broken_line_the_next_line_is_read() -> None:
    document = b'{"a": 1 "b": [2, "}{"]}\n' + encode(THREE[1])

    assert [one.place for one in read(document)] == ["file, study 1", "file, study 2 (NCT90000002)"]
    assert accepted(document) == ["NCT90000002"]


def test_a_broken_page_still_gives_its_studies() -> None:
    document = b'{"totalCount": 3, "studies": ' + encode(THREE) + b", nonsense}"

    assert len(accepted(document)) == 3
    assert [one.reason.partition(": ")[0] for one in refusals(document)] == ["around its studies the page is broken"]


def test_raw_is_exactly_the_bytes_of_the_study() -> None:
    first = (
        '{"protocolSection" :\t{"identificationModule":{"nctId":"NCT90000001","briefTitle":"\\u00e9 é 試験"}}}'.encode()
    )
    document = b"[ " + first + b" ,\r\n" + encode(THREE[1]) + b"]"

    assert [one.raw for one in read(document) if isinstance(one, Parsed)] == [first, encode(THREE[1])]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "neither a JSON object nor a list"),
        (b"hello", "neither a JSON object nor a list"),
        (b"17", "neither a JSON object nor a list"),
        (b"\xff\xfe[", "UTF-16, UTF-32 or no text; save it as UTF-8"),
        ("[]".encode("utf-16-be"), "UTF-16, UTF-32 or no text; save it as UTF-8"),
        (b"\xff[", "neither a JSON object nor a list"),
        (b"PK\x03\x04....", "a zip archive; unpack it first"),
        (b"\x1f\x8b\x08...", "a gzip file; unpack it first"),
        (b'{"studies": 5}', "`studies` is not a list"),
        (b'{"studies": []', "around its studies the page is broken: cut off: the document ends inside it"),
        (b'{"studies": [], "studies": [{}]}', "around its studies the page is broken: an object has a key twice"),
        (b"[] []", "more follows after the end of the JSON"),
    ],
)
def test_a_document_that_is_none_is_refused_once(document: bytes, reason: str) -> None:
    assert refusal(document) == Refused("file", None, reason)


@pytest.mark.parametrize(
    ("study", "reason"),
    [
        ("{}", "no number: protocolSection.identificationModule.nctId"),
        ('"text"', "not an object"),
        ('{"error": "gone"}', "no number"),
        ('{"protocolSection": 5}', "protocolSection: not an object"),
        ('{"protocolSection": {"identificationModule": {"nctId": 5}}}', "nctId: not a text"),
        ('{"protocolSection": {"identificationModule": {"nctId": "NCT1"}}}', "'NCT1' is not a number such as"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": -Infinity}', "-Infinity is not JSON"),
        ('{"a": 1, "a": 2}', "an object has a key twice"),
        ("{'a': 1}", "not JSON: Expecting property name enclosed in double quotes (line 1, column"),
        ('{"a": 1 "b": {"c": [2, 3]}}', "not JSON: Expecting ',' delimiter (line 1, column"),
        ("nonsense", "not JSON: Expecting value (line 1, column 1 of the study)"),
        ('"a" nonsense', "not JSON: Extra data (line 1, column 5 of the study)"),
        ('{"a": "\x00"}', "not JSON: Invalid control character"),
        ('{"a": ' + "9" * 5000 + "}", "has a number too long to read"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
        (
            json.dumps(small()).replace("}}}", '}, "x": ' + "[" * 70 + "1" + "]" * 70 + "}}"),
            "nested more than 64 levels",
        ),
    ],
)
def test_a_broken_study_is_refused_alone(study: str, reason: str) -> None:
    document = b"[" + encode(THREE[0]) + b"," + study.encode() + b"," + encode(THREE[2]) + b"]"

    assert accepted(document) == ["NCT90000001", "NCT90000003"]
    (refused,) = refusals(document)
    assert refused.place.startswith("file, study 2")
    assert reason in refused.reason


@pytest.mark.parametrize("illegal", [b"\xff", b"\xed\xa0\x80", "試".encode()[:-1], "é".encode("latin-1")])
def test_bytes_that_are_no_utf8_refuse_their_study_alone(illegal: bytes) -> None:
    before = b"[" + encode(THREE[0]) + b',{"protocolSection": "'
    document = before + illegal + b'"},' + encode(THREE[2]) + b"]"

    assert accepted(document) == ["NCT90000001", "NCT90000003"]
    assert [one.reason for one in refusals(document)] == [f"not UTF-8: byte {len(before)} of the document"]


def test_a_refusal_names_the_study_even_where_it_is_not_json() -> None:
    refused = refusals(b'[{"protocolSection": {"identificationModule": {"nctId": "NCT90000007", oops}}}]')

    assert [(one.place, one.identifier) for one in refused] == [("file, study 1 (NCT90000007)", "NCT90000007")]


def test_a_document_cut_anywhere_gives_the_whole_studies_before_the_cut_and_one_refusal() -> None:
    whole = encode(THREE)
    ends = [len(encode(THREE[:count])) - 1 for count in (1, 2, 3)]
    for cut in range(len(whole)):
        results = read(whole[:cut], 100)

        assert [isinstance(one, Parsed) for one in results] == [True] * sum(end <= cut for end in ends) + [False]


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text('[]{},:"\\ 1a\n', max_size=60).map(str.encode), st.integers(1, 50))
def test_where_a_document_is_cut_into_chunks_changes_nothing(document: bytes, size: int) -> None:
    assert read(document, size) == read(document)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("designModule", "phases"), "PHASE1", "designModule.phases: not a list"),
        (("statusModule", "startDateStruct", "date"), "2026-02-30", "'2026-02-30' is no date"),
        (("statusModule", "startDateStruct", "date"), "January 2026", "'January 2026' is no date"),
        (("statusModule", "startDateStruct", "date"), 2026, "startDateStruct.date: not a text"),
        (("eligibilityModule", "healthyVolunteers"), "no", "healthyVolunteers: not true or false"),
        (("designModule", "enrollmentInfo", "count"), 12.5, "count: not a whole number"),
        (("designModule", "enrollmentInfo", "count"), True, "count: not a whole number"),
        (("designModule", "enrollmentInfo", "count"), -1, "Registration.planned_size: Input should be greater than"),
        (("identificationModule", "briefTitle"), "x" * 100_001, "Text.en: String should have at most 100000"),
        (("identificationModule", "acronym"), "a\ud800b", "acronym: has a character that can't be stored"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_path(path: tuple[str, ...], value: Any, reason: str) -> None:
    study = full()
    here = study["protocolSection"]
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    refused = refusal(json.dumps(study).encode())

    assert refused.identifier == NUMBER
    assert reason in refused.reason


def test_a_refusal_lists_every_fault_at_once() -> None:
    study = full()
    study["protocolSection"]["statusModule"]["startDateStruct"]["date"] = "soon"
    study["protocolSection"]["statusModule"]["completionDateStruct"]["date"] = "later"

    assert refusal(encode(study)).reason.count("is no date") == 2


def test_a_refusal_stays_short_however_many_faults_there_are() -> None:
    study = full()
    study["protocolSection"]["conditionsModule"]["keywords"] = [1] * 1000

    assert refusal(encode(study)).reason.endswith("; and 980 more")


def test_a_refusal_does_not_repeat_what_it_could_not_hold() -> None:
    study = full()
    study["protocolSection"]["contactsLocationsModule"]["centralContacts"][0]["email"] = "secret@example.org" * 200

    assert "secret" not in refusal(encode(study)).reason


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(document: bytes) -> None:
    for one in parse([document], "file"):
        assert isinstance(one, Refused)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


MEMBER = st.tuples(
    st.sampled_from(['"a"', '"b"', '"a\\u0000"', '"a\\ud800"', '"\\": "']),
    st.sampled_from([":", " :", "\n: ", ""]),
    st.sampled_from(
        ["1", "-0.0", "1e999", "1" * 25, "1.5E3", "NaN", '"x\\":"', '"\\u00e9"', '"\\ud800"', "[]", '{"a": {}}']
    )
    | st.integers().map(str)
    | JSON.map(json.dumps),
).map("".join)


@settings(deadline=None)
@given(st.lists(MEMBER, max_size=4).map(lambda members: "{" + ", ".join(members) + "}"))
def test_the_fast_reader_takes_only_what_the_careful_one_would_and_as_the_same(text: str) -> None:
    careful = _looked_at(Stretch(0, text.encode(), len(text)), STUDIES, 1)
    fast = _plain(text.encode())

    assert fast is None or (isinstance(careful, Found) and repr(careful.value) == repr(fast))


@settings(deadline=None)
@given(path=st.sampled_from(sorted(leaves(FULL), key=str)), length=st.integers(1, 12), value=JSON)
def test_any_value_in_any_place_is_taken_or_refused(path: tuple[str | int, ...], length: int, value: Any) -> None:
    study = full()
    here: Any = study
    path = path[:length]
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value

    assert len(read(json.dumps(study).encode())) == 1
