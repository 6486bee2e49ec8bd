"""Who may do what, and see what: each role on what is its own and what is others'."""

import itertools
from pathlib import Path

import pytest

from events.schemas.access import Role
from events.schemas.halts import Halt
from events.schemas.site_milestones import SiteMilestoneRecorded
from events.schemas.trial import Site
from registry.domain import permissions, permitting
from registry.domain.catalogue import AGGREGATES, DECLARED
from registry.domain.decider import Command
from registry.domain.exchange.aggregate import AGGREGATE as IMPORT
from registry.domain.permissions import CONSOLE, Actor, NotPermitted, Scope
from registry.domain.trial import commands as do
from registry.domain.trial.aggregate import AGGREGATE as TRIAL
from registry.domain.trial.state import SiteState, Trial
from tests.support.commands import SITE_COMMANDS, TRIAL_COMMANDS

US, THEM = "kyoto", "osaka"
SPONSOR = {"amend", "correct", "change-recruitment", "record-first-participant", "complete"}
SPONSOR |= {"discontinue", "withdraw", "post-results", "site add", "site amend"}
AUTHORITY = {"change-authorisation", "site change-authorisation"}
SITE = {f"site {name}" for name in ("open", "pause", "close", "leave", "verify", "report-enrolment", "ask-take-back")}
STEPS = {"site record-milestone", "site correct-milestone"}
HALTS = {"site halt", "site lift-halt"}
OFFICE = {"publish", "adopt", "change-owner", "site identify", "site decline-take-back"}
CORRECTIONS = {"correct-event", "site correct-event"}
"""Of events that are not there; what each event allows is tested with the corrections."""
KINDS = {**TRIAL_COMMANDS, **{f"site {name}": kind for name, kind in SITE_COMMANDS.items()}}


def trial(owner: str | None, organisation: str | None) -> Trial:
    return Trial(
        version=1,
        owner=owner,
        home=None,
        number=None,
        authorisation="draft",  # type: ignore[arg-type]
        recruitment="not_yet",  # type: ignore[arg-type]
        registration={},
        sites={"ward": SiteState(organisation, "filed", "not_yet", milestones=acts_of(organisation))},  # type: ignore[arg-type]
    )


def acts_of(body: str | None) -> dict[int, SiteMilestoneRecorded]:
    """That a site was submitted to an ethics body."""
    return {2: SiteMilestoneRecorded.model_construct(body=body)}


def permitted(role: Role, command: Command, state: Trial | None) -> bool:
    try:
        permitting.check(Actor("token", role, US), command, state)
    except NotPermitted:
        return False
    return True


def unvalidated(name: str, site: str = "ward") -> Command:
    """A command of this kind; what else it says is not looked at."""
    named = Site.model_construct(site=site) if name == "site add" else site
    halted = {"halt": Halt.model_construct(organisation=US), "organisation": US} if name in HALTS else {}
    return KINDS[name].model_construct(site=named, corrects=1, **halted)


def expected(name: str, role: Role, owner: str | None, organisation: str | None) -> bool:
    match role:
        case Role.REGISTRY:
            return True
        case Role.REGULATOR:
            return name in AUTHORITY | CORRECTIONS
        case Role.SPONSOR:
            return name in SPONSOR | SITE | CORRECTIONS | STEPS | HALTS and owner == US
        case Role.COORDINATOR:
            return name in STEPS and owner == US
        case Role.SITE:
            return name in SITE | STEPS | HALTS | {"site correct-event"} and organisation == US
        case Role.INSTITUTION | Role.ETHICS_BODY:
            return name in STEPS | HALTS and organisation == US
        case _:
            return False


def test_the_sets_name_every_command() -> None:
    assert sorted([*SPONSOR, *AUTHORITY, *SITE, *STEPS, *HALTS, *OFFICE, *CORRECTIONS]) == sorted(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_each_role_gives_its_commands_on_what_is_its_own(name: str) -> None:
    for role, owner, organisation in itertools.product(Role, (US, THEM, None), (US, THEM, None)):
        seen = permitted(role, unvalidated(name), trial(owner, organisation))
        assert seen == expected(name, role, owner, organisation), (role, owner, organisation)


@pytest.mark.parametrize("name", KINDS)
def test_nobody_owns_what_is_not_there(name: str) -> None:
    roles = {role for role in Role if permitted(role, unvalidated(name), None)}
    assert roles == ({Role.REGISTRY, Role.REGULATOR} if name in AUTHORITY | CORRECTIONS else {Role.REGISTRY})
    if name in SITE | STEPS | HALTS | {"site correct-event"}:
        assert not permitted(Role.SITE, unvalidated(name, site="another"), trial(US, US))


def documented() -> dict[str, dict[Role, Scope]]:
    """The tables of `docs/security.md`, by names of commands: `publish` is a trial's, `site add` a site's."""
    text = (Path(__file__).parents[3] / "docs/security.md").read_text()
    table = {}
    for begins, category in TABLES.items():
        head, _, *rows = text[text.index(begins) :].partition("\n\n")[0].splitlines()
        roles = [Role(name.strip()) for name in head.strip("|").split("|")[1:]]
        for row in rows:
            names, *scopes = (cell.strip() for cell in row.strip("|").split("|"))
            allowed = {role: Scope[one.upper()] for role, one in zip(roles, scopes, strict=True) if one in SCOPES}
            prefix = "site." if names.startswith("site ") else f"{category}."
            for name in names.split(", "):
                table[name.replace(" ", ".", 1) if " " in name else prefix + name] = allowed
    return table


TABLES = {"| Command | site |": "trial", "| On a programme |": "programme", "| On a region |": "region"}
"""What the first line of each table begins with, and whose commands are in it."""
SCOPES = {scope.name.lower() for scope in Scope}


def test_the_table_in_the_documents_is_what_the_aggregates_declare() -> None:
    declared = {one.name: dict(one.allowed) for _, one in DECLARED.values() if not one.console_only}
    described = {name: allowed for name, allowed in documented().items() if allowed}

    assert described == declared


@pytest.mark.parametrize(("owner", "roles"), [
    (None, {Role.SPONSOR, Role.REGISTRY}), (US, {Role.SPONSOR, Role.REGISTRY}), (THEM, {Role.REGISTRY}),
])  # fmt: skip
def test_a_sponsor_registers_for_itself(owner: str | None, roles: set[Role]) -> None:
    command = do.RegisterTrial.model_construct(owner=owner)
    assert {role for role in Role if permitted(role, command, None)} == roles
    assert {role for role in Role if permitted(role, command, trial(THEM, THEM))} == roles


CONSOLE_ONLY = [model for model, (_, declared) in DECLARED.items() if declared.console_only]


@pytest.mark.parametrize("model", CONSOLE_ONLY)
def test_what_is_the_consoles_is_refused_to_every_role(model: type[Command]) -> None:
    assert [role for role in Role if permitted(role, model.model_construct(), None)] == []
    permitting.check(CONSOLE, model.model_construct(), None)
    with pytest.raises(NotPermitted):
        permitting.check(Actor("another", CONSOLE.role, CONSOLE.organisation), model.model_construct(), None)


def test_the_consoles_commands_are_those_that_nobody_gives_over_http() -> None:
    assert {DECLARED[model][1].name for model in CONSOLE_ONLY} == {
        "trial.import",
        "trial.restore",
        "trial.identify",
        "trial.set-gate",
        "trial.remove-gate",
        "access.issue-token",
        "access.revoke-token",
        "person.forget",
        "text.take-back",
        "numbers.reserve",
        "numbers.set-aside",
        "import.refuse-records",
        "import.finish",
        "consequence.refuse",
        "consequence.settle",
        "region.begin",
        "region.note-programme",
        "region.link-registration",
        "region.unlink-registration",
        "region.note-joint-conclusion",
        "region.note-application-end",
        "region.note-silence",
    }


def test_the_registry_may_give_every_command_that_is_not_the_consoles() -> None:
    lacking = [
        declared.name
        for _, declared in DECLARED.values()
        if not declared.console_only and declared.allowed.get(Role.REGISTRY) is not Scope.ANY
    ]
    assert lacking == []


def test_streams_of_tokens_persons_texts_and_numbers_are_for_no_reader() -> None:
    readable = {one.category for one in AGGREGATES for role in Role if one.may_see(Actor("token", role, US), owner=US)}
    assert readable == {"trial", "programme", "region", "import", "consequence"}


def test_a_refusal_names_role_organisation_and_command() -> None:
    with pytest.raises(NotPermitted, match=r"^site of kyoto may not send trial\.publish here$"):
        permitting.check(Actor("token", Role.SITE, US), do.PublishTrial(), trial(US, US))
    register = do.RegisterTrial.model_construct(owner=THEM)
    with pytest.raises(NotPermitted, match=r"^sponsor of kyoto may not send trial\.register here$"):
        permitting.check(Actor("token", Role.SPONSOR, US), register, None)


@pytest.mark.parametrize("role", Role)
def test_who_sees_drafts_imports_and_actors(role: Role) -> None:
    actor = Actor("token", role, US)
    office = role in (Role.REGISTRY, Role.REGULATOR)

    assert TRIAL.may_see(actor, published=True, owner=THEM)
    assert TRIAL.may_see(actor, published=True, owner=None)
    assert TRIAL.may_see(actor, published=False, owner=US) == (role is not Role.PUBLIC)
    assert TRIAL.may_see(actor, published=False, owner=THEM) == office
    assert TRIAL.may_see(actor, published=False, owner=None) == office
    assert IMPORT.may_see(actor) == office
    assert permissions.may_see_actors(actor) == office
    assert permissions.owns_for(actor) == (None if role is Role.PUBLIC else US)
