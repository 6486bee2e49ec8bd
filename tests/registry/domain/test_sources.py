"""One trial that several partners render: the home's own data wins, whatever came first, and each is kept apart."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.schemas import trial as events
from events.schemas.registration import Source
from events.schemas.trial import Status
from registry.domain.decider import Context
from registry.domain.trial import commands as do
from registry.domain.trial.decide import decide
from registry.domain.trial.evolve import evolve
from registry.domain.trial.state import State, Trial
from tests.support.trials import partner_study, without_items

CONTEXT = Context(datetime(2026, 11, 22, 3, tzinfo=UTC), "registry", "JTR2026000001X")
OWN, WHO, OTHER = ("ctgov", None), ("who-ictrp", None), ("who-ictrp", "EUCTR2007-002319-16-FR")
TEXTS = st.fixed_dictionaries({}, optional={"ja": st.sampled_from("あい"), "en": st.sampled_from("ab")}).filter(bool)
DATES = st.fixed_dictionaries({"date": st.sampled_from(["2020", "2020-05"])}, optional={"kind": st.just("actual")})
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "public_title": TEXTS,
        "planned_size": st.integers(1, 3),
        "actual_size": st.integers(1, 3),
        "first_enrolment": DATES,
        "eligibility": st.fixed_dictionaries(
            {}, optional={"criteria": TEXTS, "inclusion": TEXTS, "sex": st.just("all")}
        ),
        "conditions": st.lists(st.fixed_dictionaries({"name": TEXTS}), max_size=2),
    },
)


def sent(sender: tuple[str, str | None], digest: str = "a", dated: str | None = None, **fields: Any) -> do.ImportTrial:
    registry, record = sender
    source = Source(registry=registry, record=record, document=digest * 64, media_type="x", size=1, retrieved=dated)
    fields = partner_study(**fields) | ({"sites": ()} if sender != OWN else {})
    return do.ImportTrial(**fields, source=source)


def after(*commands: do.ImportTrial | do.AdoptTrial, state: State = None) -> Trial:
    for command in commands:
        event = decide(state, command, CONTEXT)
        state = evolve(state, event) if event is not None else state
    assert isinstance(state, Trial)
    return state


def holds(merged: Any, own: Any) -> bool:
    """Whether all that the home says stands; more may stand beside it."""
    if isinstance(own, dict):
        return all(name in merged and holds(merged[name], value) for name, value in own.items())
    return bool(merged == own)


def test_the_homes_own_data_wins_and_others_fill_what_it_leaves_open() -> None:
    own = sent(OWN, public_title={"en": "Own"}, first_enrolment={"date": "2020-05"})
    who = sent(
        WHO, public_title={"en": "Rendered"}, acronym="WHO", first_enrolment={"date": "2020-05-01", "kind": "actual"}
    )

    for trial in (after(own, who), after(who, own)):
        assert trial.registration["public_title"] == {"en": "Own"}
        assert trial.registration["first_enrolment"] == {"date": "2020-05"}, "a date is one statement with its kind"
        assert trial.registration["acronym"] == "WHO"
        assert list(trial.sites) == ["s1"]


def test_fields_that_say_one_thing_together_come_from_one_source() -> None:
    own = sent(OWN, eligibility={"criteria": {"en": "All in one"}, "sex": "all"}, actual_size=12)
    who = sent(WHO, eligibility={"inclusion": {"en": "In"}, "exclusion": {"en": "Out"}}, planned_size=12)

    for trial in (after(own, who), after(who, own)):
        assert trial.registration["eligibility"] == {"criteria": {"en": "All in one"}, "sex": "all"}
        assert "planned_size" not in trial.registration


TEXT = {"en": "A"}
SEALED = {"person": "someone", "sealed": "1.c2VhbGVk"}
TOGETHER: list[tuple[dict[str, Any], dict[str, Any]]] = [
    *(
        ({"eligibility": {one: TEXT}}, {"eligibility": {other: TEXT}})
        for one, other in permutations(("inclusion", "exclusion", "criteria"), 2)
    ),
    *(({one: 1}, {other: 2}) for one, other in permutations(("planned_size", "actual_size"))),
    ({"interventions": [{"name": TEXT}]}, {"arms": [{"label": "A"}]}),
    ({"arms": [{"label": "A"}]}, {"interventions": [{"name": TEXT}]}),
    *(
        ({name: {"date": "2020"}}, {name: {"date": "2021", "kind": "actual"}})
        for name in ("first_enrolment", "completion", "primary_completion")
    ),
    ({"design": {"purpose": "prevention"}}, {"design": {"allocation": "randomised"}}),
    ({"primary_sponsor": {"name": TEXT}}, {"primary_sponsor": {"person": SEALED}}),
    ({"primary_sponsor": {"person": SEALED}}, {"primary_sponsor": {"name": TEXT}}),
]
"""What a home says, and what another says of the same thing, which together would be nobody's statement."""


@pytest.mark.parametrize(("own", "other"), TOGETHER, ids=str)
def test_no_statement_is_made_of_two_sources(own: dict[str, Any], other: dict[str, Any]) -> None:
    alone = after(sent(OWN, **own))

    assert after(sent(OWN, **own), sent(WHO, "b", **other)).registration == alone.registration
    assert after(sent(WHO, "b", **other), sent(OWN, **own)).registration == alone.registration
    assert after(sent(OWN), sent(WHO, "b", **other)).registration == after(sent(OWN, **other)).registration


def test_the_first_record_of_another_sender_is_an_event_of_its_own_and_says_what_it_changed() -> None:
    first = after(sent(WHO, public_title={"en": "Rendered"}, acronym="WHO"))
    event = decide(first, sent(OWN, "b", public_title={"en": "Own"}), CONTEXT)

    assert isinstance(event, events.TrialSourceAdded)
    assert ("/registration/public_title/en", "Rendered", "Own") in [
        (change.field, change.old, change.new) for change in event.effects
    ]
    assert decide(evolve(first, event), sent(OWN, "b", public_title={"en": "Own"}), CONTEXT) is None


def test_what_a_rendering_says_anew_changes_nothing_that_the_home_has_said() -> None:
    trial = after(sent(OWN, public_title={"en": "Own"}), sent(WHO, "b", public_title={"en": "Old"}))
    event = decide(trial, sent(WHO, "c", public_title={"en": "New"}), CONTEXT)

    assert isinstance(event, events.TrialImportChanged)
    assert [change.new for change in event.changes] == ["New"]
    assert event.effects == ()


def test_rows_of_one_trial_by_country_are_sources_of_their_own() -> None:
    trial = after(sent(WHO), sent(OTHER, "b"))

    assert set(trial.sources) == {"who-ictrp", "who-ictrp/EUCTR2007-002319-16-FR"}


def test_once_adopted_no_source_changes_the_trial_and_each_is_still_kept() -> None:
    trial = after(sent(OWN, planned_size=1), do.AdoptTrial(), sent(WHO, "b", planned_size=2, acronym="X"))

    assert trial.registration["planned_size"] == 1
    assert "acronym" not in trial.registration
    assert trial.sources["who-ictrp"].whole["registration"]["acronym"] == "X"


def test_a_registration_of_our_own_comes_back_with_its_number_and_date() -> None:
    ours = do.RestoreTrial(owner="office")
    event = decide(after(sent(OWN)), ours, CONTEXT)

    assert event == events.TrialRestored(owner="office", number="NCT01234567", registered="2020-05-01")
    assert after(sent(OWN), ours).number == "NCT01234567"  # type: ignore[arg-type]


@given(one=FIELDS, two=FIELDS, three=FIELDS, changed=FIELDS)
def test_the_order_in_which_sources_come_makes_no_difference(
    one: dict[str, Any], two: dict[str, Any], three: dict[str, Any], changed: dict[str, Any]
) -> None:
    sends = [sent(OWN, "a", **one), sent(WHO, "b", **two), sent(OTHER, "c", **three)]
    ends = [after(*order, sent(WHO, "d", **changed)) for order in permutations(sends)]

    assert all(end.registration == ends[0].registration for end in ends)
    assert all(end.whole == ends[0].whole for end in ends)
    assert Status.model_validate(ends[0].whole["status"]) == sends[0].status
    assert holds(without_items(ends[0].registration), sends[0].registration.to_stored())
