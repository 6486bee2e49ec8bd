"""How long the steps of an event loop take: while one runs, nobody else is answered."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from registry.process.cycles import seldom_sought

MOST: float = 0.1
"""Seconds of processor time that a step of the loop may take."""


class Steps:
    """The longest step of the loop, in its thread's processor time: what other processes and threads take is not in."""

    longest = 0.0


@contextmanager
def measured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Steps]:
    """Every step of the loop within it."""
    steps, run, loops = Steps(), asyncio.Handle._run, threading.get_ident()

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        if threading.get_ident() == loops:
            steps.longest = max(steps.longest, time.thread_time() - began)

    # As the server does: a search for cycles takes longer than what it interrupts.
    with monkeypatch.context() as patched, seldom_sought():
        patched.setattr(asyncio.Handle, "_run", timed)
        yield steps
