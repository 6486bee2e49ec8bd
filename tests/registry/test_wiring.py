"""The composition: keys are made once and never again, and logs hold no local variables."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import structlog

from registry import wiring
from registry.logs import FRAMES_ONLY
from registry.settings import Settings


def test_ten_that_start_at_once_get_one_vault_key_and_it_stays(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    with ThreadPoolExecutor(10) as threads:
        keys = set(threads.map(lambda _: wiring.master_key(settings), range(10)))

    assert len(keys) == 1
    assert wiring.master_key(settings) in keys
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["vault.key"]
    assert (tmp_path / "data" / "vault.key").stat().st_mode & 0o077 == 0


def test_a_database_of_ones_own_needs_a_key_of_ones_own() -> None:
    with pytest.raises(LookupError, match="REGISTRY_VAULT_KEY"):
        wiring.master_key(Settings(database_url="postgresql://elsewhere"))


def test_a_logged_trace_shows_no_local_variables() -> None:
    try:
        token = "a-secret-token"
        raise ValueError(len(token))
    except ValueError:
        told = FRAMES_ONLY(structlog.get_logger(), "error", {"event": "failed", "exc_info": True})

    assert "a-secret-token" not in str(told)
    assert "ValueError" in str(told)
