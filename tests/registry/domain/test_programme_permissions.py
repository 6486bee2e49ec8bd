"""Every command on a programme and on a region, by every role, on one's own and on others'."""

import itertools
from typing import Any, Final

import pytest

from events.schemas.access import Role
from registry.domain import permitting
from registry.domain.aggregate import Aggregate, CommandType
from registry.domain.decider import Command
from registry.domain.permissions import Actor, NotPermitted, Scope
from registry.domain.programme import commands as of_programme
from registry.domain.programme.aggregate import AGGREGATE as PROGRAMME
from registry.domain.programme.decider import PROGRAMME as DECIDER
from registry.domain.region import commands as of_region
from registry.domain.region.aggregate import AGGREGATE as REGION
from registry.domain.region.examples import REGION as EXAMPLES
from tests.support.programmes import joined
from tests.support.regions import begun

OWNERS: Final = {
    Role.SPONSOR: "kyoto-sponsor",
    Role.SECOND_SPONSOR: "nara-sponsor",
    Role.COORDINATOR: "office-be",
    Role.AUTHORITY: "authority-be",
    Role.ETHICS_BODY: "ethics-be",
}
"""Whose the programme and its Belgian region are, as far as each role is concerned."""
OFFERED: Final = [
    (aggregate, one) for aggregate in (PROGRAMME, REGION) for one in aggregate.commands if not one.console_only
]


def permitted(actor: Actor, command: Command, state: Any) -> bool:
    try:
        permitting.check(actor, command, state)
    except NotPermitted:
        return False
    return True


def state_of(aggregate: Aggregate) -> Any:
    return joined().programme if aggregate is PROGRAMME else begun().region


def command_of(declared: CommandType, organisation: str) -> Command:
    """The example of the command, as this organisation's own act."""
    body = dict(declared.example)
    if "halt" in body and isinstance(body["halt"], dict):
        body["halt"] = {**body["halt"], "organisation": organisation}
    return declared.model.model_validate(body)


@pytest.mark.parametrize(("aggregate", "declared"), OFFERED, ids=lambda one: getattr(one, "name", ""))
def test_each_role_gives_its_commands_on_what_is_its_own(aggregate: Aggregate, declared: CommandType) -> None:
    state = state_of(aggregate)
    for role, organisation in itertools.product(Role, {*OWNERS.values(), "a-stranger"}):
        scope = declared.allowed.get(role)
        owns = OWNERS.get(role) == organisation and not (aggregate is PROGRAMME and role in REVIEWERS)
        expected = scope is Scope.ANY or (scope is Scope.OWN and (owns or declared.creates))
        seen = permitted(Actor("token", role, organisation), command_of(declared, organisation), state)
        assert seen == expected, (role, organisation)


REVIEWERS: Final = (Role.AUTHORITY, Role.ETHICS_BODY)


@pytest.mark.parametrize(("aggregate", "declared"), OFFERED, ids=lambda one: getattr(one, "name", ""))
def test_nobody_owns_what_is_not_there(aggregate: Aggregate, declared: CommandType) -> None:
    able = {
        role for role, name in OWNERS.items() if permitted(Actor("t", role, name), command_of(declared, name), None)
    }

    assert able == ({Role.SPONSOR} if declared.creates else set())
    assert aggregate.owners(None, Role.SPONSOR, None) == ()


ACTS: Final = [
    (aggregate, declared)
    for aggregate, declared in OFFERED
    if {"by", "halt"} & declared.model.model_fields.keys() and declared.allowed
]


@pytest.mark.parametrize(("aggregate", "declared"), ACTS, ids=lambda one: getattr(one, "name", ""))
def test_only_the_office_records_an_act_of_another(aggregate: Aggregate, declared: CommandType) -> None:
    state = state_of(aggregate)
    another = command_of(declared, "another")
    if "by" in declared.model.model_fields:
        another = another.model_copy(update={"by": "another"})
    for role, scope in declared.allowed.items():
        actor = Actor("token", role, OWNERS.get(role, "registry-office"))
        assert permitted(actor, another, state) is (scope is Scope.ANY), role


def test_the_acts_of_others_are_most_commands() -> None:
    assert {declared.name for _, declared in ACTS} > {"region.decide-application", "region.halt", "programme.halt"}
    assert len(ACTS) > 25
    assert {declared.action for _, declared in OFFERED if _ is REGION} == set(EXAMPLES)


def test_a_region_changes_hands_with_its_terms_and_the_sponsors_of_its_programme() -> None:
    life = begun()
    life.do(of_region.AmendTerms, reason="reorganised", authorities=["fagg"])
    life.do(of_region.NoteProgramme, version=9, sponsors=["osaka-sponsor"])

    assert REGION.owners(life.region, Role.AUTHORITY, None) == ("fagg",)
    assert REGION.owners(life.region, Role.SPONSOR, None) == ("osaka-sponsor",)
    assert REGION.owners(life.region, Role.SECOND_SPONSOR, None) == ()
    assert DECIDER.initial is None
    assert of_programme.RegisterProgramme.model_fields.keys() >= {"owner", "details"}
