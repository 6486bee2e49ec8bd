"""A PostgreSQL with TLS: everything goes through it, and whatever is wrong with a certificate is said in one line."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from events.port import LogUnavailable
from events.postgres.reaching import reach
from registry import wiring
from registry.domain.numbers.decider import ReserveNumbers
from registry.wiring import Projecting
from tests.support.certificates import Authority
from tests.support.node import settings_for
from tests.support.secured import SecuredPostgres, secured_postgres
from tests.support.servers import console, free_port
from tests.support.waiting import PATIENCE

CONNECTIONS = (
    "select s.ssl, s.version, s.client_dn from pg_stat_ssl s join pg_stat_activity a using (pid)"
    " where a.usename = 'registry'"
)


@pytest.fixture(scope="module")
def postgres() -> Iterator[SecuredPostgres]:
    with secured_postgres() as running:
        yield running


async def test_every_connection_of_a_node_and_of_the_views_beside_it_is_encrypted(postgres: SecuredPostgres) -> None:
    settings = settings_for(postgres.url())
    async with wiring.running(settings, projecting=Projecting.BESIDE) as node:
        await node.order("numbers/JTR2026", ReserveNumbers(count=1))
        await node.until_visible(PATIENCE)
        with psycopg.connect(postgres.operators_url) as operator:
            found = operator.execute(CONNECTIONS).fetchall()

    assert len(found) >= 4
    assert set(found) == {(True, "TLSv1.3", "/CN=registry")}


REFUSED = {
    "another authority": ({"sslrootcert": "another"}, "certificate verify failed"),
    "another name": ({"host": "database.example"}, 'certificate for "localhost" does not match host name'),
    "no certificate of ours": ({"sslcert": "", "sslkey": ""}, "valid client certificate"),
    "no TLS": ({"sslmode": "disable"}, "no encryption"),
    "no authority": ({"sslrootcert": "/nowhere.crt"}, 'root certificate file "/nowhere.crt" does not exist'),
    "another password": ({"password": "wrong"}, "password authentication failed"),
}


@pytest.mark.parametrize(("changed", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_wrong_is_refused_with_the_reason(
    changed: dict[str, str], reason: str, postgres: SecuredPostgres, tmp_path: Path
) -> None:
    another = str(Authority.made(tmp_path, "another").certificate)
    settings_given = {name: another if value == "another" else value for name, value in changed.items()}
    with pytest.raises(LogUnavailable, match="PostgreSQL does not take the connection: ") as refused:
        reach(postgres.url(**settings_given), 0)

    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "correct" not in str(refused.value)


async def test_the_console_ends_with_the_reason_in_one_line(
    postgres: SecuredPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_LOG_PATIENCE", "0.1")
    monkeypatch.setenv("REGISTRY_PORT", str(free_port()))
    another = str(Authority.made(tmp_path, "another").certificate)
    printed = (await console(settings_for(postgres.url(sslrootcert=another)), "run", expect=1, errors=True)).decode()

    assert printed.startswith("registry: PostgreSQL does not take the connection: ")
    assert "certificate verify failed" in printed
    assert printed.count("\n") == 1
