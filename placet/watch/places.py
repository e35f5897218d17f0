"""Zones and gates as lines of a terminal."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from placet.watch.lines import Line, bar, cell, row, sparkline
from placet.watch.stream import Picture

_NAME = 24
_WIDEST_NAME = 36
_BAR = 16
_WIDE = 100  # columns; narrower windows leave out whom a range waits for


def zones(picture: Picture, width: int, language: str) -> list[Line]:
    """A zone a line, behind the one it lies in."""
    name = _name_width(width)
    return [_zone(zone, name, width, language) for zone in picture["zones"]]


def gates(picture: Picture, width: int) -> list[Line]:
    """A gate a line; those that are silent stay when there is not room for all."""
    now = datetime.fromisoformat(picture["clock"]["now"])
    return [_gate(gate, now, _name_width(width), width) for gate in picture["gates"]]


def age(since: timedelta) -> str:
    """``40 s``, ``14 min``, ``3 h``."""
    seconds = max(0, int(since.total_seconds()))
    if seconds < 100:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 6_000 else f"{seconds // 3_600} h"


def _zone(zone: Mapping[str, Any], name: int, width: int, language: str) -> Line:
    count, capacity, unsure = zone["count"], zone["capacity"], zone.get("uncertain")
    condition, style, rank = _condition(zone)
    told = f"{unsure['low']:,}-{unsure['high']:,}" if unsure else f"{count:,}"
    waits_for = f"waits for {', '.join(unsure['gates'])}" if unsure and width >= _WIDE else ""
    text = row(
        cell("  " * (zone["depth"] + 1) + (zone["names"].get(language) or zone["zone_id"]), name),
        cell(bar(count / capacity, _BAR) if capacity else "", _BAR, style or "green"),
        cell(told if capacity is None else f"{told} / {capacity:,}", 19, right=True),
        cell(f"{condition}  {waits_for}".strip(), max(0, width - name - _BAR - 22), style or "yellow"),
    )
    return Line(text, min(rank, 1 if unsure else rank))


def _condition(zone: Mapping[str, Any]) -> tuple[str, str, int]:
    """What is particular about a zone, the gravest only: a word, a style, a rank."""
    if zone["evacuated"]:
        return "EVACUATE", "bold white on red", 0
    if zone["locked"]:
        return "LOCKED DOWN", "bold red", 0
    if zone["full"]:
        return "FULL", "red", 1
    return ("nearly full", "yellow", 1) if zone["nearly_full"] else ("", "", 2)


def _gate(gate: Mapping[str, Any], now: datetime, name: int, width: int) -> Line:
    state, style, rank = _state(gate, now)
    minutes = gate.get("minutes") or ()
    pace = f"{minutes[-1]}/min" if minutes else ""
    text = row(
        cell(f"  {gate['name']}", name),
        cell(sparkline(minutes, _BAR), _BAR, "cyan"),
        cell(pace, 8, right=True),
        cell(_devices(gate), 10),
        cell(state, max(0, width - name - _BAR - 22), style),
    )
    return Line(text, rank)


def _state(gate: Mapping[str, Any], now: datetime) -> tuple[str, str, int]:
    if gate["state"] != "open":
        return gate["state"], "yellow", 1
    if gate["last_scan_at"] is None:
        return "no scan yet", "bright_black", 2
    since = age(now - datetime.fromisoformat(gate["last_scan_at"]))
    # The door of a room is quiet whenever nothing begins or ends there; an entrance from outside is not.
    if gate["silent"] and gate["from_zone_id"] is None:
        return f"SILENT {since}", "bold red", 0
    return f"{since} ago", "bright_black" if gate["silent"] else "", 2


def _devices(gate: Mapping[str, Any]) -> str:
    """``1/3 off``: devices that nothing is heard of."""
    return f"{gate['silent_devices']}/{gate['devices']} off" if gate.get("silent_devices") else ""


def _name_width(width: int) -> int:
    """Wider windows are for longer names."""
    return min(_WIDEST_NAME, max(_NAME, width - 56))
