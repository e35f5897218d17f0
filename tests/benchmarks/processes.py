"""CPU time and memory of our processes, as the operating system accounts for them."""

import os
import platform
from collections.abc import Iterable
from pathlib import Path

import psutil


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time of these processes, their descendants, and children that ended."""
    total = 0.0
    for root in roots:
        for process in (psutil.Process(root), *psutil.Process(root).children(recursive=True)):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def memory_mb(roots: Iterable[int]) -> float:
    """Memory that belongs to these processes and their descendants alone, shared parts counted once (PSS)."""
    total = 0
    for root in roots:
        for process in (psutil.Process(root), *psutil.Process(root).children(recursive=True)):
            total += process.memory_full_info().pss
    return total / 1024**2


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
