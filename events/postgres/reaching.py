"""Whether a PostgreSQL can be used at all: asked once before anything is opened, and answered in its own words."""

import ipaddress
import time
from typing import Any, Final

import psycopg
import structlog

from events.port import LogUnavailable

OLDEST: Final = 15
"""The oldest major version that is tried in the tests."""
AGAIN_AFTER: Final = 0.25
"""Seconds between two attempts: a server that is just starting refuses at once."""

log = structlog.get_logger()


def reach(conninfo: str, patience: float) -> None:
    """Returns when the server takes a connection; raises LogUnavailable with its reason after `patience` seconds.

    Blocks. A pool that can't connect says only that it waited in vain: not that a certificate or a password is wrong.
    """
    ends = time.monotonic() + patience
    while True:
        try:
            with psycopg.connect(conninfo, connect_timeout=max(2, int(patience))) as connection:
                _check(connection)
            return
        except psycopg.OperationalError as fault:
            if time.monotonic() > ends:
                reason = "; ".join(str(fault).split("\n"))
                raise LogUnavailable(f"PostgreSQL does not take the connection: {reason}") from fault
            time.sleep(AGAIN_AFTER)


def _check(connection: psycopg.Connection[Any]) -> None:
    version = connection.info.server_version // 10_000
    if version < OLDEST:
        raise LogUnavailable(f"PostgreSQL is of version {version}; it must be {OLDEST} or later")
    if not connection.pgconn.ssl_in_use and not _on_this_machine(connection.info.host):
        log.warning("database_without_tls", advice="add sslmode=verify-full and sslrootcert to REGISTRY_DATABASE_URL")


def _on_this_machine(host: str) -> bool:
    """Whether it is a socket, or a loopback address."""
    try:
        return host.startswith("/") or host in ("", "localhost") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
