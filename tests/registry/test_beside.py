"""Work in a process of its own: what it tells arrives, it is started again when killed, and it never outlives us."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from events.schemas.registration import Registration
from events.schemas.values import Text
from events.stopping import stop
from registry import wiring
from registry.domain.permissions import CONSOLE
from registry.domain.trial.commands import RegisterTrial
from registry.node import Node
from registry.process.beside import Beside, Tell, Work
from registry.settings import Settings
from registry.wiring import Projecting
from tests.support.waiting import PATIENCE


async def tell_who_works(tell: Tell) -> None:
    tell(os.getpid())
    await asyncio.sleep(600)


async def fail(tell: Tell) -> None:
    tell("before")
    raise LookupError("the work can't go on")


@asynccontextmanager
async def working(work: Work) -> AsyncIterator[asyncio.Queue[Any]]:
    messages: asyncio.Queue[Any] = asyncio.Queue()
    running = asyncio.create_task(Beside(work, (), messages.put).run())
    try:
        yield messages
    finally:
        await stop([running])


def runs(pid: int) -> bool:
    """Whether the process runs; one that has ended and is not reaped yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def register(node: Node) -> str:
    """Registers a trial, waits until the views hold it, and returns its id."""
    trial = node.new_id()
    command = RegisterTrial(registration=Registration(public_title=Text(ja="視床下部の研究")))
    await node.submit(CONSOLE, trial, f"trial/{trial}", command)
    await node.until_visible(PATIENCE)
    return str(trial)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - the other side is another process
            await asyncio.sleep(0.02)


async def test_work_that_is_killed_is_started_again_and_ends_with_who_started_it() -> None:
    async with working(tell_who_works) as messages:
        first = await asyncio.wait_for(messages.get(), PATIENCE)
        os.kill(first, signal.SIGKILL)
        second = await asyncio.wait_for(messages.get(), PATIENCE)

        assert first != second != os.getpid()

    assert not runs(second)
    assert not multiprocessing.active_children()


async def test_what_the_work_raises_is_raised_here() -> None:
    with pytest.raises(LookupError, match="can't go on"):
        await Beside(fail, (), asyncio.Queue[Any]().put).run()


async def test_work_ends_when_who_started_it_is_killed() -> None:
    script = (
        "import asyncio; from registry.process.beside import Beside; from tests.registry import test_beside as here\n"
        "async def heard(pid): print(pid, flush=True)\n"
        "asyncio.run(Beside(here.tell_who_works, (), heard).run())"
    )
    starter = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=subprocess.PIPE)
    assert starter.stdout is not None
    worker = int(await starter.stdout.readline())

    starter.kill()
    await starter.wait()

    await until(lambda: not runs(worker))


async def test_views_kept_beside_go_on_after_their_process_was_killed(settings: Settings) -> None:
    async with wiring.running(settings, projecting=Projecting.BESIDE) as node:
        await register(node)
        [beside] = multiprocessing.active_children()
        beside.kill()

        trial = await register(node)

        assert await node.views.document(trial) is not None
        assert not node.stopped
