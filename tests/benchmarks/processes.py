"""CPU time and memory of processes, as the operating system accounts for them."""

import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import psutil


def cpu_seconds(roots: Mapping[str, int]) -> dict[str, float]:
    """User and system time by name: of each process, its descendants, and those of them that ended."""
    return {name: sum(map(_cpu_seconds, _family(pid))) for name, pid in roots.items()}


def memory_mb(roots: Mapping[str, int]) -> dict[str, float]:
    """Memory by name, of each process and its descendants; what several share is counted once (PSS)."""
    return {
        name: sum(process.memory_full_info().pss for process in _family(pid)) / 1024**2 for name, pid in roots.items()
    }


def busy_seconds() -> float:
    """CPU time of the whole machine."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)


def machine() -> str:
    """What the figures were measured on."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    gib = psutil.virtual_memory().total / 1024**3
    name = names[0] if names else platform.processor()
    return f"{os.cpu_count()} x {name}, {gib:.0f} GiB, Python {platform.python_version()}"


def _cpu_seconds(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):  # a worker of PostgreSQL that ended just now: its parent has its time
        return float(sum(process.cpu_times()[:4]))
    return 0.0


def _family(pid: int) -> Iterator[psutil.Process]:
    yield psutil.Process(pid)
    yield from psutil.Process(pid).children(recursive=True)
