"""Every read of trials, by every role, on one's own and on others': as the table in docs/security.md has it."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from events.schemas.access import Role
from events.schemas.registration import Source
from registry.domain.trial import commands as do
from tests.acceptance.test_permissions import OTHERS, order
from tests.api.conftest import Api
from tests.api.test_changes import everything
from tests.support.node import ORGANISATIONS
from tests.support.trials import partner_study, sealed_registration

PUBLISHED = "published trials and partners' trials: "
DRAFTS = "drafts, and what a trial's history and its feed said before it was published"
OTHER_ROLES = "any other role"
PATHS = {"record": "", "sites": "/sites", "sources": "/sources", "history": "/history"}
FEED = "changes in the feed"
PUBLICATION = 2
"""The version with which the trials here were published."""


def documented() -> dict[str, dict[Role | None, str]]:
    """The table of `docs/security.md`: by row, what each role may read; None is a reader without a token."""
    text = (Path(__file__).parents[2] / "docs/security.md").read_text()
    head, _, *rows = text[text.index("| | public |") :].partition("\n\n")[0].splitlines()
    columns = [name.strip() for name in head.strip("|").split("|")[1:]]
    table = {}
    for row in rows:
        name, *cells = (cell.strip() for cell in row.strip("|").split("|"))
        named = dict(zip(columns, cells, strict=True))
        table[name] = {role: cell for column, cell in named.items() for role in roles_of(column, columns)}
    return table


def roles_of(column: str, named: Sequence[str]) -> Iterator[Role | None]:
    """The roles of a column; `named` are all columns."""
    if column == OTHER_ROLES:
        yield from (role for role in Role if role not in named)
    else:
        yield Role(column)
    if column == Role.PUBLIC:
        yield None


TABLE = documented()
[READS] = [name.removeprefix(PUBLISHED).split(", ") for name in TABLE if name.startswith(PUBLISHED)]


def test_the_table_names_every_role_and_every_read() -> None:
    assert {*PATHS, FEED} == set(READS)
    assert all(row.keys() == {None, *Role} for row in TABLE.values())
    paths = {f"/v1/trials/{{trial}}{path}" for path in PATHS.values()}
    assert len(paths) == len(READS) - 1


async def draft(api: Api, owner: str, *, public: bool) -> str:
    """The id of a trial of the owner's."""
    trial = uuid4()
    registration = sealed_registration(contacts=[{"role": "public"}, {"role": "scientific"}])
    await order(api.node, f"trial/{trial}", do.RegisterTrial(owner=owner, registration=registration))
    if public:
        await order(api.node, f"trial/{trial}", do.PublishTrial())
    return str(trial)


async def partners(api: Api) -> str:
    """The id of a partner's trial."""
    trial = uuid4()
    source = Source(registry="ctgov", document="a" * 64, media_type="application/json", size=1)
    await order(api.node, f"trial/{trial}", do.ImportTrial(**partner_study(), source=source))
    return str(trial)


async def read(api: Api, role: Role | None, trial: str, feed: list[dict[str, Any]]) -> set[str]:
    """The reads that show the trial, and those that show it before its publication (`before history`)."""
    answers = {name: await api.get(f"/v1/trials/{trial}{path}", role=role) for name, path in PATHS.items()}
    assert {answer.status for answer in answers.values()} <= {200, 404}
    found = {name for name, answer in answers.items() if answer.status == 200}
    entries = [entry for entry in feed if entry["trial"] == trial]
    history = answers["history"].body["events"] if "history" in found else []
    found |= {FEED} if entries else set()
    for name, events in (("history", history), (FEED, entries)):
        found |= {f"before {name}"} if any(event["version"] < PUBLICATION for event in events) else set()
    return found


@pytest.mark.parametrize("role", [None, *Role])
async def test_each_role_reads_what_the_table_says_and_nothing_else(api: Api, role: Role | None) -> None:
    organisation = ORGANISATIONS[role] if role else "public"
    own_and_others = list(itertools.product((organisation, OTHERS), (False, True)))
    trials = [(owner, public, await draft(api, owner, public=public)) for owner, public in own_and_others]
    theirs = await partners(api)
    feed = await everything(api, role)
    reads = set(READS)
    before = {"before history", f"before {FEED}"}
    [published] = [row[role] for name, row in TABLE.items() if name.startswith(PUBLISHED)]

    assert await read(api, role, theirs, feed) == (reads | before if published == "yes" else set())
    for owner, public, trial in trials:
        sees_drafts = {"no": False, "own": owner == organisation, "all": True}[TABLE[DRAFTS][role]]
        shown = reads if sees_drafts or (public and published == "yes") else set()
        assert await read(api, role, trial, feed) == shown | (before if sees_drafts else set()), (owner, public)
