"""The picture on a terminal: it fits, what is grave stays, what is old looks old, and no name steers the terminal."""

import io
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from placet.watch.screen import screen
from placet.watch.stream import Standing, changed
from tests.operations.stage import a_picture, gate, zone

LIVE = Standing(age_s=0.2)
STALE = Standing(age_s=75, why="operations does not answer", tries=9)


def lines_of(
    picture: Any, standing: Standing = LIVE, width: int = 80, rows: int = 60, language: str = "en"
) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=rows, color_system=None, force_terminal=False)
    console.print(screen(picture, standing, width, rows, language))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def styled(picture: Any, standing: Standing) -> str:
    console = Console(file=io.StringIO(), width=80, height=60, color_system="standard", force_terminal=True)
    console.print(screen(picture, standing, 80, 60, "en"))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def an_incident(number: int, **more: Any) -> dict[str, Any]:
    return {
        "number": number, "severity": 2, "state": "reported", "escalated": 0, "kind": "silent_gate",
        "opened_at": "2025-10-25T01:20:00+00:00", "place": {"zone_id": None, "gate_id": "north"}, "title": "Silence",
        **more,
    }  # fmt: skip


@pytest.mark.parametrize(("width", "rows"), [(80, 24), (80, 60), (40, 12), (200, 70), (132, 9)])
@pytest.mark.parametrize("standing", [LIVE, STALE, Standing()])
def test_it_fits_the_window(width: int, rows: int, standing: Standing) -> None:
    picture = a_picture()
    picture["zones"] += [zone(f"room-{n}", 10 + n, n, 100) for n in range(40)]
    picture["gates"] += [gate(f"gate-{n}", 10 + n, None) for n in range(40)]
    picture["incidents"] = [an_incident(n) for n in range(30)]
    lines = lines_of(picture, standing, width, rows)
    assert len(lines) <= rows
    assert max(map(cell_len, lines)) <= width


def test_it_shows_what_the_picture_says() -> None:
    text = "\n".join(lines_of(a_picture()))
    for told in (
        "3,772 inside", "201 admitted", "3 refused", "12 out", "1,890 / 2,000", "nearly full", "FULL", "SILENT 14 min",
        "EVACUATION bil: fire alarm", "LOCKDOWN exh: suspicious item", "threat level 3 at ncc: protest nearby",
        "zone not granted", "event 5,513", "08:30:00", "simulated",
    ):  # fmt: skip
        assert told in text, told
    assert "STALE" not in text


def test_where_not_everything_fits_what_needs_somebody_stays_and_the_rest_is_counted() -> None:
    picture = a_picture()
    picture["zones"] = [zone(f"room-{n}", n, 1, 100) for n in range(30)] + [zone("last", 30, 100, 100, full=True)]
    text = "\n".join(lines_of(picture, rows=24))
    assert "FULL" in text
    assert "more; a taller window shows them" in text


def test_numbers_that_may_be_old_say_so_in_words_and_in_style() -> None:
    text = "\n".join(lines_of(a_picture(), STALE))
    assert "STALE" in text
    assert "Not heard of for 0:01:15. Operations does not answer, tried again 9 times" in text
    assert "3,772? inside" in text
    dim = "\x1b[2m"
    assert dim in styled(a_picture(), STALE)
    assert dim not in styled(a_picture(), LIVE)


def test_before_the_first_picture_it_says_that_it_connects() -> None:
    assert lines_of(None, Standing(why="too many are watching")) == ["Connecting … Too many are watching"]


def test_a_count_that_waits_for_a_silent_gate_is_a_range() -> None:
    picture = a_picture()
    picture["zones"][1]["uncertain"] = {"low": 1850, "high": 1930, "gates": ["gate-south"]}
    assert any("1,850-1,930 / 2,000" in line for line in lines_of(picture))
    assert any("waits for gate-south" in line for line in lines_of(picture, width=120))


def test_the_gravest_incident_comes_first_and_a_closed_one_not_at_all() -> None:
    picture = a_picture()
    picture["incidents"] = [
        an_incident(1, severity=3, title="Slow"), an_incident(2, state="closed", title="Over"),
        an_incident(3, severity=1, escalated=1, title="Grave"), an_incident(4, title=None),
    ]  # fmt: skip
    lines = lines_of(picture)
    grave, slow = (next(n for n, line in enumerate(lines) if title in line) for title in ("Grave", "Slow"))
    assert grave < slow
    assert "reported!" in lines[grave]
    assert not any("Over" in line for line in lines)


def test_who_is_away_and_which_service_does_without_is_told() -> None:
    picture = a_picture()
    picture["sources"][1] |= {"state": "silent", "lag": None, "complaint": "dead_letters"}
    picture["services"] = [
        {"service": "access", "state": "degraded", "degraded": ["nats"], "since": picture["updated_at"]},
        {"service": "notifications", "state": "up", "degraded": [], "since": picture["updated_at"]},
    ]
    text = "\n".join(lines_of(picture))
    assert "silent, event 5,513, dead letters" in text
    assert "the service is degraded: nats" in text


@pytest.mark.parametrize(
    "hostile",
    [
        "[bold red]markup[/]",
        "\x1b[31mred\x1b]0;title\x07",
        "x" * 300,
        "a\nb\r\u2028c",
        "\u202eturned",
        "\U0001f469\u200d\U0001f680 wide 大会场" * 9,
    ],
)
def test_no_name_steers_the_terminal_or_breaks_a_line(hostile: str) -> None:
    picture = a_picture()
    picture["event"] = hostile
    picture["zones"][0]["names"]["en"] = hostile
    picture["gates"][0]["name"] = hostile
    picture["incidents"] = [an_incident(1, title=hostile)]
    raw = lines_of(picture, width=100)
    assert len(raw) == len(lines_of(a_picture() | {"incidents": [an_incident(1)]}, width=100))
    assert max(map(cell_len, raw)) <= 100
    assert not {"\x1b", "\u202e", "\u2028", "\x07"} & set("".join(raw))


def test_a_change_replaces_whole_parts_and_single_entries_of_zones_and_gates() -> None:
    picture = a_picture()
    busier = picture["zones"][1] | {"count": 1_891}
    after = changed(picture, {"people": {"inside": 3_773}, "zones": [busier]})
    assert after["people"] == {"inside": 3_773}
    assert [one["zone_id"] for one in after["zones"]] == [one["zone_id"] for one in picture["zones"]]
    assert after["zones"][1]["count"] == 1_891
    assert after["gates"] == picture["gates"]
