"""Every command, by every role, on one's own and on others' trials and sites. What is not in the table is refused."""

import itertools
from typing import Any
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer

from events.schemas.access import Role
from events.schemas.registration import Source
from registry.domain.catalogue import DECLARED
from registry.domain.decider import Command
from registry.domain.permissions import CONSOLE, Actor, NotPermitted
from registry.domain.trial import commands as do
from registry.domain.trial import examples
from registry.domain.trial.commands import ImportTrial
from registry.domain.trial.coordinating import RecordMilestone
from registry.engine.order import Order
from registry.node import Node
from registry.server import create_app
from tests.support.commands import SITE_COMMANDS, TRIAL_COMMANDS
from tests.support.node import ORGANISATIONS
from tests.support.trials import partner_study, sealed_registration, site

ALLOWED = """
command                    site  sponsor  coordinator  institution  ethics-body  registry  regulator
register                   -     own      -            -            -            any       -
publish                    -     -        -            -            -            any       -
adopt                      -     -        -            -            -            any       -
amend                      -     own      -            -            -            any       -
correct                    -     own      -            -            -            any       -
change-owner               -     -        -            -            -            any       -
correct-event              -     own      -            -            -            any       any
change-authorisation       -     -        -            -            -            any       any
change-recruitment         -     own      -            -            -            any       -
record-first-participant   -     own      -            -            -            any       -
complete                   -     own      -            -            -            any       -
discontinue                -     own      -            -            -            any       -
withdraw                   -     own      -            -            -            any       -
post-results               -     own      -            -            -            any       -
site add                   -     own      -            -            -            any       -
site amend                 -     own      -            -            -            any       -
site identify              -     -        -            -            -            any       -
site change-authorisation  -     -        -            -            -            any       any
site open                  own   own      -            -            -            any       -
site pause                 own   own      -            -            -            any       -
site close                 own   own      -            -            -            any       -
site leave                 own   own      -            -            -            any       -
site verify                own   own      -            -            -            any       -
site report-enrolment      own   own      -            -            -            any       -
site correct-event         own   own      -            -            -            any       any
site record-milestone      own   own      own          own          own          any       -
site correct-milestone     own   own      own          own          own          any       -
site halt                  own   own      -            own          own          any       -
site lift-halt             own   own      -            own          own          any       -
site ask-take-back         own   own      -            -            -            any       -
site decline-take-back     -     -        -            -            -            any       -
"""
"""Of corrections: of events that the role may report.

`own`: one's own trial, and for the role site one's own site of it. The roles public and partner give no commands."""

REGISTER = "register"
COMMANDS = [REGISTER, *TRIAL_COMMANDS, *(f"site {name}" for name in SITE_COMMANDS)]
WHOSE = ("own", "another site of one's own trial", "others'")
OTHERS = "someone-else"


def table() -> dict[tuple[str, Role], str]:
    head, *rows = [line.rsplit(maxsplit=7) for line in ALLOWED.strip().splitlines()]
    return {(row[0].strip(), Role(role)): scope for row in rows for role, scope in zip(head[1:], row[1:], strict=True)}


def allowed(command: str, role: Role, whose: str) -> bool:
    scope = table().get((command, role), "-")
    if scope == "own" and whose == WHOSE[1]:
        return role in (Role.SPONSOR, Role.COORDINATOR)
    return scope == "any" or (scope == "own" and whose == "own")


def test_the_table_names_every_command() -> None:
    assert {command for command, _ in table()} == set(COMMANDS)
    trials = [(model, declared) for model, (one, declared) in DECLARED.items() if one.category == "trial"]
    offered = {model for model, declared in trials if not declared.console_only}
    assert offered == {do.RegisterTrial, *TRIAL_COMMANDS.values(), *SITE_COMMANDS.values()}


async def order(node: Node, stream: str, command: Command) -> None:
    assert await node.submit(CONSOLE, uuid4(), stream, command) is not None


async def trial_of(node: Node, owner: str, *sites: tuple[str, str], body: str = OTHERS) -> str:
    """A published trial of an owner, with sites of organisations, the first of which was submitted to a body."""
    trial = uuid4()
    stream = f"trial/{trial}"
    registration = sealed_registration(contacts=[{"role": "public"}, {"role": "scientific"}])
    await order(node, stream, do.RegisterTrial(owner=owner, registration=registration))
    for name, organisation in sites:
        await order(node, stream, do.AddSite(site=site(name, organisation)))
    await order(node, stream, do.PublishTrial())
    for name, _ in sites[:1]:
        milestone = RecordMilestone(site=name, milestone="ethics_submitted", planned="2026-11", body=body)  # type: ignore[arg-type]
        await order(node, stream, milestone)
    return str(trial)


def request_for(command: str, trials: dict[str, str], whose: str, sender: str) -> tuple[str, dict[str, Any]]:
    """Path and body of a command on what is one's own, or others'; halts are in the sender's name."""
    trial = trials[whose]
    if command == REGISTER:
        owner = {} if whose == "own" else {"owner": OTHERS}
        return "/v1/trials", {**examples.TRIAL["register"], **owner}
    name = command.removeprefix("site ")
    if name == command:
        return f"/v1/trials/{trial}/{name}", dict(examples.TRIAL[name])
    there = "osaka" if whose == WHOSE[1] else "kyoto"
    body = dict(examples.SITES[name])
    if name == "halt":
        body = {**body, "halt": {**body["halt"], "organisation": sender}}
    if name == "lift-halt":
        body = {**body, "organisation": sender}
    if name == "add":
        body = {"site": {"name": {"ja": "新しい施設"}}}
        there = f"new-{uuid4()}"
    return f"/v1/trials/{trial}/sites/{there}/{name}", body


async def test_exactly_the_allowed_commands_pass(node: Node, tokens: dict[Role, str]) -> None:
    seen: dict[tuple[str, Role, str], bool] = {}
    async with TestClient(TestServer(create_app(node))) as client:
        for role in Role:
            mine, crb = ORGANISATIONS[Role.SPONSOR], ORGANISATIONS[Role.ETHICS_BODY]
            own = await trial_of(node, mine, ("kyoto", ORGANISATIONS[Role.SITE]), ("osaka", OTHERS), body=crb)
            others = await trial_of(node, OTHERS, ("kyoto", OTHERS))
            trials = {WHOSE[0]: own, WHOSE[1]: own, WHOSE[2]: others}
            for command, whose in itertools.product(COMMANDS, WHOSE):
                path, body = request_for(command, trials, whose, ORGANISATIONS.get(role, "nobody"))
                headers = {"Authorization": f"Bearer {tokens[role]}", "Idempotency-Key": str(uuid4())}
                async with client.post(path, json=body, headers=headers) as response:
                    assert response.status in {201, 403, 422}, await response.text()
                    seen[command, role, whose] = response.status != 403

    expected = {case: expected_of(*case) for case in itertools.product(COMMANDS, Role, WHOSE)}
    assert expected == seen


def expected_of(command: str, role: Role, whose: str) -> bool:
    """A registration is one's own, or names another organisation as its owner."""
    if command == REGISTER and whose == WHOSE[1]:
        return allowed(command, role, WHOSE[2])
    if whose == WHOSE[1] and not command.startswith("site "):
        return allowed(command, role, "own")
    return allowed(command, role, whose)


@pytest.mark.parametrize("role", Role)
async def test_only_the_console_imports(node: Node, role: Role) -> None:
    source = Source(registry="ctgov", document="a" * 64, media_type="application/json", size=1)
    command, stream = ImportTrial(**partner_study(), source=source), f"trial/{uuid4()}"
    with pytest.raises(NotPermitted):
        await node.submit(Actor("token", role, "registry"), uuid4(), stream, command)
    await order(node, stream, command)


class Undeclared(Command):
    """A command that no aggregate declares."""


async def test_what_no_aggregate_declares_is_refused_to_everybody(node: Node) -> None:
    own = await trial_of(node, ORGANISATIONS[Role.SPONSOR])
    for actor in (CONSOLE, *(Actor("token", role, ORGANISATIONS[Role.SPONSOR]) for role in Role)):
        with pytest.raises(NotPermitted, match=r"^no aggregate declares this command, so nobody may send it$"):
            await node.submit(actor, uuid4(), f"trial/{own}", Undeclared())
        with pytest.raises(NotPermitted):
            await node.commanding.execute(Order(uuid4(), f"trial/{own}", Undeclared(), actor), 10)
        with pytest.raises(NotPermitted):
            await node.commanding.permit_place(actor, f"trial/{own}", Undeclared, None, 10)
