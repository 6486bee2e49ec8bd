"""Settings: from the environment and from files, and every fault of them told at once."""

from pathlib import Path

import pytest

from registry.cli.app import settings
from registry.settings import Settings

KEY = "ab" * 32


def test_a_secret_is_read_from_a_file_and_the_environment_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "registry_vault_key").write_text(f"{KEY}\n")
    (tmp_path / "registry_database_url").write_text("postgresql://from-the-file\n")
    monkeypatch.setenv("REGISTRY_SECRETS", str(tmp_path))
    monkeypatch.setenv("REGISTRY_DATABASE_URL", "postgresql://from-the-environment")
    found = Settings()

    assert found.vault_key.get_secret_value() == KEY
    assert found.database_url == "postgresql://from-the-environment"
    assert KEY not in repr(found)


def test_every_fault_is_told_at_once_and_no_value_of_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "SECRETS": "/nowhere",
        "PORT": "tcp://10.0.0.1:8080",
        "VAULT_KEY": "not a key",
        "NUMBER": "JTR",
        "DATABASE_URI": "postgresql://misspelt",
    }.items():
        monkeypatch.setenv(f"REGISTRY_{name}", value)
    with pytest.raises(SystemExit) as refused:
        settings()
    told = str(refused.value)

    for name in ("SECRETS", "PORT", "VAULT_KEY", "NUMBER"):
        assert f"REGISTRY_{name}: " in told
    assert "REGISTRY_DATABASE_URI: there is no such setting; do you mean REGISTRY_DATABASE_URL?" in told
    assert "not a key" not in told
    assert "misspelt" not in told


def test_kafka_needs_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_LOG", "kafka")
    with pytest.raises(SystemExit, match="REGISTRY_LOG=kafka needs REGISTRY_KAFKA"):
        settings()


@pytest.mark.parametrize("key", ["0f" * 31, "0f" * 33, "0g" * 32, " " * 64, "0f" * 31 + "0"])
def test_a_vault_key_is_64_hexadecimal_digits(key: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        Settings(vault_key=key)  # type: ignore[arg-type]


def test_a_log_in_kafka_is_kept_three_times_unless_less_is_asked_for() -> None:
    assert Settings().kafka_replication == 3
    assert Settings(vault_key="AB" * 32).vault_key.get_secret_value() == "AB" * 32  # type: ignore[arg-type]
