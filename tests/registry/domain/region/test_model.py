"""A region in any order of acts against a plain model: what permits it, and whose halts stand."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from events.schemas.status import RegionState
from registry.domain.decider import Command
from registry.domain.region import commands as do
from registry.domain.region.evolve import evolve
from registry.domain.region.standing import gate_of, state_of
from tests.support.regions import SPONSOR, begun, day

OUTCOMES = ("authorised", "authorised_with_conditions", "refused")
CONCLUSIONS = ("acceptable", "acceptable_with_conditions", "not_acceptable")
ON = {"on": day("2024-06-01")}
HALTERS = {
    SPONSOR: ("sponsor", "temporary_halt", "notice"),
    "ethics-gr": ("ethics_body", "ethics_suspension", "ethics_word"),
}
EVERYBODY = (*HALTERS, "authority-gr", "authority-be", "office-gr", "nara-sponsor", "registry-office")


class RegionModel(RuleBasedStateMachine):
    """The acts of everybody, possible or not; the model believes only what was taken."""

    halts = Bundle("halts")

    @initialize()
    def joins(self) -> None:
        self.life = begun("GR")
        self.attempts = 0
        self.grants: set[int] = set()
        """Attempts that something has permitted: a decision, the silence of the authority."""
        self.earlier_law = self.blocked = False
        self.joint: str | None = None
        self.standing: dict[str, str] = {}
        self.number = 0

    def takes(self, kind: type[Command], by: str, /, **fields: object) -> bool:
        """Whether the command is taken; then it is done."""
        if self.life.refused(kind, by, **fields):
            return False
        return self.life.do(kind, by, **fields) is not None

    @rule()
    def submits(self) -> None:
        if self.takes(do.SubmitApplication, SPONSOR, application="initial", kind="initial", **ON):
            assert not self.grants, "what is permitted is not handed in again"
            self.attempts, self.joint = self.attempts + 1, None

    @rule(outcome=st.sampled_from(CONCLUSIONS), part=st.sampled_from(["joint", "national"]))
    def is_concluded(self, part: str, outcome: str) -> None:
        fields = {"application": "initial", "outcome": outcome, **ON}
        if part == "national":
            self.takes(do.ConcludeAssessment, "authority-gr", part="national", **fields)
        elif self.takes(do.NoteJointConclusion, "registry", lead="BE", by="authority-be", **fields):
            self.joint = outcome

    @rule(outcome=st.sampled_from(OUTCOMES), blocks=st.booleans(), by=st.sampled_from(EVERYBODY))
    def decides(self, outcome: str, blocks: bool, by: str) -> None:
        condition = {"item": "c", "text": {"en": "x"}, "blocks_start": blocks}
        conditions = [condition] if outcome == "authorised_with_conditions" else []
        fields = {"application": "initial", "outcome": outcome, "conditions": conditions, **ON}
        if self.takes(do.DecideApplication, by, **fields):
            assert by == "authority-gr", "nobody decides for the authority"
            assert outcome == "refused" or self.joint != "not_acceptable", "a joint no binds"
            if outcome != "refused":
                self.grants.add(self.attempts)
                self.blocked = bool(conditions) and blocks

    @rule()
    def meets_the_condition(self) -> None:
        if self.takes(do.MeetCondition, "authority-gr", application="initial", condition="c", **ON):
            self.blocked = False

    @rule()
    def withdraws(self) -> None:
        if self.takes(do.WithdrawApplication, SPONSOR, application="initial", **ON):
            assert self.attempts not in self.grants

    @rule()
    def says_nothing(self) -> None:
        due = {"step": "decision", "application": "initial", "due": day("2024-06-10")}
        if not self.takes(do.SetDue, "authority-gr", **due):
            return
        event = self.life.do(do.NoteSilence, **due)
        if event is not None and event.result == "authorised":
            assert self.joint in CONCLUSIONS[:2], "silence permits only after a joint yes"
            self.grants.add(self.attempts)

    @rule()
    def was_permitted_before(self) -> None:
        self.takes(do.RecordPermission, SPONSOR, how="transferred", law="Directive 2001/20/EC", **ON)
        self.earlier_law = True

    @rule(target=halts, by=st.sampled_from([*HALTERS]))
    def halts_it(self, by: str) -> str:
        actor, kind, _ = HALTERS[by]
        self.number += 1
        item = f"h{self.number}"
        fields = {"item": item, "actor": actor, "kind": kind, "scope": "all", "benefit_risk": False}
        assert self.takes(do.HaltRegion, by, halt={**fields, "organisation": by, "decided": day("2024-06-01")})
        self.standing[item] = by
        return item

    @rule(target=halts, item=consumes(halts), by=st.sampled_from(EVERYBODY), basis=st.sampled_from(["own", "notice"]))
    def lifts_it(self, item: str, by: str, basis: str) -> object:
        needed = HALTERS[self.standing[item]][2]
        named = needed if basis == "own" else basis
        if not self.takes(do.LiftRegionHalt, by, halt=item, basis=named, **ON):
            return item
        assert by == self.standing.pop(item), "no halt is lifted by another's lift"
        assert named == needed, "no halt is lifted on another ground than its law asks for"
        return multiple()

    @invariant()
    def is_never_permitted_without_something_that_permits(self) -> None:
        stands = state_of(self.life.region)
        permits = self.earlier_law or self.attempts in self.grants
        assert (stands in (RegionState.PERMITTED, RegionState.PERMITTED_BLOCKED)) == permits
        if permits:
            assert (stands is RegionState.PERMITTED_BLOCKED) == (self.blocked and bool(self.grants))

    @invariant()
    def is_halted_by_those_whose_halts_stand(self) -> None:
        gate = gate_of(self.life.region)
        assert {halt.item: halt.organisation for halt in gate.halts} == self.standing
        assert ("halted" in list(gate.shut_by())) == bool(self.standing)

    @invariant()
    def follows_from_its_events_alone(self) -> None:
        state = None
        for event in self.life.events:
            state = evolve(state, event)
        assert state == self.life.region


RegionModel.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestRegionModel = RegionModel.TestCase
