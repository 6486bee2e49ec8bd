"""The command loop: answers are certain or said to be unknown, and a command never counts twice."""

import asyncio
from itertools import product
from uuid import uuid4

import psycopg
import pytest

from events.event import Event
from events.port import LogUnavailable
from events.schemas.access import Role
from events.schemas.registration import Registration
from registry import wiring
from registry.domain.permissions import ANONYMOUS, CONSOLE, Actor, NotPermitted
from registry.domain.trial.commands import AmendTrial, PublishTrial, RegisterTrial
from registry.engine.commanding import KeyReused, OutcomeUnknown, VersionConflict
from registry.engine.heads import NotReady
from registry.engine.receipts import Receipt
from registry.node import Node
from registry.settings import Settings
from tests.support.faults import Fault, UnreliableLog
from tests.support.trials import registration
from tests.support.waiting import PATIENCE

STRANGER = Actor("stranger", Role.SPONSOR, "another-sponsor")
REGISTER = RegisterTrial.model_validate({"registration": registration()})


def amend(size: int) -> AmendTrial:
    return AmendTrial(reason="more", registration=Registration(planned_size=size))


async def register(node: Node) -> str:
    key = uuid4()
    await node.submit(CONSOLE, key, f"trial/{key}", REGISTER)
    return f"trial/{key}"


async def history(node: Node, stream: str) -> list[Event]:
    await node.until_visible(PATIENCE)
    return await node.views.events(stream)


@pytest.fixture
async def faulty(node: Node) -> UnreliableLog:
    """The log of the node's command loop, made unreliable."""
    log = UnreliableLog(node.log)
    node.commanding._appending._log = node.heads._events = log  # they have no other reason to let their log be changed
    return log


async def test_a_repeat_gets_the_first_answer_on_this_node_and_after_many_other_commands(node: Node) -> None:
    stream, key = await register(node), uuid4()
    first = await node.submit(CONSOLE, key, stream, amend(1))
    for size in range(2, 80):
        await node.submit(CONSOLE, uuid4(), stream, amend(size))
    again = await node.submit(CONSOLE, key, stream, amend(1))

    assert first == again
    assert len(await history(node, stream)) == 80


async def test_a_repeat_gets_the_first_answer_on_another_node(node: Node, settings: Settings) -> None:
    stream, key = await register(node), uuid4()
    first = await node.submit(CONSOLE, key, stream, amend(1))
    async with wiring.running(settings) as other:
        assert first == await other.submit(CONSOLE, key, stream, amend(1))


async def test_a_repeated_registration_is_one_trial(node: Node) -> None:
    key = uuid4()
    answers = await asyncio.gather(*(node.submit(CONSOLE, key, f"trial/{key}", REGISTER) for _ in range(10)))

    assert len(set(answers)) == 1
    assert len(await history(node, f"trial/{key}")) == 1


async def test_the_same_key_with_another_command_is_refused(node: Node) -> None:
    stream, key = await register(node), uuid4()
    await node.submit(CONSOLE, key, stream, amend(1))
    with pytest.raises(KeyReused):
        await node.submit(CONSOLE, key, stream, amend(2))


async def test_the_same_key_on_two_trials_answers_each_with_its_own(node: Node) -> None:
    one, other, key = await register(node), await register(node), uuid4()
    first = await node.submit(CONSOLE, key, one, amend(1))
    second = await node.submit(CONSOLE, key, other, amend(1))

    assert first != second
    assert first == await node.submit(CONSOLE, key, one, amend(1))
    assert second == await node.submit(CONSOLE, key, other, amend(1))


async def test_a_decision_on_an_old_version_is_refused_with_the_version_that_is(node: Node) -> None:
    stream = await register(node)
    await node.submit(CONSOLE, uuid4(), stream, amend(1), version=1)
    with pytest.raises(VersionConflict) as conflict:
        await node.submit(CONSOLE, uuid4(), stream, amend(2), version=1)

    assert conflict.value.version == 2


async def test_only_a_no_asks_how_far_others_have_come(node: Node, faulty: UnreliableLog) -> None:
    stream = await register(node)
    for size in range(1, 20):
        await node.submit(CONSOLE, uuid4(), stream, amend(size))
    assert faulty.ends_read == 0

    with pytest.raises(VersionConflict):
        await node.submit(CONSOLE, uuid4(), stream, amend(20), version=1)
    assert faulty.ends_read == 1


async def test_a_node_that_cannot_know_whether_it_is_behind_does_not_say_no(node: Node, faulty: UnreliableLog) -> None:
    stream = await register(node)
    faulty.away = True

    with pytest.raises(LogUnavailable):
        await node.submit(CONSOLE, uuid4(), stream, amend(1), version=7)
    with pytest.raises(LogUnavailable):
        await node.submit(STRANGER, uuid4(), stream, amend(1))
    with pytest.raises(NotPermitted):  # its role may never, however far the node has come
        await node.submit(ANONYMOUS, uuid4(), stream, amend(1))


@pytest.mark.parametrize("faults", [list(faults) for count in (1, 2, 3) for faults in product(Fault, repeat=count)])
async def test_whatever_becomes_of_an_append_the_command_counts_once(
    node: Node, faulty: UnreliableLog, faults: list[Fault]
) -> None:
    stream = await register(node)
    faulty.planned = list(faults)
    receipt = await node.submit(CONSOLE, uuid4(), stream, amend(1))
    events = await history(node, stream)

    assert receipt is not None
    assert [event.version for event in events] == [1, 2]
    assert Receipt.of(events[-1]) == receipt
    assert faulty.appends == 2 + len(faults)


@pytest.mark.parametrize("fault", Fault)
async def test_an_unknown_outcome_is_said_to_be_unknown_and_the_same_key_settles_it(
    node: Node, faulty: UnreliableLog, fault: Fault
) -> None:
    stream, key = await register(node), uuid4()
    faulty.planned = [fault] * 1_000
    with pytest.raises(OutcomeUnknown):
        await node.submit(CONSOLE, key, stream, amend(1), deadline=0.3)
    faulty.planned = []
    receipt = await node.submit(CONSOLE, key, stream, amend(1))
    events = await history(node, stream)

    assert receipt == Receipt.of(events[-1])
    assert [event.record.id for event in events].count(key) == 1
    assert await node.recorded_under(key, CONSOLE.organisation, 10) == [events[-1]]


async def test_twenty_nodes_worth_of_numbers_never_collide(settings: Settings) -> None:
    async def publish(node: Node) -> str:
        stream = await register(node)
        receipt = await node.submit(CONSOLE, uuid4(), stream, PublishTrial())
        assert receipt is not None
        return str(receipt.number)

    async with wiring.running(settings) as one, wiring.running(settings) as other:
        numbers = await asyncio.gather(*(publish(node) for _ in range(30) for node in (one, other)))

    assert len(set(numbers)) == 60


async def test_a_number_taken_for_a_refused_command_is_given_to_the_next(node: Node) -> None:
    incomplete = RegisterTrial.model_validate({"registration": {"public_title": {"ja": "題"}}})
    key = uuid4()
    await node.submit(CONSOLE, key, f"trial/{key}", incomplete)
    for _ in range(3):
        with pytest.raises(Exception, match="incomplete"):
            await node.submit(CONSOLE, uuid4(), f"trial/{key}", PublishTrial())
    receipt = await node.submit(CONSOLE, uuid4(), await register(node), PublishTrial())

    assert receipt is not None
    assert receipt.number is not None
    assert "000001" in receipt.number


async def test_a_node_that_has_not_read_the_log_answers_nothing(settings: Settings) -> None:
    node = await wiring.open_node(settings)
    try:
        with pytest.raises(NotReady):
            await node.submit(CONSOLE, uuid4(), f"trial/{uuid4()}", REGISTER)
    finally:
        await node.close()


async def test_clearing_a_field_and_leaving_it_out_are_different_commands(node: Node) -> None:
    stream, key = await register(node), uuid4()
    clearing = AmendTrial.model_validate({"reason": "x", "registration": {"planned_size": 9, "phase": None}})
    await node.submit(CONSOLE, key, stream, clearing)
    with pytest.raises(KeyReused):
        await node.submit(CONSOLE, key, stream, AmendTrial(reason="x", registration=Registration(planned_size=9)))


async def test_who_may_not_give_a_command_leaves_nothing_in_the_vault_and_takes_no_number(
    node: Node, settings: Settings
) -> None:
    stream = await register(node)
    contacts = {"registration": {"contacts": [{"role": "public", "person": {"email": "new@example.jp"}}]}}
    for command in (AmendTrial.model_validate({"reason": "x", **contacts}), PublishTrial()):
        with pytest.raises(NotPermitted):
            await node.submit(ANONYMOUS, uuid4(), stream, command)
    with psycopg.connect(settings.database_url) as connection:
        persons = connection.execute("select count(*) from vault.identity").fetchone()
        numbers = connection.execute("select count(*) from views.history where stream like 'numbers/%'").fetchone()

    assert (persons, numbers) == ((1,), (0,))
