"""What holds when something comes in between: rights that ended, a vault that is away, a log that is forged."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection, OperationalError

from events.admission import IntegrityAlarm
from events.event import Event
from events.follower_port import Store
from events.memory import MemoryEventLog
from events.partitions import partition_of
from events.port import Addressed, EventLog, Topic
from events.record import Position, Record, decode, encode, written
from events.schemas.access import Role
from events.schemas.registration import Registration
from events.schemas.values import Text
from events.sealing import OwnerKind
from events.starting import Begin
from events.stopping import stop
from events.vault import Identity, Vault
from registry import wiring
from registry.domain.decider import Command, Rejection
from registry.domain.permissions import CONSOLE, Actor, NotPermitted
from registry.domain.person.decider import ForgetPerson
from registry.domain.trial import commands as do
from registry.engine.commanding import KeyReused, OutcomeUnknown
from registry.engine.heads import Heads, NotReady
from registry.engine.order import Order
from registry.engine.receipts import Receipt
from registry.engine.states import Locks, NotInTime
from registry.node import Node
from registry.office import tokens as issuing
from registry.people import forgetting, persons
from registry.people.forgetting import Forgetting
from registry.people.persons import identity
from registry.settings import Settings
from registry.wiring import nodes
from tests.projections.trials import ORIGIN
from tests.support.faults import Fault, UnreliableLog, UnreliableVault, UnreliableViews, VaultAway
from tests.support.trials import PERSON, registration, site
from tests.support.waiting import PATIENCE

SITE = Actor("token", Role.SITE, "kyoto-hp")
SPONSOR = Actor("token", Role.SPONSOR, "kyoto-sponsor")
VERIFY = do.VerifySiteStatus(site="kyoto", status="not_yet", on="2026-11-20")


async def trial_of(node: Node, owner: str = "kyoto-sponsor") -> str:
    key = uuid4()
    stream = f"trial/{key}"
    register = do.RegisterTrial.model_validate({"owner": owner, "registration": registration()})
    await node.submit(CONSOLE, key, stream, register)
    await node.submit(CONSOLE, uuid4(), stream, do.AddSite(site=site()))
    await node.submit(CONSOLE, uuid4(), stream, do.PublishTrial())
    return stream


async def execute(node: Node, stream: str, command: Command, actor: Actor, key: UUID | None = None) -> Receipt:
    """Past the first question whether the actor may: what becomes of it where the answer has changed since."""
    sealed = await persons.seal(node.vault, stream, command)
    event = await node.commanding.execute(Order(key or uuid4(), stream, sealed, actor), 10)
    assert event is not None
    return Receipt.of(event)


async def last_event(node: Node, stream: str) -> Event:
    await node.until_visible(PATIENCE)
    return (await node.views.events(stream))[-1]


async def test_who_may_is_asked_again_when_it_is_decided(node: Node) -> None:
    stream = await trial_of(node)
    await execute(node, stream, VERIFY, SITE)
    for command, actor in (
        (VERIFY, replace(SITE, organisation="osaka-hp")),
        (do.AmendTrial(reason="x", registration=Registration(planned_size=1)), SITE),
        (do.AmendTrial(reason="x", registration=Registration(planned_size=1)), replace(SPONSOR, organisation="other")),
        (do.PublishTrial(), SPONSOR),
    ):
        with pytest.raises(NotPermitted):
            await execute(node, stream, command, actor)

    assert (await last_event(node, stream)).version == 4


async def test_a_place_is_asked_for_before_a_body_is_read(node: Node) -> None:
    stream = await trial_of(node)
    await node.commanding.permit_place(SITE, stream, do.VerifySiteStatus, "kyoto", 10)
    await node.commanding.permit_place(SPONSOR, stream, do.VerifySiteStatus, "kyoto", 10)
    await node.commanding.permit_place(CONSOLE, "trial/none", do.VerifySiteStatus, "kyoto", 10)
    for actor, kind, name in (
        (SITE, do.VerifySiteStatus, "osaka"),
        (SITE, do.AmendTrial, None),
        (replace(SPONSOR, organisation="other"), do.AmendTrial, None),
    ):
        with pytest.raises(NotPermitted):
            await node.commanding.permit_place(actor, stream, kind, name, 10)


async def test_a_site_that_left_meanwhile_reports_no_more(node: Node) -> None:
    stream = await trial_of(node)
    await node.commanding.permit(SITE, stream, VERIFY, 10)
    await node.submit(CONSOLE, uuid4(), stream, do.LeaveTrial(site="kyoto", on="2026-11-20"))
    with pytest.raises(Rejection, match="site-left"):
        await execute(node, stream, VERIFY, SITE)


async def test_a_key_is_one_organisations(node: Node) -> None:
    stream, key = await trial_of(node), uuid4()
    amend = do.AmendTrial(reason="x", registration=Registration(planned_size=1))
    first = await execute(node, stream, amend, SPONSOR, key)
    assert await execute(node, stream, amend, replace(SPONSOR, token="renewed"), key) == first
    with pytest.raises(KeyReused):
        await execute(node, stream, amend, replace(CONSOLE, token="token"), key)


async def test_what_the_sender_says_of_time_and_reason_is_in_the_event(node: Node) -> None:
    stream = await trial_of(node)
    amendment = do.AmendTrial.model_validate(
        {
            "reason": "the protocol was amended",
            "occurred_at": "2026-11-22T09:30:00.123456+09:00",
            "registration": {"planned_size": 9},
        }
    )
    await node.submit(SPONSOR, uuid4(), stream, amendment)
    record = (await last_event(node, stream)).record

    opened = await node.open_for_pages(record.data, stream)

    assert (written(record.time), opened["reason"]) == ("2026-11-22T09:30:00.123456+09:00", "the protocol was amended")
    assert record.data["reason"].keys() == {"text", "sealed"}
    assert (record.actor, record.onbehalfof) == ("token", "kyoto-sponsor")


async def test_nobody_says_when_before_it_has_occurred(node: Node) -> None:
    stream, now = await trial_of(node), datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
    node.commanding._clock = lambda: now
    latest = now + timedelta(seconds=node.settings.clock_tolerance)
    early = AMEND.model_copy(update={"occurred_at": latest + timedelta(microseconds=1)})
    with pytest.raises(Rejection, match="occurs-in-future"):
        await execute(node, stream, early, SPONSOR)
    await execute(node, stream, AMEND.model_copy(update={"occurred_at": latest}), SPONSOR)

    assert (await last_event(node, stream)).record.time == latest


async def test_what_the_sender_does_not_date_has_the_time_of_the_node(node: Node) -> None:
    stream, moment = await trial_of(node), datetime(2026, 11, 22, 3, 4, 5, 678_000, tzinfo=UTC)
    node.commanding._clock = lambda: moment
    await node.submit(CONSOLE, uuid4(), stream, do.AddSite(site=site("osaka")))
    record = (await last_event(node, stream)).record

    assert record.time == moment
    assert "reason" not in record.data


MIDNIGHT = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)
"""The year 2027 begins in Japan."""


@pytest.mark.parametrize(
    ("now", "today", "tomorrow"),
    [
        (MIDNIGHT - timedelta(milliseconds=1), date(2026, 12, 31), date(2027, 1, 1)),
        (MIDNIGHT, date(2027, 1, 1), date(2027, 1, 2)),
        (MIDNIGHT + timedelta(minutes=30), date(2027, 1, 1), date(2027, 1, 2)),
        (MIDNIGHT + timedelta(hours=23, minutes=59), date(2027, 1, 1), date(2027, 1, 2)),
    ],
)
async def test_the_day_and_the_year_begin_at_midnight_in_japan(
    node: Node, now: datetime, today: date, tomorrow: date
) -> None:
    node.commanding._clock = lambda: now
    stream = await trial_of(node)
    number = (await last_event(node, stream)).record.data["number"]
    with pytest.raises(Rejection, match="date-in-future"):
        await node.submit(CONSOLE, uuid4(), stream, VERIFY.model_copy(update={"on": str(tomorrow)}))
    await node.submit(CONSOLE, uuid4(), stream, VERIFY.model_copy(update={"on": str(today)}))

    assert number.startswith(f"JTR{today.year}")


@pytest.mark.parametrize("other", ["Hanako@EXAMPLE.jp", "HANAKO@example.jp", " hanako@example.jp "])
def test_an_address_in_capitals_is_the_same_person(other: str) -> None:
    named = {"name": {"en": "Hanako  Shiken"}}
    assert identity({"email": other, **named}, None) == identity({"email": "hanako@example.jp", **named}, Text(en="A"))
    assert identity({"email": "taro@example.jp"}, None) != identity({"email": "hanako@example.jp"}, None)
    # The vault keeps a digest of it: written otherwise, everybody who is known would be a new person.
    assert identity({"email": other}, None) == Identity(OwnerKind.PERSON, "mailto:hanako@example.jp")
    assert identity({"email": other, **named}, None) == Identity(
        OwnerKind.PERSON, 'mailto:hanako@example.jp {"name":{"en":"hanako shiken"}}'
    )
    assert identity({"family": "H"}, Text(en="A")) == Identity(OwnerKind.PERSON, '[{"family":"H"},{"en":"A"}]')
    assert identity({"family": "H"}, None) == Identity(OwnerKind.PERSON, '[{"family":"H"},null]')


@pytest.mark.parametrize(
    "other",
    [{}, {"name": {"en": "Taro Shiken"}}, {"family": "Shiken", "given": "Taro"}],
    ids=["the mailbox itself", "a colleague", "a colleague whose name is in parts"],
)
def test_who_shares_a_mailbox_is_another_person(other: dict[str, Any]) -> None:
    mailbox = {"email": "trials@example.jp"}
    hanako = identity({**mailbox, "name": {"en": "Hanako Shiken"}}, None)

    assert identity({**mailbox, **other}, None) != hanako
    assert identity({**mailbox, "name": {"en": "HANAKO Ｓhiken "}, "title": "MD"}, Text(en="A")) == hanako


async def test_forgetting_a_person_forgets_every_spelling_of_the_address(node: Node) -> None:
    spellings = ("Hanako@EXAMPLE.jp", "hanako@example.jp")
    contacts = [{"role": "public", "person": {**PERSON, "email": spelt}} for spelt in spellings]
    key = uuid4()
    register = do.RegisterTrial.model_validate({"registration": registration(contacts=contacts)})
    await node.submit(CONSOLE, key, f"trial/{key}", register)
    stored = (await last_event(node, f"trial/{key}")).record.data["registration"]["contacts"]

    assert len({contact["person"]["person"] for contact in stored}) == 1


@pytest.mark.parametrize("fault", Fault)
async def test_an_erasure_is_tried_again_until_it_is_done(node: Node, fault: Fault) -> None:
    [task] = [task for task in node.tasks.values() if isinstance(task, Forgetting)]
    task._vault = vault = UnreliableVault(node.vault, {"destroy": [fault]})
    persons = [(await node.vault.owner(Identity(OwnerKind.PERSON, name)))[0] for name in ("a", "b")]
    for person in persons:
        await node.order(f"person/{person}", ForgetPerson(reason="asked"))
    troubles = set()
    async with asyncio.timeout(PATIENCE):
        while await node.vault.keys(persons) or node.troubles():
            troubles.update(node.troubles())
            await asyncio.sleep(0.01)

    assert vault.calls.count("destroy") == 3
    assert troubles == {"keys of persons to be forgotten, or of texts taken back, can't be destroyed: VaultAway"}


async def remains(settings: Settings) -> int:
    async with await AsyncConnection.connect(settings.database_url) as connection:
        [(number,)] = await (await connection.execute("select count(*) from vault.remains")).fetchall()
    return int(number)


@pytest.mark.parametrize("fault", Fault)
async def test_what_a_crash_leaves_of_a_destroyed_key_is_cleared_away_by_the_next_node(
    settings: Settings, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "CLEARING_AGAIN", 0.01)
    async with wiring.running(settings) as node:
        person, _ = await node.vault.owner(Identity(OwnerKind.PERSON, "a"))
        await node.vault.destroy(OwnerKind.PERSON, person)
    assert await remains(settings) == 1

    def with_vault_once_away(
        heads: Heads, events: EventLog, vault: Vault, store: Store[Any], begin: Begin
    ) -> Forgetting:
        return Forgetting(heads, events, once_away(vault, fault), store, begin)

    monkeypatch.setattr(nodes, "Forgetting", with_vault_once_away)
    async with wiring.running(settings), asyncio.timeout(PATIENCE):
        while True:
            if not await remains(settings):
                return
            await asyncio.sleep(0.05)


def once_away(vault: Any, fault: Fault) -> UnreliableVault:
    return UnreliableVault(vault, {"clear_away": [fault]})


@pytest.mark.parametrize("fault", Fault)
async def test_nothing_is_recorded_where_persons_can_not_be_sealed(node: Node, fault: Fault) -> None:
    vault, key = node.vault, uuid4()
    register = do.RegisterTrial.model_validate({"registration": registration()})
    node.vault = UnreliableVault(vault, {"owners": [fault]})
    with pytest.raises(VaultAway):
        await node.submit(CONSOLE, key, f"trial/{key}", register)
    await node.until_visible(PATIENCE)
    assert await node.views.events(f"trial/{key}") == []
    receipt = await node.submit(CONSOLE, key, f"trial/{key}", register)

    assert receipt is not None
    assert receipt.version == 1


@pytest.mark.parametrize("fault", Fault)
async def test_a_number_whose_reservation_is_unknown_is_reserved_again(node: Node, fault: Fault) -> None:
    key, log = uuid4(), node.log
    await node.submit(CONSOLE, key, f"trial/{key}", do.RegisterTrial(owner="a", registration=sealed()))
    node.commanding._appending._log = UnreliableLog(log, planned=[fault] * 3)
    published = await node.submit(CONSOLE, uuid4(), f"trial/{key}", do.PublishTrial())
    await node.until_visible(PATIENCE)
    reserved = await node.views.events(f"numbers/{published.number[:7]}")  # type: ignore[index, union-attr]

    assert [event.record.data for event in reserved] == [{"first": 1, "count": 20}]


def sealed() -> Registration:
    return Registration.model_validate(registration(contacts=[{"role": "public"}, {"role": "scientific"}]))


AMEND = do.AmendTrial(reason="x", registration=Registration(planned_size=1))


def unreliable(node: Node, **planned: Any) -> UnreliableViews:
    """What the node's commands ask from now on, with no state in memory."""
    views = UnreliableViews(node.views, **planned)
    node.states._cache.clear()
    node.commanding._history = node.states._history = views
    return views


async def test_views_that_stay_behind_are_a_refusal_in_time_and_nothing_is_decided_twice(node: Node) -> None:
    stream, key = await trial_of(node), uuid4()
    first = await execute(node, stream, AMEND, SPONSOR, key)
    views = unreliable(node, behind=True)
    for again in (key, uuid4()):
        with pytest.raises(NotInTime):
            await execute(node, stream, AMEND, SPONSOR, again)
    assert set(views.calls) == {"wait_for"}
    views.behind = False

    assert await execute(node, stream, AMEND, SPONSOR, key) == first
    assert (await last_event(node, stream)).version == 4


async def test_views_that_lack_what_they_say_to_hold_make_an_outcome_unknown(node: Node) -> None:
    stream, key = await trial_of(node), uuid4()
    first = await execute(node, stream, AMEND, SPONSOR, key)
    views = unreliable(node, lacking=True)
    with pytest.raises(OutcomeUnknown, match="is recorded, but the history view does not show it yet"):
        await execute(node, stream, AMEND, SPONSOR, key)
    views.lacking = False

    assert await execute(node, stream, AMEND, SPONSOR, key) == first
    assert (await last_event(node, stream)).version == 4


@pytest.mark.parametrize("repeated", [False, True])
async def test_views_that_are_away_for_a_moment_record_nothing_and_lose_nothing(node: Node, repeated: bool) -> None:
    stream, key = await trial_of(node), uuid4()
    if repeated:
        await execute(node, stream, AMEND, SPONSOR, key)
    for _ in range(2):
        views = unreliable(node, away=1)
        with pytest.raises(OperationalError):
            await execute(node, stream, AMEND, SPONSOR, key)
        assert len(views.calls) == 1
    receipt = await execute(node, stream, AMEND, SPONSOR, key)

    assert receipt.version == 4
    assert (await last_event(node, stream)).version == 4


async def test_views_that_answer_late_are_not_waited_for_beyond_the_deadline(node: Node) -> None:
    stream, key = await trial_of(node), uuid4()
    sealed = await persons.seal(node.vault, stream, AMEND)
    views = unreliable(node, late=asyncio.Event())
    with pytest.raises(NotInTime, match="nothing was recorded in time"):
        await node.commanding.execute(Order(key, stream, sealed, SPONSOR), 0.2)
    assert (await last_event(node, stream)).version == 3
    assert views.late is not None
    views.late.set()

    assert (await execute(node, stream, AMEND, SPONSOR, key)).version == 4


async def test_readers_are_told_that_views_are_behind(node: Node) -> None:
    stream, key = await trial_of(node), uuid4()
    [runner] = [task for task in asyncio.all_tasks() if task.get_name() == "keeping the views"]
    node.closing = True
    await stop([runner])
    await execute(node, stream, AMEND, SPONSOR, key)
    for waiting in (node.until_visible(0.1), node.until_settled(0.1), node.recorded_under(key, "kyoto-sponsor", 0.1)):
        with pytest.raises(NotInTime, match="the views are behind the log"):
            await waiting


async def test_the_first_answer_is_the_one_that_a_repeat_reads_from_the_log(node: Node) -> None:
    stream, key = await trial_of(node), uuid4()
    node.commanding._clock = lambda: datetime(2026, 11, 22, 3, 4, 5, 678_999, tzinfo=UTC)
    sealed = await persons.seal(node.vault, stream, AMEND)
    first = await node.commanding.execute(Order(key, stream, sealed, SPONSOR), 10)
    node.states._cache.clear()
    again = await node.commanding.execute(Order(key, stream, sealed, SPONSOR), 10)

    assert first is not None
    assert again is not None
    assert first.record.time == datetime(2026, 11, 22, 3, 4, 5, 678_999, tzinfo=UTC)
    assert again.record == first.record


@dataclass
class Overtaken(UnreliableLog):
    """A log in which another node's command gets ahead of each append, under the same key."""

    async def append(self, topic: Topic, messages: Sequence[Addressed]) -> Sequence[Position]:
        for one in messages:
            ahead = replace(decode(one.message), commandhash=b"another command's hash, 32 bytes")
            await self.log.append(topic, [Addressed(one.partition, encode(ahead))])
        return await super().append(topic, messages)


async def test_a_key_used_elsewhere_at_the_same_moment_is_told_as_used(node: Node) -> None:
    stream, key = await trial_of(node), uuid4()
    node.commanding._appending._log = Overtaken(node.log)
    for _ in range(2):
        with pytest.raises(KeyReused):
            await execute(node, stream, AMEND, SPONSOR, key)

    assert (await last_event(node, stream)).version == 4


TOPIC = Topic("registry", 2)
STREAM = "trial/1"


def forged(version: int, previous: bytes = bytes(32), key: int = 1) -> Addressed:
    record = Record(
        id=UUID(int=key),
        type="trial.published.v1",
        subject=STREAM,
        expectedversion=version,
        previoushash=previous,
        commandhash=bytes(32),
        actor="a",
        onbehalfof="b",
        time=MIDNIGHT,
        data={"number": "1"},
        origin=ORIGIN,
    )
    return Addressed(partition_of(STREAM, TOPIC.partitions), encode(record))


@pytest.mark.parametrize("forgery", [forged(5), forged(0, b"x" * 32)], ids=["a version ahead", "another history"])
async def test_after_an_integrity_alarm_a_node_is_ready_no_more(forgery: Addressed) -> None:
    log = MemoryEventLog(lambda: MIDNIGHT)
    heads = Heads(log, TOPIC)
    running = asyncio.create_task(heads.run())
    await heads.until_ready()
    assert heads.ready
    assert heads.head(STREAM).version == 0
    with heads.verdicts(STREAM, UUID(int=7)) as verdicts:
        [position] = await log.append(TOPIC, [forgery])
        with pytest.raises(IntegrityAlarm):
            await running
        with pytest.raises(NotReady):
            await heads.verdict_at(verdicts, position)

    assert not heads.ready
    assert isinstance(heads.fault, IntegrityAlarm)
    for refused in (heads.until_ready(), heads.catch_up(STREAM)):
        with pytest.raises(NotReady):
            await refused
    with pytest.raises(NotReady):
        heads.head(STREAM)


async def test_a_verdict_is_that_of_the_position_and_a_watcher_sees_accepted_records_of_its_prefix() -> None:
    log = MemoryEventLog(lambda: MIDNIGHT)
    heads = Heads(log, TOPIC)
    seen: list[tuple[str, int]] = []
    heads.watch("trial", lambda stream, judged: seen.append((stream, judged.position.offset)), memory=None)
    heads.watch("access", lambda stream, judged: seen.append(("none", 0)), memory=None)
    assert not heads.ready
    with pytest.raises(NotReady, match="still reading"):
        heads.head(STREAM)
    running = asyncio.create_task(heads.run())
    await heads.until_ready()
    partition = partition_of(STREAM, TOPIC.partitions)
    assert heads.last_position(STREAM) == (partition, -1)
    with heads.verdicts(STREAM, UUID(int=1)) as verdicts:
        positions = await log.append(TOPIC, [forged(0), forged(0)])
        judged = [await heads.verdict_at(verdicts, position) for position in reversed(positions)]
    await heads.catch_up(STREAM)

    assert [type(one.verdict).__name__ for one in judged] == ["Already", "Accepted"]
    assert seen == [(STREAM, 0)]
    assert heads.head(STREAM).version == 1
    assert heads.last_position(STREAM) == (partition, 0)
    assert heads.next_offsets() == {partition: 2, 1 - partition: 0}
    assert not heads._waiting
    await stop([running])


async def test_one_at_a_time_holds_a_streams_lock_and_nothing_is_kept_of_it() -> None:
    locks, order = Locks(), []

    async def hold(name: str, stream: str) -> None:
        async with locks.of(stream):
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    first, second, other = (asyncio.create_task(hold(*one)) for one in (("a", "s"), ("b", "s"), ("c", "t")))
    waiting = asyncio.create_task(hold("d", "s"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([first, second, other, waiting])

    assert waiting.cancelled()
    assert [step for step in order if step[0] in "ab"] == ["a begins", "a ends", "b begins", "b ends"]
    assert order.index("c begins") < order.index("a ends")
    assert not locks._locks


async def test_a_token_is_good_until_the_moment_it_expires(node: Node) -> None:
    expires = datetime(2026, 12, 1, tzinfo=UTC)
    token_id, token = await issuing.issue(node, Role.SITE, "kyoto-hp", expires=expires)
    await node.until_visible(PATIENCE)
    seen = {}
    for seconds in (-0.001, 0, 0.001):
        node.access._clock = lambda moment=expires + timedelta(seconds=seconds): moment  # type: ignore[misc]
        seen[seconds] = node.access.actor(token)

    assert seen == {-0.001: Actor(token_id, Role.SITE, "kyoto-hp"), 0: None, 0.001: None}
    entry = node.access.entry(token_id)
    assert entry is not None
    assert (entry.expires, entry.revoked) == (expires, False)


@dataclass
class ReadNoMore(UnreliableLog):
    """A log that a node stops to read at the moment in which it appends."""

    async def append(self, topic: Topic, messages: Sequence[Addressed]) -> Sequence[Position]:
        await stop([task for task in asyncio.all_tasks() if task.get_name() == "reading the log"])
        return await super().append(topic, messages)


async def test_an_unknown_outcome_stays_unknown_where_the_node_stops_reading(node: Node) -> None:
    stream, key = await trial_of(node), uuid4()
    amendment = do.AmendTrial(reason="x", registration=Registration(planned_size=1))
    amend = await persons.seal(node.vault, stream, amendment)
    node.closing = True
    node.commanding._appending._log = ReadNoMore(node.log)
    with pytest.raises(OutcomeUnknown, match=f"^{key} may or may not be recorded$"):
        await node.commanding.execute(Order(key, stream, amend, SPONSOR), 0.3)
    with pytest.raises(NotReady):  # nothing is appended that nobody would read
        await node.commanding.execute(Order(uuid4(), stream, amend, SPONSOR), 0.3)
