"""Exactly those who may read a confidential text of a programme do: at every address, in every role."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from adapters.catalogue import TARGETS
from events.schemas.access import Role
from projections.catalogue import PROGRAM
from projections.engine.dump import dump
from registry import wiring
from registry.api.offered import OFFERED
from registry.exchange.exporting import export
from registry.node import Node
from registry.settings import Settings
from tests.api.conftest import Api
from tests.support.servers import console
from tests.support.taint_items import (
    AFTER,
    ASKERS,
    BEFORE,
    ITEMS,
    NAMED,
    NOBODY,
    OWN,
    Asker,
    authority,
    ethics,
    found_in,
)
from tests.support.taint_planting import OFFICE, Planted, planted
from tests.support.taint_reading import addresses, everything_read

STRANGERS = (NOBODY, authority("none"), ethics("JP"), (Role.SITE, "ethics-none"))
CONCERNED = tuple(one for one in ASKERS if one == NOBODY or one in NAMED or one[0] in OWN)
"""The askers for whom something changes at its moment, and the public for all others."""


@pytest.fixture
async def node(settings: Settings) -> AsyncIterator[Node]:
    """A node with the policies that the registry has, on a day before some items are public."""
    async with wiring.running(settings) as running:
        running.views._clock = lambda: BEFORE
        yield running


async def test_everybody_reads_what_the_table_grants_and_nothing_else_before_and_after_its_moment(api: Api) -> None:
    items = await planted(api)
    wrong: list[str] = []
    for now, askers in ((BEFORE, ASKERS), (AFTER, CONCERNED)):
        api.node.views._clock = lambda now=now: now  # type: ignore[misc]
        for asker in askers:
            met = await everything_read(items, asker)
            may = {name for name, item in ITEMS.items() if item.open_to(asker, now)}
            wrong += [f"{now:%m-%d} {asker}: leaked {name} at {sorted(met[name])}" for name in met.keys() - may]
            wrong += [f"{now:%m-%d} {asker}: does not read {name}" for name in may - met.keys()]

    assert not wrong, "\n".join(sorted(wrong))


def examples(items: Planted) -> Iterator[tuple[str, object]]:
    """Every address that takes a command, each with the example of its documentation."""
    by_action = {one.path.rpartition("/")[2]: dict(one.declared.example) for one in OFFERED}
    for address in addresses(items, "POST"):
        yield address, by_action.get(address.rpartition("/")[2], {})


def leaked(asker: Asker, raw: bytes) -> set[str]:
    """The items that the asker may not read. A fault may name what they may read, as the actors in their own region."""
    return {name for name in found_in(raw) if not ITEMS[name].open_to(asker, BEFORE)}


async def test_no_answer_to_a_command_no_line_of_the_log_and_no_metric_tells_what_others_may_read(
    api: Api, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as lines:
        items = await planted(api)
        for asker, path, body, key in items.commands:
            again = await items.post(asker, path, body, key)
            assert again.status == 201, again.raw
            assert leaked(asker, again.raw) == set(), path
            for other in STRANGERS:
                theirs = await items.post(other, path, body, key)
                assert leaked(other, theirs.raw) == set(), (other, path)
        for asker in (*STRANGERS, *sorted(NAMED), authority("GR"), authority("BE"), ethics("GR")):
            for path, body in examples(items):
                answer = await items.post(asker, path, body)
                assert answer.status < 500, (asker, path, answer.raw)
                assert leaked(asker, answer.raw) == set(), (asker, path)
    metrics = (await items.get("/metrics", OFFICE)).raw.decode()

    assert any(line["event"] == "request" for line in lines)
    assert found_in(f"{lines}{capsys.readouterr()}{caplog.text}{metrics}") == set()


async def test_dumps_hold_items_sealed_and_no_export_or_report_of_the_console_has_any(
    api: Api, settings: Settings, tmp_path: Path
) -> None:
    items = await planted(api)
    dumped = b"".join([line async for line in dump(settings.database_url, program=PROGRAM)])
    sealed = {name for name, item in ITEMS.items() if item.sealed}

    assert found_in(dumped) == ITEMS.keys() - sealed
    for name, target in TARGETS.items():
        await export(target, await api.node.outgoing(), tmp_path / name)
        assert found_in((tmp_path / name).read_bytes()) == set(), name
    for command in (("status",), ("policies",), ("history", items.published)):
        assert found_in(await console(settings, *command, "--json")) == set(), command
    of_draft = await console(settings, "history", items.draft, "--json")
    assert found_in(of_draft) <= {name for name, item in ITEMS.items() if OFFICE in item.readers}
