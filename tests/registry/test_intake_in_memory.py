"""Taking in on a log in memory: what becomes of each registration, whatever comes in between."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest

from events.event import Event
from events.memory import MemoryEventLog
from events.port import LogUnavailable
from events.schemas.exchange import NotCarried, Refusal
from events.schemas.registration import Registration
from events.schemas.trial import Home, Status
from registry.domain.decider import Command, Fault, Rejection
from registry.domain.permissions import CONSOLE
from registry.domain.trial.commands import RegisterTrial
from registry.domain.trial.state import Trial
from registry.engine.order import Order
from registry.engine.states import NotInTime, StreamHeld
from registry.exchange import intake as module
from registry.exchange.fates import Fate
from registry.exchange.intake import AT_ONCE, BATCH, BATCH_BYTES, REFUSALS_IN_EVENT, Intake
from registry.exchange.placing import stream_of
from registry.exchange.raw import Receiving
from registry.exchange.received import Received, Study
from tests.support.loop import GRAMMAR, NOW, Stand, fresh, standing

REGISTRY = "Japan Trial Registry"
PARTNER = "ctgov"


@dataclass
class Desk:
    """What intake needs of a node, on a command loop in memory. Documents are kept nowhere."""

    stand: Stand
    name: str = REGISTRY
    waited: int = 0
    batches: list[list[str]] = field(default_factory=list)
    """The numbers that were received together, in the order in which that began."""
    under_way: int = 0
    most_under_way: int = 0
    meets: dict[str, list[Exception]] = field(default_factory=dict)
    """Faults, by what is asked, that are met instead of an answer, one each."""
    first_takes: int = 0
    """Turns of the loop for which the first batch waits: long enough for any other to overtake it."""
    elsewhere: dict[str, str] = field(default_factory=dict)
    """Streams of trials that bear a number of ours."""
    former: dict[tuple[str, str], str] = field(default_factory=dict)

    def _meet(self, name: str) -> None:
        if faults := self.meets.get(name):
            raise faults.pop(0)

    async def until_caught_up(self, moved: Callable[[int], None]) -> None:
        moved(0)
        self.waited += 1

    async def partner_trial(self, stream: str) -> Trial | None:
        self._meet("partner_trial")
        trial: Trial | None = (await self.stand.states.load(stream, 1)).state
        return trial

    async def trial_by_number(self, number: str) -> str | None:
        return self.elsewhere.get(number)

    async def former_numbers(self) -> Mapping[tuple[str, str], str]:
        return self.former

    async def set_aside(self, number: str) -> None:
        self._meet("set_aside")
        await self.stand.loop.numbers.set_aside(number)

    async def receive_all(self, receivings: Sequence[Receiving]) -> list[Event | Exception | None]:
        self._meet("receive_all")
        self.batches.append([])
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        turns, self.first_takes = self.first_takes, 0
        for _ in range(turns):
            await asyncio.sleep(0)
        outcomes = await asyncio.gather(*(self._receive(one, self.batches[-1]) for one in receivings))
        self.under_way -= 1
        return [*outcomes]

    async def _receive(self, one: Receiving, batch: list[str]) -> Event | Exception | None:
        command: Any = one.command(one.received.source())
        batch.append(command.home.number)
        try:
            self._meet(command.home.number)
            return await self.order(one.stream, command)
        except Exception as fault:
            return fault

    async def order(self, stream: str, command: Command) -> Event | None:
        self._meet(type(command).__name__)
        return await self.stand.loop.execute(Order(UUID(int=fresh()), stream, command, CONSOLE), 10)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with standing(MemoryEventLog(lambda: NOW)) as stand:
        yield Desk(stand)


def study(
    number: str = "NCT00000001",
    title: str = "Title",
    raw: bytes = b"",
    registry: str = PARTNER,
    dated: str | None = None,
) -> Study:
    """One that says a title, in bytes that say the same where none are given."""
    return Study(
        place=f"file, {number}",
        home=Home(registry=registry, number=number, registered="2019-04-01"),
        received=Received.of(registry, raw or f"{number} {title}".encode(), "application/json", dated),
        content={
            "registration": Registration.model_validate({"public_title": {"en": title}}).to_stored(),
            "status": Status.model_validate({"authorisation": "published", "recruitment": "recruiting"}).to_stored(),
            "sites": [],
        },
    )


def ours(running: int) -> Study:
    return study(GRAMMAR.render("JTR2019", running), registry=REGISTRY)


async def each(studies: Iterable[Study | Refusal]) -> AsyncIterator[Study | Refusal]:
    for one in studies:
        yield one


def intake(desk: Desk, *, adopt: bool = False) -> Intake:
    return Intake(desk, adopt=adopt, owner="kyoto", import_id=UUID(int=9))


async def take(desk: Desk, *studies: Study | Refusal, adopt: bool = False) -> dict[str, Any]:
    """What the summary tells that is not nothing."""
    taking, done = intake(desk, adopt=adopt), [0]

    def progress(more: int) -> None:
        done[0] += more

    await taking.take_all(each(studies), progress)
    assert done == [len(studies)]
    counts = taking.summary.to_json()
    assert counts["given"] == len(studies) == sum(counts[fate.value] for fate in Fate)
    return {name: value for name, value in counts.items() if value and name != "given"}


async def events(desk: Desk, *studies: Study) -> list[str]:
    """The events of the trials of these studies, one after the other."""
    found = [await desk.stand.history.events(stream_of(one.home)) for one in studies]
    return [event.record.type.removeprefix("trial.").removesuffix(".v1") for of_trial in found for event in of_trial]


REFUSED = Refusal(place="file, 3", identifier="X", reason="no status")


async def test_each_registration_has_its_fate(desk: Desk) -> None:
    assert await take(desk, study(), REFUSED) == {
        "new": 1,
        "refused": 1,
        "events": 1,
        "refusals": [{"place": "file, 3", "identifier": "X", "reason": "no status"}],
    }
    assert await take(desk, study()) == {"unchanged": 1}
    assert await take(desk, study(title="Other"), study("NCT00000002")) == {"new": 1, "changed": 1, "events": 2}
    assert await take(desk) == {}
    assert await events(desk, study(), study("NCT00000002")) == ["imported", "import-changed", "imported"]


async def test_an_older_version_is_counted_as_such_each_time_and_recorded_once(desk: Desk) -> None:
    newer, older = study(dated="2026-09-21"), study(title="Older", dated="2020-01-01")

    assert await take(desk, newer, older) == {"new": 1, "older": 1, "events": 2}
    assert await take(desk, older, newer, older) == {"unchanged": 1, "older": 2}
    assert await events(desk, newer) == ["imported", "older-version-kept"]


async def test_adopting_is_done_once_and_of_what_was_here_before(desk: Desk) -> None:
    await take(desk, study())
    assert await take(desk, study(), study("NCT00000002"), adopt=True) == {
        "new": 1,
        "unchanged": 1,
        "adopted": 2,
        "events": 3,
    }
    assert await take(desk, study(), study("NCT00000002", title="Other"), adopt=True) == {
        "unchanged": 1,
        "changed": 1,
        "events": 1,
    }
    [_, adopted] = await desk.stand.history.events(stream_of(study().home))
    assert adopted.record.data["owner"] == "kyoto"


@pytest.mark.parametrize("adopt", [False, True])
async def test_what_is_ours_is_restored_with_its_number_and_never_adopted(desk: Desk, adopt: bool) -> None:
    seven = ours(7)
    assert await take(desk, seven, adopt=adopt) == {"new": 1, "restored": 1, "events": 2}
    [_, restored] = await desk.stand.history.events(stream_of(seven.home))
    assert (restored.record.type, restored.record.data["number"]) == ("trial.restored.v1", seven.home.number)
    assert restored.record.data["owner"] == "kyoto"
    changed = study(seven.home.number, title="Other", registry=REGISTRY)
    assert await take(desk, seven, changed, adopt=adopt) == {"unchanged": 2}
    assert await events(desk, seven) == ["imported", "restored"]


async def test_a_number_of_ours_that_another_trial_bears_is_left_to_it(desk: Desk) -> None:
    one, other = ours(7), ours(8)
    desk.elsewhere = {one.home.number: "trial/another", other.home.number: stream_of(other.home)}

    assert await take(desk, one, other) == {"new": 1, "unchanged": 1, "restored": 1, "events": 2}
    assert await events(desk, one) == []


async def test_a_number_of_ours_that_may_be_anothers_is_refused_alone(desk: Desk) -> None:
    taken = study(GRAMMAR.render("JTR2027", 1), registry=REGISTRY)
    await desk.stand.loop.numbers.take(2027)
    counts = await take(desk, taken, ours(1))

    assert counts.pop("refusals") == [
        {
            "place": f"file, {taken.home.number}",
            "identifier": taken.home.number,
            "reason": "number-taken: this registry has given the number, or may, to another trial",
        }
    ]
    assert counts == {"new": 1, "refused": 1, "restored": 1, "events": 2}


async def test_what_was_registered_here_is_refused_and_a_held_stream_too(desk: Desk) -> None:
    here, unreadable, during, fine = (study(f"NCT0000000{number}") for number in range(1, 5))
    register = RegisterTrial(owner="a", registration=Registration())
    await desk.order(stream_of(here.home), register)
    desk.meets = {unreadable.home.number: [StreamHeld("held")], during.home.number: [Rejection(Fault("rule", "said"))]}
    counts = await take(desk, here, unreadable, during, fine)

    assert {one["identifier"]: one["reason"].partition(":")[0] for one in counts.pop("refusals")} == {
        here.home.number: "registered-here",
        unreadable.home.number: "held",
        during.home.number: "rule",
    }
    assert counts == {"new": 1, "refused": 3, "events": 1}


def renumbered(number: str = "NCT00000001", former: str = "NCT00000002", by: str = PARTNER) -> Study:
    """A study of which somebody says that it had another number before."""
    one = study(number, raw=f"{number} was {former}".encode())
    claim = {"value": former, "kind": "registry", "issuer": PARTNER, "source": by}
    return replace(
        one, content={**one.content, "registration": {**one.content["registration"], "identifiers": [claim]}}
    )


def of_who(number: str) -> Study:
    """WHO's rendering of a study of the partner's."""
    return replace(study(number), received=Received.of("who-ictrp", f"who {number}".encode(), "application/xml"))


@pytest.mark.parametrize("together", [True, False])
async def test_a_record_under_a_former_number_is_a_source_of_its_trial(desk: Desk, together: bool) -> None:
    now, old = renumbered(), of_who("NCT00000002")
    if together:
        assert await take(desk, now, old) == {"new": 1, "changed": 1, "events": 2}
    else:
        assert await take(desk, now) == {"new": 1, "events": 1}
        desk.former = {(PARTNER, "NCT00000002"): stream_of(now.home)}
        assert await take(desk, old) == {"changed": 1, "events": 1}
    trial = await desk.partner_trial(stream_of(now.home))

    assert trial is not None
    assert trial.home == now.home
    assert [*trial.sources] == [PARTNER, "who-ictrp/NCT00000002"]
    assert await desk.partner_trial(stream_of(old.home)) is None
    assert await take(desk, now, old) == {"unchanged": 2}


async def test_the_home_s_own_older_record_under_a_former_number_changes_nothing_that_it_says_now(desk: Desk) -> None:
    old = study("NCT00000002", title="Of the former number")
    later = replace(old, received=replace(old.received, retrieved="2026-01-01"))

    assert await take(desk, renumbered(), later) == {"new": 1, "changed": 1, "events": 2}
    trial = await desk.partner_trial(stream_of(renumbered().home))
    assert trial is not None
    assert trial.home == renumbered().home
    assert trial.registration["public_title"] == {"en": "Title"}


@pytest.mark.parametrize("together", [True, False])
async def test_a_trial_that_came_before_its_number_was_known_as_former_is_said_to_be_the_other(
    desk: Desk, together: bool
) -> None:
    old, now = of_who("NCT00000002"), renumbered()
    if together:
        assert await take(desk, old, now) == {"new": 2, "events": 3}
    else:
        await take(desk, old)
        assert await take(desk, now) == {"new": 1, "events": 2}
    first = await desk.partner_trial(stream_of(old.home))

    assert first is not None
    assert first.same_as == stream_of(now.home).removeprefix("trial/")
    assert await take(desk, now) == {"unchanged": 1}
    desk.former = {(PARTNER, "NCT00000002"): stream_of(now.home)}
    assert await take(desk, old) == {"changed": 1, "events": 1}


async def test_what_the_home_takes_back_is_taken_back(desk: Desk) -> None:
    old, now = of_who("NCT00000002"), renumbered()
    await take(desk, old, now)

    assert await take(desk, renumbered(former="NCT00000003")) == {"changed": 1, "events": 2}
    _, identified, taken_back = await desk.stand.history.events(stream_of(old.home))
    trial = stream_of(now.home).removeprefix("trial/")
    assert identified.record.data == {"registry": PARTNER, "now": trial}
    assert taken_back.record.data == {"registry": PARTNER, "was": trial}


async def test_a_trial_of_ours_stays_its_own_whatever_a_partner_says(desk: Desk) -> None:
    await take(desk, of_who("NCT00000002"), adopt=True)

    assert await take(desk, renumbered()) == {"new": 1, "events": 1}


async def test_a_number_that_two_trials_are_said_to_have_had_is_nobodys(desk: Desk) -> None:
    one, other, old = renumbered(), renumbered("NCT00000003"), of_who("NCT00000002")

    assert await take(desk, one, other, old) == {"new": 3, "events": 3}
    known = await desk.partner_trial(stream_of(old.home))
    assert known is not None
    assert known.same_as is None


async def test_two_trials_that_a_partner_says_are_each_the_other_stay_two(desk: Desk) -> None:
    await take(desk, study("NCT00000002"))
    await take(desk, renumbered())

    await take(desk, renumbered("NCT00000002", "NCT00000001"))
    first = await desk.partner_trial(stream_of(study("NCT00000001").home))
    assert first is not None
    assert first.same_as is None


async def test_a_former_number_is_what_the_home_registry_itself_says(desk: Desk) -> None:
    now, old = renumbered(by="Somebody"), of_who("NCT00000002")

    assert await take(desk, now, old) == {"new": 2, "events": 2}


@pytest.mark.parametrize("failing", ["partner_trial", "set_aside", "RestoreTrial", "RecordsRefused"])
async def test_who_was_not_in_time_asks_again_once_the_views_have_caught_up(desk: Desk, failing: str) -> None:
    desk.meets = {failing: [NotInTime(), NotInTime()]}

    assert await take(desk, ours(7)) == {"new": 1, "restored": 1, "events": 2}
    assert desk.waited == (3 if failing != "RecordsRefused" else 1)


async def test_what_was_not_received_in_time_is_received_again_and_the_rest_is_not(desk: Desk) -> None:
    one, other, third = (study(f"NCT0000000{number}") for number in range(1, 4))
    desk.meets = {other.home.number: [NotInTime()], third.home.number: [NotInTime(), NotInTime()]}

    assert await take(desk, one, other, third) == {"new": 3, "events": 3}
    numbers = [one.home.number, other.home.number, third.home.number]
    assert desk.batches == [numbers, numbers[1:], numbers[2:]]
    assert desk.waited == 3


@pytest.mark.parametrize("fault", [Rejection(Fault("home-changed", "x")), StreamHeld("x")])
async def test_what_another_import_made_ours_meanwhile_is_no_trouble(desk: Desk, fault: Exception) -> None:
    desk.meets = {"AdoptTrial": [fault]}

    assert await take(desk, study(), study("NCT00000002"), adopt=True) == {"new": 2, "adopted": 1, "events": 3}


@pytest.mark.parametrize("failing", ["NCT00000002", "receive_all", "AdoptTrial"])
async def test_a_log_that_is_lost_stops_the_import_and_leaves_nothing_running(desk: Desk, failing: str) -> None:
    desk.meets = {failing: [LogUnavailable("planned")]}
    before = asyncio.all_tasks()
    with pytest.raises(LogUnavailable):
        await take(desk, *(study(f"NCT{number:08}") for number in range(3 * BATCH)), adopt=True)

    assert asyncio.all_tasks() == before


async def test_studies_are_taken_in_batches_of_which_some_are_under_way(desk: Desk) -> None:
    studies = [study(f"NCT{number:08}") for number in range(3 * BATCH + 1)]
    await take(desk, *studies)

    assert sorted(map(len, desk.batches)) == [1, BATCH, BATCH, BATCH]
    assert [number for batch in desk.batches for number in batch] == [one.home.number for one in studies]
    assert desk.most_under_way == AT_ONCE


async def test_large_studies_are_taken_in_small_batches(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert BATCH_BYTES == 4_000_000
    monkeypatch.setattr(module, "BATCH_BYTES", 100)
    studies = [study(f"NCT0000000{number}", raw=bytes([number]) * 50) for number in range(5)]
    await take(desk, *studies)

    assert [len(batch) for batch in desk.batches] == [3, 2]


async def test_versions_of_a_trial_are_taken_in_their_order_whatever_stands_between(desk: Desk) -> None:
    versions = [study(title=f"version {number}") for number in range(4)]
    others = [study(f"NCT{number:08}") for number in range(10, 13)]
    mixed = [one for pair in zip(versions, [*others, REFUSED], strict=True) for one in pair]

    assert (await take(desk, *mixed))["changed"] == 3
    _, *changed = await desk.stand.history.events(stream_of(study().home))
    assert [change["new"] for event in changed for change in event.record.data["changes"]] == [
        "version 1",
        "version 2",
        "version 3",
    ]


async def test_a_version_waits_for_the_one_before_it_in_another_batch_however_long_that_takes(desk: Desk) -> None:
    versions = [study(title=f"version {number}") for number in range(3)]
    desk.first_takes = 1_000

    assert await take(desk, *versions) == {"new": 1, "changed": 2, "events": 3}
    assert desk.most_under_way == 1
    imported, *changed = await desk.stand.history.events(stream_of(versions[0].home))
    assert imported.record.data["registration"]["public_title"] == {"en": "version 0"}
    assert [change["new"] for event in changed for change in event.record.data["changes"]] == ["version 1", "version 2"]


@dataclass
class Carried:
    carried: int = 7

    def not_carried_by_path(self) -> tuple[NotCarried, ...]:
        return (NotCarried(path="/a", values=1, records=1),)


async def test_an_import_ends_with_all_refusals_and_a_receipt(desk: Desk) -> None:
    refusals = [Refusal(place=f"file, {number}", reason="no number") for number in range(2 * REFUSALS_IN_EVENT + 3)]
    taking = intake(desk, adopt=True)
    await taking.take_all(each([*refusals, study()]), lambda _: None)
    desk.meets = {"RefuseRecords": [NotInTime()], "FinishImport": [NotInTime()]}
    receipt = await taking.finish("ctgov", ["a", "b"], Carried())
    *parts, finished = await desk.stand.history.events(f"import/{UUID(int=9)}")

    assert [len(part.record.data["refusals"]) for part in parts] == [REFUSALS_IN_EVENT, REFUSALS_IN_EVENT, 3]
    places = [one["place"] for part in parts for one in part.record.data["refusals"]]
    assert places == [one.place for one in refusals]
    assert (
        finished.record.data
        == receipt.to_stored()
        == {
            "source": "ctgov",
            "files": ["a", "b"],
            "given": len(refusals) + 1,
            "new": 1,
            "changed": 0,
            "unchanged": 0,
            "refused": len(refusals),
            "adopted": 1,
            "restored": 0,
            "events": 2,
            "carried": 7,
            "not_carried": [{"path": "/a", "values": 1, "records": 1}],
        }
    )
    assert desk.waited == 3
