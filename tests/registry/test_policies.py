"""What policies are, without a node: keys, causes, who may give what, and how a consequence goes on."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from events.schemas.access import Role, TokenIssued
from events.schemas.consequence import BrokenRule, CommandRefused, ConsequenceClosed, ConsequenceSettled, RetryAsked
from events.stopping import stop
from registry.domain import permitting
from registry.domain.catalogue import DECLARED
from registry.domain.consequence import decider
from registry.domain.consequence.decider import (
    CONSEQUENCE,
    CloseConsequence,
    Progress,
    RefuseCommand,
    RetryConsequence,
    SettleConsequence,
)
from registry.domain.decider import Command, Context, Rejection
from registry.domain.numbers.decider import ReserveNumbers
from registry.domain.permissions import CONSOLE, Actor, NotPermitted, policy_actor, policy_of
from registry.engine.heads import Heads
from registry.people.tokens import AccessBook, digest_of
from registry.policies.policy import Cause, Policy, Reaction, key_of
from registry.reacting.planned import Planned, Unfit, planned
from tests.projections.trials import TOPIC, Writer, memory_log
from tests.support.policies import counts

NOW = Context(datetime(2026, 11, 29, tzinfo=UTC), "registry")
FAULT = BrokenRule(rule="token-unknown", message="no such token")
REFUSE = RefuseCommand(
    policy="gates", cause="region/1/2", target="trial/1", command="trial.publish", content={}, faults=(FAULT,)
)
CAUSE = Cause("region/1", 2)


def after(*events: Any) -> decider.State:
    state: decider.State = None
    for event in events:
        state = CONSEQUENCE.evolve(state, event)
    return state


REFUSED = CommandRefused(policy="gates", cause="region/1/2", faults=(FAULT,))
OPEN, RETRYING = after(REFUSED), after(REFUSED, RetryAsked())
SETTLED, CLOSED = after(REFUSED, ConsequenceSettled()), after(REFUSED, ConsequenceClosed())


@pytest.mark.parametrize(("state", "command", "outcome"), [
    (None, REFUSE, CommandRefused), (RETRYING, REFUSE, CommandRefused),
    (OPEN, REFUSE, None), (SETTLED, REFUSE, None), (CLOSED, REFUSE, None),
    (OPEN, RetryConsequence(), RetryAsked), (RETRYING, RetryConsequence(), "retry-underway"),
    (None, RetryConsequence(), "consequence-unknown"), (SETTLED, RetryConsequence(), "consequence-settled"),
    (CLOSED, RetryConsequence(), "consequence-closed"),
    (OPEN, CloseConsequence(reason="x"), ConsequenceClosed),
    (RETRYING, CloseConsequence(reason="x"), ConsequenceClosed),
    (None, CloseConsequence(reason="x"), "consequence-unknown"),
    (SETTLED, CloseConsequence(reason="x"), "consequence-settled"),
    (CLOSED, CloseConsequence(reason="x"), "consequence-closed"),
    (RETRYING, SettleConsequence(version=3), ConsequenceSettled),
    (CLOSED, SettleConsequence(), ConsequenceSettled),
    (SETTLED, SettleConsequence(), None), (None, SettleConsequence(), None),
])  # fmt: skip
def test_a_consequence_goes_from_open_to_settled_or_closed(state: Any, command: Command, outcome: Any) -> None:
    if isinstance(outcome, str):
        with pytest.raises(Rejection, match=outcome):
            CONSEQUENCE.decide(state, command, NOW)
    else:
        event = CONSEQUENCE.decide(state, command, NOW)
        assert type(event) is (outcome or type(None))


def test_what_is_refused_again_is_open_again() -> None:
    state = after(REFUSED, RetryAsked(), CommandRefused(policy="gates", cause="region/1/2", faults=(FAULT,)))

    assert state is not None
    assert state.progress is Progress.OPEN


def test_the_content_of_a_refused_command_is_kept_as_it_was_said() -> None:
    """A field set to null is another command than one that is left out."""
    refused = CONSEQUENCE.decide(None, REFUSE.model_copy(update={"content": {"set": None, "list": [{}]}}), NOW)

    assert refused is not None
    assert refused.to_stored()["content"] == {"set": None, "list": [{}]}


def test_a_key_follows_from_policy_cause_stream_and_name_and_never_changes() -> None:
    known = key_of("gates", CAUSE, "trial/1")

    assert known == UUID("96ce3ef9-d06b-505f-8bfc-ced8381aeb7b")
    assert len({
        known, key_of("gate", CAUSE, "trial/1"), key_of("gates", Cause("region/1", 3), "trial/1"),
        key_of("gates", CAUSE, "trial/2"), key_of("gates", CAUSE, "trial/1", "late"),
    }) == 5  # fmt: skip


@pytest.mark.parametrize("text", ["", "region", "region/1/x", "/1", "region/1/٣", "region/1/-1"])
def test_what_names_no_event_is_no_cause(text: str) -> None:
    assert Cause.read(str(CAUSE)) == CAUSE
    with pytest.raises(ValueError, match="a cause is written stream/version"):
        Cause.read(text)


@pytest.mark.parametrize("name", ["", "Gates", "gates_1", "1gates", "policy:gates", "g" * 65])
def test_a_name_that_no_actor_can_bear_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a policy"):
        Policy(name, "trial", counts)


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = Reaction("numbers/a", ReserveNumbers(count=1), at=datetime(2026, 11, 29))  # noqa: DTZ001
    with pytest.raises(Unfit, match="no zone"):
        planned(Policy("toy", "trial", counts), CAUSE, [naive])


def test_a_command_is_the_same_after_it_waited() -> None:
    [one] = planned(Policy("toy", "trial", counts), CAUSE, [Reaction("numbers/a", ReserveNumbers(count=2))])

    assert isinstance(one, Planned)
    assert one.command() == ReserveNumbers(count=2)
    assert one.command().to_content() == one.content == {"count": 2}


CONSOLE_ONLY = [model for model, (_, declared) in DECLARED.items() if declared.console_only]


@pytest.mark.parametrize("model", CONSOLE_ONLY)
def test_a_policy_may_give_what_the_console_may(model: type[Command]) -> None:
    permitting.check(policy_actor("gates"), model.model_construct(), None)


@pytest.mark.parametrize("actor", [CONSOLE, policy_actor("gates")])
def test_an_actor_that_is_called_alike_is_not_internal(actor: Actor) -> None:
    alike = Actor(actor.token, actor.role, actor.organisation)

    assert not alike.internal
    with pytest.raises(NotPermitted):
        permitting.check_role(alike, RefuseCommand)


@pytest.mark.parametrize("name", ["console", "policy:gates", "policy:"])
async def test_no_token_passes_for_a_policy_or_the_console(name: str) -> None:
    """Even one that somebody recorded in the log under such an id, for such a role and organisation."""
    issued = TokenIssued(digest=digest_of("registry_x"), role=Role.REGISTRY, organisation="registry")
    log = memory_log()
    writer = Writer(log)
    heads = Heads(log, TOPIC)
    book = AccessBook(heads, lambda: datetime.now(UTC))
    await writer.append(f"access/{name}", issued)
    running = asyncio.create_task(heads.run())
    await heads.until_ready()
    await stop([running])
    actor = book.actor("registry_x")

    assert actor is not None
    assert actor.token == name
    assert not actor.internal
    with pytest.raises(NotPermitted):
        permitting.check_role(actor, ReserveNumbers)
    recalled = AccessBook(Heads(log, TOPIC), lambda: datetime.now(UTC))
    recalled.recall(book.remembered(lambda _: True))
    assert recalled.actor("registry_x") == actor


def test_a_policy_is_known_by_its_token() -> None:
    assert policy_of(policy_actor("gates").token) == "gates"
    assert policy_of(CONSOLE.token) is policy_of("0199a5c0-0000-7000-8000-000000000001") is None
