"""That the viewers of the benchmark note what is on a screen, when all of it is there; and memory's arithmetic."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chassis.run.settings import Settings
from tests.benchmarks.memory import Memory, slope
from tests.benchmarks.screens import Screen, watched
from tests.conftest import Issuer
from tests.controls import eventually
from tests.operations.stage import Stage, source

_VIEWERS = 20
_PAUSE_S = 0.2

needs_a_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="the viewers are compiled")


def test_an_event_is_on_a_screen_with_the_first_picture_that_holds_it() -> None:
    screen = Screen(numbers=[5, 8, 9], times=[0.1, 0.2, 0.3])
    assert [screen.showed_at(number) for number in (1, 5, 6, 8, 9)] == [0.1, 0.1, 0.2, 0.2, 0.3]
    assert screen.showed_at(10) is None


def test_growth_of_memory_is_told_once_caches_are_warm_and_of_minutes_only() -> None:
    seconds = [5.0 * step for step in range(121)]
    grows = Memory(seconds, [100 + second / 60 for second in seconds])
    assert grows.figures("m") == {"m_mb": 110.0, "m_mb_per_min": 1.0, "m_range_mb": 8.0}
    warms_up = Memory(seconds, [min(second, 100.0) for second in seconds])
    assert warms_up.figures("m") == {"m_mb": 100.0, "m_mb_per_min": 0.0, "m_range_mb": 0.0}
    assert Memory(seconds[:10], [100.0] * 10).figures("m") == {}
    assert slope([(0.0, 3.0), (60.0, 2.0), (120.0, 1.0)]) == pytest.approx(-1.0)


@needs_a_compiler
async def test_every_viewer_notes_when_the_picture_moved(settings: Settings, issuer: Issuer, tmp_path: Path) -> None:
    token = issuer.token("operations")
    async with Stage(settings).on() as stage, watched(tmp_path, settings.port, token, _VIEWERS) as screens:
        told_at = time.time()
        stage.show(stage.picture | {"sources": [source("accreditation", 99_999), source("access", 6_000)]})
        noted = tmp_path / "arrivals"
        await eventually(lambda: noted.read_text().count(" 6000\n") == _VIEWERS, says="not everybody saw it")
        seen_at = time.time()
    assert len(screens.each) == _VIEWERS
    for screen in screens.each:
        assert screen.showed_at(5_513) < told_at < screen.showed_at(6_000) < seen_at  # type: ignore[operator]
        assert screen.showed_at(6_001) is None


@needs_a_compiler
async def test_a_picture_is_on_the_screen_when_all_of_it_has_come(tmp_path: Path) -> None:
    async with _half_by_half() as (port, completed), watched(tmp_path, port, "token", 1) as screens:
        pass  # it has a picture
    assert screens.messages == 1
    assert screens.each[0].numbers == [7]
    assert completed.result() <= screens.each[0].times[0]


@needs_a_compiler
async def test_whoever_may_not_watch_measures_nothing(settings: Settings, tmp_path: Path) -> None:
    async with Stage(settings).on():
        with pytest.raises(AssertionError, match="viewers failed"):
            await watched(tmp_path, settings.port, "nonsense", _VIEWERS).__aenter__()


@asynccontextmanager
async def _half_by_half() -> AsyncIterator[tuple[int, "asyncio.Future[float]"]]:
    """A server that sends a message in two parts. Gives its port, and when the second part left."""
    completed: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\n\r\nid: 1\nevent: snapshot\ndata: {"source":"access","number":7}')
        await asyncio.sleep(_PAUSE_S)
        if not completed.done():  # the one who does not read is served, too
            completed.set_result(time.time())
        writer.write(b"\n\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], completed
