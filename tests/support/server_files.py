"""A PostgreSQL of a test's own whose files it reads: the embedded one, or Debian's as a separate server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from tests.support.embedded import OwnPostgres
from tests.support.secured import secured_postgres

SERVERS: Final = ("embedded", "separate")


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """A server, and the folder of its data."""

    url: str
    """The registry's address of it."""
    operators_url: str
    data: Path

    def as_operator(self, *statements: str) -> None:
        """Runs statements as the server's operator."""
        with psycopg.connect(self.operators_url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]

    def in_tables(self) -> bytes:
        """Every byte of the files of tables and indexes, once all that was changed is in them."""
        self.as_operator("checkpoint")
        return _bytes_in(self.data / "base")

    def in_write_ahead_log(self) -> bytes:
        """Every byte of the files of the write-ahead log."""
        return _bytes_in(self.data / "pg_wal")

    def in_all(self) -> bytes:
        """Every byte that the server keeps."""
        self.as_operator("checkpoint")
        return _bytes_in(self.data)


def _bytes_in(folder: Path) -> bytes:
    return b"".join([path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()])


@asynccontextmanager
async def server_with_files(server: str) -> AsyncIterator[ServerFiles]:
    """Starts one of SERVERS; at the end it and its data are gone."""
    if server == "separate":
        with secured_postgres() as separate:
            yield ServerFiles(separate.url(), separate.operators_url, separate.socket)
    else:
        async with OwnPostgres.running() as own:
            yield ServerFiles(own.url, own.url, Path(own.server.pgdata))
