"""The attacks: each is many connections that send requests without end, from a process of its own.

Every request is well-formed HTTP, and its content is at a limit of the schema or of the settings.
"""

import asyncio
import contextlib
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Final, TypeAlias
from urllib.parse import quote, urlencode
from uuid import uuid4

import uvloop

from tests.bench.wire import Wire
from tests.support.trials import registration

BODY: Final = 790_000
PROSE: Final = 100_000
"""Bytes of a body, and characters of a text, just below or at the limit."""
MARKS: Final = "\u0315\u0316\u0300\u0334\u0327"
"""Combining marks of five classes, in an order that normalising has to reverse."""
ADDRESS: Final = 7_500
"""Bytes of an address: a line of a head has 8,190 at most."""

ELSEWHERE: Final = 10
"""Niceness of the attackers: in reality other machines than the node's would do their work."""


@dataclass(frozen=True, slots=True)
class Target:
    """The server that is attacked."""

    port: int
    token: str
    """A token of a sponsor: half of the attackers that send a body have it."""
    trials: tuple[str, ...]
    connections: int
    seconds: float


Call: TypeAlias = Callable[[int], bytes]
"""The next request of a connection."""


def command(token: str, body: bytes, path: str = "/v1/trials") -> bytes:
    """A command; without a token if that is empty."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: registry\r\n{authorization}Idempotency-Key: {uuid4()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def form(body: bytes) -> bytes:
    """A report as a browser sends it."""
    kind = "application/x-www-form-urlencoded"
    head = f"POST /report HTTP/1.1\r\nHost: registry\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def read(path: str, *, html: bool = False) -> bytes:
    """A public read, by a program or a browser."""
    accept = "text/html" if html else "application/json"
    return f"GET {path} HTTP/1.1\r\nHost: registry\r\nAccept: {accept}\r\n\r\n".encode()


def hostile_bodies() -> list[bytes]:
    """Bodies that take long to read or to validate: deep, wide, wrong everywhere, one name a thousand times."""
    wrong = {"registration": {"outcomes": [{"x": 1}] * (BODY // 9)}}
    wide = {"registration": {f"f{number}": {} for number in range(BODY // 14)}}
    texts = {"registration": registration(description={"en": "<&\"'" * (BODY // 8)})}
    arrays = {"registration": registration(conditions=[{"name": {"en": "a"}}] * (BODY // 24))}
    deep = b'{"registration":' + b"[" * (BODY // 2) + b"]" * (BODY // 2 - 20) + b"}"
    same = b"{" + b",".join([b'"registration":{}'] * (BODY // 18)) + b"}"
    return [json.dumps(each).encode() for each in (wrong, wide, texts, arrays)] + [deep, same, b"\xff" * BODY]


def bodies(target: Target) -> Call:
    """Hostile bodies, with and without a token, as commands and as forms."""
    found = hostile_bodies()

    def call(connection: int) -> bytes:
        body = random.choice(found)
        match connection % 4:
            case 0:
                return command("", body)
            case 1:
                return form(urlencode({"what": "open", "token": "x" * 100}).encode() + b"&a=" + b"%E7" * (BODY // 3))
            case _:
                return command(target.token, body)

    return call


def marked_text(length: int) -> str:
    """A letter with nothing but marks on it."""
    return ("e" + MARKS * (length // len(MARKS) + 1))[:length]


def marks(target: Target) -> Call:
    """Combining marks in bodies with a token, in queries and in addresses."""
    text = {"en": marked_text(PROSE)}
    prose = {"registration": registration(description=text, plain_summary=text)}
    body = json.dumps(prose, ensure_ascii=False).encode()
    query = quote(marked_text(500))

    def call(connection: int) -> bytes:
        match connection % 4:
            case 0:
                return command(target.token, body)
            case 1:
                return read(f"/v1/trials/{quote(marked_text(ADDRESS // 6))}")
            case 2:
                return read(f"/?q={query}", html=True)
            case _:
                return read(f"/v1/trials?q={query}")

    return call


def worst_queries() -> Iterator[str]:
    """Searches with as many terms and phrases as fit, which nearly every trial contains."""
    common = ["試験", "患者", "trial", "study", "patients", "対象", "効果", "の", "に", "を", "a", "of"]
    yield " ".join(random.choices(common, k=60))
    yield " ".join(f'"{one} {other}"' for one, other in pairwise(common))
    yield " ".join(random.choices("のにをは試験患者効果対象abcdefgs", k=249))
    yield '"' + " ".join(random.choices(common, k=60)) + '"'
    yield "".join(random.choices("のにをは試験患者効果対象", k=500))
    yield " ".join(f"{letter}{other}" for letter in "abcdefghij" for other in "aeiour")
    yield "-".join(random.choices(["trial", "study", "a", "2", "of"], k=80))
    yield "trial"
    yield "試験"


def phrases(target: Target) -> Call:
    """The worst searches, of programs and browsers, now and as of a moment, from the first page to the last."""

    def call(connection: int) -> bytes:
        query = {"q": random.choice([*worst_queries()])[:500], "offset": random.choice([0, 0, 980])}
        if connection % 3 == 0:
            query["as_of"] = "2026-11-27"
        if connection % 5 == 0:
            query |= {"condition": " ".join("がの癌病症" * 20), "sponsor": " ".join("大学病院の" * 20)}
        html = connection % 2 == 0
        return read(f"{'/' if html else '/v1/trials'}?{urlencode(query)}", html=html)

    return call


def large_answers(target: Target) -> Sequence[bytes]:
    """The requests with the largest answers."""
    trial = target.trials[0]
    paths = ("/openapi.json", "/docs", "/v1/trials?limit=100", f"/v1/trials/{trial}/history?limit=200")
    return [*map(read, paths), read(f"/trials/{trial}", html=True), read("/?q=trial", html=True)]


async def silent(target: Target) -> Counter[str]:
    """Requests large answers, a hundred on each connection, and reads none of them."""
    requests = [*large_answers(target)] * 20

    async def hold(number: int) -> None:
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", target.port, limit=1)
                writer.transport.pause_reading()  # type: ignore[attr-defined]
                random.shuffle(requests)
                writer.writelines(requests)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(10):
                        await writer.drain()
                await asyncio.sleep(10)
                writer.close()

    async with asyncio.timeout(target.seconds) as limit, asyncio.TaskGroup() as tasks:
        for number in range(target.connections):
            tasks.create_task(hold(number))
    assert limit
    return Counter()


async def asking(target: Target, call: Call) -> Counter[str]:
    """Sends requests on all connections, on each again after its answer; counts the answers by their status."""
    answers: Counter[str] = Counter()
    ends = time.monotonic() + target.seconds

    async def ask(number: int) -> None:
        wire: Wire | None = None
        while time.monotonic() < ends:
            try:
                wire = wire if wire is not None and wire.open_still else await Wire.open(target.port)
                status, _ = await wire.ask(call(number))
                answers[str(status)] += 1
            except OSError:
                answers["closed"] += 1
                wire = None
                await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as attackers:
        running = [attackers.create_task(ask(number)) for number in range(target.connections)]
        await asyncio.wait(running, timeout=target.seconds)
        for task in running:
            task.cancel()
    return answers


ASKED: Final[dict[str, Callable[[Target], Call]]] = {"bodies": bodies, "marks": marks, "phrases": phrases}
ATTACKS: Final = (*ASKED, "silent")


async def attack(name: str, target: Target) -> Counter[str]:
    """One attack, from its first request to its end."""
    if name in ASKED:
        return await asking(target, ASKED[name](target))
    with contextlib.suppress(TimeoutError):
        await silent(target)
    return Counter()


async def elsewhere(name: str, target: Target) -> Counter[str]:
    """The attack from another process, which ends with it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.attacks.attackers",
        name,
        json.dumps(asdict(target)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        printed, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, f"the attack {name} failed by itself"
    return Counter(json.loads(printed))


def main() -> None:
    """Runs the attack that the command line names, and prints the counts of answers."""
    os.nice(ELSEWHERE)
    name, fields = sys.argv[1:]
    target = Target(**json.loads(fields))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.write(json.dumps(runner.run(attack(name, target))))


if __name__ == "__main__":
    main()
