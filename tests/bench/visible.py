"""The time until a change is found: amendments at a steady rate, and searches for a word that only one of them has."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Sequence
from itertools import count
from typing import Final
from uuid import uuid4

from tests.bench.loops import Run
from tests.bench.wire import Wire, get, post

CONNECTIONS: Final = 64
LOOKED_FOR: Final = 10
"""One of so many changes is searched for."""


class Visible:
    """Sends without waiting for answers, as real clients do; a time counts from the moment when the command was due."""

    def __init__(self, ports: Sequence[int], token: str, trials: Sequence[str]) -> None:
        self._ports, self._token, self._trials = ports, token, trials
        self._free: deque[Wire] = deque()
        self._limit = asyncio.Semaphore(CONNECTIONS)
        self._numbers = count(int(time.time() * 10) % 10**9)
        self._found: list[float] = []

    async def open(self) -> None:
        for number in range(CONNECTIONS):
            self._free.append(await Wire.open(self._ports[number % len(self._ports)]))

    async def run(self, clients: int, seconds: float) -> Run:
        """`clients` is the number of commands each second; the run's calls are the changes that were searched for."""
        self._found = []
        loop, began = asyncio.get_running_loop(), time.perf_counter()
        start = loop.time()
        async with asyncio.TaskGroup() as tasks:
            for number in range(int(clients * seconds)):
                due = start + number / clients
                await asyncio.sleep(max(0.0, due - loop.time()))
                tasks.create_task(self._change(due, looked_for=number % LOOKED_FOR == 0))
        return Run.of(self._found, time.perf_counter() - began)

    async def _change(self, due: float, *, looked_for: bool) -> None:
        number = next(self._numbers)
        word = f"edition{number}"
        title = {"ja": f"公開までの時間を測る研究 {word}", "en": f"A study of the time to publication {word}"}
        body = json.dumps({"reason": "更新", "registration": {"public_title": title}}, ensure_ascii=False).encode()
        trial = self._trials[number % len(self._trials)]
        status, answer = await self._ask(post(f"/v1/trials/{trial}/amend", self._token, str(uuid4()), body))
        if status != 201:
            raise RuntimeError(f"{status}: {answer.decode()}")
        if looked_for:
            position = json.loads(answer)["position"]
            status, answer = await self._ask(get(f"/v1/trials?q={word}&wait_for={position}"))
            # Another client may have amended the same trial since; the trial found is then too new to be this one.
            if status == 200 and json.loads(answer)["total"] == 1:
                self._found.append(asyncio.get_running_loop().time() - due)

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        async with self._limit:
            wire = self._free.popleft()
            try:
                return await wire.ask(request)
            finally:
                self._free.append(wire)

    async def settle(self) -> None:
        """Returns when every command was answered."""

    async def close(self) -> None:
        for wire in self._free:
            wire.close()
