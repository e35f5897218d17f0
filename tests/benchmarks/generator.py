"""Runs the compiled generator (scans.c), and reads what it says of every scan."""

import asyncio
import shutil
import socket
import subprocess
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from json import dumps, loads
from pathlib import Path
from typing import Literal

import nkeys

from tests.benchmarks import figures, venue
from tests.benchmarks.venue import Walk

_SOURCE = Path(__file__).with_name("scans.c")
_MOST_A_SECOND = 5_000
"""Scans that a plan for a closed loop holds, a second of the load."""
_VERDICTS = frozenset("aer")  # admitted, exited, refused


class NoCompilerError(Exception):
    """There is nothing to compile the generator with."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load. ``latencies_ms`` of the first scan of each badge, and of repeats."""

    scans: int
    seconds: float
    first_ms: Sequence[float]
    repeat_ms: Sequence[float]
    outcomes: Counter[str]
    resent: int
    """Scans whose connection the server closed as they came; asked again, as any scanner does."""

    @property
    def a_second(self) -> int:
        return round(self.scans / self.seconds)

    @property
    def unanswered(self) -> int:
        """Scans that got no verdict."""
        return sum(times for outcome, times in self.outcomes.items() if outcome not in _VERDICTS)

    def latencies(self, name: str) -> dict[str, float]:
        """Percentiles; ``name`` has ``{}`` where p50, p95, p99 go."""
        return {
            **figures.percentiles(name, [*self.first_ms, *self.repeat_ms]),
            **figures.percentiles(f"{name}_first", self.first_ms),
            **figures.percentiles(f"{name}_repeat", self.repeat_ms),
        }


@dataclass(frozen=True, slots=True)
class Nats:
    """Where scans go over NATS, and who sends them."""

    port: int
    seed: bytes
    inbox: str


@dataclass
class Generator:
    """The generator, compiled into ``folder``, as the device of ``token`` at the measured gate."""

    folder: Path
    walk: Walk
    token: str
    _runs: "count[int]" = field(default_factory=lambda: count(1))

    @classmethod
    def compiled(cls, folder: Path, walk: Walk, token: str) -> "Generator":
        """Raises NoCompilerError."""
        compile_into(folder)
        return cls(folder, walk, token)

    async def load(self, to: int | Nats, kind: Literal["closed", "open"], size: int, seconds: float) -> Load:
        """``to``: a port for HTTP, or NATS; ``size``: clients of a closed loop, or scans a second of an open one."""
        number = next(self._runs)
        plan, answers = self.folder / f"plan-{number}", self.folder / f"answers-{number}"
        needed = int((size if kind == "open" else _MOST_A_SECOND) * seconds) + 1
        first = await asyncio.to_thread(self.walk.write, plan, needed)
        where, handed_over = (["http", str(to)], []) if isinstance(to, int) else await _signed_in(to)
        process = await asyncio.create_subprocess_exec(
            self.folder / "scans", *where, kind, str(size), str(seconds), plan, answers, str(number), venue.GATE,
            self.token, *([] if isinstance(to, int) else [to.inbox]),
            stdout=subprocess.PIPE, pass_fds=[one.fileno() for one in handed_over],
        )  # fmt: skip
        for one in handed_over:
            one.close()
        printed, _ = await process.communicate()
        assert process.returncode == 0, "the generator failed: its words are above"
        passed, resent = printed.split()
        load = _read(answers, first, float(passed), int(resent))
        self.walk.went(load.scans)
        plan.unlink()
        answers.unlink()
        return load


def require_compiler() -> str:
    """The compiler. Raises NoCompilerError."""
    found = shutil.which("cc")
    if found is None:
        raise NoCompilerError("Install a C compiler (Debian: apt-get install gcc libc6-dev): the load is compiled.")
    return found


def compile_into(folder: Path, source: Path = _SOURCE) -> Path:
    """The program, named as its source is. Raises NoCompilerError."""
    program = folder / source.stem
    subprocess.run([require_compiler(), "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source], check=True)
    return program


def _read(answers: Path, is_first: Sequence[bool], seconds: float, resent: int) -> Load:
    first: list[float] = []
    repeat: list[float] = []
    outcomes: Counter[str] = Counter()
    for line in answers.read_text("ascii").splitlines():
        number, microseconds, outcome = line.split()
        (first if is_first[int(number)] else repeat).append(int(microseconds) / 1_000)
        outcomes[outcome] += 1
    return Load(len(first) + len(repeat), seconds, first, repeat, outcomes, resent)


async def _signed_in(to: Nats) -> tuple[list[str], list[socket.socket]]:
    """A connection that NATS has accepted, with the subscription for answers: the generator takes it over."""
    connection = socket.create_connection(("127.0.0.1", to.port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    reader = connection.makefile("rb", buffering=0)
    info = loads(reader.readline().removeprefix(b"INFO "))
    key = nkeys.from_seed(to.seed)
    signature = urlsafe_b64encode(key.sign(info["nonce"].encode())).rstrip(b"=").decode()
    words = {"nkey": key.public_key.decode(), "sig": signature, "protocol": 1, "headers": True, "no_responders": True}
    words |= {"verbose": False, "pedantic": False, "lang": "c", "version": "1"}
    connection.sendall(f"CONNECT {dumps(words)}\r\nSUB {to.inbox}.* 1\r\nPING\r\n".encode())
    answer = next(line for line in iter(reader.readline, b"") if line.startswith((b"PONG", b"-ERR")))
    if answer.startswith(b"-ERR"):
        raise ConnectionError(f"NATS did not accept the generator: {answer.decode().strip()}")
    return ["nats", str(connection.fileno())], [connection]
