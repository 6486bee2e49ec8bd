"""schemathesis checks a running server against its own OpenAPI document: as several roles, and from state to state."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from events.schemas.access import Role
from registry import wiring
from registry.office import tokens
from registry.settings import Settings
from tests.support.clients import Client
from tests.support.node import ORGANISATIONS
from tests.support.servers import ROOT, Server

SEED: Final = 1
CHECKS: Final = (
    "fails_only_where_it_says",
    "refuses_with_a_problem",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
)
RUNS: Final = {
    "office": (Role.REGISTRY, "examples,coverage,fuzzing,stateful", 12),
    "sponsor": (Role.SPONSOR, "examples,fuzzing,stateful", 8),
    "site": (Role.SITE, "fuzzing,stateful", 8),
    "nobody": (None, "examples,fuzzing", 8),
}
"""The role, the phases, and the most examples of each operation; coverage has its own number."""
RECORDS: Final = {Role.REGISTRY: True, Role.SPONSOR: True, None: False}
"""Whether some command must have been recorded by then."""
WAIT: Final = "1.0"
"""Seconds that the server waits for a position: many requests name one that the log never reaches."""
CONFIGURATION: Final = """
[parameters]
"path.trial" = "{trial}"
"path.site" = "kyoto"
"query.follow" = "false"

[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 412, 413, 414, 415, 422, 431, 503]

[phases.stateful]
max-steps = 8

[phases.stateful.inference]
algorithms = []

[phases.stateful.generation]
mode = "positive"
allow-x00 = false
"""
"""On a trial that is there, or every command would end at 404; a feed that is followed has no end. Links are those of
the document, no guesses. An invalid value may be so long that the address or a header is refused before it is read."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A server with a trial, and a token for each role."""

    server: Server
    tokens: dict[Role | None, str]
    trial: str


@pytest.fixture
async def stand(settings: Settings, tmp_path: Path) -> AsyncIterator[Stand]:
    async with wiring.running(settings) as node:
        issued = {role: (await tokens.issue(node, role, name))[1] for role, name in ORGANISATIONS.items()}
    async with (
        Server(settings, tmp_path, {"REGISTRY_READ_DEADLINE": WAIT}) as server,
        aiohttp.ClientSession() as session,
    ):
        sponsor = Client(session, issued[Role.SPONSOR], [server.url])
        trial = await sponsor.register()
        site = {"site": {"name": {"ja": "京都中央病院"}, "organisation": ORGANISATIONS[Role.SITE]}}
        assert (await sponsor.post(f"/v1/trials/{trial}/sites/kyoto/add", site)).status == 201
        yield Stand(server, {**issued, None: ""}, trial)


async def recorded(server: Server) -> float:
    """The number of commands that the server recorded so far."""
    async with aiohttp.ClientSession() as session, session.get(f"{server.url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return sum(float(line.split()[-1]) for line in lines if 'outcome="recorded"' in line)


@pytest.mark.parametrize("who", RUNS)
async def test_the_server_does_what_its_document_says_and_nothing_else(stand: Stand, tmp_path: Path, who: str) -> None:
    role, phases, examples = RUNS[who]
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION.format(trial=stand.trial))
    token, before = stand.tokens[role], await recorded(stand.server)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{stand.server.url}/openapi.json", "--no-color"),
        *(f"--checks={','.join(CHECKS)}", f"--phases={phases}", f"--max-examples={examples}", f"--seed={SEED}"),
        *("--generation-database=none", "--warnings=off", "--continue-on-failure"),
        *(("-H", f"Authorization: Bearer {token}") if token else ()),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.robustness.checks"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    printed, _ = await process.communicate()

    assert process.returncode == 0, printed.decode()[-20_000:]
    # A run that met only refusals would have shown nothing of the commands.
    if (may_record := RECORDS.get(role)) is not None:
        assert (await recorded(stand.server) > before) == may_record
    assert "request_failed" not in (stand.server.folder / f"server-{stand.server.port}.log").read_text()
    await stand.server.ready()
