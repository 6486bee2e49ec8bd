"""Registration numbers on a node: none is given twice, and none lost that did not have to be."""

import asyncio
from datetime import datetime
from uuid import uuid4

import pytest

from events.schemas.zones import JAPAN
from registry import wiring
from registry.domain.decider import Command, Rejection
from registry.domain.permissions import CONSOLE
from registry.domain.trial.commands import AdoptTrial, ImportTrial, PublishTrial, RegisterTrial
from registry.engine.commanding import OutcomeUnknown
from registry.exchange.received import Received
from registry.node import Node
from registry.settings import Settings
from tests.support.faults import Fault, UnreliableLog
from tests.support.receiving import receive
from tests.support.trials import partner_study, registration
from tests.support.waiting import PATIENCE

REGISTER = RegisterTrial.model_validate({"registration": registration()})


async def draft(node: Node) -> str:
    key = uuid4()
    await node.submit(CONSOLE, key, f"trial/{key}", REGISTER)
    return f"trial/{key}"


async def partners(node: Node) -> str:
    stream = f"trial/{uuid4()}"
    received = Received.of("ctgov", stream.encode(), "text/plain")
    await receive(node, stream, received, lambda source: ImportTrial(**partner_study(), source=source))
    return stream


async def number_of(node: Node, stream: str, command: Command | None = None) -> str:
    receipt = await node.submit(CONSOLE, uuid4(), stream, command or PublishTrial())
    assert receipt is not None
    assert receipt.number is not None
    return receipt.number


async def reservations(node: Node) -> list[tuple[int, int]]:
    await node.until_visible(PATIENCE)
    events = await node.views.events(f"numbers/JTR{datetime.now(JAPAN).year}")
    return [(event.record.data["first"], event.record.data["count"]) for event in events]


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("adopting", [False, True], ids=["publish", "adopt"])
async def test_a_number_whose_event_may_stand_is_nobody_elses(node: Node, fault: Fault, adopting: bool) -> None:
    command = AdoptTrial() if adopting else PublishTrial()
    streams = [await (partners(node) if adopting else draft(node)) for _ in range(3)]
    taken = await number_of(node, streams[0], command)
    key, log = uuid4(), node.log
    node.commanding._appending._log = UnreliableLog(log, planned=[fault] * 1_000)
    with pytest.raises(OutcomeUnknown):
        await node.submit(CONSOLE, key, streams[1], command, deadline=0.3)
    node.commanding._appending._log = log
    other = await number_of(node, streams[2], command)
    receipt = await node.submit(CONSOLE, key, streams[1], command)

    assert receipt is not None
    assert receipt.number is not None
    assert len({taken, other, receipt.number}) == 3


async def test_numbers_are_given_in_turn_and_reserved_once_for_all_who_wait(node: Node) -> None:
    streams = [await draft(node) for _ in range(25)]
    numbers = await asyncio.gather(*(number_of(node, stream) for stream in streams))

    assert sorted(int(number[7:13]) for number in numbers) == list(range(1, 26))
    assert await reservations(node) == [(1, 20), (21, 20)]


async def test_a_number_that_was_refused_goes_to_the_next_and_no_other_is_reserved(node: Node) -> None:
    key = uuid4()
    await node.submit(CONSOLE, key, f"trial/{key}", RegisterTrial.model_validate({"registration": {}}))
    for _ in range(25):
        with pytest.raises(Rejection):
            await node.submit(CONSOLE, uuid4(), f"trial/{key}", PublishTrial())
    streams = [await draft(node) for _ in range(3)]

    assert [int((await number_of(node, stream))[7:13]) for stream in streams] == [1, 2, 3]
    assert await reservations(node) == [(1, 20)]


async def test_a_repeated_publication_takes_no_number(node: Node) -> None:
    stream, key = await draft(node), uuid4()
    first = await node.submit(CONSOLE, key, stream, PublishTrial())
    for _ in range(25):
        assert await node.submit(CONSOLE, key, stream, PublishTrial()) == first

    assert int((await number_of(node, await draft(node)))[7:13]) == 2


async def test_a_number_of_another_form_or_with_a_wrong_check_is_not_set_aside(node: Node) -> None:
    for number in ("NCT01234567", "JTR2020000001A"):
        with pytest.raises(Rejection, match="number-unknown: this is no number of this registry"):
            await node.set_aside(number)


@pytest.mark.parametrize(("running", "last"), [(1, 500), (500, 500), (501, 1000)])
async def test_numbers_are_set_aside_up_to_the_end_of_their_span(node: Node, running: int, last: int) -> None:
    grammar = node.commanding.numbers._grammar  # type: ignore[attr-defined]
    await node.set_aside(grammar.render("JTR2019", running))
    await node.until_visible(PATIENCE)
    [event] = await node.views.events("numbers/JTR2019")

    assert event.record.data == {"first": 1, "last": last}


async def test_the_block_that_a_node_reserves_is_a_setting(settings: Settings) -> None:
    async with wiring.running(settings.model_copy(update={"number_block": 3})) as node:
        numbers = [int((await number_of(node, await draft(node)))[7:13]) for _ in range(4)]

        assert numbers == [1, 2, 3, 4]
        assert await reservations(node) == [(1, 3), (4, 3)]
