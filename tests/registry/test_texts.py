"""Reasons and whys: sealed under keys of their own before the log, public until they are taken back."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from events.schemas.trial import Status
from events.sealing import OwnerKind, owners_in
from events.vault import Identity, OtherKind
from registry.domain.decider import Command, Rejection
from registry.domain.permissions import CONSOLE
from registry.domain.person.decider import ForgetPerson
from registry.domain.text.decider import TakeTextBack
from registry.domain.trial import commands as do
from registry.exchange.raw import Destroyed
from registry.exchange.received import Received
from registry.node import Node
from registry.office.erasing import destroy
from registry.settings import Settings
from tests.support.postgres import everything_in
from tests.support.receiving import receive
from tests.support.trials import partner_study, registration
from tests.support.waiting import PATIENCE

REASON, WHY = "Dr Kanariya, 03-9999-0000, asked for it", {"en": "Dr Kanariya left", "de": "Frau Kanariya ging"}


async def registered(node: Node) -> str:
    key = uuid4()
    command = do.RegisterTrial.model_validate({"registration": registration()})
    await node.submit(CONSOLE, key, f"trial/{key}", command)
    return f"trial/{key}"


def amendment(**fields: Any) -> Command:
    return do.AmendTrial.model_validate({"reason": REASON, "registration": {"planned_size": 77}, **fields})


async def discontinued(node: Node) -> str:
    """A trial with a reason and a why, by its stream."""
    stream = await registered(node)
    for command in (
        amendment(),
        do.PublishTrial(),
        do.DiscontinueTrial.model_validate({"on": "2026-11-01", "why": WHY}),
    ):
        await node.submit(CONSOLE, uuid4(), stream, command)
    await node.until_visible(PATIENCE)
    return stream


async def reasons(node: Node, stream: str) -> tuple[Any, Any]:
    """(reason of the amendment, why the trial was discontinued) as readers get them."""
    rows = await node.views.history(stream)
    document = await node.views.document(stream.partition("/")[2])
    assert document is not None
    opened = await node.open_all({"rows": [row.event.record.data for row in rows], "now": document["status"]}, stream)
    assert opened["rows"][3]["why"] == opened["now"]["why"]
    return opened["rows"][1]["reason"], opened["now"]["why"]


async def texts_of(node: Node, stream: str) -> list[str]:
    rows = await node.views.history(stream)
    return list(dict.fromkeys(owners_in([row.event.record.data for row in rows], ("text",))))


async def test_reasons_are_sealed_before_the_log_and_opened_for_readers(node: Node, settings: Settings) -> None:
    stream = await discontinued(node)

    assert await reasons(node, stream) == (REASON, WHY)
    assert "Kanariya" not in everything_in(settings.database_url)


async def test_a_why_put_right_is_sealed_as_the_first_was(node: Node, settings: Settings) -> None:
    stream, right = await discontinued(node), {"en": "Dr Kanariya retired"}
    await node.submit(
        CONSOLE, uuid4(), stream, do.CorrectEvent.model_validate({"reason": REASON, "corrects": 4, "why": right})
    )
    await node.until_visible(10)
    [*_, row] = await node.views.history(stream)
    opened = await node.open_all(row.event.record.data, stream)

    assert [(one["old"], one["new"]) for one in opened["changes"]] == [(WHY, right)]
    assert (await said_of_the_end(node, stream)) == right
    assert "Kanariya" not in everything_in(settings.database_url)


async def said_of_the_end(node: Node, stream: str) -> Any:
    document = await node.views.document(stream.partition("/")[2])
    assert document is not None
    return (await node.open_all(document["status"], stream))["why"]


async def test_a_text_taken_back_is_erased_in_every_view_and_the_views_stay_as_they_are(node: Node) -> None:
    stream = await discontinued(node)
    trial, (reason, why) = stream.partition("/")[2], await texts_of(node, stream)
    before = await node.views.document(trial)
    for text in (reason, why):
        await node.order(f"text/{text}", TakeTextBack(reason="it names a person"))
        await node.until_visible(PATIENCE)
        while await node.vault.keys([text]):
            await node.until_visible(PATIENCE)

    assert await reasons(node, stream) == ({"text": reason, "erased": True}, {"text": why, "erased": True})
    assert before == await node.views.document(trial)


async def test_who_takes_a_text_back_can_have_its_own_reason_taken_back(node: Node) -> None:
    stream = await discontinued(node)
    text, _ = await texts_of(node, stream)
    event = await node.order(f"text/{text}", TakeTextBack(reason="it names Dr Kanariya"))
    assert event is not None
    [own] = owners_in(event.record.data)

    assert own != text
    assert (await node.open_all(event.record.data, f"text/{text}"))["reason"] == "it names Dr Kanariya"
    assert await node.order(f"text/{text}", TakeTextBack(reason="again")) is None


@pytest.mark.parametrize("kind", OwnerKind)
async def test_the_wrong_command_destroys_nothing_and_records_nothing(node: Node, kind: OwnerKind) -> None:
    stream = await discontinued(node)
    rows = [row.event.record.data for row in await node.views.history(stream)]
    owner, *_ = owners_in(rows, [one.value for one in OwnerKind if one is not kind])
    with pytest.raises(OtherKind, match="nothing was destroyed"):
        await destroy(node, kind, [owner], "the id is of another kind")
    await node.until_visible(PATIENCE)

    assert owner in await node.vault.keys([owner])
    assert node.heads.head(f"{kind.value}/{owner}").version == 0


async def test_a_key_is_destroyed_once_and_only_where_it_was_known(node: Node) -> None:
    with pytest.raises(LookupError, match=f"no person is known here under {UUID(int=1)}"):
        await destroy(node, OwnerKind.PERSON, [str(UUID(int=1))], "never was")
    person, key = await node.vault.owner(Identity(OwnerKind.PERSON, "a"))
    other, _ = await node.vault.owner(Identity(OwnerKind.PERSON, "b"))

    assert key
    assert await destroy(node, OwnerKind.PERSON, [person], "asked") == [True]
    assert await destroy(node, OwnerKind.PERSON, [person, other], "asked again") == [False, True]
    assert await node.vault.keys([person, other]) == {}


async def test_an_event_on_an_id_of_another_kind_destroys_nothing_and_stops_nothing(node: Node) -> None:
    stream = await discontinued(node)
    reason, why = await texts_of(node, stream)
    with capture_logs() as lines:
        await node.order(f"person/{reason}", ForgetPerson(reason="the id is a text's"))
        await node.order(f"text/{why}", TakeTextBack(reason="it names a person"))
        while await node.vault.keys([why]):
            await node.until_visible(PATIENCE)

    assert reason in await node.vault.keys([reason])
    assert [line["owner"] for line in lines if line["event"] == "forgetting_refused"] == [reason]


async def test_the_same_reason_sent_again_is_the_same_record(node: Node) -> None:
    stream, key = await registered(node), uuid4()
    first = await node.submit(CONSOLE, key, stream, amendment())

    assert await node.submit(CONSOLE, key, stream, amendment()) == first


async def test_the_same_words_are_one_text_in_a_stream_and_another_in_another(node: Node) -> None:
    streams = [await registered(node), await registered(node)]
    for stream in streams:
        for size in (77, 78):
            await node.submit(CONSOLE, uuid4(), stream, amendment(registration={"planned_size": size}))
    await node.until_visible(PATIENCE)
    texts = [await texts_of(node, stream) for stream in streams]

    assert [len(one) for one in texts] == [1, 1]
    assert texts[0] != texts[1]


async def test_a_command_can_bring_no_sealed_text_of_its_own(node: Node) -> None:
    stream, sealed = await registered(node), {"text": str(UUID(int=1)), "sealed": "1." + "A" * 60}
    with pytest.raises(Rejection, match="sealed-input"):
        await node.submit(CONSOLE, uuid4(), stream, amendment(reason=sealed))


async def test_why_a_partners_trial_stopped_is_sealed_and_taken_back_with_the_document(
    node: Node, settings: Settings
) -> None:
    stream = f"trial/{uuid4()}"
    status = {"authorisation": "discontinued", "recruitment": "closed", "why": WHY}
    study = partner_study() | {"status": Status.model_validate(status)}
    received = Received.of("ctgov", b'{"why": "Dr Kanariya left"}', "application/json")
    event = await receive(node, stream, received, lambda source: do.ImportTrial(**study, source=source))
    assert event is not None
    again = await receive(node, stream, received, lambda source: do.ImportTrial(**study, source=source))
    [text] = owners_in(event.record.data["status"])
    await node.order(f"text/{text}", TakeTextBack(reason="it names a person"))
    await node.vault.destroy(OwnerKind.TEXT, text)

    assert again is None
    assert "Kanariya" not in everything_in(settings.database_url)
    assert (await node.open_all(event.record.data, stream))["status"]["why"] == {"text": text, "erased": True}
    with pytest.raises(Destroyed):
        await node.documents.fetch(event.record.data["source"]["document"])
