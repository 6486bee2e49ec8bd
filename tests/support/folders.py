"""Tests keep their files in memory where there is room, also those of the processes that they start.

A test of the log waits for the disk at every append, and one with a database of its own for its 300 files: most of what
such tests took. What a killed process has written is there all the same; only a machine that stops would lose it.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import psutil
import pytest

SHARED_MEMORY: Final = Path("/dev/shm")
MOST: Final = 4_000_000_000
"""Bytes that a run may need there; a fifth of it is usual."""
BESIDE: Final = 6_000_000_000
"""Bytes of memory that brokers, servers, browsers and tests need beside it."""
NAME: Final = "registry-tests-{pid}"
FOLDER: Final = pytest.StashKey[Path]()


def room_in_memory() -> bool:
    """Whether the tests still have enough memory when their files are in memory, too."""
    return (
        SHARED_MEMORY.is_dir()
        and shutil.disk_usage(SHARED_MEMORY).free >= MOST
        and psutil.virtual_memory().available >= MOST + BESIDE
    )


def clear_away() -> None:
    """Removes the folders of runs that were killed: their memory would be lost until the machine restarts."""
    for leftover in SHARED_MEMORY.glob(NAME.format(pid="*")):
        if not psutil.pid_exists(int(leftover.name.rpartition("-")[2])):
            shutil.rmtree(leftover, ignore_errors=True)


def pytest_configure(config: pytest.Config) -> None:
    """A worker (`pytest -n`) is started with the folder of its run."""
    if hasattr(config, "workerinput") or "TMPDIR" in os.environ:
        return
    clear_away()
    if room_in_memory():
        folder = config.stash[FOLDER] = SHARED_MEMORY / NAME.format(pid=os.getpid())
        folder.mkdir(mode=0o711)
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Removes the folder with all that is in it. Another run in the same process, as under mutmut, makes its own."""
    if folder := config.stash.get(FOLDER, None):
        del os.environ["TMPDIR"]
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)
