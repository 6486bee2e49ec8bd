"""One server at a time on an embedded registry and on an address, and a plain message for a second one."""

import errno
import fcntl
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO

from registry.settings import Settings


class AlreadyServing(OSError):
    """Another server runs on this registry's data, or has its address."""


def address(settings: Settings) -> str:
    """The server's address, without a path."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


@contextmanager
def alone(settings: Settings) -> Iterator[socket.socket]:
    """Holds the embedded registry's data folder, and the address until the socket is closed; raises AlreadyServing.

    Both are held before anything is started, and released with the process, however it ends. An installation with
    a database of its own may have any number of servers.
    """
    with ExitStack() as stack:
        if not settings.database_url:
            settings.data.mkdir(parents=True, exist_ok=True)
            _hold(stack.enter_context((settings.data / "serving.lock").open("a+")), settings)
        yield stack.enter_context(_listening(settings))


def _hold(file: IO[str], settings: Settings) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        where = file.read().strip() or "another address"
        running = f"a registry already runs on {settings.data}, at {where}"
        raise AlreadyServing(f"{running}; use that one, or set REGISTRY_DATA to another folder") from None
    file.truncate(0)
    file.write(address(settings))
    file.flush()


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as fault:
        if fault.errno != errno.EADDRINUSE:
            raise
        taken = f"{settings.host}:{settings.port} is taken by another program, perhaps by another registry"
        raise AlreadyServing(f"{taken}; stop it, or set REGISTRY_PORT to another port") from None
