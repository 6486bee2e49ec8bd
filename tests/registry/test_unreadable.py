"""An event that a node can't read is between the node and its stream: everything else goes on, and /readyz tells."""

import asyncio
import multiprocessing
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from events import canonical
from events.schemas.access import Role, TokenIssued
from events.sealing import OwnerKind
from events.vault import Identity
from registry import wiring
from registry.domain.numbers.decider import ReserveNumbers
from registry.domain.permissions import CONSOLE
from registry.domain.trial.commands import AmendTrial, RegisterTrial
from registry.engine.commanding import OutcomeUnknown
from registry.engine.states import StreamHeld
from registry.node import Node
from registry.office import tokens as issuing
from registry.office.erasing import destroy
from registry.people.tokens import digest_of, new_token
from registry.server import create_app
from registry.settings import Settings
from tests.projections.views import eventually
from tests.support.planting import plant
from tests.support.trials import registration
from tests.support.waiting import PATIENCE

UNKNOWN = "trial.moved.v9"
FAIL = """
create or replace function public.fail() returns trigger language plpgsql
    as $$ begin raise disk_full using message = 'planned'; end $$;
create trigger fail before insert on {table} execute function public.fail();
"""


async def register(node: Node) -> str:
    key = uuid4()
    command = RegisterTrial.model_validate({"registration": registration()})
    await node.submit(CONSOLE, key, f"trial/{key}", command)
    return f"trial/{key}"


async def amend(node: Node, stream: str, size: int = 7) -> None:
    command = AmendTrial.model_validate({"reason": "more", "registration": {"planned_size": size}})
    await node.submit(CONSOLE, uuid4(), stream, command)


async def readiness(node: Node) -> tuple[int, dict[str, Any]]:
    async with TestClient(TestServer(create_app(node))) as client, client.get("/readyz") as response:
        return response.status, await response.json()


async def reported(node: Node, reason: str, status: int = 200) -> dict[str, Any]:
    """What /readyz says, once it gives the reason."""
    async with asyncio.timeout(PATIENCE), TestClient(TestServer(create_app(node))) as client:
        while True:
            async with client.get("/readyz") as response:
                answer: dict[str, Any] = await response.json()
                if response.status == status and any(reason in one for one in answer.get("reasons", ())):
                    return answer
            await asyncio.sleep(0.05)


async def well(node: Node) -> None:
    async def so() -> bool:
        return await readiness(node) == (200, {"ready": True})

    await eventually(so)


@pytest.mark.parametrize("cached", [True, False])
@pytest.mark.parametrize(("kind", "body"), [(UNKNOWN, b"{}"), ("trial.amended.v1", b"{"), ("trial.amended.v1", b"{}")])
async def test_a_trial_of_which_an_event_can_not_be_read_takes_no_commands_and_others_do(
    node: Node, settings: Settings, kind: str, body: bytes, cached: bool
) -> None:
    stream, other = await register(node), await register(node)
    with capture_logs() as lines:
        await plant(node, stream, kind, body)
        await node.until_visible(PATIENCE)
        if cached:
            with pytest.raises(StreamHeld):
                await amend(node, stream)
        else:
            async with wiring.running(settings, projecting=wiring.Projecting.ELSEWHERE) as fresh:
                with pytest.raises(StreamHeld):
                    await amend(fresh, stream)
    await amend(node, other)
    await node.until_visible(PATIENCE)

    status, answer = await readiness(node)
    assert (status, answer["degraded"]) == (200, True)
    assert {line["event"] for line in lines if line["log_level"] == "critical"} <= {
        "event_set_aside",
        "event_unreadable",
    }
    document = await node.views.document(other.removeprefix("trial/"))
    assert document is not None
    assert document["version"] == 2


async def test_a_token_of_which_an_event_can_not_be_read_opens_nothing_and_others_do(node: Node) -> None:
    closed_id, closed = await issuing.issue(node, Role.SPONSOR, "one")
    _, other = await issuing.issue(node, Role.SPONSOR, "two")
    assert node.access.actor(closed) is not None

    await plant(node, f"access/{closed_id}", "access.token-moved.v9")

    assert node.access.actor(closed) is None
    assert node.access.actor(other) is not None
    assert node.heads.ready
    # An event that can be read, as it opens another token, opens this one no more.
    for token_id, token, role in ((closed_id, closed, None), (str(uuid4()), new_token()[0], Role.SPONSOR)):
        issued = TokenIssued(digest=digest_of(token), role=Role.SPONSOR, organisation="one")
        await plant(node, f"access/{token_id}", "access.token-issued.v1", canonical.to_json(issued.to_stored()))
        actor = node.access.actor(token)
        assert (actor and actor.role) is role
    entry = node.access.entry(closed_id)
    assert entry is not None
    assert entry.revoked
    await reported(node, "events of 1 streams can't be read here; those streams take no commands, all others do")


async def test_only_the_event_that_says_so_forgets_a_person_even_where_its_body_can_not_be_read(node: Node) -> None:
    persons = await node.vault.owners(Identity(OwnerKind.PERSON, name) for name in ("one", "two"))
    (one, _), (two, _) = persons.values()

    await plant(node, f"person/{one}", "person.moved.v9")
    await plant(node, f"person/{two}", "person.forgotten.v1", b"{")

    async def destroyed() -> bool:
        return two not in await node.vault.keys([two])

    await eventually(destroyed)
    assert one in await node.vault.keys([one])
    assert node.heads.ready


async def test_a_full_disk_under_the_views_is_told_and_over_when_there_is_room(node: Node) -> None:
    await node.until_visible(PATIENCE)
    with psycopg.connect(node.settings.database_url, autocommit=True) as database:
        database.execute(FAIL.format(table="views.history"))
        await register(node)
        answer = await reported(node, "the views are not written: DiskFull 53100")
        assert answer["ready"]
        database.execute("drop trigger fail on views.history")
    await well(node)


async def test_a_log_that_takes_no_records_is_told_and_over_with_the_next_one(
    settings: Settings,
) -> None:
    impatient = settings.model_copy(update={"log_patience": 0.3, "command_deadline": 1.0})
    async with wiring.running(impatient) as node:
        with psycopg.connect(node.settings.database_url, autocommit=True) as database:
            database.execute(FAIL.format(table="log.message"))
            with pytest.raises(OutcomeUnknown):
                await register(node)
            assert not (await reported(node, "the log takes no records", 503))["ready"]
            database.execute("drop trigger fail on log.message")
        await node.order("numbers/JTR2026", ReserveNumbers(count=1))
        await well(node)


async def test_a_key_stands_while_its_end_is_not_recorded(settings: Settings) -> None:
    impatient = settings.model_copy(update={"log_patience": 0.3, "command_deadline": 1.0})
    async with wiring.running(impatient) as node:
        person, _ = await node.vault.owner(Identity(OwnerKind.PERSON, "one"))
        with psycopg.connect(node.settings.database_url, autocommit=True) as database:
            database.execute(FAIL.format(table="log.message"))
            with pytest.raises(OutcomeUnknown):
                await destroy(node, OwnerKind.PERSON, [person], "asked")
            assert person in await node.vault.keys([person])
            database.execute("drop trigger fail on log.message")
        assert await destroy(node, OwnerKind.PERSON, [person], "asked again") == [True]
        assert await node.vault.keys([person]) == {}


async def test_views_that_fall_behind_are_told_from_a_setting_on(settings: Settings) -> None:
    narrow = settings.model_copy(update={"views_lag": 2})
    async with wiring.running(settings) as node:
        await node.until_visible(PATIENCE)
    async with wiring.running(narrow, projecting=wiring.Projecting.ELSEWHERE) as node:
        stream = await register(node)
        assert (await readiness(node)) == (200, {"ready": True})
        await amend(node, stream, 1)
        await amend(node, stream, 2)
        assert "views: 3 records behind the log" in (await readiness(node))[1]["reasons"]


async def test_a_process_of_the_views_that_is_killed_again_and_again_is_told(settings: Settings) -> None:
    async with wiring.running(settings, projecting=wiring.Projecting.BESIDE) as node:
        first = await _kill_views(None)
        await _kill_views(first)
        await reported(node, "the process that keeps the views was ended 2 times in a minute")


async def _kill_views(before: int | None) -> int | None:
    """Kills the process of the views that runs after the one before, and returns its id."""

    async def runs() -> bool:
        return any(one.pid != before for one in multiprocessing.active_children())

    await eventually(runs)
    (beside,) = multiprocessing.active_children()
    beside.kill()
    await asyncio.to_thread(beside.join)
    return beside.pid
