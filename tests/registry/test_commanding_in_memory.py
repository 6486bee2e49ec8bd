"""The command loop on a log in memory: what it proposes, and each way in which a command can end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from events.admission import REMEMBERED_IDS
from events.event import Event
from events.memory import MemoryEventLog
from events.port import LogUnavailable, MessageTooLarge
from events.record import Record
from events.schemas import trial as happened
from events.schemas.access import Role
from events.schemas.registration import Registration
from events.schemas.values import SealedText
from registry.domain.decider import Command, Rejection
from registry.domain.numbers.decider import ReserveNumbers, SetNumbersAside
from registry.domain.permissions import CONSOLE, Actor, NotPermitted
from registry.domain.trial import commands as do
from registry.engine.appending import Appends
from registry.engine.commanding import KeyReused, OutcomeUnknown, VersionConflict
from registry.engine.order import Order
from registry.engine.states import NotInTime
from tests.projections.trials import ORIGIN
from tests.support.faults import Fault
from tests.support.loop import GRAMMAR, NOW, SERIES, TOLERANCE, TRIAL_STREAM, Stand, standing
from tests.support.trials import SEALED, sealed_registration

SPONSOR, STRANGER = (Actor(f"token of {name}", Role.SPONSOR, name) for name in ("kyoto", "osaka"))
REASON = SealedText.model_validate({"text": SEALED["person"], "sealed": SEALED["sealed"]})
REGISTER = do.RegisterTrial(registration=sealed_registration())
PUBLISH = do.PublishTrial()
ASIDE = SetNumbersAside(number=3, through=500)


def amend(size: int) -> do.AmendTrial:
    return do.AmendTrial.model_construct(
        {"reason", "registration"}, reason=REASON, registration=Registration(planned_size=size)
    )


@pytest.fixture
async def nodes() -> AsyncIterator[tuple[Stand, Stand]]:
    """Two nodes on one log, in which a sponsor's trial is registered."""
    on = MemoryEventLog(lambda: NOW)
    async with AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(standing(on)) for _ in range(2)]
        await one.do(REGISTER, actor=SPONSOR)
        await other.heads.catch_up(TRIAL_STREAM)
        one.log.appends = other.log.appends = 0
        yield one, other


@pytest.fixture
def stand(nodes: tuple[Stand, Stand]) -> Stand:
    return nodes[0]


@pytest.fixture
def other(nodes: tuple[Stand, Stand]) -> Stand:
    return nodes[1]


async def test_a_command_becomes_this_record(stand: Stand) -> None:
    stated_time = datetime(2026, 11, 1, 9, 0, 0, 5_999, tzinfo=UTC)
    head, command = stand.heads.head(TRIAL_STREAM), amend(7).model_copy(update={"occurred_at": stated_time})
    event = await stand.do(command, key=5, actor=SPONSOR)

    assert event is not None
    assert event.record == Record(
        id=UUID(int=5),
        type="trial.amended.v1",
        subject=TRIAL_STREAM,
        expectedversion=1,
        previoushash=head.digest,
        commandhash=Order(UUID(int=5), TRIAL_STREAM, command, SPONSOR).digest,
        actor="token of kyoto",
        onbehalfof="kyoto",
        time=stated_time,
        data={
            "changes": [{"field": "/planned_size", "old": 120, "new": 7}],
            "reason": REASON.to_stored(),
        },
        origin=ORIGIN,
        revision=happened.TrialAmended.REVISION,
        extensions={"actorrole": "sponsor"},
    )
    assert (event.version, event.digest) == (2, stand.heads.head(TRIAL_STREAM).digest)
    undated = await stand.do(amend(8))
    assert undated is not None
    assert undated.record.time == NOW


@pytest.mark.parametrize("others", [0, 1, 70])
async def test_a_repeat_gets_the_first_answer_and_adds_nothing(nodes: tuple[Stand, Stand], others: int) -> None:
    stand, other = nodes
    first = await stand.do(amend(1), key=5)
    for size in range(others):
        await stand.do(amend(100 + size))
    stand.log.appends = 0
    for node in (stand, other):
        again = await node.do(amend(1), key=5)
        assert first is not None
        assert again is not None
        assert (again.position, again.record) == (first.position, first.record)
        with pytest.raises(KeyReused):
            await node.do(amend(2), key=5)
        assert node.log.appends == 0


async def test_a_version_that_is_asked_for_must_be_the_one_that_is(stand: Stand) -> None:
    assert await stand.do(amend(1), version=1)
    for version in (0, 1, 3):
        with pytest.raises(VersionConflict, match="the version is 2") as conflict:
            await stand.do(amend(2), version=version)
        assert conflict.value.version == 2
    assert await stand.do(amend(3), version=2)
    assert await stand.sizes() == [1, 3]


async def test_who_may_not_give_a_command_learns_no_version(stand: Stand) -> None:
    with pytest.raises(NotPermitted):
        await stand.do(amend(1), actor=STRANGER, version=99)
    assert stand.log.appends == 0


async def test_nothing_has_occurred_later_than_clocks_may_differ(stand: Stand) -> None:
    for late in (timedelta(), timedelta(microseconds=1)):
        command = amend(1).model_copy(update={"occurred_at": NOW + TOLERANCE + late})
        if late:
            with pytest.raises(Rejection, match="occurs-in-future"):
                await stand.do(command)
        else:
            assert await stand.do(command)


async def test_nothing_to_record_is_told_once_it_is_known_that_no_other_node_knows_more(stand: Stand) -> None:
    assert await stand.do(ASIDE)
    assert stand.log.ends_read == 0
    assert await stand.do(ASIDE) is None
    assert stand.log.ends_read == 1
    stand.log.away = True
    with pytest.raises(LogUnavailable):
        await stand.do(ASIDE)


async def late(stand: Stand, command: Command, **fields: Any) -> asyncio.Task[Event | None]:
    """A command to a node that reads nothing for now, and so can't have answered yet."""
    answer = asyncio.create_task(stand.do(command, **fields))
    done, _ = await asyncio.wait([answer], timeout=0.02)
    assert not done
    stand.log.read_on.set()
    return answer


async def test_a_no_on_what_another_node_has_changed_meanwhile_is_thought_over(stand: Stand, other: Stand) -> None:
    stand.log.read_on.clear()
    await other.do(amend(1))
    answer = await late(stand, amend(2), version=2)

    assert await answer
    assert await stand.sizes() == [1, 2]


async def test_a_no_that_stays_one_is_told_as_it_is_now(stand: Stand, other: Stand) -> None:
    stand.log.read_on.clear()
    await other.do(amend(1))
    answer = await late(stand, amend(2), version=9)

    with pytest.raises(VersionConflict, match="the version is 2"):
        await answer


async def test_whoever_asks_for_a_permission_is_told_on_all_that_any_node_knows(stand: Stand, other: Stand) -> None:
    site = happened.Site.model_validate({"site": "s", "name": {"en": "S"}, "organisation": "osaka"})
    staff = Actor("t", Role.SITE, "osaka")
    report = do.ReportEnrolment(site="s", enrolled=1, on="2026-12-01")
    with pytest.raises(NotPermitted):
        await stand.loop.permit(staff, TRIAL_STREAM, report, 1)
    stand.log.read_on.clear()
    await other.do(do.AddSite(site=site))
    answers = [
        asyncio.create_task(stand.loop.permit(staff, TRIAL_STREAM, report, 1)),
        asyncio.create_task(stand.loop.permit_place(staff, TRIAL_STREAM, do.ReportEnrolment, "s", 1)),
    ]
    done, _ = await asyncio.wait(answers, timeout=0.02)
    assert not done
    stand.log.read_on.set()
    assert await asyncio.gather(*answers) == [None, None]
    for actor, kind, place in (
        (STRANGER, do.AmendTrial, None),
        (staff, do.AmendTrial, None),
        (staff, type(report), "x"),
    ):
        with pytest.raises(NotPermitted):
            await stand.loop.permit_place(actor, TRIAL_STREAM, kind, place, 1)


async def test_what_is_the_consoles_is_refused_to_anybody_else(stand: Stand) -> None:
    for actor in (STRANGER, Actor(CONSOLE.token, CONSOLE.role, CONSOLE.organisation)):
        with pytest.raises(NotPermitted):
            await stand.loop.permit(actor, SERIES, ReserveNumbers(count=1), 1)
    await stand.loop.permit(CONSOLE, SERIES, ReserveNumbers(count=1), 1)
    await stand.loop.permit_place(CONSOLE, "trial/unknown", do.AmendTrial, None, 1)


async def test_what_another_node_wrote_first_is_decided_on_again(stand: Stand, other: Stand) -> None:
    stand.log.before = [lambda: other.do(amend(1)), lambda: other.do(amend(2))]
    event = await stand.do(amend(3))

    assert event is not None
    assert (event.version, await stand.sizes()) == (4, [1, 2, 3])


async def test_a_version_asked_for_is_not_taken_from_another_node(stand: Stand, other: Stand) -> None:
    stand.log.before = [lambda: other.do(amend(1))]
    with pytest.raises(VersionConflict, match="the version is 2"):
        await stand.do(amend(3), version=1)
    assert await stand.sizes() == [1]


async def test_the_same_command_given_to_two_nodes_is_one_event(stand: Stand, other: Stand) -> None:
    stand.log.before = [lambda: other.do(amend(1), key=5)]
    event, first = await stand.do(amend(1), key=5), await other.do(amend(1), key=5)

    assert event is not None
    assert first is not None
    assert (event.position, await stand.sizes()) == (first.position, [1])


async def test_the_same_command_given_to_two_nodes_is_one_event_though_many_others_came_since(
    stand: Stand, other: Stand
) -> None:
    """So many that the head has forgotten its key: it can't tell a record of it from one that came too late."""

    async def ahead() -> None:
        await other.do(amend(1), key=5)
        for size in range(REMEMBERED_IDS + 1):
            await other.do(amend(100 + size))

    stand.log.before = [ahead]
    event = await stand.do(amend(1), key=5)

    assert event is not None
    assert event.version == 2
    assert (await stand.sizes()).count(1) == 1


@pytest.mark.parametrize("number_needed", [False, True])
async def test_another_command_under_the_key_elsewhere_is_told_as_that(
    stand: Stand, other: Stand, number_needed: bool
) -> None:
    if number_needed:
        await stand.do(ReserveNumbers(count=1))
        stand.log.before = [lambda: asyncio.sleep(0), lambda: other.do(amend(1), key=5)]
    else:
        stand.log.before = [lambda: other.do(amend(1), key=5)]
    with pytest.raises(KeyReused):
        await stand.do(PUBLISH if number_needed else amend(2), key=5)
    published = await stand.do(PUBLISH)

    assert published is not None
    assert published.record.data["number"][:13] == ("JTR2027000002" if number_needed else "JTR2027000001")


@pytest.mark.parametrize("faults", [[Fault.LOST], [Fault.WRITTEN], [Fault.LOST, Fault.WRITTEN, Fault.WRITTEN]])
async def test_an_append_whose_outcome_is_unknown_is_made_again(stand: Stand, faults: list[Fault]) -> None:
    stand.log.planned = list(faults)
    event = await stand.do(amend(1))

    assert event is not None
    assert (event.version, await stand.sizes()) == (2, [1])
    assert stand.log.appends == len(faults) + 1
    assert not stand.loop.appends.failing


async def an_hour_passes() -> None:
    """For timeouts, from now on."""
    loop = asyncio.get_running_loop()
    real = loop.time
    loop.time = lambda: real() + 3_600  # type: ignore[method-assign]


@pytest.mark.parametrize("fault", Fault)
async def test_what_is_unknown_at_the_deadline_is_told_as_unknown_and_settled_by_the_key(
    stand: Stand, fault: Fault
) -> None:
    stand.log.planned, stand.log.before = [fault] * 1_000, [an_hour_passes]
    with pytest.raises(OutcomeUnknown, match=str(UUID(int=5))):
        await stand.do(amend(1), key=5)
    assert stand.log.appends == 1
    assert stand.loop.appends.failing
    stand.log.planned = []

    assert await stand.do(amend(1), key=5)
    assert await stand.sizes() == [1]


async def test_a_log_that_has_failed_is_told_to_fail_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("registry.engine.appending.time.monotonic", lambda: now[0])
    appends = Appends()
    assert not appends.failing
    appends.failed()
    assert appends.failing
    now[0] += Appends.LASTS - 0.1
    assert appends.failing
    now[0] += 0.1
    assert not appends.failing
    appends.failed()
    appends.succeeded()
    assert not appends.failing


@pytest.mark.parametrize("command", [amend(1), PUBLISH])
async def test_what_the_log_takes_not_is_not_recorded_and_its_number_is_free_again(
    stand: Stand, command: Command
) -> None:
    await stand.do(ReserveNumbers(count=1))
    stand.log.before = [lambda: asyncio.sleep(0)] if command is PUBLISH else []

    async def refuse() -> None:
        stand.log.too_large = True

    stand.log.before.append(refuse)
    with pytest.raises(MessageTooLarge):
        await stand.do(command)
    stand.log.too_large = False
    published = await stand.do(PUBLISH)

    assert published is not None
    assert published.record.data["number"].startswith("JTR2027000002")


async def test_a_number_is_given_in_the_year_of_japan_and_goes_back_where_no_record_bears_it(stand: Stand) -> None:
    unfinished = do.AmendTrial.model_construct(
        {"reason", "registration"}, reason=REASON, registration=Registration.model_validate({"public_title": None})
    )
    await stand.do(unfinished)
    with pytest.raises(Rejection, match="incomplete"):
        await stand.do(PUBLISH)
    await stand.do(unfinished.model_copy(update={"registration": Registration(public_title={"ja": "題", "en": "T"})}))
    first = await stand.do(PUBLISH, key=5)
    assert first is not None
    assert first.record.data["number"].startswith("JTR2027000001")
    assert first.record.data["registered"] == "2027-01-01"
    assert await stand.do(PUBLISH, key=5)

    assert await stand.loop.numbers.take(2027) == GRAMMAR.render("JTR2027", 2)


async def test_a_number_whose_record_may_count_is_nobody_elses(stand: Stand) -> None:
    await stand.loop.numbers.take(2027)
    stand.log.planned, stand.log.before = [Fault.LOST] * 1_000, [an_hour_passes]
    with pytest.raises(OutcomeUnknown):
        await stand.do(PUBLISH)
    stand.log.planned = []

    assert (await stand.loop.numbers.take(2027)).startswith("JTR2027000003")


async def test_views_that_are_behind_are_told_as_too_late_and_nothing_is_recorded(stand: Stand, other: Stand) -> None:
    await stand.do(amend(1), key=5)
    stand.history.behind = other.history.behind = True
    with pytest.raises(NotInTime, match="the history view is behind the log"):
        await stand.do(amend(1), key=5)
    other.states._cache.clear()  # as if it had not been asked for the trial for long
    with pytest.raises(NotInTime):
        await other.do(amend(2))
    assert await stand.sizes() == [1]


@pytest.mark.parametrize("long", [False, True])
async def test_nobody_waits_for_views_longer_than_the_deadline(stand: Stand, long: bool) -> None:
    for size in range(70 * long):
        await stand.do(amend(size))
    stand.states._cache.clear()
    stand.history.waited.clear()

    assert await stand.do(amend(100), deadline=7)
    assert stand.history.waited == [7]


async def test_views_that_lack_what_was_recorded_make_it_unknown_again(stand: Stand) -> None:
    await stand.do(amend(1), key=5)
    stand.history.lacking = True
    with pytest.raises(OutcomeUnknown, match="the history view does not show it yet"):
        await stand.do(amend(1), key=5)


async def test_who_waits_for_a_stream_beyond_the_deadline_has_recorded_nothing(stand: Stand) -> None:
    go = asyncio.Event()
    stand.log.before = [go.wait]
    first = asyncio.create_task(stand.do(amend(1)))
    await asyncio.sleep(0)
    with pytest.raises(NotInTime, match=r"^nothing was recorded in time$"):
        await stand.do(amend(2), deadline=0.02)
    assert await stand.do(ReserveNumbers(count=1)), "another stream does not wait"
    go.set()

    assert await first
    assert await stand.sizes() == [1]


async def test_a_long_command_is_decided_like_a_short_one(stand: Stand) -> None:
    assert await stand.do(amend(1), long=True)
    with pytest.raises(VersionConflict):
        await stand.do(amend(2), long=True, version=1)
    assert await stand.sizes() == [1]


async def test_a_reason_in_clear_is_never_recorded(stand: Stand) -> None:
    with pytest.raises(TypeError, match="a reason is sealed before it is decided on"):
        await stand.do(do.AmendTrial(reason="in clear", registration=Registration(planned_size=1)))
    assert stand.log.appends == 0
