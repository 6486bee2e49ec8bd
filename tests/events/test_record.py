"""The record's bytes: frozen, exact both ways, and refused where they are no record."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import canonical
from events.admission import proposal_of
from events.origin import Origin
from events.record import CORE, MalformedRecord, Message, Position, Record, decode, encode

FROZEN = Record(
    id=UUID("019ab3c0-0000-7000-8000-000000000001"),
    type="trial.amended.v1",
    subject="trial/019ab3c0",
    expectedversion=3,
    previoushash=bytes(range(32)),
    commandhash=bytes(reversed(range(32))),
    actor="token-7",
    onbehalfof="jp-hospital-1",
    time=datetime(2026, 11, 22, 9, 30, 0, 123_000, timezone(timedelta(hours=9))),
    data={"title": {"ja": "試験", "en": "A trial"}, "blank": None, "list": [1, "é", False]},
    origin=Origin("https://registry.example", "019ab3c0-0000-7000-8000-000000000000"),
    revision=2,
    extensions={"causationid": "7:12", "actorrole": "site"},
)
"""What was once written stays readable and keeps its digest for ever: a change here breaks the log's format."""

FROZEN_MESSAGE = Message(
    key=b"trial/019ab3c0",
    headers=(
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_id", b"019ab3c0-0000-7000-8000-000000000001"),
        ("ce_source", b"https://registry.example/log/019ab3c0-0000-7000-8000-000000000000/trial/019ab3c0"),
        ("ce_type", b"trial.amended.v1"),
        ("ce_dataschema", b"https://registry.example/schemas/trial.amended.v1/2"),
        ("ce_subject", b"trial/019ab3c0"),
        ("ce_time", b"2026-11-22T09:30:00.123+09:00"),
        ("ce_expectedversion", b"3"),
        ("ce_previoushash", b"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
        ("ce_commandhash", b"1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100"),
        ("ce_actor", b"token-7"),
        ("ce_onbehalfof", b"jp-hospital-1"),
        ("ce_actorrole", b"site"),
        ("ce_causationid", b"7:12"),
    ),
    value='{"blank":null,"list":[1,"é",false],"title":{"en":"A trial","ja":"試験"}}'.encode(),
)
FROZEN_DIGEST = "b610c81550e241ce75b61d3b07beacf32f0ff121d3825ec4b5e2a6f66919ead4"

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True)
RECORDS = st.builds(
    Record,
    id=st.uuids(),
    type=TEXT,
    subject=TEXT,
    expectedversion=st.integers(0, 10**9),
    previoushash=st.binary(min_size=32, max_size=32),
    commandhash=st.binary(min_size=32, max_size=32),
    actor=TEXT,
    onbehalfof=TEXT,
    time=st.datetimes(
        datetime(1900, 1, 1),  # noqa: DTZ001
        datetime(2200, 1, 1),  # noqa: DTZ001
        timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    ),
    data=st.dictionaries(TEXT, JSON, max_size=4),
    origin=st.builds(Origin, st.just("https://registry.example"), st.uuids().map(str)),
    revision=st.integers(1, 99),
    extensions=st.dictionaries(
        st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True).filter(lambda name: name not in CORE), TEXT
    ),
)


def test_a_records_bytes_and_digest_never_change() -> None:
    message = encode(FROZEN)

    assert message == FROZEN_MESSAGE
    assert message.digest.hex() == FROZEN_DIGEST
    assert decode(message) == FROZEN


@given(RECORDS)
def test_what_is_encoded_is_decoded_the_same(record: Record) -> None:
    message = encode(record)

    assert decode(message) == record
    assert encode(decode(message)) == message


@given(RECORDS)
def test_the_digest_does_not_depend_on_the_order_of_headers(record: Record) -> None:
    message = encode(record)

    assert replace(message, headers=message.headers[::-1]).digest == message.digest


@pytest.mark.parametrize("changed", [*range(len(FROZEN_MESSAGE.headers)), "value"])
def test_a_changed_byte_changes_the_digest(changed: int | str) -> None:
    if changed == "value":
        forged = replace(FROZEN_MESSAGE, value=FROZEN_MESSAGE.value.replace(b"false", b"true"))
    else:
        name, content = FROZEN_MESSAGE.headers[int(changed)]
        headers = list(FROZEN_MESSAGE.headers)
        headers[int(changed)] = (name, content[:-1] + bytes([content[-1] ^ 1]))
        forged = replace(FROZEN_MESSAGE, headers=tuple(headers))

    assert forged.digest != FROZEN_MESSAGE.digest


def test_the_digest_tells_where_one_part_ends_and_the_next_begins() -> None:
    assert canonical.digest([("ab", b"c")], b"") != canonical.digest([("a", b"bc")], b"")
    assert canonical.digest([("a", b"b")], b"c") != canonical.digest([("a", b"")], b"bc")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ce_specversion", b"0.3"),
        ("ce_id", b"not a uuid"),
        ("ce_time", b"yesterday"),
        ("ce_expectedversion", b"x"),
        ("ce_previoushash", b"zz"),
        ("ce_actor", b"\xff"),
        ("ce_source", b"https://registry.example/log/1/trial/another"),
        ("ce_source", b"urn:trial-registry"),
        ("ce_dataschema", b"https://registry.example/schemas/trial.amended.v1/two"),
        ("ce_dataschema", b"https://registry.example/schemas/trial.amended.v1/02"),
        ("ce_dataschema", b"https://elsewhere.example/schemas/trial.amended.v1/2"),
        ("ce_dataschema", b"https://registry.example/schemas/trial.published.v1/2"),
    ],
)
def test_a_header_that_cannot_be_read_is_malformed(name: str, content: bytes) -> None:
    headers = tuple((each, content if each == name else value) for each, value in FROZEN_MESSAGE.headers)

    with pytest.raises(MalformedRecord):
        decode(replace(FROZEN_MESSAGE, headers=headers))


ON_THE_WAY = [("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), ("mirror", b"tokyo")]


def test_what_is_added_on_the_way_is_no_part_of_the_record() -> None:
    copied = replace(FROZEN_MESSAGE, headers=(*ON_THE_WAY, *FROZEN_MESSAGE.headers, *ON_THE_WAY))

    assert copied.digest == FROZEN_MESSAGE.digest
    assert decode(copied) == FROZEN
    assert proposal_of(copied) == proposal_of(FROZEN_MESSAGE)


@pytest.mark.parametrize("name", [name for name, _ in FROZEN_MESSAGE.headers])
def test_an_attribute_given_twice_is_malformed(name: str) -> None:
    twice = replace(FROZEN_MESSAGE, headers=(*FROZEN_MESSAGE.headers, (name, b"1")))

    assert proposal_of(twice) is None
    with pytest.raises(MalformedRecord):
        decode(twice)


def test_an_unknown_attribute_is_kept_and_changes_the_digest() -> None:
    closed = replace(FROZEN_MESSAGE, headers=(*FROZEN_MESSAGE.headers, ("ce_audience", b"region-eu")))

    assert decode(closed).extensions == {**FROZEN.extensions, "audience": "region-eu"}
    assert closed.digest != FROZEN_MESSAGE.digest


@pytest.mark.parametrize(
    "missing",
    [
        "specversion",
        "id",
        "source",
        "type",
        "dataschema",
        "subject",
        "time",
        "expectedversion",
        "previoushash",
        "commandhash",
        "actor",
    ],
)
def test_a_missing_header_is_malformed_and_named(missing: str) -> None:
    headers = tuple(header for header in FROZEN_MESSAGE.headers if header[0] != f"ce_{missing}")

    with pytest.raises(MalformedRecord, match=missing):
        decode(replace(FROZEN_MESSAGE, headers=headers))


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b'"text"', b"\xff"])
def test_a_value_that_is_no_json_object_is_malformed(value: bytes) -> None:
    with pytest.raises(MalformedRecord):
        decode(replace(FROZEN_MESSAGE, value=value))


def test_what_is_not_json_is_refused_rather_than_stored_by_its_text() -> None:
    with pytest.raises(TypeError):
        canonical.to_json({"amount": object()})


def test_keys_are_sorted_and_spaces_left_out() -> None:
    assert canonical.to_json({"b": [1, 2], "a": {"d": None, "c": "é"}}) == '{"a":{"c":"é","d":null},"b":[1,2]}'.encode()


def test_a_position_is_read_as_it_is_written() -> None:
    assert Position.parse(str(Position(3, 17))) == Position(3, 17)


@pytest.mark.parametrize("text", ["", "3", "3:", ":17", "-1:2", "1:2:3", "a:b", "1: 2", "１:2"])
def test_anything_else_is_no_position(text: str) -> None:
    with pytest.raises(ValueError, match="partition:offset"):
        Position.parse(text)
