"""What a report says: of one incident, or of all that were open in a period."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.operations.report.sheet import GREY, Sheets
from services.operations.report.words import Words

Order = Mapping[str, Any]
"""What is to be printed, as ``printing.Printer`` asks for it; ``layout`` needs nothing else."""

_WIDTHS = (0.06, 0.09, 0.35, 0.14, 0.19, 0.17)


def layout(order: Order) -> bytes:
    """A PDF."""
    words, told = Words(order["language"]), _Told(order)
    period = order["period"]
    title = words.say("period_report" if period else "report")
    printed = words.say("printed", at=told.moment(order["printed_at"]), by=order["printed_by"])
    sheets = Sheets((order["event"] or "Placet", title), printed, words.say("page", page="{page}", pages="{pages}"))
    sheets.set_title(title)
    sheets.set_lang(order["language"])
    sheets.set_creation_date(datetime.fromisoformat(order["printed_at"]))
    if period:
        _period(sheets, order, words, told)
    else:
        _incident(sheets, order["incidents"][0], words, told, size=15)
    return bytes(sheets.output())


class _Told:
    """Times as the venue's clocks show them, and places as they are called there."""

    def __init__(self, order: Order) -> None:
        self._zone = ZoneInfo(order["time_zone"])
        self._zones: Mapping[str, str] = order["zones"]
        self._gates: Mapping[str, str] = order["gates"]
        offset = f"{datetime.fromisoformat(order['printed_at']).astimezone(self._zone):%z}"
        self.clock = f"{order['time_zone']} (UTC{offset[:3]}:{offset[3:]})"

    def moment(self, time: str) -> str:
        return f"{datetime.fromisoformat(time).astimezone(self._zone):%Y-%m-%d %H:%M:%S}"

    def place(self, place: Mapping[str, str | None]) -> str:
        zone, gate = place["zone_id"], place["gate_id"]
        named = [_named(zone, self._zones), _named(gate, self._gates)]
        return ", ".join(name for name in named if name)


def _named(identifier: str | None, names: Mapping[str, str]) -> str:
    """The name, and what it is called in every list."""
    name = names.get(identifier or "")
    return f"{name} ({identifier})" if name and name != identifier else identifier or ""


def _period(sheets: Sheets, order: Order, words: Words, told: _Told) -> None:
    period, incidents = order["period"], order["incidents"]
    sheets.text_block(words.say("period_report"), 18, bold=True)
    since, until = told.moment(period["since"]), told.moment(period["until"])
    sheets.text_block(words.say("period", since=since, until=until), 10.5)
    sheets.text_block(words.say("times", zone=told.clock), 9, GREY)
    if not incidents:
        sheets.gap(6)
        sheets.text_block(words.say("no_incidents"))
        return
    sheets.heading(words.say("overview"))
    counted = Counter(one["severity"] for one in incidents)
    shown = [f"{words.code('severity', severity)}: {counted[severity]}" for severity in sorted(counted)]
    sheets.text_block(f"{len(incidents)} {words.say('in_all')}   ({';  '.join(shown)})")
    sheets.ln(2)
    fields = ("severity", "kind", "place", "opened", "state")
    sheets.row(["#", *(words.say(f"field.{field}") for field in fields)], _WIDTHS, bold=True)
    for one in incidents:
        sheets.row(_line(one, words, told), _WIDTHS)
    for one in incidents:
        sheets.keep_together(90)
        sheets.gap(12)
        _incident(sheets, one, words, told, size=13)


def _line(one: Mapping[str, Any], words: Words, told: _Told) -> Sequence[str]:
    called = words.code("kind", one["kind"]) + (f": {one['title']}" if one["title"] else "")
    place = one["place"]["gate_id"] or one["place"]["zone_id"] or ""
    state = words.code("state", one["state"])
    return (str(one["number"]), str(one["severity"]), called, place, told.moment(one["opened_at"]), state)


def _incident(sheets: Sheets, one: Mapping[str, Any], words: Words, told: _Told, *, size: float) -> None:
    sheets.text_block(words.say("incident", number=one["number"]), 10, GREY)
    sheets.severity_title(one["severity"], one["title"] or words.code("kind", one["kind"]), size)
    if one["discreet"]:
        sheets.text_block(words.say("discreet"), 10, (176, 0, 32), bold=True)
        sheets.ln(1)
    sheets.facts([(words.say(f"field.{field}"), value) for field, value in _facts(one, words, told) if value])
    sheets.heading(words.say("decisions"))
    sheets.text_block(words.say("times", zone=told.clock), 8.5, GREY)
    for entry in one["log"]:
        sheets.entry(told.moment(entry["at"]), _what(entry, words), entry["actor"], _texts(entry, words))


def _facts(one: Mapping[str, Any], words: Words, told: _Told) -> Sequence[tuple[str, str]]:
    return (
        ("severity", words.code("severity", one["severity"])),
        ("state", words.code("state", one["state"])),
        ("kind", words.code("kind", one["kind"])),
        ("place", told.place(one["place"])),
        ("about", one["about"] or ""),
        ("opened", told.moment(one["opened_at"])),
        ("changed", told.moment(one["changed_at"])),
        ("assignee", one["assignee"] or words.say("nobody")),
        ("raised_by", words.code("raised_by", one["raised_by"])),
        ("escalated", words.code("escalated", one["escalated"])),
        ("repeats", str(one["repeats"]) if one["repeats"] else ""),
        ("people", ", ".join(one["people"])),
        ("badges", ", ".join(one["badges"])),
        ("merged_into", one["merged_into"] or ""),
        ("merged", ", ".join(one["merged"])),
    )


def _what(entry: Mapping[str, Any], words: Words) -> str:
    """What was done; and from what to what, where its name does not say so."""
    what, before, after = words.code("what", entry["what"]), entry["from"], entry["to"]
    match entry["what"]:
        case "triaged" if str(after) in _SEVERITIES:
            before, after = words.code("severity", before), words.code("severity", after)
        case "assigned":
            pass
        case "escalated":
            return f"{what}: {words.code('escalated', after)}"
        case "merged" | "absorbed":
            return f"{what}: {after}"
        case "repeated":
            return f"{what}: {after}" + (f", {before}" if before else "")
        case "cause_ended":
            return f"{what}: {before}"
        case _:
            return what
    return f"{what}: {words.say('from_to', before=before, after=after) if before else words.say('to', after=after)}"


_SEVERITIES = ("1", "2", "3", "4")


def _texts(entry: Mapping[str, Any], words: Words) -> Sequence[str]:
    texts = [entry["text"]] if entry["text"] else []
    return [*texts, words.say("rationale", text=entry["rationale"])] if entry["rationale"] else texts
