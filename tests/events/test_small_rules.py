"""Small rules of stored forms, each with its whole answer."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any, ClassVar, get_args
from uuid import UUID

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from events import catalogue, sealing
from events.admission import Head, PartitionFold, advance
from events.memory import MemoryEventLog
from events.origin import Origin
from events.port import Addressed, AppendUnknown, LogTruncated, LogUnavailable, Topic
from events.record import MalformedRecord, Message, Position, Record, Stored, written
from events.schemas import bounds, fields, paths, trial, wording
from events.schemas.items import lists_of, registered, used_by, whole, with_old_number
from events.schemas.parties import Person
from events.schemas.paths import NoSuchPath, place_at
from events.schemas.registration import Registration
from events.schemas.trial import source_key
from events.schemas.values import Member, PartialDate, SaidText, Text, Value, first_day, last_day
from events.schemas.zones import ZoneName
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
    assert advance(Head(3, b"a", b"x" * 16, 7), UUID(int=1), b"b", 9) == Head(4, b"b", b"x" * 16 + UUID(int=1).bytes, 9)


def test_what_is_no_record_is_judged_with_its_place_and_no_digest() -> None:
    message = Message(b"key", (), b"value")
    judged = PartitionFold(1).apply(Stored(Position(1, 0), NOW, message))
    assert (judged.position, judged.recorded, judged.message) == (Position(1, 0), NOW, message)
    assert (judged.digest, judged.proposal) == (b"", None)


def test_a_title_of_the_greatest_length_is_taken() -> None:
    assert Registration.model_validate({"public_title": {"en": "a" * bounds.SHORT_TEXT}}).public_title is not None


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x07b", "ab"),
        ("a\u202eb\u202c", "ab"),
        ("a\x00\u202d\nb\tc", "a\nb\tc"),
        ("a\u2066b\u2069", "a\u2066b\u2069"),
        ("a\u2066b", "ab"),
    ],
)
def test_of_a_partners_text_what_prose_may_not_have_is_left_out(text: str, cleaned: str) -> None:
    assert wording.cleaned(text) == cleaned


def test_a_blank_text_is_told_what_to_do() -> None:
    assert wording.blank(" \n") == "the text is blank; write something, or leave it out"
    assert wording.blank(" a") is None


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 22, 9, 30, tzinfo=UTC), "2026-11-22T09:30:00.000Z"),
        (datetime(2026, 11, 22, 9, 30, 0, 120_000, tzinfo=UTC), "2026-11-22T09:30:00.120Z"),
        (datetime(2026, 11, 22, 9, 30, 0, 120_001, tzinfo=UTC), "2026-11-22T09:30:00.120001Z"),
        (datetime(2026, 11, 22, 9, 30, tzinfo=timezone(timedelta(hours=9))), "2026-11-22T09:30:00.000+09:00"),
    ],
)
def test_a_moment_is_written_with_its_offset(moment: datetime, text: str) -> None:
    assert written(moment) == text


def test_an_attribute_is_given_once() -> None:
    with pytest.raises(MalformedRecord, match=r"^an attribute is given twice$"):
        Message(b"k", (("ce_id", b"1"), ("ce_id", b"1")), b"{}").attributes()


def test_an_older_record_is_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = {("x.y.v1", at): lambda data, at=at: {**data, "steps": [*data.get("steps", []), at]} for at in (1, 2, 4)}

    class Later(Value):
        REVISION: ClassVar[int] = 4

    monkeypatch.setattr(catalogue, "EVENTS", {"x.y.v1": Later, "x.z.v1": Later})
    monkeypatch.setattr(catalogue, "UPCASTS", steps)
    old = Record(
        id=UUID(int=1),
        type="x.y.v1",
        subject="x/1",
        expectedversion=0,
        previoushash=bytes(32),
        commandhash=bytes(32),
        actor="a",
        onbehalfof="o",
        time=NOW,
        data={"a": 1},
        origin=Origin("https://registry.example", str(UUID(int=2))),
        revision=1,
    )

    assert catalogue.upcast(old) == replace(old, revision=3, data={"a": 1, "steps": [1, 2]})
    assert catalogue.upcast(replace(old, revision=3)) == replace(old, revision=3)
    assert catalogue.upcast(replace(old, type="x.z.v1")) == replace(old, type="x.z.v1")
    with pytest.raises(catalogue.NotUnderstood, match=r"^x\.y\.v1, revision 5$"):
        catalogue.upcast(replace(old, revision=5))


@pytest.mark.parametrize(
    ("kinds", "owners"),
    [(("person",), ["p"]), (("text",), ["t"]), (("person", "text"), ["p", "t"]), ((), [])],
)
def test_owners_are_told_of_the_kinds_that_are_asked_for(kinds: tuple[str, ...], owners: list[str]) -> None:
    document = {"a": [{"person": "p", "sealed": "1.x"}], "b": {"text": "t", "sealed": "1.x"}}
    assert list(sealing.owners_in(document, kinds)) == owners


def test_an_arm_uses_the_interventions_that_its_items_name_in_their_order() -> None:
    named = [{"item": "i1", "name": {"en": "A"}}, {"name": {"en": "B"}}, {"item": "i3", "name": {"en": "C"}}]

    assert used_by({"uses": ["i3", "i2", "i1"]}, named) == [named[2], named[0]]
    assert used_by({}, named) == []


def test_fields_are_found_by_what_they_hold_at_any_depth() -> None:
    class Inner(Value):
        text: Text | None = None
        count: int = 0

    class Outer(Value):
        inner: tuple[Inner, ...] = ()
        again: "Inner | None" = None
        who: Annotated[Person | None, Field(description="x")] = None

    assert fields._holding(Text, Outer) == {"text", "name", "address"}
    assert fields._holding(Inner, Outer) == {"inner", "again"}
    assert fields._holding(Outer, Outer) == frozenset()
    assert fields._holding(Text, *get_args(trial.TrialEvent), Person) == fields.TEXTS


def test_a_why_has_so_many_bytes_in_all_its_languages() -> None:
    why, most = TypeAdapter[Any](SaidText), bounds.SAID_BYTES
    full = {"ja": "あ" * 2_000, "zh": "肺" * 2_000, "ko": "폐" * 2_000, "en": "a" * 2_000}

    assert why.validate_python(full).by_language() == full
    with pytest.raises(ValidationError, match=rf"it may have {most} bytes in UTF-8, and has {most + 1} "):
        why.validate_python({**full, "fr": "a"})


def test_a_date_is_told_in_which_forms_it_is_written() -> None:
    with pytest.raises(ValidationError, match=r"Value error, write a date as YYYY, YYYY-MM or YYYY-MM-DD \["):
        TypeAdapter[Any](PartialDate).validate_python("22.11.2026")


async def test_a_log_in_memory_is_read_to_the_end_of_every_partition() -> None:
    log = MemoryEventLog(lambda: NOW)
    messages = [Addressed(at % 2, Message(b"k", (), str(at).encode())) for at in range(6)]
    for message in messages:
        await log.append(TOPIC, [message])
    read = [stored async for batch in log.read(TOPIC, {0: 0, 1: 1}, {0: 3, 1: 3}) for stored in batch]

    assert sorted(stored.message.value for stored in read) == [b"0", b"2", b"3", b"4", b"5"]
    partly = [stored async for batch in log.read(TOPIC, {0: 1, 1: 0}, {0: 3}) for stored in batch]
    assert [stored.message.value for stored in partly] == [b"2", b"4"]
    with pytest.raises(LogTruncated, match=r"^registry: offset 4 of partition 1 is beyond the end, 3$"):
        await anext(log.read(TOPIC, {1: 4}))


def test_an_item_stays_with_a_sealed_person_and_uses_that_were_chosen_stay() -> None:
    sealed = {"person": str(UUID(int=1)), "sealed": "1." + "A" * 40}
    before = registered({"contacts": [{"role": "public", "person": sealed}, {"role": "scientific"}]})
    after = registered({"contacts": [{"role": "scientific", "person": {**sealed, "sealed": "1.B"}}]}, before)
    assert after["contacts"][0]["item"] == before["contacts"][0]["item"]

    interventions = [{"item": "i1", "name": {"en": "A"}}, {"item": "i2", "name": {"en": "B"}}]
    chosen = {"item": "a1", "label": "X", "interventions": ["A"], "uses": ["i2"]}
    registration = registered(
        {"arms": [chosen, {**chosen, "item": "a2"} | {"uses": ["i1", "i2"]}], "interventions": interventions}
    )
    assert [arm["uses"] for arm in registration["arms"]] == [["i2"], ["i1", "i2"]]


def test_contacts_of_a_partners_site_keep_their_items() -> None:
    site = {"site": "a", "contacts": [{"role": "public", "affiliation": {"en": "A"}}]}
    first = whole({"registration": {}, "sites": {"a": site}})
    renamed = {"site": "a", "contacts": [{"role": "scientific", "affiliation": {"en": "A"}}]}
    [contact] = whole({"registration": {}, "sites": {"a": renamed}}, first)["sites"]["a"]["contacts"]

    assert contact == {
        "role": "scientific",
        "affiliation": {"en": "A"},
        "item": first["sites"]["a"]["contacts"][0]["item"],
    }


@pytest.mark.parametrize("pointer", ["/outcomes/0/measure", "/outcomes/Z/measure"])
def test_a_member_is_named_by_its_item(pointer: str) -> None:
    name = pointer.split("/")[2]
    with pytest.raises(
        NoSuchPath, match=rf"^{name} is no item; members of a list are named by their items, not by where"
    ):
        place_at(Registration, pointer)


def test_lists_of_members_follow_from_the_types() -> None:
    class Listed(Member):
        name: str | None = None

    class Holder(Value):
        listed: Annotated[tuple[Listed, ...], Field(description="x")] | None = None
        one: Listed | None = None
        others: tuple[str, ...] = ()

    assert lists_of(Holder) == {"listed": Listed}
    assert {*lists_of.__wrapped__(Registration)} >= {"outcomes", "arms", "interventions", "conditions", "contacts"}


def test_the_same_content_in_another_list_is_another_member() -> None:
    same = [{"name": {"en": "A"}}]
    registration = registered({"conditions": same, "interventions": same})

    assert registration["conditions"][0]["item"] != registration["interventions"][0]["item"]


def test_a_place_is_made_once() -> None:
    paths._PLACES.clear()
    first, again = place_at(Registration, "/acronym"), place_at(Registration, "/acronym")

    assert first is again
    assert (first.holds("x"), first.holds(1)) == (True, False)


def test_a_direction_that_is_left_open_is_told_what_to_do() -> None:
    refusal = "a direction mark is left open, or closed and never opened; close it in its own line, or leave it out"
    assert wording.wrong_in_line("a\u2066b") == wording.wrong_in_prose("a\u2069b") == refusal
    assert wording.wrong_in_line("a\u2066b\u2069") is None


def test_a_zone_is_given_by_its_name() -> None:
    zone = TypeAdapter[Any](ZoneName)
    assert zone.validate_python("Asia/Tokyo") == "Asia/Tokyo"
    with pytest.raises(ValidationError, match="give the time zone of a place by its IANA name, as Asia/Tokyo"):
        zone.validate_python("Tokyo")
