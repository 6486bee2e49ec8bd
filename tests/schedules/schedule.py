"""Random schedules of people's commands, crashes and late policies, beside a plain model of their outcome.

The trial has a hospital in Greece, which is behind the European Union's law, and one in the United States.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from events.schemas.gates import stream_of_region
from events.schemas.trial_gates import TrialGateSet
from projections.trial import joining
from projections.trial.document import evolve as shown_after
from registry.domain.decider import Rejection
from registry.domain.programme import commands as of_programme
from registry.domain.programme.standing import gate_of as gate_of_programme
from registry.domain.region import commands as of_region
from registry.domain.region.standing import gate_of
from registry.domain.trial import commands as of_trial
from registry.domain.trial.coordinating import RecordMilestone
from registry.domain.trial.gates import key_of
from tests.projections.trials import event_of, trial_id
from tests.schedules.world import Delayed
from tests.support.followed import STREAM, TODAY, published
from tests.support.regions import PROGRAMME, SPONSOR, day, terms

SITES: Final = {"athens": "GR", "boston": "US"}
FDA: Final = "authority-us"
GREECE: Final = "authority-gr"
LENGTH: Final = 40
MOSTLY: Final = 0.8
ON: Final = {"on": day(TODAY)}
CONDITION: Final = {"item": "c1", "text": {"en": "Hand in the minutes"}, "blocks_start": True}
Lift = tuple[str, str, int]
"""A halt that ended: its item, the code of its region or ``, and the version of the event that ended it."""


@dataclass
class Model:
    """The state that must hold once nothing is pending; it knows neither events nor policies."""

    permitted: set[str] = field(default_factory=set)
    blocked: bool = False
    halts: dict[str, set[str]] = field(default_factory=lambda: {"": set(), "GR": set(), "US": set()})
    """Halts in force, by item: of the programme, and of each region."""
    lifts: set[Lift] = field(default_factory=set)
    opened: dict[str, frozenset[Lift]] = field(default_factory=dict)
    """Sites that said they are open, each with the lifts that its trial knew of then."""

    def joinable(self) -> set[str]:
        """The sites at which somebody can join."""
        return {site for site, known in self.opened.items() if self._is_open(site, known)}

    def _is_open(self, site: str, known: frozenset[Lift]) -> bool:
        code = SITES[site]
        blocked = self.blocked and code == "GR"
        behind = {lift for lift in self.lifts if lift[1] in ("", code)}
        return code in self.permitted and not blocked and not (self.halts[""] | self.halts[code]) and behind <= known


def run_all(seeds: Iterable[int]) -> Counter[str]:
    """Runs the schedule of each seed and counts what tally up; raises with the seed if one settles otherwise."""
    tally = Counter[str]()
    for seed in seeds:
        schedule = Schedule(seed)
        try:
            schedule.run()
        except Exception as fault:
            fault.add_note(f"schedule {seed}")
            raise
        tally["crashes"] += schedule.crashes
        tally["halts that were lifted"] += len(schedule.model.lifts)
        tally["sites that can be joined"] += len(schedule.model.joinable())
        tally["events"] += len(schedule.world.events)
    return tally


class Schedule:
    """One schedule. `run` raises AssertionError if the outcome is not the one that the model predicts."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.world, self.model, self.number, self.crashes = Delayed(), Model(), 0, 0
        self._begin()

    def _begin(self) -> None:
        world = self.world
        world.on_programme(of_programme.RegisterProgramme, details={"title": {"en": "A programme"}})
        published(world, "one", **SITES)
        world.on_programme(of_programme.LinkToProgramme, trial="one", registration="of-one")
        for code, law in (("GR", "eu-ctr"), ("US", "us-ind")):
            world.on_programme(of_programme.JoinRegion, terms=terms(code, law, law), on=day("2026-10-01"))
        for milestone in ("ethics_approved", "institution_permitted"):
            world.on_site("one", "boston", RecordMilestone, milestone=milestone, actual=TODAY)
        while world.follow():
            pass
        world.commit()

    def run(self, length: int = LENGTH) -> None:
        """Random steps, then rest, then the comparison."""
        machinery = [self._follows] * 6 + [self._commits] * 2 + [self._crashes, self._crashes_within, self._waits]
        steps: list[Callable[[], None]] = [*machinery, *[self._acts] * 10]
        if self.random.random() < MOSTLY:
            # Most schedules begin with permitted regions, or few would reach the steps after a permission.
            for act in (self._submit, self._decide, self._due) * 6:
                act()
            self.world.settle()
        for _ in range(length):
            self.random.choice(steps)()
            self._check_halts()
        self.world.settle()
        self.check()

    def _follows(self) -> None:
        self.world.follow()

    def _commits(self) -> None:
        self.world.commit()

    def _crashes(self) -> None:
        self.crashes += 1
        self.world.crash()

    def _crashes_within(self) -> None:
        self.world.follow(self.random.randrange(4))
        self._crashes()

    def _waits(self) -> None:
        self.world.wait(timedelta(minutes=self.random.choice((1, 20))))

    def _acts(self) -> None:
        """A random act; halts are lifted more often than they are made, or nobody could ever join."""
        acts = [self._submit, self._decide, self._meet, self._due, self._halt, self._hold, self._pause]
        acts += [self._lift, self._lift_hold, self._restart, self._open] * 3
        self.random.choice(acts)()

    def _region(self, code: str, kind: Any, by: str, /, **fields: Any) -> bool:
        return self._taken(lambda: self.world.on_region(code, kind, by, **fields))

    def _taken(self, act: Callable[[], Any]) -> bool:
        try:
            return act() is not None
        except Rejection:
            return False

    def _submit(self) -> None:
        code = self.random.choice(("GR", "US"))
        self._region(code, of_region.SubmitApplication, SPONSOR, application="initial", kind="initial", **ON)

    def _decide(self) -> None:
        outcome = self.random.choice(("authorised", "authorised_with_conditions", "refused"))
        conditions = {"conditions": [CONDITION]} if outcome == "authorised_with_conditions" else {}
        decided = {"application": "initial", "outcome": outcome, **conditions, **ON}
        if self._region("GR", of_region.DecideApplication, GREECE, **decided) and outcome != "refused":
            self.model.permitted.add("GR")
            self.model.blocked = bool(conditions)

    def _meet(self) -> None:
        if self._region("GR", of_region.MeetCondition, GREECE, application="initial", condition="c1", **ON):
            self.model.blocked = False

    def _due(self) -> None:
        """The waiting period of the United States; time alone permits."""
        at = (self.world.now + timedelta(minutes=15)).isoformat()
        due = {"step": "waiting_period", "application": "initial", "due": {"date": at[:10], "at": at}}
        if self._region("US", of_region.SetDue, FDA, **due):
            self.model.permitted.add("US")

    def _halt(self) -> None:
        self.number += 1
        item, risk = f"h{self.number}", self.random.random() < 0.5
        halt = {"actor": "sponsor", "organisation": SPONSOR, "kind": "temporary_halt", "scope": "all"}
        halt |= {"item": item, "benefit_risk": risk, "decided": day(TODAY)}
        if self._taken(lambda: self.world.on_programme(of_programme.HaltProgramme, halt=halt)):
            self.model.halts[""].add(item)
            # In the European Union a halt for benefit and risk is the region's, too, whatever becomes of the sponsor's.
            self.model.halts["GR"] |= {item} if risk else set()

    def _one_of(self, place: str) -> str:
        return self.random.choice(sorted(self.model.halts[place]) or ["none"])

    def _lift(self) -> None:
        item = self._one_of("")
        lifted = self._taken(
            lambda: self.world.on_programme(of_programme.LiftProgrammeHalt, halt=item, basis="own_word", **ON)
        )
        assert lifted == (item != "none")
        self._ended(lifted, item, "")

    def _ended(self, lifted: bool, item: str, place: str) -> None:
        if lifted:
            self.model.halts[place].discard(item)
            stream = stream_of_region(PROGRAMME, place) if place else STREAM
            self.model.lifts.add((item, place, self.world.versions[stream]))

    def _hold(self) -> None:
        self.number += 1
        item = f"s{self.number}"
        hold = {"actor": "authority", "organisation": FDA, "kind": "clinical_hold", "scope": "all"}
        if self._region("US", of_region.HaltRegion, FDA, halt={**hold, "item": item, "decided": day(TODAY)}):
            self.model.halts["US"].add(item)

    def _lift_hold(self) -> None:
        item, by = self._one_of("US"), self.random.choice((FDA, SPONSOR, GREECE))
        lifted = self._region("US", of_region.LiftRegionHalt, by, halt=item, basis="authority_word", **ON)
        assert lifted == (by == FDA and item != "none"), "a halt ends by its own lift alone"
        self._ended(lifted, item, "US")

    def _restart(self) -> None:
        """A modification for the restart in Greece; it may come before the halt has reached the region."""
        self.number += 1
        item, named = self._one_of("GR"), f"sm-{self.number}"
        modification = {"application": named, "kind": "modification_part_1", **ON}
        self._region("GR", of_region.SubmitApplication, SPONSOR, **modification)
        basis = {"basis": "authorised_modification", "application": named, **ON}
        assert not self._region("GR", of_region.LiftRegionHalt, SPONSOR, halt=item, **basis), "not authorised yet"
        self._region("GR", of_region.DecideApplication, GREECE, application=named, outcome="authorised", **ON)
        self._ended(self._region("GR", of_region.LiftRegionHalt, SPONSOR, halt=item, **basis), item, "GR")

    def _open(self) -> None:
        site = self.random.choice(sorted(SITES))
        known = frozenset(lift for lift in self.model.lifts if self._is_known(lift))
        if self._taken(lambda: self.world.on_site("one", site, of_trial.OpenSite, on=TODAY)):
            self.model.opened[site] = known

    def _is_known(self, lift: Lift) -> bool:
        """Whether the gate that follows from a lift is in the trial's stream."""
        _, place, version = lift
        gate = self.world.trial("one").gates.get(key_of(PROGRAMME, place or None))
        return gate is not None and gate.source >= version

    def _pause(self) -> None:
        site = self.random.choice(sorted(SITES))
        if self._taken(lambda: self.world.on_site("one", site, of_trial.PauseSite, on=TODAY)):
            self.model.opened.pop(site, None)

    def _check_halts(self) -> None:
        """A halt is in force at once in the stream of its own owner; in another stream it follows later."""
        states = self.world.states
        assert set(states[STREAM].halts) == self.model.halts[""]
        assert set(states[stream_of_region(PROGRAMME, "US")].halts) == self.model.halts["US"]
        assert set(states[stream_of_region(PROGRAMME, "GR")].halts) <= self.model.halts["GR"]

    def check(self) -> None:
        """Checks that the state at rest is as the model predicts: nothing is lost, nothing is doubled."""
        world, trial = self.world, self.world.trial("one")
        assert world.refused == []
        regions = {code: world.states[stream_of_region(PROGRAMME, code)] for code in ("GR", "US")}
        assert {code: set(region.halts) for code, region in regions.items()} == {
            code: self.model.halts[code] for code in regions
        }
        expected = {code: gate_of(region).shut_by() for code, region in regions.items()}
        expected[""] = gate_of_programme(world.states[STREAM], PROGRAMME, "of-one").shut_by()
        assert world.gates("one") == {code: [*map(str, reasons)] for code, reasons in expected.items()}
        sets = [(one.gate.region, one.gate.version) for _, one in world.events if isinstance(one, TrialGateSet)]
        assert len({*sets}) == len(sets), "no gate is set twice for one event"
        document = None
        events = [event for stream, event in world.events if stream == "trial/one"]
        for version, event in enumerate(events, 1):
            document = shown_after(document, event_of(trial_id(1), version, event, recorded=world.now))
        assert document is not None
        today = date.fromisoformat(TODAY)
        answers = joining.at_sites(document, document["sites"].values(), today)
        assert {site["site"] for site, answer in answers if answer.possible} == self.model.joinable()
        assert trial.version == len(events)
