"""The picture as a screen of a terminal: what is grave first, then zones, gates, refusals, and who told it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.text import Text

from placet.watch import places
from placet.watch.lines import Line, Section, arranged, cell, row, shown
from placet.watch.stream import Picture, Standing

_SEVERE = {1: "bold white on red", 2: "bold red", 3: "yellow"}
_STATES = {"current": "green", "up": "green", "elsewhere": "cyan", "behind": "yellow", "degraded": "yellow"}


def screen(picture: Picture | None, standing: Standing, width: int, rows: int, language: str) -> RenderableType:
    """At most ``rows`` lines of at most ``width`` columns. Numbers that may be old look old."""
    head = _head(picture, standing, width)
    if picture is None:
        return Group(*head)
    sections = [
        Section("Orders in force", _orders(picture, width), at_least=3),
        Section("Open incidents", _incidents(picture, width), at_least=3),
        Section("Zones", places.zones(picture, width, language), at_least=4),
        Section("Gates", places.gates(picture, width), at_least=4),
        Section("Refusals (last hour, in all)", _refusals(picture, width), at_least=3),
        Section("Heard from", _sources(picture, width), at_least=2),
    ]
    head.append(_headline(picture, standing))
    body = arranged(sections, width, rows - len(head))
    for line in body:
        line.truncate(width)  # of a narrow window; what says most comes first
        if not standing.is_live:
            line.stylize("dim")
    return Group(*head, *body)


def _head(picture: Picture | None, standing: Standing, width: int) -> list[Text]:
    if picture is None:
        trouble = _trouble(standing) if standing.why else ""
        return [Text(shown(f"Connecting … {trouble}".strip()), style="yellow", no_wrap=True, overflow="ellipsis")]
    clock = picture["clock"]
    now = datetime.fromisoformat(clock["now"]).astimezone(ZoneInfo(clock["time_zone"]))
    told = f"{now:%a %d %b %Y %H:%M:%S}  {clock['time_zone']}" + ("  simulated" if clock["simulated"] else "")
    state = "live" if standing.is_live else "STALE"
    style = "bold green" if standing.is_live else "bold red"
    first = row(
        cell(f"{picture['event'] or 'Placet'}  {told}", max(0, width - 6), "bold"), cell(state, 5, style, right=True)
    )
    if standing.is_live:
        return [first]
    age = str(timedelta(seconds=int(standing.age_s or 0)))
    return [first, cell(f" Not heard of for {age}. {_trouble(standing)}", width, "bold white on red")]


def _trouble(standing: Standing) -> str:
    tries = f", tried again {standing.tries} times" if standing.tries > 1 else ""
    return f"{standing.why or 'operations has no news'}{tries}".capitalize()


def _headline(picture: Picture, standing: Standing) -> Text:
    last = picture["scans"]["last_minute"]
    unsure = "" if standing.is_live else "?"
    return Text.assemble(
        (f"{picture['people']['inside']:,}{unsure} inside", "bold" if standing.is_live else "dim"),
        "   last minute: ",
        (f"{last['admitted']:,}{unsure} admitted", "green"),
        ", ",
        (f"{last['refused']:,}{unsure} refused", "red" if last["refused"] else ""),
        f", {last['exited']:,}{unsure} out",
        no_wrap=True,
        overflow="ellipsis",
        style="" if standing.is_live else "dim",
    )


def _orders(picture: Picture, width: int) -> list[Line]:
    """Evacuations, lockdowns, threat levels above none; how many devices know of them, where that is told."""
    orders = picture.get("orders") or {}
    known = {one["zone_id"]: one for kind in ("evacuations", "lockdowns") for one in orders.get(kind, ())}
    found = [
        (order, zone, zone[order])
        for order in ("evacuation", "lockdown")
        for zone in picture["zones"]
        if zone[order] is not None
    ]
    lines = []
    for order, zone, reason in found:
        more = known.get(zone["zone_id"], {})
        told = [f"{order.upper()} {zone['zone_id']}: {_spoken(reason)}"]
        if "missing" in more:
            told.append(f"{more['mustered']} of {more['expected']} mustered, {more['missing']} missing")
        if "of" in more:
            told.append(f"{more['acknowledged']} of {more['of']} devices know")
        style = "bold white on red" if order == "evacuation" else "bold red"
        lines.append(Line(cell("  " + " · ".join(told), width, style)))
    for venue in picture["venues"]:
        if venue["threat_level"]:
            told = [f"threat level {venue['threat_level']} at {venue['venue_id']}: {_spoken(venue['threat_reason'])}"]
            lines.append(Line(cell("  " + told[0], width, "yellow"), rank=1))
    return lines


def _incidents(picture: Picture, width: int) -> list[Line]:
    """Those not closed, the gravest and oldest first."""
    now = datetime.fromisoformat(picture["clock"]["now"])
    there = picture.get("incidents", ())
    opened = [one for one in there if one["state"] != "closed" and not one.get("merged_into")]
    opened.sort(key=lambda one: (one["severity"], one["opened_at"]))
    return [Line(_incident(one, now, width), rank=one["severity"]) for one in opened]


def _incident(one: Mapping[str, Any], now: datetime, width: int) -> Text:
    place = one["place"]["gate_id"] or one["place"]["zone_id"] or ""
    state = _spoken(one["state"]) + ("!" * one["escalated"])
    return row(
        cell(f"#{one['number']}", 5, right=True),
        cell(f"sev {one['severity']}", 5, _SEVERE.get(one["severity"], "")),
        cell(state, 14, "bold red" if one["escalated"] else ""),
        cell(places.age(now - datetime.fromisoformat(one["opened_at"])), 7, right=True),
        cell(f"{_spoken(one['kind'])} {place}  {one['title'] or ''}", max(10, width - 35)),
    )


def _refusals(picture: Picture, width: int) -> list[Line]:
    return [
        Line(row(cell(f"  {_spoken(one['reason'])}", 34), cell(f"{one['last_hour']:,}", 8, right=True),
                 cell(f"{one['total']:,}", 8, right=True)), rank=place)
        for place, one in enumerate(sorted(picture["refusals"], key=lambda one: (-one["last_hour"], -one["total"])))
    ]  # fmt: skip


def _sources(picture: Picture, width: int) -> list[Line]:
    """Whom the numbers were heard from, and how the services are, in as many lines as it takes."""
    lines = []
    for one in picture["sources"]:
        lag = f", {one['lag']:,} behind" if one["lag"] else ""
        complaint = f", {_spoken(one['complaint'])}" if one["complaint"] else ""
        style = "red" if one["complaint"] else _STATES.get(one["state"], "red")
        told = f"{one['state']}, event {one['number']:,}{lag}{complaint}"
        lines.append(Line(row(cell(f"  {one['source']}", 18), cell(told, width - 19, style)), rank=style == "green"))
    for one in picture.get("services", ()):
        if one["state"] != "up":
            why = ", ".join(map(_spoken, one["degraded"]))
            told = f"the service is {one['state']}" + (f": {why}" if why else "")
            style = _STATES.get(one["state"], "red")
            lines.append(Line(row(cell(f"  {one['service']}", 18), cell(told, width - 19, style))))
    return lines


def _spoken(code: str | None) -> str:
    """A code as a person would say it."""
    return "" if code is None else code.replace("_", " ")
