"""Programmes and regions over HTTP: from a registration to a lifted halt, who may do what, and what is sealed."""

import itertools
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import pytest

from events.schemas.access import Role
from events.schemas.gates import stream_of_region
from registry.domain.permissions import CONSOLE
from registry.domain.programme.aggregate import AGGREGATE as PROGRAMME
from registry.domain.region import commands as do
from registry.domain.region.aggregate import AGGREGATE as REGION
from registry.office import tokens as issuing
from tests.api.conftest import Api
from tests.support.node import ORGANISATIONS
from tests.support.postgres import everything_in
from tests.support.regions import day, terms
from tests.support.waiting import PATIENCE

QUESTION, WHY = "How is the dose for infants chosen, Dr Kanariya", {"en": "Dr Kanariya reported a death"}
OFFERED: Final = [one for one in REGION.commands if not one.console_only]


def own(role: Role) -> str:
    return ORGANISATIONS[role]


async def registered(api: Api) -> str:
    receipt = await api.done("/v1/programmes", dict(PROGRAMME.commands[0].example))
    return str(receipt["programme"])


async def region_of(api: Api, programme: str, **fields: Any) -> str:
    """Japan's region of the programme; begun as the registry itself begins it."""
    region_terms = terms("JP", "jp-chiken", "jp-chiken", authorities=["pmda"], ethics_bodies=["kyoto-crb"])
    begin = do.BeginRegion.model_validate(
        {
            "programme": programme,
            "terms": {**region_terms, "coordinator": own(Role.COORDINATOR), **fields},
            "table": "2026-01-01",
            "sponsors": [own(Role.SPONSOR)],
            "second_sponsors": [own(Role.SECOND_SPONSOR)],
        }
    )
    stream = stream_of_region(programme, "JP")
    assert await api.node.submit(CONSOLE, uuid4(), stream, begin) is not None
    return stream.id


async def test_a_programme_from_its_registration_to_the_lift_of_a_halt(api: Api) -> None:
    programme = await registered(api)
    at = f"/v1/programmes/{programme}"
    examples = {one.action: dict(one.example) for one in PROGRAMME.commands}
    for action in ("add-sponsor", "add-protocol", "add-protocol-version", "link-registration", "join-region"):
        await api.done(f"{at}/{action}", examples[action])
    await api.done(f"{at}/declare-region", examples["declare-region"], role=Role.SECOND_SPONSOR)
    await api.done(f"{at}/halt", examples["halt"])
    lifted = await api.done(f"{at}/lift-halt", examples["lift-halt"])

    assert (lifted["event"], lifted["version"], lifted["programme"]) == ("programme.halt-lifted.v1", 9, programme)
    receipt = await api.get(f"/v1/commands/{lifted['key']}", role=Role.SPONSOR)
    assert receipt.body == lifted
    again = await api.post(f"{at}/lift-halt", examples["lift-halt"])
    assert (again.status, again.rules) == (422, {"halt-unknown"})


async def test_each_acts_in_a_region_in_its_own_role(api: Api) -> None:
    at = f"/v1/regions/{await region_of(api, await registered(api))}"
    application = {"application": "initial", "on": day("2026-11-01")}
    await api.done(f"{at}/submit-application", {**application, "kind": "initial"}, role=Role.COORDINATOR)
    question = {
        "question": "q1",
        "step": "national",
        "formal": True,
        "audience": ["own_region"],
        "text": {"en": QUESTION},
    }
    await api.done(f"{at}/ask-question", {**application, **question}, role=Role.AUTHORITY)
    await api.done(f"{at}/answer-question", {**application, "question": "q1"}, role=Role.SPONSOR)
    opinion = {**application, "outcome": "approved"}
    await api.done(f"{at}/give-ethics-opinion", opinion, role=Role.ETHICS_BODY)
    published = {"register_name": "jRCT", "number": "jRCT2031260001", "on": day("2026-11-02")}
    await api.done(f"{at}/publish-filing", published, role=Role.SECOND_SPONSOR)
    decided = {**application, "outcome": "authorised"}
    office = await api.post(f"{at}/decide-application", decided, role=Role.REGISTRY)
    assert (office.status, office.rules) == (422, {"not-its-act"})
    read = {**decided, "by": "pmda", "source": "notice of 2026-11-20"}
    receipt = await api.done(f"{at}/decide-application", read, role=Role.REGISTRY)

    assert (receipt["event"], receipt["version"]) == ("region.application-decided.v1", 7)


@pytest.mark.parametrize("declared", OFFERED, ids=lambda one: one.action)
async def test_exactly_the_roles_that_the_region_names_pass_the_door(api: Api, declared: Any) -> None:
    region = await region_of(api, await registered(api))
    others = await region_of(api, await registered(api), authorities=["another"], ethics_bodies=["another"])
    seen = {}
    for role, at in itertools.product(Role, (region, others)):
        body = dict(declared.example)
        if isinstance(body.get("halt"), Mapping):
            body["halt"] = {**body["halt"], "organisation": own(role)}
        answer = await api.post(f"/v1/regions/{at}/{declared.action}", body, role=role)
        assert answer.status in {201, 403, 422}, answer.raw
        seen[role, at == region] = answer.status != 403

    reviewers = {Role.AUTHORITY, Role.ETHICS_BODY}
    expected = {
        (role, mine): role in declared.allowed and (mine or role not in reviewers)
        for role in Role
        for mine in (True, False)
    }
    assert seen == expected


async def test_what_people_write_is_sealed_before_the_log(api: Api) -> None:
    at = f"/v1/regions/{await region_of(api, await registered(api))}"
    application = {"application": "initial", "on": day("2026-11-01")}
    await api.done(f"{at}/submit-application", {**application, "kind": "initial"})
    question = {
        "question": "q1",
        "step": "national",
        "formal": True,
        "audience": ["own_region"],
        "text": {"en": QUESTION},
    }
    await api.done(f"{at}/ask-question", {**application, **question}, role=Role.AUTHORITY)
    halted = {"item": "h1", "actor": "sponsor", "kind": "temporary_halt", "scope": "all", "decided": day("2026-11-02")}
    halt = {**halted, "organisation": own(Role.SPONSOR), "why": WHY, "care": {"en": "Dr Kanariya sees them"}}
    await api.done(f"{at}/halt", {"halt": halt})
    await api.node.until_visible(PATIENCE)

    stored = everything_in(api.node.settings.database_url)
    assert "Kanariya" not in stored
    assert "region.halted.v1" in stored


async def test_a_question_is_for_nobody_to_read_by_a_key_but_for_who_asked(api: Api) -> None:
    at = f"/v1/regions/{await region_of(api, await registered(api))}"
    application = {"application": "initial", "on": day("2026-11-01")}
    await api.done(f"{at}/submit-application", {**application, "kind": "initial"})
    question = {
        "question": "q1",
        "step": "national",
        "formal": True,
        "audience": ["own_region"],
        "text": {"en": QUESTION},
    }
    receipt = await api.done(f"{at}/ask-question", {**application, **question}, role=Role.AUTHORITY)
    path = f"/v1/commands/{receipt['key']}"

    assert (await api.get(path, role=Role.AUTHORITY)).status == 200
    for role in (None, Role.SITE, Role.ETHICS_BODY, Role.REGULATOR):
        assert (await api.get(path, role=role)).status == 404
    for role in (None, *Role):
        changes = await api.get("/v1/changes?follow=false", role=role)
        assert b"Kanariya" not in changes.raw
        assert b"region." not in changes.raw


async def test_an_authority_of_another_region_is_a_stranger_here(api: Api) -> None:
    at = f"/v1/regions/{await region_of(api, await registered(api))}"
    _, api.tokens[Role.PARTNER] = await issuing.issue(api.node, Role.AUTHORITY, "ema")
    halted = {"item": "h1", "actor": "minister", "kind": "instruction", "scope": "all", "decided": day("2026-11-02")}

    own_name = await api.post(f"{at}/halt", {"halt": {**halted, "organisation": "ema"}}, role=Role.PARTNER)
    borrowed = await api.post(f"{at}/halt", {"halt": {**halted, "organisation": "pmda"}}, role=Role.PARTNER)
    theirs = await api.post(f"{at}/halt", {"halt": {**halted, "organisation": "pmda"}}, role=Role.SPONSOR)

    assert [one.status for one in (own_name, borrowed, theirs)] == [403, 403, 403]
    assert (await api.post(f"/v1/regions/{uuid4()}/halt", {"halt": halted}, role=Role.PARTNER)).status == 404


@pytest.mark.parametrize(("collection", "action", "kind"), [
    ("programmes", "amend", "programme-unknown"),
    ("regions", "set-due", "region-unknown"),
])  # fmt: skip
async def test_a_command_on_what_does_not_exist_is_answered_like_one_on_an_unknown_trial(
    api: Api, collection: str, action: str, kind: str
) -> None:
    aggregate = PROGRAMME if collection == "programmes" else REGION
    [example] = [dict(one.example) for one in aggregate.commands if one.action == action]
    answer = await api.post(f"/v1/{collection}/{uuid4()}/{action}", example, role=Role.REGISTRY)

    assert (answer.status, answer.kind) == (404, kind)
