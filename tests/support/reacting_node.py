"""A node that reacts by toy policies, in a process of its own, and kills itself at a named step.

`python -m tests.support.reacting_node STEP NUMBER`, with the settings in the environment; `-` is no step.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from events.event import Event
from events.identity import Mark, Marks
from events.judging import Batch
from events.postgres.marks import MarkSession
from registry import wiring
from registry.engine.commanding import Commanding
from registry.engine.order import Order
from registry.reacting import waiting
from registry.settings import Settings
from tests.support.policies import toys
from tests.support.servers import ROOT, environment

NEVER: Final = "-"
STEPS: Final = (
    "before a command",
    "after a command",
    "before the mark",
    "in the mark's transaction",
    "after the mark",
)
SOON: Final = timedelta(seconds=0.5)
"""The delay of late reactions: short, so that the process gives them, too."""


class Death:
    """Kills the process at a step, after this many passes of it."""

    def __init__(self, step: str, number: int) -> None:
        self._step, self._passes = step, number

    def here(self, step: str) -> None:
        if step == self._step:
            if not self._passes:
                os.kill(os.getpid(), signal.SIGKILL)
            self._passes -= 1


def dying(death: Death) -> None:
    """Calls `death` at each step of the follower."""
    execute, past = Commanding.execute, MarkSession.past

    async def executed(loop: Commanding, order: Order, deadline: float) -> Event | None:
        if order.cause:
            death.here("before a command")
        event = await execute(loop, order, deadline)
        if order.cause:
            death.here("after a command")
        return event

    @asynccontextmanager
    async def moved(session: MarkSession, found: Marks, batch: Batch) -> AsyncIterator[dict[int, Mark]]:
        ours = session._table.follower == waiting.NAME and batch.judged
        if ours:
            death.here("before the mark")
        async with past(session, found, batch) as marks:
            yield marks
            if ours:
                death.here("in the mark's transaction")
        if ours:
            death.here("after the mark")

    Commanding.execute, MarkSession.past = executed, moved  # type: ignore[method-assign, assignment]


def process(settings: Settings, step: str = NEVER, number: int = 0) -> "subprocess.Popen[bytes]":
    """Starts one."""
    command = (sys.executable, "-m", "tests.support.reacting_node", step, str(number))
    return subprocess.Popen(command, cwd=ROOT, env=environment(settings), stdout=subprocess.DEVNULL)


async def main(step: str, number: int) -> Any:
    """Reacts until killed."""
    dying(Death(step, number))
    async with wiring.running(Settings(), policies=toys(SOON)):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
