"""How long gates wait for their verdicts: what is kept of it, and who is told."""

from uuid import uuid4

import pytest

from services.access import verdict_times
from services.access.verdict_times import Times, VerdictTimes
from tests.access.beating import HandMonotonic, beat
from tests.access.controls import EAST, MAIN, badge
from tests.access.running import Access, credential, scan_body


@pytest.fixture
def clock() -> HandMonotonic:
    return HandMonotonic()


@pytest.fixture
def times(clock: HandMonotonic) -> VerdictTimes:
    return VerdictTimes(clock)


def _took(times: VerdictTimes, clock: HandMonotonic, *milliseconds: float, gate_id: str = "main") -> None:
    for took in milliseconds:
        times.note(gate_id, clock() - took / 1000, clock())


@pytest.mark.parametrize(
    ("milliseconds", "p50", "p95"),
    [
        ([7], 7, 7),
        ([1, 3], 1, 3),
        ([9, 1, 5], 5, 9),
        (range(1, 101), 50, 95),
        ([2] * 19 + [80], 2, 2),
        ([2] * 18 + [80] * 2, 2, 80),
    ],
)
async def test_half_of_the_scans_took_no_longer_than_p50_and_all_but_a_few_no_longer_than_p95(
    times: VerdictTimes, clock: HandMonotonic, milliseconds: list[float], p50: float, p95: float
) -> None:
    _took(times, clock, *milliseconds)

    assert await times.by_gate() == {"main": Times(p50, p95, len(milliseconds))}


async def test_what_is_older_than_five_minutes_does_not_count(times: VerdictTimes, clock: HandMonotonic) -> None:
    _took(times, clock, 90)
    clock.passes(200)
    _took(times, clock, 4)
    clock.passes(101)
    assert await times.by_gate() == {"main": Times(4, 4, 1)}

    clock.passes(200)
    assert await times.by_gate() == {}


async def test_a_busy_gate_costs_no_more_memory_than_was_promised(times: VerdictTimes, clock: HandMonotonic) -> None:
    _took(times, clock, *[90] * 10, *[4] * verdict_times._MOST)
    _took(times, clock, 6, gate_id="east")

    assert await times.by_gate() == {"main": Times(4, 4, verdict_times._MOST), "east": Times(6, 6, 1)}


async def test_scans_that_are_answered_are_timed_by_their_gate_and_repeats_are_not(centre: Access) -> None:
    who = badge(uuid4())
    await centre.knows(who)
    before = (await centre.get("/v1/gates/verdict-times", "service")).json()
    body = scan_body(credential(who), MAIN)
    for _ in range(2):
        await centre.scan_answer(body)
    await centre.scan(credential(who), EAST)

    after = (await centre.get("/v1/gates/verdict-times", "service")).json()
    counted = {gate_id: after[gate_id]["scans"] - before.get(gate_id, {"scans": 0})["scans"] for gate_id in after}
    assert (counted[MAIN.gate_id], counted[EAST.gate_id]) == (1, 1)
    assert 0 < after[EAST.gate_id]["p50"] <= after[EAST.gate_id]["p95"] < 5_000


async def test_a_process_that_stands_by_has_timed_nothing(access: Access) -> None:
    async with access.leading():
        await access.lay_out()
        await access.scan("nonsense", MAIN)
        assert "main" in (await access.get("/v1/gates/verdict-times", "service")).json()
    assert (await access.get("/v1/gates/verdict-times", "service")).json() == {}


@pytest.mark.parametrize("path", ["/v1/gates/verdict-times", "/v1/devices/heartbeats"])
@pytest.mark.parametrize(("role", "status"), [("service", 200), ("commander", 200), ("desk", 403), ("protocol", 403)])
async def test_it_is_told_to_those_who_look_after_gates(centre: Access, path: str, role: str, status: int) -> None:
    assert (await centre.get(path, role)).status_code == status


async def test_every_heartbeat_is_told_whether_an_event_tells_of_it_or_not(centre: Access) -> None:
    device_id, headers = await centre.enrolled("main")
    assert device_id not in (await centre.get("/v1/devices/heartbeats", "service")).json()

    for _ in range(2):
        centre.clock.passes(seconds=15)
        await beat(centre, headers)
    heard = (await centre.get("/v1/devices/heartbeats", "service")).json()
    assert heard[device_id] == centre.clock.now().isoformat().replace("+00:00", "Z")
