"""The registry as operating-system processes: several on one log, to be raced and killed."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import aiohttp

from events.schemas.access import Role
from registry import wiring
from registry.office import tokens
from registry.settings import Settings
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
CONSOLE = (sys.executable, "-c", "from registry.cli import main; main()")


def environment(settings: Settings) -> dict[str, str]:
    """The environment of a process that runs on these settings."""
    named = {
        name: getattr(settings, name)
        for name in (
            "database_url",
            "log",
            "kafka",
            "kafka_replication",
            "partitions",
            "data",
            "public_url",
            "snapshot_every",
        )
    }
    named["vault_key"] = settings.vault_key.get_secret_value()
    return {**os.environ, **{f"REGISTRY_{name.upper()}": str(value) for name, value in named.items()}}


async def console(settings: Settings, *arguments: str, expect: int = 0, errors: bool = False) -> bytes:
    """What a command of the console prints, with `errors` on standard error; asserts its exit code."""
    done = await asyncio.to_thread(
        subprocess.run, (*CONSOLE, *arguments), env=environment(settings), cwd=ROOT, capture_output=True
    )
    assert done.returncode == expect, done.stderr.decode()[-4_000:]
    return done.stderr if errors else done.stdout


async def office_token(settings: Settings) -> str:
    """A token of the registry's office, issued before any server runs."""
    async with wiring.running(settings) as node:
        return (await tokens.issue(node, Role.REGISTRY, "registry-office"))[1]


def free_port() -> int:
    """A port on loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """One `registry run`; an async context manager that leaves nothing running."""

    settings: Settings
    folder: Path
    extra: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    command: tuple[str, ...] = (*CONSOLE, "run")
    patience: float = PATIENCE
    """Seconds until it must be ready: it reads the log to its end first."""
    process: subprocess.Popen[bytes] | None = None
    _log: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        """Starts it and waits until it is ready."""
        self._start()
        await self.ready()
        return self

    def _start(self) -> None:
        self._log = (self.folder / f"server-{self.port}.log").open("wb")
        self.process = subprocess.Popen(
            self.command,
            env={**environment(self.settings), **self._own, **self.extra},
            cwd=ROOT,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    @property
    def _own(self) -> dict[str, str]:
        """What tells it from others on the same settings."""
        return {"REGISTRY_PORT": str(self.port), "REGISTRY_SEARCH_INDEX": str(self.folder / f"search-{self.port}")}

    async def again(self) -> None:
        """Starts it again after it was killed, and waits until it is ready."""
        if self._log is not None:
            self._log.close()
        self._start()
        await self.ready()

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops it, gracefully where it still runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        if self.process is not None:
            await asyncio.to_thread(self.process.wait, PATIENCE)
        if self._log is not None:
            self._log.close()

    async def ready(self) -> None:
        """Returns when /readyz says so."""
        async with asyncio.timeout(self.patience), aiohttp.ClientSession() as session:
            while True:
                assert self.process is not None
                assert self.process.poll() is None, self.printed()
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{self.url}/readyz") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL: nothing of the process's own runs after this."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def printed(self) -> str:
        """What the server printed so far."""
        return (self.folder / f"server-{self.port}.log").read_text()[-4_000:]


async def answer(response: aiohttp.ClientResponse) -> tuple[int, Any]:
    """Status and JSON body of a response."""
    return response.status, await response.json(content_type=None)
