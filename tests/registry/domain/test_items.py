"""Members of lists have items: given where the sender gives none, kept over amendments and imports, and addressed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import canonical
from events.changes import apply, diff
from events.schemas.items import registered
from events.schemas.registration import Registration
from registry.domain.decider import Rejection
from registry.domain.trial import commands as do
from registry.domain.trial.decide import decide
from registry.domain.trial.state import Trial
from tests.projections.trials import source
from tests.registry.domain.test_trial import CONTEXT, after, rules_against
from tests.support.trials import SEALED, partner_study, sealed_registration, without_items


def outcomes(*measures: str, **fields: Any) -> list[dict[str, Any]]:
    return [{"rank": "secondary", "measure": {"en": measure}, **fields} for measure in measures]


def amend(**fields: Any) -> do.AmendTrial:
    return do.AmendTrial(reason="Better", registration=Registration.model_validate(fields))


def trial(**fields: Any) -> Trial:
    state = after(do.RegisterTrial(registration=sealed_registration(**fields)))
    assert state is not None
    return state


def items(state: Trial | None, name: str = "outcomes") -> dict[str, str]:
    """Items by what the members are called in English."""
    assert state is not None
    return {one.get("measure", one.get("name"))["en"]: one["item"] for one in state.registration[name]}


def changed(state: Trial, command: do.AmendTrial) -> list[dict[str, Any]]:
    event = decide(state, command, CONTEXT)
    assert event is not None
    return event.to_stored()["changes"]  # type: ignore[no-any-return]


def test_every_member_of_every_list_gets_an_item_that_is_its_own() -> None:
    lists = {
        "outcomes": outcomes("A", "B"),
        "conditions": [{"name": {"en": "C"}}],
        "interventions": [{"name": {"en": "D"}}],
        "arms": [{"label": "E"}],
        "ethics_reviews": [{"status": "approved"}, {"status": "approved"}],
        "contacts": [{"role": "public", "person": SEALED}, {"role": "public"}],
        "references": [{"pmid": "1"}],
        "identifiers": [{"value": "X", "kind": "other"}],
        "funders": [{"name": {"en": "F"}}],
        "secondary_sponsors": [{"name": {"en": "G"}}],
    }
    registration = trial(**lists).registration

    for name, members in lists.items():
        items_given = [one["item"] for one in registration[name]]
        assert len(set(items_given)) == len(items_given) == len(members)


def test_a_sender_may_choose_an_item_but_give_it_once() -> None:
    chosen = outcomes("A", item="final") + outcomes("B")
    assert items(trial(outcomes=chosen))["A"] == "final"

    twice = do.RegisterTrial(registration=sealed_registration(outcomes=outcomes("A", "B", item="final")))
    assert rules_against(None, twice) == {"item-twice"}


def test_the_same_bytes_give_the_same_items_and_no_item_tells_of_a_person() -> None:
    one = registered({"contacts": [{"role": "public", "person": {"email": "a@example.org"}}]})
    other = registered({"contacts": [{"role": "public", "person": {"email": "b@example.org"}}]})

    assert one["contacts"][0]["item"] == other["contacts"][0]["item"]
    assert registered({"outcomes": outcomes("A", "A")}) == registered({"outcomes": outcomes("A", "A")})


def test_an_amendment_keeps_the_items_of_what_it_leaves_and_of_what_it_says_otherwise() -> None:
    before = trial(outcomes=outcomes("A", "B", "C"))
    amended = [*outcomes("D", "C"), {"rank": "primary", "measure": {"en": "A", "ja": "あ"}}]
    now = items(after(amend(outcomes=amended), state=before))

    assert (now["A"], now["C"]) == (items(before)["A"], items(before)["C"])
    assert now["D"] not in items(before).values()


def test_an_amendment_of_one_outcome_of_a_hundred_stores_that_outcome_only() -> None:
    texts = {"time_point": {"en": "week 12 " * 10}, "description": {"en": "measured by the site " * 10}}
    hundred = outcomes(*(f"Outcome {number}" for number in range(100)), **texts)
    before = trial(outcomes=hundred)
    hundred[41] = {**hundred[41], "time_point": {"en": "week 24"}}
    differences = changed(before, amend(outcomes=hundred))

    item = items(before)["Outcome 41"]
    old = texts["time_point"]["en"]
    assert differences == [{"field": f"/outcomes/{item}/time_point/en", "old": old, "new": "week 24"}]
    assert len(canonical.to_json(differences)) < 200
    assert len(canonical.to_json(before.registration)) > 40_000


def test_members_are_removed_added_and_put_in_another_order_by_their_items() -> None:
    before = trial(outcomes=outcomes("A", "B", "C", "D"))
    state = after(amend(outcomes=outcomes("C", "E", "A", "B")), state=before)
    differences = {
        change["field"].rpartition("/")[2]: change
        for change in changed(before, amend(outcomes=outcomes("C", "E", "A", "B")))
    }

    assert state is not None
    assert without_items(state.registration["outcomes"]) == outcomes("C", "E", "A", "B")
    assert differences.keys() == {items(before)["D"], items(state)["E"], "@order"}
    assert differences["@order"]["new"] == [items(state)[name] for name in "CEAB"]


def test_arms_use_interventions_by_their_items() -> None:
    two = [{"name": {"en": "Exercise"}}, {"name": {"en": "Care"}}]
    state = trial(interventions=two, arms=[{"label": "A", "interventions": ["Exercise", "Care"]}, {"label": "B"}])

    named = items(state, "interventions")
    assert state.registration["arms"][0]["uses"] == [named["Exercise"], named["Care"]]
    assert "uses" not in state.registration["arms"][1]


def test_a_name_that_two_interventions_bear_names_none() -> None:
    """The case of `運動`, which one intervention bears in Japanese and another in English."""
    two = [{"item": "walk", "name": {"ja": "運動"}}, {"item": "app", "name": {"en": "運動"}}]

    def register(**arm: Any) -> do.RegisterTrial:
        return do.RegisterTrial(registration=sealed_registration(interventions=two, arms=[{"label": "A", **arm}]))

    assert rules_against(None, register(interventions=["運動"])) == {"ambiguous-intervention"}
    assert rules_against(None, register(uses=["walk", "run"])) == {"unknown-intervention"}
    assert after(register(interventions=["運動"], uses=["walk"])) is not None


def sent(document: str, **registration: Any) -> do.ImportTrial:
    return do.ImportTrial.model_validate({**partner_study(**registration), "source": source(digest=document)})


def test_two_imports_of_the_same_bytes_give_the_same_items() -> None:
    fields = {"outcomes": outcomes("A", "B", "B"), "contacts": [{"role": "public", "affiliation": {"en": "A"}}]}

    assert after(sent("a", **fields)) == after(sent("a", **fields))


def test_changed_data_that_is_imported_again_keeps_items_where_it_can() -> None:
    before = after(sent("a", outcomes=outcomes("A", "B", "C", time_point={"en": "12"})))
    assert before is not None
    again = [*outcomes("C", "A", time_point={"en": "24"}), *outcomes("D")]
    state = after(sent("b", outcomes=again), state=before)

    assert {name: items(before)[name] for name in "AC"} == {name: items(state)[name] for name in "AC"}
    assert without_items(state.registration["outcomes"]) == again  # type: ignore[union-attr]


def test_what_a_member_no_longer_says_is_gone_with_a_new_version_of_its_list() -> None:
    before = after(sent("a", outcomes=outcomes("A", "B", time_point={"en": "12"})))
    state = after(sent("b", outcomes=outcomes("A")), state=before)

    assert state is not None
    assert without_items(state.registration["outcomes"]) == outcomes("A")


MEASURES = st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("123")), max_size=6)


def listed(drawn: list[tuple[str, str]]) -> dict[str, Any]:
    return {"outcomes": [one for measure, time in drawn for one in outcomes(measure, time_point={"en": time})]}


@given(MEASURES, MEASURES)
def test_changes_by_items_lead_from_any_list_to_any_other(old: Any, new: Any) -> None:
    before = registered(listed(old))
    then = registered(listed(new), before)

    assert without_items(then) == listed(new)
    assert len({one["item"] for one in then["outcomes"]}) == len(new)
    assert apply(before, [(field, now) for field, _, now in diff(before, then)]) == then


@given(MEASURES)
def test_saying_the_same_again_changes_nothing(drawn: Any) -> None:
    state = trial(**listed(drawn))

    with pytest.raises(Rejection, match="no-change"):
        decide(state, amend(**listed(drawn)), CONTEXT)
