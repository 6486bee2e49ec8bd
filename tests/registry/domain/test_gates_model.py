"""Gates, halts, lifts and openings in any order, against a plain model that knows neither events nor documents."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias

from hypothesis import example, given
from hypothesis import strategies as st

from events.schemas.gates import Gate
from events.schemas.halts import Halt
from events.schemas.trial import Site
from projections.trial import joining
from projections.trial.courses import on
from projections.trial.document import Document
from projections.trial.document import evolve as seen_after
from registry.domain.decider import Command, Context, Rejection
from registry.domain.trial import commands as do
from registry.domain.trial.coordinating import HaltSite, LiftSiteHalt, RecordMilestone, RemoveGate, SetGate
from registry.domain.trial.decide import decide
from registry.domain.trial.evolve import evolve
from registry.domain.trial.state import State
from tests.projections.trials import event_of, trial_id
from tests.support.trials import sealed_registration

DAY: Final = "2026-11-22"
TODAY: Final = date(2026, 11, 22)
CONTEXT: Final = Context(datetime(2026, 11, 22, 3, tzinfo=UTC), "office", "JTR2026000001X")
SITES: Final = {"kyoto": "JP", "osaka": "JP", "boston": "US"}
REGIONS: Final = ("", "JP", "US")
STATES: Final = ("under_review", "permitted", "permitted_blocked", "suspended")
ACTORS: Final = {"sponsor": "sponsor-1", "ethics_body": "crb", "investigator": "hospital"}

Act: TypeAlias = tuple[str, ...]
_AT: Final = st.sampled_from(sorted(SITES))
_BY: Final = st.sampled_from(sorted(ACTORS))
ACTS: Final = st.one_of(
    st.tuples(st.just("state"), st.sampled_from(REGIONS[1:]), st.sampled_from((*STATES, *["permitted"] * 4))),
    st.tuples(st.just("halt region"), st.sampled_from(REGIONS), _BY),
    st.tuples(st.just("lift region"), st.sampled_from(REGIONS), _BY),
    st.tuples(st.just("unlink"), st.sampled_from(REGIONS)),
    st.tuples(st.just("halt site"), _AT, _BY),
    st.tuples(st.just("lift site"), _AT, _BY, _BY),
    st.tuples(st.just("act"), _AT),
    *[st.tuples(st.just("open"), _AT)] * 3,
    st.tuples(st.just("pause"), _AT),
)


@dataclass
class Model:
    """What is true, in plain words. A gate is there once somebody has set it, and until its trial is unlinked."""

    linked: set[str] = field(default_factory=set)
    permits: dict[str, str] = field(default_factory=dict)
    halts: dict[str, set[str]] = field(default_factory=lambda: {region: set() for region in REGIONS})
    own_halts: dict[str, dict[str, str]] = field(default_factory=lambda: {site: {} for site in SITES})
    acts: set[str] = field(default_factory=set)
    recruits: set[str] = field(default_factory=set)
    """Sites that said they recruit, and did not say since that they stopped."""
    ready: set[str] = field(default_factory=set)
    """Of these, the ones that no halt has reached since they said it."""

    def reached_by(self, region: str) -> set[str]:
        return {site for site, country in SITES.items() if region in ("", country)}

    def shut(self, site: str) -> bool:
        """Whether a gate or a halt stands in the way of a site, or an act of its own is missing in its region."""
        country = SITES[site]
        halted = any(self.halts[region] for region in ("", country) if region in self.linked)
        gated = country in self.linked and (self.permits[country] != "permitted" or site not in self.acts)
        return halted or gated or bool(self.own_halts[site])

    def joinable(self) -> set[str]:
        return {site for site in self.ready if not self.shut(site)}


class World:
    """The trial as decisions and as readers know it, and the model beside it."""

    def __init__(self) -> None:
        self.state: State = None
        self.document: Document | None = None
        self.model = Model()
        self.versions = dict.fromkeys(REGIONS, 0)
        self.number = 0
        self.give(do.RegisterTrial(owner="sponsor-1", registration=sealed_registration(completion=None)))
        for name, country in SITES.items():
            site = {"site": name, "name": {"en": name}, "organisation": "hospital", "place": {"country": country}}
            self.give(do.AddSite(site=Site.model_validate(site)))
            self.give(RecordMilestone(site=name, milestone="ethics_submitted", planned=DAY, body="crb"))  # type: ignore[arg-type]
        planned = {"completion": {"date": "2029", "kind": "anticipated"}}
        self.give(do.AmendTrial(reason="plan", registration=planned))  # type: ignore[arg-type]
        self.give(do.PublishTrial())

    def give(self, command: Command, by: str = "office") -> bool:
        """Whether the command was taken; both folds have its event then."""
        try:
            event = decide(self.state, command, Context(CONTEXT.now, by, CONTEXT.number))
        except Rejection:
            return False
        if event is not None:
            self.state = evolve(self.state, event)
            version = 1 if self.document is None else self.document["version"] + 1
            self.document = seen_after(self.document, event_of(trial_id(1), version, event, recorded=CONTEXT.now))
        return True

    def do(self, act: Act) -> None:
        kind, where, *others = act
        match kind:
            case "state" | "halt region" | "lift region" | "unlink":
                self.of_region(kind, where, others)
            case "halt site" | "lift site":
                self.of_site(kind, where, others)
            case "act":
                self.give(RecordMilestone(site=where, milestone="institution_permitted", actual=DAY))  # type: ignore[arg-type]
                self.model.acts.add(where)
            case "open":
                opened = self.give(do.OpenSite(site=where, on=DAY))
                assert opened == (not self.model.shut(where) and where not in self.model.ready)
                if opened:
                    self.model.recruits.add(where)
                    self.model.ready.add(where)
            case _:
                assert self.give(do.PauseSite(site=where, on=DAY)) == (where in self.model.recruits)
                self.model.recruits.discard(where)
                self.model.ready.discard(where)

    def of_region(self, kind: str, region: str, others: Sequence[str]) -> None:
        model = self.model
        self.versions[region] += 1
        if kind == "unlink":
            of_region = {"region": region} if region else {}
            self.give(RemoveGate(programme="p", version=self.versions[region], **of_region))
            model.linked.discard(region)
            return
        halts = model.halts[region]
        if kind == "state":
            model.permits[region] = others[0]
        elif kind == "halt region":
            halts.add(others[0])
        else:
            halts.discard(others[0])
        model.permits.setdefault(region, "permitted")
        model.linked.add(region)
        stated = {"region": region, "country": region, "state": model.permits[region], "ethics": "one_body_and_heads"}
        gate = {"programme": "p", "version": self.versions[region], **(stated if region else {})}
        standing = [halt(actor) for actor in sorted(halts)]
        self.give(SetGate(gate=Gate.model_validate({**gate, "halts": standing})))
        if halts:
            model.ready -= model.reached_by(region)

    def of_site(self, kind: str, site: str, others: Sequence[str]) -> None:
        actor, own = others[0], self.model.own_halts[site]
        if kind == "halt site":
            self.number += 1
            item = f"halt-{self.number}"
            own[item] = actor
            stated = {**halt(actor), "item": item}
            command = HaltSite(site=site, reason="x", halt=Halt.model_validate(stated))
            assert self.give(command, by=ACTORS[actor])
            self.model.ready.discard(site)
            return
        lifts = others[1]
        item = next((name for name, whose in own.items() if whose == actor), "halt-0")
        lift = {"item": item, "actor": lifts, "organisation": ACTORS[lifts], "lifted": {"date": DAY}}
        command = LiftSiteHalt.model_validate({"site": site, "reason": "x", **lift})
        lifted = self.give(command, by=ACTORS[lifts])
        assert lifted == (own.get(item) == lifts), "a halt ends by its own lift and by no other"
        if lifted:
            del own[item]

    def check(self) -> None:
        assert self.document is not None
        answers = joining.at_sites(self.document, self.document["sites"].values(), TODAY)
        assert {site["site"] for site, answer in answers if answer.possible} == self.model.joinable()
        whole = on(joining.of_trial(self.document), TODAY).possible
        programme_shut = "" in self.model.linked and bool(self.model.halts[""])
        assert whole == (bool(self.model.joinable()) and not programme_shut)
        for country in ("JP", "US"):
            here = {site for site in self.model.joinable() if SITES[site] == country}
            assert on(joining.in_country(self.document, country), TODAY).possible == bool(here)


def halt(actor: str) -> dict[str, Any]:
    """A halt of everything by one of the actors."""
    of = {"item": f"of-{actor.replace('_', '-')}", "actor": actor, "organisation": ACTORS[actor]}
    return {**of, "kind": "temporary_halt", "scope": "all", "decided": {"date": DAY}}


@given(st.lists(ACTS, max_size=40))
@example(
    [
        ("act", "kyoto"),
        ("open", "kyoto"),
        ("halt region", "", "sponsor"),
        ("lift region", "", "sponsor"),
        ("open", "kyoto"),
    ]
)
@example(
    [("open", "boston"), ("halt region", "US", "sponsor"), ("unlink", "US"), ("open", "boston"), ("pause", "boston")]
)
def test_nobody_can_join_without_every_gate_and_no_halt_ends_by_the_lift_of_another(acts: list[Act]) -> None:
    world = World()
    for act in acts:
        world.do(act)
        world.check()
