"""Whose turn it is follows from the log alone, with ids that stay while a step waits (W7)."""

import pytest

from events.schemas.access import Role
from registry.domain.region import commands as do
from registry.programmes.turns import turns_of
from tests.support.programme_reads import begun, seen, whole
from tests.support.regions import Life, day


def under_way() -> list[Life]:
    """Belgium validated and asked; Greece waits for validation; Poland has handed in nothing."""
    be, gr, pl = begun("BE"), begun("GR"), begun("PL")
    for life in (be, gr):
        life.submit()
    be.validate()
    question = {"question": "q1", "step": "national", "formal": True, "audience": ["own_region", "region_sponsor"]}
    be.do(do.AskQuestion, be.authority, application="initial", on=day("2024-03-20"), due=day("2024-04-01"), **question)
    return [be, gr, pl]


@pytest.mark.parametrize(
    ("role", "organisation", "steps"),
    [
        (Role.SPONSOR, "kyoto-sponsor", [("BE", "national")]),
        (Role.COORDINATOR, "office-be", [("BE", "national")]),
        (Role.COORDINATOR, "office-gr", []),
        (Role.AUTHORITY, "authority-be", [("BE", "joint"), ("BE", "national"), ("GR", "validation")]),
        (Role.AUTHORITY, "authority-gr", []),
        (Role.AUTHORITY, "authority-pl", []),
        (Role.SPONSOR, "authority-be", []),
        (Role.REGISTRY, "registry-office", []),
    ],
)
def test_w07_my_turn_is_what_waits_for_my_organisation_in_my_role(
    role: Role, organisation: str, steps: list[tuple[str, str]]
) -> None:
    turns = turns_of(seen(whole(None, *under_way()), role, organisation))

    assert sorted((one.region, one.step.value) for one in turns) == steps


def test_w07_a_turn_keeps_its_id_while_others_act_and_leaves_once_it_is_done() -> None:
    lives = under_way()
    be = lives[0]
    before = {one.step: one.id for one in turns_of(seen(whole(None, *lives), Role.AUTHORITY, "authority-be"))}
    be.do(do.AnswerQuestion, application="initial", question="q1", on=day("2024-03-25"))
    be.conclude("national", "acceptable", on="2024-04-02")
    after = {one.step: one.id for one in turns_of(seen(whole(None, *lives), Role.AUTHORITY, "authority-be"))}

    assert len({*before.values()}) == len(before) == 3
    assert after == {step: id_ for step, id_ in before.items() if step != "national"}
    assert turns_of(seen(whole(None, *lives), Role.SPONSOR, "kyoto-sponsor")) == []
