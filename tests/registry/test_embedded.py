"""The embedded PostgreSQL: who uses it, what a killed process leaves behind, and starts that fail."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from events.stopping import stop
from registry.process.embedded import Embedded, PostgresNotStarted, postmaster_of
from tests.support.waiting import PATIENCE

USER = (
    "import sys; from pathlib import Path; from registry.process.embedded import Embedded\n"
    "used = Embedded(Path(sys.argv[1])); used.start(); print(used.url, flush=True); sys.stdin.read()"
)
MISLEADING = {
    "the number of a program that runs": f"{os.getpid()}\n/elsewhere\n0\n5432\n/\n\n1 1\nready\n",
    "written in part": "999999999\n/data\n",
    "empty": "",
}


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A folder of PostgreSQL that was made before. Every test ends with nothing running in it."""
    # Not under tmp_path: under root, PostgreSQL runs as a system user to whom pytest's folders are closed.
    with tempfile.TemporaryDirectory(prefix="registry-embedded-") as folder:
        with user(Path(folder) / "postgres"):
            pass
        yield Path(folder) / "postgres"


@pytest.fixture
def folder(made: Path) -> Iterator[Path]:
    yield made
    assert working_in(made) == []


@contextmanager
def user(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that uses the server until the end of the context."""
    with subprocess.Popen(
        (sys.executable, "-c", USER, str(folder)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("postgresql://")
        yield process


@contextmanager
def used(folder: Path) -> Iterator[Embedded]:
    """The server, used by this process."""
    one = Embedded(folder)
    one.start()
    try:
        yield one
    finally:
        one.leave()


def working_in(folder: Path) -> list[int]:
    """The processes that work in the folder: the postmaster and its children do."""
    return [
        process.pid
        for process in psutil.process_iter(("cwd", "status"))
        if process.info["cwd"] == str(folder) and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


def end_postmaster(folder: Path, number: signal.Signals) -> None:
    postmaster = postmaster_of(folder)
    assert postmaster is not None
    postmaster.send_signal(number)
    psutil.wait_procs([postmaster], PATIENCE)


def test_it_runs_until_the_last_of_those_who_use_it_has_ended(folder: Path) -> None:
    with user(folder), used(folder) as mine:
        with user(folder):
            pass
        with psycopg.connect(mine.url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)


def test_a_killed_process_does_not_count_any_more(folder: Path) -> None:
    with user(folder) as first, user(folder) as second:
        first.kill()
        second.kill()
        second.wait()
        assert postmaster_of(folder) is not None
    with user(folder):
        pass


def test_it_is_stopped_also_where_another_process_has_started_it_again(folder: Path) -> None:
    with user(folder):
        end_postmaster(folder, signal.SIGQUIT)
        with user(folder):
            pass


@pytest.mark.parametrize("content", MISLEADING.values(), ids=MISLEADING.keys())
def test_a_file_that_does_not_name_the_postmaster_stops_no_start(content: str, folder: Path) -> None:
    with used(folder):
        end_postmaster(folder, signal.SIGQUIT)
    (folder / "postmaster.pid").write_text(content)
    with user(folder):
        pass


async def test_it_is_started_again_with_what_was_committed(folder: Path) -> None:
    with used(folder) as mine:
        watching = asyncio.create_task(mine.run())
        with psycopg.connect(mine.url, autocommit=True) as connection:
            connection.execute("create table kept as select 42 as answer")
            end_postmaster(folder, signal.SIGKILL)
        await until_running(folder)
        with psycopg.connect(mine.url) as connection:
            assert connection.execute("select answer from kept").fetchone() == (42,)
        await stop([watching])


async def test_one_whose_socket_was_removed_is_started_again_with_what_was_committed(folder: Path) -> None:
    with used(folder) as mine:
        watching = asyncio.create_task(mine.run())
        with psycopg.connect(mine.url, autocommit=True) as connection:
            connection.execute("create table kept_too as select 43 as answer")
            lines = (folder / "postmaster.pid").read_text().split("\n")
            (Path(lines[4]) / f".s.PGSQL.{lines[3]}").unlink()
        answer = None
        async with asyncio.timeout(PATIENCE):
            while answer is None:
                await asyncio.sleep(0.05)
                with suppress(psycopg.OperationalError), psycopg.connect(mine.url) as connection:
                    answer = connection.execute("select answer from kept_too").fetchone()
        await stop([watching])

    assert answer == (43,)


async def test_one_that_does_not_start_is_tried_until_it_does(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configuration = folder / "postgresql.auto.conf"
    good = configuration.read_text()
    with used(folder) as mine:
        configuration.write_text("max_connections = none\n")
        end_postmaster(folder, signal.SIGKILL)
        with pytest.raises(PostgresNotStarted, match=r"does not start: .*FATAL.*configuration file .* contains errors"):
            mine.start()
        watching = asyncio.create_task(mine.run())
        printed = ""
        async with asyncio.timeout(PATIENCE):
            while "postgres_not_started" not in printed:
                await asyncio.sleep(0.05)
                printed += capsys.readouterr().out
        configuration.write_text(good)
        await until_running(folder)
        await stop([watching])


async def test_who_leaves_while_it_is_being_started_waits_and_leaves_nothing(folder: Path) -> None:
    with used(folder) as mine:
        end_postmaster(folder, signal.SIGKILL)
        starting = asyncio.create_task(asyncio.to_thread(mine.start))
        async with asyncio.timeout(PATIENCE):
            while not postmaster_of(folder):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        await asyncio.to_thread(mine.leave)
        assert working_in(folder) == []
        await asyncio.wait_for(starting, PATIENCE)


async def until_running(folder: Path) -> None:
    async with asyncio.timeout(PATIENCE):
        while not (postmaster_of(folder) and "ready" in (folder / "postmaster.pid").read_text()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
