"""Small rules of stored forms, each with its whole answer."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from events import sealing
from events.admission import Head, PartitionFold, advance
from events.memory import MemoryEventLog
from events.port import AppendUnknown, LogUnavailable, Topic
from events.record import Message, Position, Stored
from events.schemas import bounds
from events.schemas.items import with_old_number
from events.schemas.registration import Registration
from events.schemas.trial import source_key
from events.schemas.values import first_day, last_day
from tests.support.trials import without_items

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TOPIC = Topic("registry", 2)


def test_the_bytes_of_a_nonce_never_change() -> None:
    sealed = sealing.seal_bytes(b"k" * 32, b"place", b"secret")
    assert sealed.hex() == "539ee3ff9f5772756f9132e9e4260e6a5f991fa5faaa4309cefe0507d4080ec8cd6d"


@pytest.mark.parametrize(
    ("partial", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-12-05", date(2024, 12, 5), date(2024, 12, 5)),
    ],
)
def test_a_partial_date_has_a_first_and_a_last_day(partial: str, first: date, last: date) -> None:
    assert (first_day(partial), last_day(partial)) == (first, last)


def test_sources_are_kept_apart_by_sender_and_record() -> None:
    assert source_key({"registry": "WHO", "record": "EU-1"}) == "WHO/EU-1"
    assert source_key({"registry": "WHO"}) == "WHO"


WAS = {"registry": "CTGOV", "number": "NCT1"}
CLAIM = {"value": "NCT1", "kind": "registry", "issuer": "CTGOV"}
OTHER = {"value": "X", "kind": "sponsor"}


@pytest.mark.parametrize(
    ("registration", "was", "claims"),
    [
        ({}, WAS, [CLAIM]),
        ({"identifiers": [OTHER]}, WAS, [OTHER, CLAIM]),
        ({"identifiers": [{**CLAIM, "issuer": "?"}]}, WAS, [{**CLAIM, "issuer": "?"}]),
        ({}, {**WAS, "url": "https://example.org"}, [{**CLAIM, "url": "https://example.org"}]),
    ],
)
def test_an_old_number_joins_the_claims_once(registration: dict[str, Any], was: dict[str, Any], claims: Any) -> None:
    after = with_old_number({"acronym": "A", **registration}, was)
    assert without_items(after) == {"acronym": "A", "identifiers": claims}


def test_a_title_that_is_too_long_is_told_how_long_it_may_be() -> None:
    with pytest.raises(ValidationError) as refused:
        Registration.model_validate({"public_title": {"ja": "題" * 5_001}})
    [fault] = refused.value.errors()
    assert fault["type"] == "string_too_long"
    assert fault["ctx"]["language"] == "ja"
    assert fault["ctx"]["length"] == 5_001
    assert fault["msg"] == f"ja may have {fault['ctx']['most']} characters, and has 5001"


def test_a_date_that_is_none_is_told_how_to_write_one() -> None:
    with pytest.raises(ValidationError, match="write a date as YYYY, YYYY-MM or YYYY-MM-DD"):
        Registration.model_validate({"first_enrolment": {"date": "May 2026"}})


async def test_a_log_that_is_closed_says_so() -> None:
    log = MemoryEventLog(lambda: NOW)
    await log.close()
    with pytest.raises(AppendUnknown, match=r"^the log is closed$"):
        await log.append(TOPIC, [])
    with pytest.raises(LogUnavailable, match=r"^the log is closed$"):
        await anext(aiter(log.read(TOPIC, {0: 0})))


def test_a_head_that_goes_on_knows_its_event_and_place() -> None:
    assert advance(Head(3, b"a", (b"x",), 7), UUID(int=1), b"b", 9) == Head(4, b"b", (b"x", UUID(int=1).bytes), 9)


def test_what_is_no_record_is_judged_with_its_place_and_no_digest() -> None:
    message = Message(b"key", (), b"value")
    judged = PartitionFold(1).apply(Stored(Position(1, 0), NOW, message))
    assert (judged.position, judged.recorded, judged.message) == (Position(1, 0), NOW, message)
    assert (judged.digest, judged.proposal) == (b"", None)


def test_a_title_of_the_greatest_length_is_taken() -> None:
    assert Registration.model_validate({"public_title": {"en": "a" * bounds.SHORT_TEXT}}).public_title is not None
