"""Profiles of the write path and of the rebuild, sampled by py-spy from outside, stored under build/profile."""

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from registry import wiring
from registry.settings import Settings
from tests.bench.corpus import fill
from tests.bench.figures import ROOT, console, table
from tests.bench.stand import postgres, prepare, serving, settings_on
from tests.bench.worker import working
from tests.support.postgres import fresh_database
from tests.support.servers import CONSOLE, environment

FOLDER: Final = ROOT / "build" / "profile"
CLIENTS: Final = 64
SHOWN: Final = 25
SAMPLES_EACH_SECOND: Final = 100
OURS: Final = ("registry/", "projections/", "events/", "adapters/")


def profile_write(seconds: float) -> None:
    """Samples an API process under load; the file holds a stack and its number of samples in each line."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with postgres() as (url, _), fresh_database(url) as database:
        asyncio.run(_write(database, seconds))
    show("the write path", FOLDER / "write.txt")


def profile_rebuild(trials: int) -> None:
    """Samples `registry rebuild` of a log of so many invented trials."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with postgres() as (url, _), fresh_database(url) as database:
        settings = settings_on(database)
        asyncio.run(_fill(settings, trials))
        process = subprocess.Popen([*CONSOLE, "rebuild"], env=environment(settings), cwd=ROOT)
        with sampling(process.pid, FOLDER / "rebuild.txt"):
            process.wait()
    show("the rebuild", FOLDER / "rebuild.txt")


async def _fill(settings: Settings, trials: int) -> None:
    log = await wiring.open_log(settings, settings.database_url, create=True)
    await fill(log, wiring.topics(settings)[0], trials)
    await log.close()


async def _write(database: str, seconds: float) -> None:
    grounds = await prepare(settings_on(database))
    async with serving(grounds.settings, 1) as [server]:
        http = {"ports": [server.port], "token": grounds.token, "trials": grounds.trials}
        async with working("http", http) as load:
            await load.run(CLIENTS, 1.0)
            assert server.process is not None
            with sampling(server.process.pid, FOLDER / "write.txt"):
                figures = await load.run(CLIENTS, seconds)
    console.print(f"{figures['rate']:.0f} commands/s while sampled, {CLIENTS} clients")


class sampling:
    """A context in which a process is sampled into a file."""

    def __init__(self, pid: int, file: Path) -> None:
        self._command = [str(Path(sys.executable).with_name("py-spy")), "record", "--pid", str(pid), "--format", "raw"]
        self._command += ["--rate", str(SAMPLES_EACH_SECOND), "--output", str(file)]

    def __enter__(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait()


def show(what: str, file: Path) -> None:
    """Prints the samples by the function that ran, and by every function on the stack."""
    itself, within, samples = Counter[str](), Counter[str](), 0
    for stack, count in _stacks(file.read_text().splitlines()):
        samples += count
        itself[stack[-1]] += count
        within.update({frame: count for frame in stack if any(f"({one}" in frame for one in OURS)})
    for title, counted in (("itself", itself), ("with what it calls, of ours", within)):
        rows = [[name, f"{count / samples:.1%}"] for name, count in counted.most_common(SHOWN)]
        table(f"{what}: {title} ({samples} samples, {file.relative_to(ROOT)})", ["function", "share"], rows)


def _stacks(lines: Iterable[str]) -> Iterator[tuple[list[str], int]]:
    for line in lines:
        stack, _, count = line.rpartition(" ")
        frames = [_short(frame) for frame in stack.split(";") if not frame.startswith("process ")]
        if frames:
            yield frames, int(count)


def _short(frame: str) -> str:
    """A function and its file, without the line: `name (package/file.py)`."""
    name, _, place = frame.partition(" (")
    path = place.rstrip(")").rpartition(":")[0]
    return f"{name} ({path.rpartition('site-packages/')[2].removeprefix(f'{ROOT}/')})" if path else name
