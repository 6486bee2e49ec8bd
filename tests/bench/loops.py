"""Callers in a closed loop, each with one call under way at a time, and the times of their calls."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from tests.bench.figures import quantile


@dataclass(frozen=True, slots=True)
class Run:
    """The result of one run: calls done in so many seconds, and the milliseconds that a call took."""

    calls: int
    seconds: float
    p50: float
    p99: float

    @classmethod
    def of(cls, latencies: Sequence[float], seconds: float) -> Self:
        """The result from the seconds of each call, and of the whole run."""
        ordered = sorted(latencies)
        return cls(len(ordered), seconds, quantile(ordered, 0.5) * 1000, quantile(ordered, 0.99) * 1000)

    @property
    def rate(self) -> float:
        """Calls per second."""
        return self.calls / self.seconds

    def to_json(self) -> dict[str, Any]:
        """The run in the form of build/bench.json."""
        return {**asdict(self), "rate": self.rate}


def turn_of(client: int, clients: int, calls: int, of: int) -> int:
    """The index, of so many, for a client's next call: through all of them, and never one that another uses now."""
    return (client + clients * calls) % (of // clients * clients)


async def closed_loop(clients: int, seconds: float, call: Callable[[int, int], Awaitable[None]]) -> Run:
    """Runs so many callers, each again after its answer; `call` gets the number of its caller and of its call.

    No call begins after `seconds`; those under way are waited for and counted, with their time.
    """
    latencies: list[float] = []
    began = time.perf_counter()

    async def caller(number: int) -> None:
        calls = 0
        while (start := time.perf_counter()) - began < seconds:
            await call(number, calls)
            calls += 1
            latencies.append(time.perf_counter() - start)

    async with asyncio.TaskGroup() as callers:
        for number in range(clients):
            callers.create_task(caller(number))
    return Run.of(latencies, time.perf_counter() - began)
