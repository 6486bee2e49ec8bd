"""What is sealed of a command, and what each reader gets of it, on a vault in memory."""

from typing import Any

import pytest

from events.sealing import OwnerKind, is_sealed
from registry.domain.catalogue import COMMANDS
from registry.domain.decider import Command, Rejection
from registry.domain.numbers.decider import ReserveNumbers
from registry.domain.trial import commands as do
from registry.people import sealable
from registry.people.persons import opened, opened_each, opened_for_pages, seal, seal_all
from tests.support.trials import SEALED, registration
from tests.support.vault import MemoryVault

ONE, OTHER = "trial/1", "trial/2"
HANAKO = {"name": {"en": "Hanako"}, "email": "hanako@example.jp"}
TARO = {"name": {"en": "Taro"}}
FIELDS: dict[str, Any] = {
    "contacts": [{"role": "public", "person": HANAKO}, {"role": "scientific", "affiliation": {"en": "A"}}],
    "primary_sponsor": {"name": {"en": "A hospital"}, "person": TARO},
    "secondary_sponsors": [{"name": {"en": "A company"}}],
    "funders": [{"person": HANAKO}],
}


def amendment(reason: str = "The protocol changed", **fields: Any) -> do.AmendTrial:
    return do.AmendTrial.model_validate({"reason": reason, "registration": fields})


def owners(content: Any, found: list[str] | None = None) -> list[str]:
    """The owners of all that is sealed, by kind and number, in order."""
    found = [] if found is None else found
    if is_sealed(content):
        found += [f"{kind} {content[kind][-1]}" for kind in ("person", "text") if kind in content]
    elif isinstance(content, dict):
        for value in content.values():
            owners(value, found)
    elif isinstance(content, list):
        for value in content:
            owners(value, found)
    return found


async def test_each_person_has_one_key_and_each_text_one_in_its_stream() -> None:
    vault = MemoryVault()
    sealed = await seal_all(vault, [(ONE, amendment(**FIELDS)), (OTHER, amendment(**FIELDS)), (ONE, amendment())])
    [first, second, third] = [command.to_content() for command, _ in sealed]
    hanako, funder = first["registration"]["contacts"][0]["person"], first["registration"]["funders"][0]["person"]
    taro = first["registration"]["primary_sponsor"]["person"]

    assert hanako["person"] == funder["person"] != taro["person"]
    assert owners(second["registration"]) == owners(first["registration"])
    assert first["reason"]["text"] == third["reason"]["text"] != second["reason"]["text"]
    named = {hanako["person"], taro["person"]}
    assert [ids for _, ids in sealed] == [
        named | {first["reason"]["text"]},
        named | {second["reason"]["text"]},
        {third["reason"]["text"]},
    ]
    assert vault.calls == ["owners"]
    assert first["registration"]["contacts"][1] == {"role": "scientific", "affiliation": {"en": "A"}}


async def test_what_says_nothing_of_anybody_stays_the_very_same_and_no_key_is_made() -> None:
    vault, command = MemoryVault(), ReserveNumbers(count=1)

    assert await seal(vault, ONE, command) is command
    assert vault.calls == []


@pytest.mark.parametrize(
    "fields",
    [
        {"contacts": [{"role": "public", "person": SEALED}]},
        {"primary_sponsor": {"name": {"en": "A"}, "person": SEALED}},
        {"results": {"summary": {"en": "x"}}, "funders": [{"person": SEALED}]},
    ],
)
async def test_nobody_brings_what_is_sealed(fields: dict[str, Any]) -> None:
    vault = MemoryVault()
    with pytest.raises(Rejection, match="sealed-input"):
        await seal(vault, ONE, amendment(**fields))
    assert vault.calls == []


async def test_each_reader_gets_what_is_for_it_and_nobody_what_is_gone() -> None:
    vault = MemoryVault()
    content = (await seal(vault, ONE, amendment(**FIELDS))).to_content()
    whole = await opened(vault, ONE, content)
    page = await opened_for_pages(vault, ONE, content)

    assert owners(whole) == []
    assert whole["registration"]["contacts"][0]["person"]["name"] == HANAKO["name"]
    assert whole["reason"] == page["reason"] == "The protocol changed"
    assert page["registration"]["contacts"] == content["registration"]["contacts"]
    assert page["registration"]["funders"][0]["person"]["name"] == HANAKO["name"]
    assert page["registration"]["primary_sponsor"]["person"]["name"] == TARO["name"]
    person = content["registration"]["primary_sponsor"]["person"]["person"]
    await vault.destroy(OwnerKind.PERSON, person)
    for read in (opened, opened_for_pages):
        gone = await read(vault, ONE, content)
        assert gone["registration"]["primary_sponsor"]["person"] == {"person": person, "erased": True}
        assert gone["registration"]["secondary_sponsors"] == FIELDS["secondary_sponsors"]


async def test_changes_of_sponsors_are_for_pages_and_those_of_contacts_are_not() -> None:
    vault = MemoryVault()
    registered = (await seal(vault, ONE, amendment(**FIELDS))).to_content()["registration"]
    changes = [
        {"field": "/primary_sponsor/person", "old": registered["primary_sponsor"]["person"], "new": None},
        {"field": "/contacts/i1/person", "old": registered["contacts"][0]["person"]},
        {"field": "/funders", "new": registered["funders"]},
        {"old": 1},
    ]
    page = await opened_for_pages(vault, ONE, {"changes": changes})

    assert page["changes"][0]["old"]["name"] == TARO["name"]
    assert page["changes"][1:2] == changes[1:2]
    assert page["changes"][2]["new"][0]["person"]["name"] == HANAKO["name"]
    assert page["changes"][3] == {"old": 1}


async def test_documents_of_many_streams_are_opened_each_as_its_own_with_one_question() -> None:
    vault = MemoryVault()
    commands = [(stream, amendment(reason=f"of {stream}")) for stream in (ONE, OTHER)]
    sealed = [command.to_content() for command, _ in await seal_all(vault, commands)]
    vault.calls.clear()
    read = await opened_each(vault, [(ONE, sealed[0]), (OTHER, sealed[1])])

    assert [one["reason"] for one in read] == ["of trial/1", "of trial/2"]
    assert vault.calls == ["keys"]


def test_where_persons_and_texts_may_stand_follows_from_the_types() -> None:
    sealable._fields.cache_clear()  # what was kept says nothing of how it is found
    register = do.RegisterTrial.model_validate({"registration": registration(**FIELDS)})
    why = do.DiscontinueTrial.model_validate({"on": "2026-11-01", "why": {"en": "Futility"}})

    assert len(list(sealable.found_in(sealable.PARTIES, register))) == 5
    assert [*sealable.found_in(sealable.TEXTS, register)] == []
    assert [*sealable.found_in(sealable.TEXTS, why)] == [why.why]
    assert [*sealable.found_in(sealable.TEXTS, amendment())] == ["The protocol changed"]
    assert sealable.replaced(sealable.PARTIES, why, lambda _: None) is why
    for kind in COMMANDS.values():
        assert "reason" in sealable._fields(sealable.TEXTS, kind)
    assert sealable._fields(sealable.PARTIES, do.AmendTrial) == {"registration", "edits"}
    assert sealable._fields(sealable.PARTIES, Command) == frozenset()
