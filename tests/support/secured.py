"""Debian's PostgreSQL with TLS and passwords: the embedded one is built without TLS."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from tests.support.certificates import Authority, Signed
from tests.support.servers import free_port

PASSWORD: Final = "correct horse"
RULES: Final = """
local all all trust
hostssl registry registry 127.0.0.1/32 scram-sha-256 clientcert=verify-full
"""


@dataclass(frozen=True, slots=True)
class SecuredPostgres:
    """One server on 127.0.0.1, with a certificate for `localhost`; the user `registry` needs one, too."""

    port: int
    socket: Path
    authority: Authority
    client: Signed

    def url(self, host: str = "localhost", password: str = PASSWORD, **parameters: str) -> str:
        """The registry's address of it: complete, unless parameters say otherwise; an empty parameter is left out."""
        complete = {
            "sslmode": "verify-full",
            "sslrootcert": str(self.authority.certificate),
            "sslcert": str(self.client.certificate),
            "sslkey": str(self.client.key),
            "hostaddr": "127.0.0.1",
        } | parameters
        query = urlencode({name: value for name, value in complete.items() if value})
        return f"postgresql://registry:{password.replace(' ', '%20')}@{host}:{self.port}/registry?{query}"

    @property
    def operators_url(self) -> str:
        """The operator's own way in, by the socket."""
        return f"postgresql://postgres@/registry?host={self.socket}&port={self.port}"


@contextmanager
def secured_postgres() -> Iterator[SecuredPostgres]:
    """Starts one; at the end it and its data are gone."""
    with tempfile.TemporaryDirectory(prefix="registry-secured-") as name:
        folder = Path(name)
        authority = Authority.made(folder, "authority")
        server, client = authority.sign("localhost"), authority.sign("registry")
        _run("initdb", "--auth=trust", "-U", "postgres", "-D", str(folder / "data"), owned=folder)
        port = free_port()
        _configure(folder / "data", folder, port, authority, server)
        for file in (folder, client.certificate, client.key, authority.certificate):
            shutil.chown(file, os.getuid())  # libpq reads no key that is another user's
            folder.chmod(0o755)
        _run("pg_ctl", "-w", "-s", "-l", str(folder / "data" / "log"), "-D", str(folder / "data"), "start")
        try:
            secured = SecuredPostgres(port, folder / "data", authority, client)
            psql = ("psql", "-q", "-h", str(folder / "data"), "-p", str(port), "-U", "postgres", "-c")
            _run(*psql, f"create role registry login password '{PASSWORD}'")
            _run(*psql, "create database registry owner registry")
            yield secured
        finally:
            _run("pg_ctl", "-w", "-s", "-m", "immediate", "-D", str(folder / "data"), "stop")


def _configure(data: Path, folder: Path, port: int, authority: Authority, server: Signed) -> None:
    settings = {
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(data),
        "ssl": "on",
        "ssl_cert_file": str(server.certificate),
        "ssl_key_file": str(server.key),
        "ssl_ca_file": str(authority.certificate),
        "ssl_min_protocol_version": "TLSv1.3",
    }
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    (data / "pg_hba.conf").write_text(RULES)


def _run(program: str, *arguments: str, owned: Path | None = None) -> None:
    """Runs a program of the newest PostgreSQL that Debian has here, never as root, which PostgreSQL refuses."""
    user = _user()
    for path in [] if owned is None else [owned, *owned.iterdir()]:
        shutil.chown(path, user.pw_uid)
    newest = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    options: dict[str, Any] = {} if user.pw_uid == os.getuid() else {"user": user.pw_uid, "group": user.pw_gid}
    subprocess.run((newest / program, *arguments), check=True, cwd="/", stdout=subprocess.DEVNULL, **options)


def _user() -> pwd.struct_passwd:
    return pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
