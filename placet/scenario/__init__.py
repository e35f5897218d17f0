"""A whole gathering, read from a folder of CSV and YAML that people edit.

``scenarios/README.md`` describes every file for those who write one. Reading is strict: nothing may be mentioned that
does not exist. Rosters alone are taken as they are: they go to the desk with the mistakes of their authors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from placet.scenario.gathering import (
    CONDITIONAL_LETTERS,
    LETTERS,
    ROSTER_COLUMNS,
    Arrivals,
    Category,
    ConditionalGrant,
    Delegation,
    Frame,
    Gate,
    Letter,
    Mishaps,
    Quota,
    Roster,
    RosterRow,
    Scenario,
    Session,
    Wave,
    Zone,
)
from placet.scenario.reading import (
    ScenarioError,
    Table,
    YamlFile,
    read_bytes,
    read_lines,
    read_table,
    require_header,
    wrong,
)

__all__ = ["Scenario", "ScenarioError", "load"]


def load(folder: Path) -> Scenario:
    """The scenario in ``folder``. Raises ``ScenarioError`` at the first thing that is wrong."""
    frame_file, mishaps_file = YamlFile(folder, "scenario.yaml"), YamlFile(folder, "mishaps.yaml")
    frame, mishaps = frame_file.read_as(Frame), mishaps_file.read_as(Mishaps)
    tables = _Tables(
        delegations=read_table(folder, "delegations.csv", Delegation),
        quotas=read_table(folder, "quotas.csv", Quota),
        zones=read_table(folder, "zones.csv", Zone),
        gates=read_table(folder, "gates.csv", Gate),
        categories=read_table(folder, "categories.csv", Category),
        matrix=_read_matrix(folder),
        conditional_grants=read_table(folder, "conditional_grants.csv", ConditionalGrant),
        programme=read_table(folder, "programme.csv", Session),
        arrivals=read_table(folder, "arrivals.csv", Arrivals),
    )
    _check_frame(frame_file, frame, tables)
    _check_venue(tables)
    _check_rights(tables)
    _check_delegations(tables)
    _check_programme(tables, frame)
    _check_mishaps(mishaps_file, mishaps, tables)
    return Scenario(
        **dict(frame),
        delegations=tables.delegations.values,
        quotas=tables.quotas.values,
        rosters=_read_rosters(folder, frame_file, frame.waves),
        zones=tables.zones.values,
        gates=tables.gates.values,
        categories=tables.categories.values,
        matrix=tables.letters,
        conditional_grants=tables.conditional_grants.values,
        programme=tables.programme.values,
        arrivals=tables.arrivals.values,
        mishaps=mishaps,
    )


@dataclass(frozen=True, slots=True)
class _MatrixRow:
    category: str
    letters: Mapping[str, Letter]


@dataclass(frozen=True, slots=True)
class _Tables:
    delegations: Table[Delegation]
    quotas: Table[Quota]
    zones: Table[Zone]
    gates: Table[Gate]
    categories: Table[Category]
    matrix: Table[_MatrixRow]
    conditional_grants: Table[ConditionalGrant]
    programme: Table[Session]
    arrivals: Table[Arrivals]

    @property
    def letters(self) -> dict[str, Mapping[str, Letter]]:
        return {row.category: row.letters for row in self.matrix.values}

    @property
    def category_names(self) -> set[str]:
        return {row.category for row in self.categories.values}

    @property
    def areas(self) -> set[str]:
        return set(self.matrix.values[0].letters)

    @property
    def zones_by_name(self) -> dict[str, Zone]:
        return {row.zone: row for row in self.zones.values}


def _read_matrix(folder: Path) -> Table[_MatrixRow]:
    """The only table whose columns are its author's: ``category``, then the areas."""
    file = "matrix.csv"
    header, lines = read_lines(folder, file)
    areas = header[1:]
    require_header(file, header, ("category", *dict.fromkeys(areas)))
    rows: list[tuple[int, _MatrixRow]] = []
    for line, (category, *cells) in lines:
        letters = [LETTERS[cell] for cell in cells if cell in LETTERS]
        if len(letters) != len(areas) or len(cells) != len(areas):
            raise wrong(file, line, f"write {len(areas)} letters after the category, each one of {' '.join(LETTERS)}")
        rows.append((line, _MatrixRow(category, dict(zip(areas, letters, strict=True)))))
    return Table(file, tuple(rows))


def _read_rosters(folder: Path, frame_file: YamlFile, waves: Sequence[Wave]) -> tuple[Roster, ...]:
    named = {wave.file for wave in waves}
    for path in sorted((folder / "rosters").glob("*.csv")):
        file = path.relative_to(folder).as_posix()
        frame_file.require(file in named, ("waves",), f"{file} is in no wave: add it here or remove the file")
    return tuple(_read_roster(folder, wave.file) for wave in waves)


def _read_roster(folder: Path, file: str) -> Roster:
    header, lines = read_lines(folder, file)
    require_header(file, header, ROSTER_COLUMNS)
    width = len(ROSTER_COLUMNS)
    rows = tuple(RosterRow(line, *(cells + [""] * width)[:width]) for line, cells in lines)
    return Roster(file, read_bytes(folder, file), rows)


def _check_frame(file: YamlFile, frame: Frame, tables: _Tables) -> None:
    file.require(_is_time_zone(frame.time_zone), ("time_zone",), f"{frame.time_zone!r}: write a zone like Asia/Tokyo")
    for n, day in enumerate(frame.days):
        file.require(day.opens < day.closes, ("days", n), "closes before it opens: exchange the two")
    for n, hours in enumerate(frame.badges.handover):
        file.require(hours.opens < hours.closes, ("badges", "handover", n), "closes before it opens: exchange the two")
    badges = frame.badges
    file.require(
        badges.valid_from < badges.valid_until, ("badges", "valid_until"), "before valid_from: exchange the two"
    )
    _check_ascending(file, "days", [day.opens for day in frame.days])
    _check_ascending(file, "waves", [frame.clock_start, *(wave.at for wave in frame.waves)])
    kinds = {gate.kind for gate in tables.gates.values if gate.from_zone is None}
    file.require("pedestrian" in kinds, ("entrances",), "no gate into the grounds is pedestrian: add one to gates.csv")
    for kind, categories in frame.entrances.items():
        file.require(kind in kinds, ("entrances", kind), f"no gate into the grounds is {kind}: add one to gates.csv")
        file.require_known(categories, tables.category_names, ("entrances", kind), tables.categories.file)
    for word, areas_by_category in (("workplaces", frame.workplaces), ("pauses", frame.pauses.areas)):
        file.require_known(areas_by_category, {"default", *tables.category_names}, (word,), tables.categories.file)
        for areas in areas_by_category.values():
            file.require_known(areas, tables.areas, (word,), tables.matrix.file)


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def _check_ascending(file: YamlFile, word: str, times: Sequence[datetime]) -> None:
    in_order = all(earlier < later for earlier, later in pairwise(times))
    file.require(in_order, (word,), "not in order of time, or before clock_start: sort them")


def _check_venue(tables: _Tables) -> None:
    zones, by_name = tables.zones, tables.zones_by_name
    zones.require_unique(lambda zone: zone.zone)
    zones.require_known(lambda zone: [zone.area], tables.areas, tables.matrix.file)
    zones.require_known(lambda zone: [zone.parent] if zone.parent else [], by_name, zones.file)
    zones.require(
        lambda zone: _leads_outside(zone, by_name), lambda zone: f"{zone.zone} lies in itself: mend its parent"
    )
    grounds = next((zone.zone for zone in zones.values if zone.parent is None), None)
    zones.require(
        lambda zone: zone.parent is not None or zone.zone == grounds,
        lambda zone: f"{zone.zone} is a second zone without a parent: hang it under {grounds}",
    )
    gates = tables.gates
    gates.require_unique(lambda gate: gate.gate)
    gates.require_known(lambda gate: [gate.to_zone], by_name, zones.file)
    gates.require(
        lambda gate: gate.from_zone == by_name[gate.to_zone].parent,
        lambda gate: f"{gate.gate} leads into {gate.to_zone}: make from_zone {by_name[gate.to_zone].parent or ''!r}",
    )
    entered = {gate.to_zone for gate in gates.values}
    zones.require(lambda zone: zone.zone in entered, lambda zone: f"{zone.zone} has no gate: add one to {gates.file}")


def _leads_outside(zone: Zone, by_name: Mapping[str, Zone]) -> bool:
    passed: set[str] = set()
    while zone.parent and zone.zone not in passed:
        passed.add(zone.zone)
        zone = by_name[zone.parent]
    return zone.parent is None


def _check_rights(tables: _Tables) -> None:
    categories, matrix, grants = tables.categories, tables.matrix, tables.conditional_grants
    categories.require_unique(lambda row: row.category)
    categories.require_known(lambda row: [row.category], tables.letters, matrix.file)
    matrix.require_unique(lambda row: row.category)
    matrix.require_known(lambda row: [row.category], tables.category_names, categories.file)
    grants.require_unique(lambda row: (row.category, row.area))
    grants.require_known(lambda row: [row.category], tables.category_names, categories.file)
    grants.require_known(lambda row: [row.area], tables.areas, matrix.file)
    letters = tables.letters
    grants.require(
        lambda row: letters[row.category][row.area] in CONDITIONAL_LETTERS,
        lambda row: f"{row.area} is {letters[row.category][row.area]} for {row.category}: only S, E, P, L are granted",
    )


def _check_delegations(tables: _Tables) -> None:
    delegations, quotas = tables.delegations, tables.quotas
    delegations.require_unique(lambda row: row.delegation)
    delegations.require(
        lambda row: row.confirmed_on is None or row.invited_on <= row.confirmed_on,
        lambda row: f"{row.delegation} confirmed before it was invited: correct one of the dates",
    )
    delegations.require(
        lambda row: row.signs_on is None or row.confirmed_on is not None,
        lambda row: f"{row.delegation} signs but has not confirmed: give confirmed_on or clear signs_on",
    )
    quotas.require_unique(lambda row: (row.delegation, row.category))
    quotas.require_known(lambda row: [row.delegation], {row.delegation for row in delegations.values}, delegations.file)
    quotas.require_known(lambda row: [row.category], tables.category_names, tables.categories.file)


def _check_programme(tables: _Tables, frame: Frame) -> None:
    programme, arrivals = tables.programme, tables.arrivals
    programme.require_unique(lambda session: session.session)
    programme.require_known(lambda session: [session.zone], tables.zones_by_name, tables.zones.file)
    programme.require_known(lambda session: session.audience, {"all", *tables.category_names}, tables.categories.file)
    programme.require(
        lambda session: _fits_the_days(session, frame),
        lambda session: (
            f"{session.session} is outside the hours of the days in scenario.yaml, or ends before it starts"
        ),
    )
    programme.require(
        lambda session: session.kind in frame.interest or session.kind in ("signing", "stand"),
        lambda session: f"nobody comes to a {session.kind}: give the kind a share under interest in scenario.yaml",
    )
    arrivals.require_unique(lambda row: row.minutes)
    total = sum(row.share for row in arrivals.values)
    arrivals.require(lambda _: abs(total - 1) < 0.0005, lambda _: f"the shares add up to {total:.4f}: make it 1")


def _fits_the_days(session: Session, frame: Frame) -> bool:
    """Within the hours of one day; a stand stays up overnight."""
    if session.kind == "stand":
        return frame.days[0].opens <= session.starts < session.ends <= frame.days[-1].closes
    return any(day.opens <= session.starts < session.ends <= day.closes for day in frame.days)


def _check_mishaps(file: YamlFile, mishaps: Mishaps, tables: _Tables) -> None:
    zones, gates = tables.zones_by_name, {gate.gate: gate for gate in tables.gates.values}
    sessions = {session.session: session for session in tables.programme.values}
    locked, silent, full = mishaps.lockdown.zone, mishaps.silent_gate.gate, mishaps.full_room.session
    file.require_known([locked], zones, ("lockdown", "zone"), tables.zones.file)
    file.require_known([silent], gates, ("silent_gate", "gate"), tables.gates.file)
    file.require_known([full], sessions, ("full_room", "session"), tables.programme.file)
    file.require(zones[locked].parent is not None, ("lockdown", "zone"), "is the grounds: lock down a room")
    alike = [gate for gate in gates.values() if gate.from_zone is None and gate.kind == gates[silent].kind]
    file.require(
        gates[silent] in alike and len(alike) > 1,
        ("silent_gate", "gate"),
        "must lead into the grounds and have a neighbour of its kind: choose another",
    )
    room = zones[sessions[full].zone]
    file.require(room.capacity is not None, ("full_room", "session"), f"{room.zone} has no capacity: give it one")
