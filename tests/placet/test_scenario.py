"""What the scenarios say, and how a mistake in one is told."""

import re
import shutil
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from placet.plan.preparation import nominations
from placet.scenario import Scenario, ScenarioError, load
from placet.scenario.gathering import Roster

SCENARIOS = Path(__file__).parents[2] / "scenarios"
STATE_KINDS = ("state", "observer", "reio")


@pytest.fixture(scope="module")
def hanoi() -> Scenario:
    return load(SCENARIOS / "hanoi")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small gathering, to be spoiled."""
    return Path(shutil.copytree(SCENARIOS / "mini", tmp_path / "mini"))


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def documented_mistakes(scenario: str) -> set[tuple[str, int]]:
    """File and line of the wrong rows, as ``rosters/README.md`` lists them."""
    text = (SCENARIOS / scenario / "rosters" / "README.md").read_text(encoding="utf-8")
    return {
        (f"rosters/{file}", int(line))
        for file, line in re.findall(r"^\| (\S+\.csv) \| (\d+) \| \S+ \|", text, re.MULTILINE)
    }


def mistakes(scenario: Scenario) -> set[tuple[str, int]]:
    right = {id(nomination.row) for nomination in nominations(scenario)}
    return {(roster.file, row.line) for roster in scenario.rosters for row in roster.rows if id(row) not in right}


def test_ninety_three_delegations_had_confirmed_when_the_clock_starts(hanoi: Scenario) -> None:
    confirmed = [row for row in hanoi.delegations if row.kind in STATE_KINDS and row.confirmed_on]

    assert len(confirmed) == 93
    assert all(row.confirmed_on and row.confirmed_on <= hanoi.clock_start.date() for row in confirmed)


def test_seventy_two_of_them_sign_three_on_the_second_day(hanoi: Scenario) -> None:
    signatories = [row for row in hanoi.delegations if row.basis == "signatory"]

    assert len(signatories) == 72
    assert [row for row in hanoi.delegations if row.signs_on] == signatories
    assert Counter(row.signs_on for row in signatories) == {date(2025, 10, 25): 69, date(2025, 10, 26): 3}
    assert {row.delegation for row in signatories if row.signs_on == date(2025, 10, 26)} == {"ml", "rw", "sa"}


def test_further_states_are_chosen_and_some_never_confirm(hanoi: Scenario) -> None:
    basis = Counter(row.basis for row in hanoi.delegations if row.kind in STATE_KINDS)

    assert basis == {"signatory": 72, "chosen": 21, "invited": 25}
    assert all((row.confirmed_on is None) == (row.basis == "invited") for row in hanoi.delegations)


def test_palestine_is_an_observer_and_the_european_union_an_integration_organization(hanoi: Scenario) -> None:
    kinds = {row.delegation: row.kind for row in hanoi.delegations}

    assert (kinds["ps"], kinds["eu"], kinds["vn"]) == ("observer", "reio", "state")


def test_every_signatory_delegation_names_exactly_one_signatory(hanoi: Scenario) -> None:
    named = Counter(entry.row.delegation for entry in nominations(hanoi) if entry.row.category == "signatory")

    assert named == {row.delegation: 1 for row in hanoi.delegations if row.signs_on}


def test_the_programme_has_8_high_level_events_38_round_tables_and_22_stands(hanoi: Scenario) -> None:
    kinds = Counter(session.kind for session in hanoi.programme)

    assert (kinds["high-level"], kinds["round-table"], kinds["stand"]) == (8, 38, 22)
    assert Counter(row.kind for row in hanoi.delegations)["exhibitor"] == 22


def test_the_second_day_has_slots_of_75_minutes_in_up_to_twelve_rooms(hanoi: Scenario) -> None:
    slots = Counter(s.starts for s in hanoi.programme if s.kind == "round-table" and s.starts > hanoi.days[1].opens)
    times = sorted(slots)

    assert [times[1] - times[0], times[3] - times[2]] == [timedelta(minutes=75)] * 2
    assert max(slots.values()) == 12


def test_the_first_wave_names_about_1050_delegates_and_media(hanoi: Scenario) -> None:
    first = hanoi.rosters[0].rows
    kinds = {row.delegation: row.kind for row in hanoi.delegations}

    assert 1_000 < len(first) < 1_100
    assert {kinds[row.delegation] for row in first} <= {*STATE_KINDS, "media"}


def test_about_2700_people_are_named_in_the_end_many_of_them_late(hanoi: Scenario) -> None:
    late = [entry for entry in nominations(hanoi) if entry.at >= hanoi.days[0].opens - timedelta(hours=48)]
    on_site = [wave for wave in hanoi.waves if wave.at >= hanoi.days[0].opens]

    assert len(nominations(hanoi)) >= 2_560
    assert len(late) > 400
    assert len(on_site) == 5


@pytest.mark.parametrize("name", ["hanoi", "mini"])
def test_the_wrong_rows_are_those_that_are_documented(name: str) -> None:
    scenario = load(SCENARIOS / name)

    assert mistakes(scenario) == documented_mistakes(name)
    assert len(mistakes(scenario)) == {"hanoi": 12, "mini": 4}[name]


@pytest.mark.parametrize("name", ["hanoi", "mini"])
def test_every_person_is_visibly_invented(name: str) -> None:
    text = (SCENARIOS / "hanoi" / "rosters" / "README.md").read_text(encoding="utf-8")
    listed = re.search(r"own:\n(.*?)\.\n", text, re.DOTALL)
    assert listed
    markers = tuple(listed[1].replace("\n", " ").split(", "))
    rows = [row for roster in load(SCENARIOS / name).rosters for row in roster.rows]

    assert all(row.family_name.endswith(markers) for row in rows if row.family_name)
    assert all(row.email.isascii() and row.email.endswith(".example") for row in rows)


def test_right_rows_have_an_address_each_and_titles_of_at_most_171_characters(hanoi: Scenario) -> None:
    rows = [entry.row for entry in nominations(hanoi)]
    titles = [row.title for row in rows]

    assert len({row.person for row in rows}) == len(rows)
    assert 150 < max(map(len, titles)) <= 171
    assert not [
        title for title in titles if re.search(r"clima|environ|météo|meteor|ozone|forest", title, re.IGNORECASE)
    ]


def test_the_busiest_five_minutes_bring_a_tenth_of_the_people(hanoi: Scenario) -> None:
    shares = [row.share for row in hanoi.arrivals]

    assert 0.10 <= max(shares) <= 0.11
    assert max(sum(shares[n : n + 4]) for n in range(len(shares))) == pytest.approx(0.36, abs=0.005)


def test_everybody_may_enter_medical_areas(hanoi: Scenario) -> None:
    assert {letters["med"] for letters in hanoi.matrix.values()} == {"Y"}
    assert len(hanoi.matrix) == 22


def test_rosters_are_uploaded_as_they_are(hanoi: Scenario) -> None:
    first = SCENARIOS / "hanoi" / hanoi.waves[0].file

    assert list(hanoi.roster_files) == [wave.file for wave in hanoi.waves]
    assert hanoi.roster_files[hanoi.waves[0].file] == first.read_bytes()


def test_the_small_gathering_has_about_sixty_people() -> None:
    mini = load(SCENARIOS / "mini")

    assert 55 <= len(nominations(mini)) <= 70
    assert len([row for row in mini.delegations if row.kind in STATE_KINDS and row.confirmed_on]) == 5
    assert len(mini.days) == 1


def test_a_roster_keeps_the_mistakes_of_its_author(folder: Path) -> None:
    roster = folder / "rosters" / "2026-05-20-0740.csv"
    roster.write_text(roster.read_text(encoding="utf-8") + "nobody,,\n", encoding="utf-8")

    last: Roster = load(folder).rosters[-1]
    assert (last.rows[-1].delegation, last.rows[-1].email) == ("nobody", "")
    assert last.content.endswith(b"nobody,,\n")


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("zones.csv", "capacity,class,", "capacity,colour,", "zones.csv, line 1: the header is"),
        ("zones.csv", "hlr-1,hlr", "hlr-1,hrl", "zones.csv, line 6: 'hrl' is not in matrix.csv: add it there"),
        ("zones.csv", "per,60,", "per,sixty,", "zones.csv, line 3: capacity is 'sixty': correct it"),
        ("zones.csv", "Hội trường,per", "Hội trường,attic", "zones.csv, line 3: 'attic' is not in zones.csv: add it"),
        ("zones.csv", "Hội trường,per", "Hội trường,sgn", "zones.csv, line 3: pln lies in itself: mend its parent"),
        ("zones.csv", "Hội trường,per", "Hội trường,", "zones.csv, line 3: pln is a second zone without a parent"),
        ("gates.csv", "door-hlr-1,", "door-hlr-1,too,", "gates.csv, line 10: 7 cells: write 6, one a column"),
        ("gates.csv", "per,hlr-1,room", "pln,hlr-1,room", "gates.csv, line 10: door-hlr-1 leads into hlr-1"),
        ("delegations.csv", "2026-05-04", "2026-13-04", "delegations.csv, line 2: confirmed_on is '2026-13-04'"),
        ("delegations.csv", "2026-05-04", "2026-01-04", "delegations.csv, line 2: fr confirmed before it was invited"),
        ("delegations.csv", "@gh.example", "@gh.gov", "delegations.csv, line 3: focal_point_email is"),
        ("quotas.csv", "fr,signatory", "fr,signer", "quotas.csv, line 3: 'signer' is not in categories.csv"),
        ("quotas.csv", "fr,signatory,1", "fr,signatory,0", "quotas.csv, line 3: places is '0': correct it"),
        ("matrix.csv", "medical,Y", "medical,J", "matrix.csv, line 13: write 10 letters after the category"),
        ("conditional_grants.csv", "te,pln", "te,exh", "conditional_grants.csv, line 5: exh is Y for delegate"),
        ("programme.csv", "20T09:00", "20T07:00", "programme.csv, line 2: opening is outside the hours of the days"),
        ("programme.csv", ",signatory\n", ",signatories\n", "programme.csv, line 4: 'signatories' is not in"),
        ("arrivals.csv", "20,0.0750", "20,0.1750", "the shares add up to 1.1000: make it 1"),
        ("scenario.yaml", "Europe/Vienna", "Europe/Wien", "scenario.yaml, line 6: 'Europe/Wien': write a zone"),
        ("scenario.yaml", "venue: mini", "venues: mini", "scenario.yaml, line 1: venue is missing: add it"),
        ("scenario.yaml", "pauses:", "siesta: 1\npauses:", "scenario.yaml, line 53: siesta is not known here: remove"),
        ("scenario.yaml", "attendance: 1.0", "attendance: 1.5", "scenario.yaml, line 12: days.0.attendance is 1.5"),
        ("scenario.yaml", "  exhibitor: [exh]", "  exhibitors: [exh]", "'exhibitors' is not in categories.csv"),
        ("mishaps.yaml", "zone: hlr-1", "zone: hlr-9", "mishaps.yaml, line 30: 'hlr-9' is not in zones.csv"),
        ("mishaps.yaml", "gate: gate-south", "gate: gate-west", "'gate-west' is not in gates.csv"),
        ("mishaps.yaml", "gate: gate-south", "gate: gate-staff", "must lead into the grounds and have a neighbour"),
        ("mishaps.yaml", "zone: hlr-1", "zone: per", "mishaps.yaml, line 30: is the grounds: lock down a room"),
        ("mishaps.yaml", "double_taps: 5", "double_taps: [5", "mishaps.yaml, line"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_what_to_do(
    folder: Path, file: str, old: str, new: str, told: str
) -> None:
    spoil(folder / file, old, new)

    with pytest.raises(ScenarioError) as error:
        load(folder)

    assert told in str(error.value)


def test_a_missing_file_is_told(folder: Path) -> None:
    (folder / "gates.csv").unlink()

    with pytest.raises(ScenarioError, match=r"gates\.csv, line 1: not in .*: write it"):
        load(folder)


def test_a_file_that_is_not_utf8_is_told(folder: Path) -> None:
    text = (folder / "zones.csv").read_text(encoding="utf-8")
    (folder / "zones.csv").write_bytes(text.encode("utf-16"))

    with pytest.raises(ScenarioError, match=r"zones\.csv, line 1: not UTF-8: save the file as UTF-8"):
        load(folder)


def test_a_roster_that_no_wave_brings_is_told(folder: Path) -> None:
    shutil.copy(folder / "rosters" / "2026-05-18-0900.csv", folder / "rosters" / "forgotten.csv")

    with pytest.raises(ScenarioError, match=r"scenario.yaml, line \d+: rosters/forgotten.csv is in no wave"):
        load(folder)


def test_a_roster_with_another_header_is_told(folder: Path) -> None:
    spoil(folder / "rosters" / "2026-05-18-0900.csv", "family_name", "surname")

    with pytest.raises(ScenarioError, match=r"0900\.csv, line 1: the header is"):
        load(folder)
