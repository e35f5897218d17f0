"""What the benchmark reckons itself, and that its generator does not flatter."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.benchmarks import figures, performance
from tests.benchmarks.generator import Generator, Load
from tests.benchmarks.venue import Walk

_STALL_S = 0.4
_RATE = 500
"""A second: in that time more are due than the generator has connections."""


def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed() -> None:
    hundred = random.sample(range(1, 101), 100)
    assert [figures.percentile(hundred, percent) for percent in (1, 50, 95, 99, 100)] == [1, 50, 95, 99, 100]
    assert figures.percentile([7.0], 50) == figures.percentile([7.0], 99) == 7.0
    assert figures.percentile([1, 2, 3], 50) == 2
    assert figures.percentile([1, 2, 3], 99) == 3


def test_percentiles_have_their_place_in_the_name() -> None:
    assert figures.percentiles("verdict_{}_ms_c8", [3, 1, 2]) == {
        "verdict_p50_ms_c8": 2,
        "verdict_p95_ms_c8": 3,
        "verdict_p99_ms_c8": 3,
    }
    assert figures.percentiles("verdict_{}_ms_c8", []) == {}


def test_cpu_a_scan_is_told_by_process() -> None:
    assert figures.a_scan({"access": 1.0, "nats": 5.0}, {"access": 3.0, "nats": 5.5}, 1_000) == {
        "access": 2.0,
        "nats": 0.5,
    }


def test_growth_compares_the_longest_history_with_the_shortest_and_ignores_outliers() -> None:
    assert figures.growth({1_000_000: [1.1, 9.9, 1.0], 10_000: [1.0, 1.0, 0.1], 100_000: [5.0]}) == pytest.approx(1.1)


def test_figures_go_into_their_places_and_nothing_else_changes() -> None:
    text = "| rate | 1,200/s | <!-- {rate:,}/s, p50 {p50} ms -->old | prose |\nload <!-- {load} -->\n"
    told = performance.update(text, {"rate": 1242, "p50": 25.1})
    assert told == (
        "| rate | 1,200/s | <!-- {rate:,}/s, p50 {p50} ms -->1,242/s, p50 25.1 ms | prose |\n"
        "load <!-- {load} -->not measured\n"
    )
    assert performance.update(told, {"rate": 1242, "p50": 25.1}) == told


def test_the_document_has_places_for_the_figures_it_is_about() -> None:
    text = performance.DOCUMENT.read_text(encoding="utf-8")
    told = ("verdicts_per_s_c32", "cpu_ms_per_scan", "open300_p99_ms", "scan_cost_growth_1e6", "restart_1e6_s")
    for name in (*told, "screen_p95_ms", "screen_operations_cores", "screen_memory_mb_per_min", "javascript_kb"):
        assert f"{{{name}" in text, name


needs_a_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="the generator is compiled")


@needs_a_compiler
async def test_an_open_loop_makes_everybody_who_was_due_wait_for_a_stall(tmp_path: Path) -> None:
    """A closed loop would report one slow answer, and leave out those who would have come meanwhile."""
    async with _gate(stalls_at=50) as port:
        generator = Generator.compiled(tmp_path, Walk(["AC1:TEXT"]), "token")
        load = await generator.load(port, "open", _RATE, 1)
    assert load.scans == _RATE
    waited = [latency for latency in _all(load) if latency > 50]
    due_meanwhile = _RATE * (_STALL_S - 0.05)
    assert len(waited) >= 0.9 * due_meanwhile
    assert max(waited) >= 1_000 * _STALL_S


@needs_a_compiler
async def test_a_closed_loop_waits_for_each_answer_and_tells_verdicts_from_failures(tmp_path: Path) -> None:
    async with _gate(refuses_each=10, takes_s=0.005) as port:
        generator = Generator.compiled(tmp_path, Walk(["AC1:TEXT"]), "token")
        load = await generator.load(port, "closed", 4, 0.3)
    assert load.scans == load.outcomes["a"] + load.outcomes["?"]
    assert load.unanswered == load.outcomes["?"] == pytest.approx(load.scans / 10, abs=4)
    assert len(load.first_ms) == 1  # there is one badge


@needs_a_compiler
async def test_a_scan_whose_connection_is_closed_is_asked_again_and_counted_once(tmp_path: Path) -> None:
    async with _gate(hangs_up_at=20) as port:
        generator = Generator.compiled(tmp_path, Walk(["AC1:TEXT"]), "token")
        load = await generator.load(port, "open", _RATE, 0.2)
    assert load.resent == 1
    assert load.scans == load.outcomes["a"] == 0.2 * _RATE


def _all(load: Load) -> list[float]:
    return [*load.first_ms, *load.repeat_ms]


@asynccontextmanager
async def _gate(
    stalls_at: int = 0, refuses_each: int = 0, hangs_up_at: int = 0, takes_s: float = 0
) -> AsyncIterator[int]:
    """A server that admits everybody; it stands still once, fails now and then, hangs up once. Gives its port."""
    answered = 0
    open_again = asyncio.Event()
    open_again.set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answered
        while head := await reader.readuntil(b"\r\n\r\n"):
            await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))
            answered += 1
            if answered == hangs_up_at:
                writer.close()
                return
            fails = refuses_each and answered % refuses_each == 0
            if answered == stalls_at:
                open_again.clear()
                asyncio.get_running_loop().call_later(_STALL_S, open_again.set)
            await open_again.wait()
            await asyncio.sleep(takes_s)
            body = b'{"scan_id":"x","outcome":"admitted"}'
            writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (503 if fails else 200, len(body), body))

    async def until_they_leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(until_they_leave, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
