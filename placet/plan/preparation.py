"""From the invitation to the badge: what the desk does before, and for those who are named late, during the days."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from placet.plan.actions import (
    Action,
    ConfirmDelegation,
    GrantAccreditation,
    ImportRoster,
    InviteDelegation,
    IssueBadge,
    Name,
    RecordVetting,
    RefuseAccreditation,
    SetQuota,
    VettingOutcome,
)
from placet.plan.venue import Venue
from placet.scenario.gathering import CONDITIONAL_LETTERS, RosterRow, Scenario

OFFICE_OPENS = time(8)


@dataclass(slots=True)
class Guest:
    """Somebody whose badge was made."""

    person: str
    delegation: str
    category: str
    areas: frozenset[str]
    active_at: datetime  # UTC; when the badge is handed over


@dataclass(frozen=True, slots=True)
class Nomination:
    row: RosterRow
    at: datetime  # UTC; when the roster arrives


def nominations(scenario: Scenario) -> list[Nomination]:
    """The roster rows that are right, in the order in which they arrive.

    Wrong are: an unknown or unconfirmed delegation, an unknown category, a missing name, a person named before, and
    whoever comes after the last place of their delegation in their category.
    """
    places = {(quota.delegation, quota.category): quota.places for quota in scenario.quotas}
    confirmed = {row.delegation for row in scenario.delegations if row.confirmed_on}
    taken: Counter[tuple[str, str]] = Counter()
    persons: set[str] = set()
    right: list[Nomination] = []
    for wave, roster in zip(scenario.waves, scenario.rosters, strict=True):
        for row in roster.rows:
            key = (row.delegation, row.category)
            named = row.family_name and row.given_name and row.person and row.person not in persons
            if named and row.delegation in confirmed and taken[key] < places.get(key, 0):
                taken[key] += 1
                persons.add(row.person)
                right.append(Nomination(row, wave.at.astimezone(UTC)))
    return right


def office_work(scenario: Scenario, name: Name) -> Iterator[Action]:
    """Invitations, quotas, confirmations and rosters. What happened before the clock starts is entered when it does."""
    places: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for quota in scenario.quotas:
        places[quota.delegation].append((quota.category, quota.places))
    for n, row in enumerate(scenario.delegations):
        at = _entered(scenario, row.invited_on) + timedelta(seconds=n)
        yield InviteDelegation(at=at, id=name("InviteDelegation", row.delegation), delegation=row.delegation)
        for category, count in places[row.delegation]:
            yield SetQuota(
                at=at + timedelta(minutes=5),
                id=name("SetQuota", row.delegation, category),
                delegation=row.delegation,
                category=category,
                places=count,
            )
        if row.confirmed_on:
            yield ConfirmDelegation(
                at=_entered(scenario, row.confirmed_on) + timedelta(minutes=20, seconds=n),
                id=name("ConfirmDelegation", row.delegation),
                delegation=row.delegation,
                note_verbale=row.note_verbale,
            )
    for wave in scenario.waves:
        yield ImportRoster(at=wave.at.astimezone(UTC), id=name("ImportRoster", wave.file), file=wave.file)


def _entered(scenario: Scenario, day: date) -> datetime:
    """When the desk enters a fact of that day: in the morning, and not before the clock starts."""
    morning = datetime.combine(day, OFFICE_OPENS, tzinfo=scenario.clock_start.tzinfo)
    return max(morning, scenario.clock_start).astimezone(UTC)


def accreditation(scenario: Scenario, venue: Venue, rng: Random, name: Name) -> tuple[list[Guest], list[Action]]:
    """Vetting, grants and badges for every right nomination: who gets a badge, and what the desk does for it.

    Handing the badge over is left to the plan: mishaps may still delay it.
    """
    named = nominations(scenario)
    exempt = {row.category for row in scenario.categories if row.vetting == "exempt"}
    vetted = [nomination.row.person for nomination in named if nomination.row.category not in exempt]
    refused, referred = _draw_outcomes(scenario, vetted, rng)
    guests: list[Guest] = []
    actions: list[Action] = []
    for nomination in named:
        row, person = nomination.row, nomination.row.person
        decided = nomination.at + _deliberation(scenario, nomination.at, rng)
        if row.category not in exempt:
            outcomes = _vetting(nomination.at, decided, refused=person in refused, referred=person in referred)
            actions += _recorded(person, outcomes, name)
        granted = decided + _desk_time(scenario, nomination.at, rng)
        if person in refused:
            actions.append(RefuseAccreditation(at=granted, id=name("RefuseAccreditation", person), person=person))
            continue
        extra = _extra_areas(scenario, venue, row.category, rng)
        issued = max(granted + _desk_time(scenario, nomination.at, rng), scenario.badges.printing_from.astimezone(UTC))
        actions += [
            GrantAccreditation(at=granted, id=name("GrantAccreditation", person), person=person, extra_areas=extra),
            IssueBadge(at=issued, id=name("IssueBadge", person), person=person),
        ]
        active_at = _handover(scenario, issued, rng)
        guests.append(Guest(person, row.delegation, row.category, _areas(scenario, row.category, extra), active_at))
    return guests, actions


def _draw_outcomes(scenario: Scenario, vetted: Sequence[str], rng: Random) -> tuple[set[str], set[str]]:
    """Who is refused, and who is referred and then cleared."""
    vetting = scenario.mishaps.vetting
    refused, referred = (round(len(vetted) * share) for share in (vetting.refused, vetting.referred))
    drawn = rng.sample(vetted, refused + referred)
    return set(drawn[:refused]), set(drawn[refused:])


def _vetting(
    asked: datetime, decided: datetime, *, refused: bool, referred: bool
) -> Iterator[tuple[datetime, VettingOutcome]]:
    if referred:
        yield asked + (decided - asked) / 2, "referred"
    yield decided, "refused" if refused else "cleared"


def _recorded(person: str, outcomes: Iterable[tuple[datetime, VettingOutcome]], name: Name) -> Iterator[Action]:
    for at, outcome in outcomes:
        yield RecordVetting(at=_whole(at), id=name("RecordVetting", person, outcome), person=person, outcome=outcome)


def _deliberation(scenario: Scenario, at: datetime, rng: Random) -> timedelta:
    """How long vetting takes: days for those named early, hours near the opening, minutes on site."""
    left = scenario.days[0].opens - at
    if left > timedelta(days=3):
        return _between(rng, timedelta(hours=4), min(timedelta(hours=72), left - timedelta(days=2)))
    if left > timedelta(hours=8):
        return _between(rng, timedelta(minutes=30), timedelta(hours=6))
    return _between(rng, timedelta(minutes=8), timedelta(minutes=35))


def _desk_time(scenario: Scenario, at: datetime, rng: Random) -> timedelta:
    """How long one step at the desk takes for somebody named ``at`` that time."""
    hurried = scenario.days[0].opens - at <= timedelta(hours=8)
    return _between(rng, timedelta(minutes=1), timedelta(minutes=4 if hurried else 60))


def _handover(scenario: Scenario, issued: datetime, rng: Random) -> datetime:
    """When a badge is handed over: at some hour of the desk before the gates open, else as soon as the desk can."""
    soonest = issued + timedelta(minutes=10)
    ahead = [hours for hours in scenario.badges.handover if hours.closes > soonest]
    before = [hours for hours in ahead if hours.closes <= scenario.days[0].opens]
    if not before:
        opens = ahead[0].opens.astimezone(UTC) if ahead else soonest
        return max(opens, issued) + _between(rng, timedelta(minutes=3), timedelta(minutes=20))
    hours = rng.choice(before)
    opens, closes = max(hours.opens.astimezone(UTC), soonest), hours.closes.astimezone(UTC)
    return opens + _between(rng, timedelta(0), closes - opens)


def _extra_areas(scenario: Scenario, venue: Venue, category: str, rng: Random) -> tuple[str, ...]:
    """The conditional areas one person gets, with those the way leads through."""
    grants = [grant for grant in scenario.conditional_grants if grant.category == category]
    drawn = {grant.area for grant in grants if rng.random() < grant.share}
    ways = {venue.zone(step).area for zone in scenario.zones if zone.area in drawn for step in venue.path(zone.zone)}
    letters = scenario.matrix[category]
    return tuple(area for area in scenario.areas if area in ways and letters[area] in CONDITIONAL_LETTERS)


def _areas(scenario: Scenario, category: str, extra: Sequence[str]) -> frozenset[str]:
    always = (area for area, letter in scenario.matrix[category].items() if letter == "Y")
    return frozenset((*always, *extra))


def _between(rng: Random, shortest: timedelta, longest: timedelta) -> timedelta:
    return timedelta(seconds=rng.randint(int(shortest.total_seconds()), int(longest.total_seconds())))


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)
