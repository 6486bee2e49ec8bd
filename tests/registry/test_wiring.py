"""The composition: keys are made once and never again, views wait for a log, and logs hold no local variables."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import structlog

from events.stopping import stop
from projections.catalogue import PROGRAM
from projections.engine.progress import ProgressMessage
from projections.search.follower import Standing
from registry import wiring
from registry.domain.numbers.decider import ReserveNumbers
from registry.people import keys
from registry.process.logs import FRAMES_ONLY
from registry.settings import Settings
from tests.support.embedded import OwnPostgres
from tests.support.node import settings_for
from tests.support.waiting import PATIENCE


def test_ten_that_start_at_once_get_one_vault_key_and_it_stays(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    with ThreadPoolExecutor(10) as threads:
        made = set(threads.map(lambda _: keys.master_key(settings), range(10)))

    assert len(made) == 1
    assert keys.master_key(settings) in made
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["vault.key"]
    assert (tmp_path / "data" / "vault.key").stat().st_mode & 0o077 == 0


def test_a_database_of_ones_own_needs_a_key_of_ones_own() -> None:
    with pytest.raises(LookupError, match="REGISTRY_VAULT_KEY"):
        keys.master_key(Settings(database_url="postgresql://elsewhere"))


def test_a_logged_trace_shows_no_local_variables() -> None:
    try:
        token = "a-secret-token"
        raise ValueError(len(token))
    except ValueError:
        trace = FRAMES_ONLY(structlog.get_logger(), "error", {"event": "failed", "exc_info": True})

    assert "a-secret-token" not in str(trace)
    assert "ValueError" in str(trace)


async def test_views_that_start_while_the_log_is_away_wait_for_it(tmp_path: Path) -> None:
    messages: asyncio.Queue[ProgressMessage | Standing] = asyncio.Queue()
    async with OwnPostgres.running() as postgres:
        settings = settings_for(postgres.url).model_copy(update={"log_patience": 0.5, "search_index": tmp_path})
        async with wiring.running(settings, projecting=wiring.Projecting.ELSEWHERE) as node:
            await node.order("numbers/JTR2026", ReserveNumbers(count=1))
            ends = await node.log.ends(node.heads.topic)
        await postgres.crash()
        projecting = asyncio.create_task(wiring.project(settings, postgres.url, PROGRAM, messages.put_nowait))
        await asyncio.wait([projecting], timeout=3)
        assert not projecting.done()
        await postgres.start()

        async with asyncio.timeout(PATIENCE):
            while await messages.get() != ends:
                pass
        await stop([projecting])
