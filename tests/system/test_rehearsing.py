"""``placet rehearse`` as its user meets it: a report, an exit code, and nothing left behind."""

import asyncio
import json
import re
import signal
from pathlib import Path

import psutil
import pytest

from tests.controls import eventually
from tests.system.launcher import PLACET

_SCANS = ("total", "admitted", "refused", "exited", "by_reason")
_LEDGER = (
    "acknowledged", "stored", "published", "consumed", "missing", "duplicated", "occupancy_matches", "mail_per_notice",
)  # fmt: skip


async def test_a_rehearsal_reports_every_number_and_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    rehearsal = await _rehearse("mini", "--seed", "1", "--pace", "max", "--report", file)
    ended = asyncio.create_task(rehearsal.communicate())
    try:
        children = await eventually(lambda: _seven_children(rehearsal.pid), 30, every_s=0.1)
        folder = _folder_of(children)
        assert folder.is_dir()
        printed, said = await asyncio.wait_for(asyncio.shield(ended), 110)
    finally:
        if rehearsal.returncode is None:
            rehearsal.send_signal(signal.SIGINT)
            await ended

    assert rehearsal.returncode == 0, said.decode()
    assert [child for child in children if child.is_running()] == []
    assert not folder.exists()
    report = json.loads(file.read_text("utf-8"))
    assert json.loads(printed) == report
    assert report["delegations_confirmed"] == 5
    assert report["badges_issued"] > 50
    total, admitted, refused, exited, by_reason = (report["scans"][name] for name in _SCANS)
    assert total == admitted + refused + exited > 700
    assert sum(by_reason.values()) == refused
    assert len(by_reason) >= 8
    acknowledged, stored, published, consumed, *others = (report["ledger"][name] for name in _LEDGER)
    assert total == acknowledged == stored == published == consumed
    assert others == [0, 0, True, 1]
    assert report["notifications"]["sent"] > 100
    assert report["notifications"]["failed"] == 0
    room = report["room"]
    assert set(room["incidents"]) - {"relay_lag"} == {
        "admitted_after_revocation", "denied_vip", "double_entry", "duress", "lockdown", "lost_badge", "silent_gate",
        "watched_person", "zone_full",
    }  # fmt: skip
    assert room["unmet"] == room["uncaused"] == room["doubled"] == room["left_open"] == []
    assert room["handovers"] == 1
    assert room["handed_over"] > 0
    assert 0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p95"] <= report["latency_ms"]["p99"]


async def test_a_rehearsal_told_to_stop_leaves_no_process_and_no_folder() -> None:
    rehearsal = await _rehearse("mini")
    ended = asyncio.create_task(rehearsal.communicate())
    try:
        children = await eventually(lambda: _seven_children(rehearsal.pid), 30, every_s=0.1)
        folder = _folder_of(children)
    finally:
        rehearsal.terminate()
        _, said = await ended

    assert rehearsal.returncode == 128 + signal.SIGTERM
    assert "Traceback" not in said.decode()
    assert [child for child in children if child.is_running()] == []
    assert not folder.exists()


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["atlantis"], "atlantis is none of hanoi, mini, and no folder"),
        (["mini", "--pace", "fast"], "max, or a number above 0"),
        (["mini", "--report", "no/such/folder.json"], "there is no folder no/such"),
    ],
)
async def test_what_cannot_be_is_said_in_a_sentence_before_anything_starts(arguments: list[str], answer: str) -> None:
    rehearsal = await _rehearse(*arguments)
    printed, said = await asyncio.wait_for(rehearsal.communicate(), 30)

    assert rehearsal.returncode == 2
    assert answer in " ".join(said.decode().replace("│", "").split())
    assert printed == b""


async def _rehearse(*arguments: str | Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        PLACET, "rehearse", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


def _seven_children(pid: int) -> list[psutil.Process]:
    """PostgreSQL, NATS, the mailbox and four services, once they are all there."""
    children = psutil.Process(pid).children()
    return children if len(children) == 7 else []


def _folder_of(children: list[psutil.Process]) -> Path:
    """Where the run keeps its data, as PostgreSQL was told."""
    commands = " ".join(part for child in children for part in child.cmdline())
    found = re.search(r"/tmp/placet-rehearsal-mini-\w+", commands)
    assert found is not None, commands
    return Path(found[0])
