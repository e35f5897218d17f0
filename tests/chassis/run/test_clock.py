"""One time for all processes of a run, which only moves forward and survives them."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chassis.run.clock import RealClock, ScenarioClock

_ROOT = Path(__file__).parents[3]
_A_DAY_LATER = """
import sys
from datetime import timedelta
from pathlib import Path
from chassis.run.clock import ScenarioClock

clock = ScenarioClock(Path(sys.argv[1]))
print(clock.now().isoformat())
clock.set(clock.now() + timedelta(days=1))
"""
_EVE = datetime(2025, 10, 24, 18, 0, 0, 123_456, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "clock"


def test_until_somebody_sets_it_the_time_is_real(file: Path) -> None:
    clock = ScenarioClock(file)

    assert not clock.simulated
    assert abs(clock.now() - RealClock().now()) < timedelta(seconds=5)
    assert clock.now().tzinfo is UTC


def test_what_is_set_is_told_to_the_microsecond(file: Path) -> None:
    clock = ScenarioClock(file)
    clock.set(_EVE)

    assert clock.now() == _EVE
    assert clock.simulated


def test_it_never_goes_back(file: Path) -> None:
    clock = ScenarioClock(file)
    clock.set(_EVE)
    clock.set(_EVE - timedelta(hours=1))

    assert clock.now() == _EVE


def test_let_go_it_tells_real_time(file: Path) -> None:
    clock = ScenarioClock(file)
    clock.set(_EVE)
    clock.let_go()

    assert not clock.simulated
    assert abs(clock.now() - RealClock().now()) < timedelta(seconds=5)


def test_who_opens_the_same_file_has_the_same_time_at_once(file: Path) -> None:
    one, other = ScenarioClock(file), ScenarioClock(file)
    for minutes in range(3):
        one.set(_EVE + timedelta(minutes=minutes))
        assert other.now() == one.now() == _EVE + timedelta(minutes=minutes)


def test_another_process_sees_it_and_moves_it(file: Path) -> None:
    clock = ScenarioClock(file)
    clock.set(_EVE)
    done = subprocess.run(
        [sys.executable, "-c", _A_DAY_LATER, str(file)], cwd=_ROOT, capture_output=True, text=True, check=True
    )

    assert datetime.fromisoformat(done.stdout.strip()) == _EVE
    assert clock.now() == _EVE + timedelta(days=1)
    assert ScenarioClock(file).now() == _EVE + timedelta(days=1), "it survives who set it"


def test_its_file_is_nobody_elses(file: Path) -> None:
    ScenarioClock(file)

    assert file.stat().st_mode & 0o077 == 0
