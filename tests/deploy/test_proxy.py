"""The shipped proxy, as a real nginx before a server that reports the requests that reach it."""

import asyncio
import os
import re
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from tests.support.certificates import Authority
from tests.support.servers import free_port
from tests.support.waiting import PATIENCE

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx" / "nginx.conf"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
OTHERWISE = ("/%6Detrics", "//metrics", "/trials/../metrics", "/./readyz", "/healthz?a=b", "/%2e/healthz")
"""The same addresses, written so that a comparison of texts takes them for others."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Proxy:
    """nginx on loopback before two upstreams, the first of which answers every command with "not ready"."""

    port: int
    plain_port: int
    trust: ssl.SSLContext

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"


async def _echo(request: web.Request) -> web.Response:
    body = await request.read()
    return web.json_response({"path": request.path, "headers": dict(request.headers), "size": len(body)})


async def _not_ready(request: web.Request) -> web.Response:
    return web.json_response({"type": "/problems/not-ready"}, status=503)


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    ports = [free_port() for _ in range(2)]
    upstreams = [await _serving(_not_ready), await _serving(_echo)]
    # Not under tmp_path: nginx's workers run as another user, to whom pytest's folders are closed.
    with tempfile.TemporaryDirectory(prefix="registry-proxy-") as name:
        folder = Path(name)
        trust = _prepare(folder, ports, [port for _, port in upstreams])
        command = _checked(folder)
        process = await asyncio.create_subprocess_exec(*command, "-g", "daemon off;", stdout=subprocess.DEVNULL)
        try:
            await _listens(ports[0])
            yield Proxy(ports[0], ports[1], trust)
        finally:
            process.terminate()
            await process.wait()
            for runner, _ in upstreams:
                await runner.cleanup()


async def _serving(handler: Handler) -> tuple[web.AppRunner, int]:
    application = web.Application(client_max_size=10_000_000)
    application.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, runner.addresses[0][1]


def _prepare(folder: Path, ports: list[int], upstreams: list[int]) -> ssl.SSLContext:
    """The configuration with only its ports and temporary folders changed."""
    folder.chmod(0o755)
    text = CONFIGURATION.read_text()
    for shipped, port in zip(("8443", "8080"), ports, strict=True):
        text = re.sub(rf"listen {shipped}\b", f"listen 127.0.0.1:{port}", text)
        text = re.sub(rf"^ *listen \[::\]:{shipped}\b.*\n", "", text, flags=re.MULTILINE)
    (folder / "nginx.conf").write_text(text.replace("/tmp/", f"{folder}/"))
    servers = "".join(f"server 127.0.0.1:{port} max_fails=0; " for port in upstreams)
    (folder / "upstream.conf").write_text(f"upstream registry {{ zone registry 64k; {servers} }}\n")
    authority = Authority.made(folder, "authority")
    signed = authority.sign("localhost")
    (folder / "tls").mkdir()
    signed.certificate.rename(folder / "tls" / "tls.crt")
    signed.key.rename(folder / "tls" / "tls.key")
    return ssl.create_default_context(cafile=authority.certificate)


def _checked(folder: Path) -> tuple[str, ...]:
    """The command that runs it, after nginx itself has found nothing wrong with the configuration."""
    assert NGINX is not None
    command = (NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"))
    checked = subprocess.run((*command, "-t"), capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr
    return command


async def _listens(port: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                return


@pytest.fixture
async def session(proxy: Proxy) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=proxy.trust, limit=0)) as one:
        yield one


async def test_a_command_goes_on_to_the_node_that_takes_it_and_the_address_is_the_proxys_to_say(
    proxy: Proxy, session: aiohttp.ClientSession
) -> None:
    spoofed = {"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7", "Idempotency-Key": "k"}
    for _ in range(4):
        async with session.post(f"{proxy.url}/v1/trials", data=b"x" * 800_000, headers=spoofed) as answer:
            received = await answer.json()

            assert answer.status == 200
            assert received["size"] == 800_000
            assert received["headers"]["X-Forwarded-For"] == "127.0.0.1"
            assert received["headers"]["Idempotency-Key"] == "k"
            assert "Forwarded" not in received["headers"]
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_what_is_too_large_or_not_for_the_public_gets_no_further(
    proxy: Proxy, session: aiohttp.ClientSession
) -> None:
    answers = {}
    for path in ("/metrics", "/healthz", "/readyz", *OTHERWISE):
        async with session.get(URL(proxy.url + path, encoded=True)) as answer:
            answers[path] = (answer.status, (await answer.json(content_type=None))["status"], answer.content_type)
    async with session.post(f"{proxy.url}/v1/trials", data=b"x" * 800_001) as answer:
        answers["body"] = (answer.status, (await answer.json(content_type=None))["status"], answer.content_type)
    async with session.get(proxy.url, headers={"X": "x" * 9_000}) as answer:
        head = answer.status
    async with session.get(f"http://127.0.0.1:{proxy.plain_port}/a?b=c", allow_redirects=False) as answer:
        redirected = answer.status, answer.headers["Location"]

    problem = "application/problem+json"
    assert answers == {
        "/metrics": (404, 404, problem),
        "/healthz": (404, 404, problem),
        "/readyz": (404, 404, problem),
        **dict.fromkeys(OTHERWISE, (404, 404, problem)),
        "body": (413, 413, problem),
    }
    assert head == 400
    assert redirected == (308, "https://127.0.0.1/a?b=c")


async def test_one_address_gets_no_more_than_its_rate(proxy: Proxy, session: aiohttp.ClientSession) -> None:
    async def status_and_wait() -> tuple[int, str | None]:
        async with session.get(f"{proxy.url}/v1/trials") as answer:
            return answer.status, answer.headers.get("Retry-After")

    await status_and_wait()
    answers = await asyncio.gather(*(status_and_wait() for _ in range(600)))

    assert {status for status, _ in answers} == {200, 429}
    assert {after for status, after in answers if status == 429} == {"1"}


async def test_a_cipher_without_forward_secrecy_is_refused(proxy: Proxy) -> None:
    old = ssl.create_default_context()
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.set_ciphers("AES128-SHA")
    with pytest.raises(ssl.SSLError):
        await asyncio.open_connection("127.0.0.1", proxy.port, ssl=old)
