"""Child processes that die with us: started with their output in a log file, stopped in order, never orphaned."""

import asyncio
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from chassis.run.foreseen import ForeseenError


class ChildFailedError(ForeseenError):
    """A child ended when it should have run; the text ends with the last lines of its log."""


class Child:
    """One running program of ours."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path, stop_signal: signal.Signals) -> None:
        self.name = name
        self.process = process
        self.log = log
        self._stop_signal = stop_signal

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process.returncode is None

    async def stop(self, grace_s: float = 15) -> None:
        """Asks it to end, waits, and kills it when it does not."""
        if not self.running:
            return
        self.process.send_signal(self._stop_signal)
        try:
            await asyncio.wait_for(self.process.wait(), grace_s)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()

    async def kill(self) -> None:
        """SIGKILL: what a power cut of this one process looks like."""
        if self.running:
            self.process.kill()
        await self.process.wait()

    def failed(self) -> ChildFailedError:
        """The error to raise when it ended by itself."""
        lines = self.log.read_text("utf-8", errors="replace").splitlines()[-8:] if self.log.exists() else []
        return ChildFailedError(
            f"{self.name} ended with code {self.process.returncode}. Last of {self.log}:\n" + "\n".join(lines)
        )


async def start(
    name: str,
    argv: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Child:
    """Starts a program in a session of its own, as ``user`` if given (root only)."""
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = await asyncio.create_subprocess_exec(
            *map(str, argv),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=None if env is None else dict(env),
            start_new_session=True,
            preexec_fn=_in_child(user, stop_signal),
            cwd="/",
        )
    finally:
        os.close(out)
    return Child(name, process, log, stop_signal)


def is_running(pid: int, program: str) -> bool:
    """Whether ``pid`` is a live process of ``program``: ids are reused, and a zombie serves nobody."""
    status = Path(f"/proc/{pid}/stat")
    if status.parent.parent.joinpath("self").exists():
        try:
            name, _, state = status.read_text("utf-8").rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return name.partition("(")[2].startswith(program[:15]) and state.split()[0] != "Z"
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return program in listed.stdout


def _in_child(user: str | None, stop_signal: signal.Signals) -> Callable[[], None]:
    """What the child does before it becomes the program: changes user, and asks to die with us.

    On Linux the kernel stops it when we are killed; elsewhere the next run heals what is left.
    """
    account = pwd.getpwnam(user) if user else None
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    parent = os.getpid()

    def prepare() -> None:
        if account is not None:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
        if libc is not None:
            libc.prctl(1, int(stop_signal))  # PR_SET_PDEATHSIG; after setuid, which would clear it
            if os.getppid() != parent:
                os._exit(1)

    return prepare
