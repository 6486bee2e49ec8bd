"""Settings: from the environment and from files, and every fault of them told at once."""

import re
from pathlib import Path

import pytest

from registry.cli.running import settings
from registry.exchange.exporting import NotPublic, check_public
from registry.settings import Settings, variable
from tests.support.servers import ROOT
from tests.support.settings import FILE, written

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


def test_every_fault_is_told_at_once_and_no_value_of_a_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "SECRETS": "/nowhere",
        "PORT": "tcp://10.0.0.1:8080",
        "VAULT_KEY": "not a key",
        "NUMBER": "JTR",
        "DATABASE_URI": "postgresql://misspelt",
    }.items():
        monkeypatch.setenv(f"REGISTRY_{name}", value)
    with pytest.raises(SystemExit):
        settings()
    printed = capsys.readouterr().err

    for name in ("SECRETS", "PORT", "VAULT_KEY", "NUMBER"):
        assert f"REGISTRY_{name}: " in printed
    assert "REGISTRY_DATABASE_URI: there is no such setting; do you mean REGISTRY_DATABASE_URL?" in printed
    assert "not a key" not in printed
    assert "misspelt" not in printed


def test_kafka_needs_its_address(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("REGISTRY_LOG", "kafka")
    with pytest.raises(SystemExit):
        settings()

    assert "REGISTRY_LOG=kafka needs REGISTRY_KAFKA" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["0f" * 31, "0f" * 33, "0g" * 32, " " * 64, "0f" * 31 + "0"])
def test_a_vault_key_is_64_hexadecimal_digits(key: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        Settings(vault_key=key)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address", ["https://registry.example", "https://registry.example/", "https://registry.example/jp/"]
)
def test_links_are_made_from_a_public_address_that_ends_in_no_slash(address: str) -> None:
    assert Settings(public_url=address).public_url == address.rstrip("/")


def test_a_log_in_kafka_is_kept_three_times_unless_less_is_asked_for() -> None:
    assert Settings().kafka_replication == 3
    assert Settings(vault_key="AB" * 32).vault_key.get_secret_value() == "AB" * 32  # type: ignore[arg-type]


def test_the_table_of_settings_is_whole_and_says_what_the_settings_say() -> None:
    assert FILE.read_text() == written(), "run: make settings"
    assert all(field.description for field in Settings.model_fields.values())


def test_documents_and_deployments_name_no_setting_that_is_not_there() -> None:
    known = {variable(name) for name in Settings.model_fields}
    texts = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.*")]
    named = {
        name
        for text in texts
        if text.suffix in (".md", ".yaml", ".env", ".service", ".conf")
        for name in re.findall(r"\bREGISTRY_[A-Z_]+[A-Z]\b", text.read_text())
    }

    assert len(named) > 25
    assert named - known == set()


@pytest.mark.parametrize(
    "address",
    [
        Settings().public_url,
        "http://localhost:8080",
        "https://registry.localhost",
        "http://[::1]:8080",
        "http://0.0.0.0",
        "https://10.0.0.7",
        "registry.example",
        "",
    ],
)
def test_an_address_that_leads_nobody_else_here_is_in_no_export(address: str) -> None:
    with pytest.raises(NotPublic, match="set REGISTRY_PUBLIC_URL"):
        check_public(address)


@pytest.mark.parametrize("address", ["https://registry.example", "http://8.8.8.8:8080", "https://registry.example/jp/"])
def test_an_address_of_the_public_is(address: str) -> None:
    check_public(address)
