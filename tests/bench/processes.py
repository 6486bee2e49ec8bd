"""The memory and processor time of processes, from /proc."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path


def resident(pid: int) -> float:
    """Megabytes of a process, with shared pages divided among the processes that share them; 0 if it is gone."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def peak(pid: int) -> float:
    """The peak megabytes of a process, with shared pages counted whole; 0 if it is gone."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def family(pid: int) -> list[int]:
    """A process and all of its descendants."""
    found = [pid]
    for one in found:
        for tasks in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found += [int(child) for child in tasks.read_text().split()]
    return found


def resident_together(pids: Iterable[int]) -> float:
    """Megabytes of several processes."""
    return sum(resident(pid) for pid in pids)


def processor_seconds(pid: int) -> float:
    """Seconds that a process has run on a processor, with those of its threads; 0 if it is gone."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0
