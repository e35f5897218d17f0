"""The conformance set: cases as data, to which any implementation of a gate can be held, this decider first.

tests/access/conformance/README.md describes the format. ``python -m tests.access.conforming`` makes generated.json.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from immutables import Map

from chassis.log.decider import Decision, Refused
from services.access.domain import passage
from services.access.domain.record.badges import Badge, Badges
from services.access.domain.record.companions import Companions
from services.access.domain.record.layout import Gate, Layout, Rules, Zone
from services.access.domain.record.movement import Movement
from services.access.domain.record.orders import Orders
from services.access.domain.record.overlays import Overlay, Overlays, Use
from services.access.domain.record.presence import NOBODY, People, Presence
from services.access.domain.record.programme import Programme, Session, SessionScheduled
from services.access.domain.record.programme import evolve as planned
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.record.watchlist import PersonWatched, Watchlist
from services.access.domain.rules.entry import Reading
from services.access.domain.scan import ScanBadge
from services.access.domain.venue import Venue, VenueEvent

FOLDER = Path(__file__).parent / "conformance"
GENERATED = 2_400
Case = Mapping[str, Any]
Decide = Callable[[ScanBadge, Venue], Decision[VenueEvent]]

ANNA = UUID("018f0000-0000-7000-8000-00000000a11a")
ESCORT = UUID("018f0000-0000-7000-8000-0000000e5c02")
OVERLAY = UUID("018f0000-0000-7000-8000-0000000ca2d0")
NOW = datetime(2025, 10, 25, 9, 0, tzinfo=UTC)
_SOMEBODY = UUID(int=1_000)
"""One of those who are there already."""
_SHOWN = "an overlay pass"
_JUDGED = ("outcome", "failed", "warnings", "entered", "left", "inferred", "unidentified", "seated", "count")


def cases_in(name: str) -> list[Case]:
    """The cases of one file."""
    cases: list[Case] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return cases


def judged(case: Case, decide: Decide = passage.decide) -> dict[str, Any]:
    """What is decided of a case, in the words of its ``expect``."""
    decision = decide(_scan(case), venue_of(case))
    assert not isinstance(decision, Refused), decision
    record = decision[0]
    assert isinstance(record, BadgeScanned)
    return {name: value for name, value in json.loads(record.model_dump_json()).items() if name in _JUDGED}


# --- from data to a venue ---------------------------------------------------------------------------------------------


def venue_of(case: Case) -> Venue:
    """The venue a case describes: the congress centre of venue.json, and what is otherwise."""
    base = _congress_centre()
    at = case["scan"]["gate_id"]
    gate = Gate(**{**base["gates"][at], **case.get("gate", {})})
    badge = _badge(ANNA, case["badge"]) if case.get("badge") is not None else None
    escort = _badge(ESCORT, case["companion"]["badge"]) if case.get("companion") else None
    programme = Programme()
    for session in case.get("sessions", ()):
        programme = planned(programme, SessionScheduled(session=Session(**session), venue_id="ncc", moved=False))
    return Venue(
        "ncc",
        layout=Layout(
            Map(zones_of(case)),
            Map({**{name: Gate(**other) for name, other in base["gates"].items()}, at: gate}),
            Rules(**case.get("rules", {})),
        ),
        programme=programme,
        badges=Badges(known=Map({one.badge_id: one for one in (badge, escort) if one is not None})),
        presence=_presence(case, badge),
        movement=_movement(case, badge),
        orders=_orders(case),
        watchlist=_watchlist(case),
        overlays=_overlays(case, badge),
        companions=_companions(case),
    )


def zones_of(case: Case) -> dict[str, Zone]:
    """The zones of a case by id."""
    changed = case.get("zones", {})
    return {name: Zone(**{**zone, **changed.get(name, {})}) for name, zone in _congress_centre()["zones"].items()}


@cache
def _congress_centre() -> dict[str, dict[str, dict[str, Any]]]:
    venue: dict[str, dict[str, dict[str, Any]]] = json.loads((FOLDER / "venue.json").read_text(encoding="utf-8"))
    return venue


def _badge(person: UUID, facts: Mapping[str, Any]) -> Badge:
    usual = {
        "badge_id": person,
        "person_id": person,
        "delegation_id": "vn",
        "category": "delegate",
        "areas": ["per", "pln", "sgn", "exh"],
        "version": 1,
        "holding": "active",
        "valid_from": NOW - timedelta(days=1),
        "valid_until": NOW + timedelta(days=1),
    }
    return Badge(**{**usual, **facts})


def _crowd(count: int) -> People:
    return Map({UUID(int=1_000 + number): None for number in range(count)})


def _presence(case: Case, badge: Badge | None) -> Presence:
    """``others`` in a zone are nobody this case knows; ``whereabouts`` are the holder's and the companion's."""
    inside = {zone: _crowd(count) for zone, count in case.get("others", {}).items()}
    whereabouts = {}
    for person, zones in (
        (ANNA, case.get("whereabouts", ())),
        (ESCORT, case.get("companion", {}).get("whereabouts", ())),
    ):
        if zones:
            whereabouts[person] = tuple(zones)
            for zone in zones:
                inside[zone] = inside.get(zone, NOBODY).set(person, None)
    bearer = case.get("overlay", {}).get("used")
    if bearer and not bearer["by_holder"]:
        way = zones_of(case)[bearer["zone"]].path
        whereabouts[_SOMEBODY] = way
        for zone in way:
            inside[zone] = inside.get(zone, NOBODY).set(_SOMEBODY, None)
    seated = {(zone, of): _crowd(count) for zone, per in case.get("seated", {}).items() for of, count in per.items()}
    seats = {}
    for zone in case.get("seat", ()):
        assert badge is not None
        seated[zone, badge.delegation_id] = seated.get((zone, badge.delegation_id), NOBODY).set(ANNA, None)
        seats[zone, ANNA] = badge.delegation_id
    return Presence(
        inside=Map(inside),
        whereabouts=Map(whereabouts),
        unidentified=Map(case.get("unidentified", {})),
        full=frozenset(case.get("full", ())),
        nearly_full=frozenset(case.get("full", ())),
        seated=Map(seated),
        seats=Map(seats),
    )


def _movement(case: Case, badge: Badge | None) -> Movement:
    facts = case.get("movement", {})
    if badge is None:
        return Movement()
    seen = facts.get("seen")
    return Movement(
        seen=Map({badge.badge_id: (seen["gate_id"], _time(seen["at"]))}) if seen else Map(),
        entries=Map(
            {(ANNA, zone): (one["times"], _time(one["last"])) for zone, one in facts.get("entries", {}).items()}
        ),
        refusals=Map({badge.badge_id: tuple(map(_time, facts["refusals"]))}) if "refusals" in facts else Map(),
        forgiven=Map({ANNA: None}) if facts.get("forgiven") else NOBODY,
    )


def _orders(case: Case) -> Orders:
    facts = case.get("orders", {})
    return Orders(
        lockdowns=Map(dict.fromkeys(facts.get("lockdowns", ()), "alarm")),
        threat_level=facts.get("threat_level", 0),
        evacuated=Map(dict.fromkeys(facts.get("evacuated", ()), UUID(int=1))),
    )


def _watchlist(case: Case) -> Watchlist:
    if "watched" not in case:
        return Watchlist()
    return Watchlist(Map({ANNA: PersonWatched(person_id=ANNA, outcome=case["watched"], reason="r1")}))


def _overlays(case: Case, badge: Badge | None) -> Overlays:
    known = case.get("overlay", {}).get("pass")
    used = case.get("overlay", {}).get("used")
    overlay = Overlay(overlay_id=OVERLAY, number=1, text_hash=_SHOWN, **known) if known else None
    return Overlays(
        known=Map({OVERLAY: overlay} if overlay else {}),
        texts=Map({_SHOWN: OVERLAY} if overlay else {}),
        used=Map({OVERLAY: Use(used["zone"], ANNA if used["by_holder"] else _SOMEBODY, NOW, OVERLAY)} if used else {}),
        seats=Map(
            {(zone, badge.delegation_id): seats for zone, seats in case.get("seats", {}).items()} if badge else {}
        ),
    )


def _companions(case: Case) -> Companions:
    facts = case.get("inspections", {})
    return Companions(
        due=Map({(ANNA, kind): "main" for kind in facts.get("due", ())}),
        passed=Map({(ANNA, kind): _time(until) for kind, until in facts.get("passed", {}).items()}),
        unlike_photo=Map({ANNA: "main"}) if facts.get("unlike_photo") else Map(),
    )


def _scan(case: Case) -> ScanBadge:
    scan = case["scan"]
    badge = case.get("badge")
    usual = {"badge_id": str(ANNA), "version": (badge or {}).get("version", 1)}
    companion = case.get("companion")
    return ScanBadge(
        scan_id=UUID(scan["scan_id"]),
        gate_id=scan["gate_id"],
        lane_id=scan.get("lane_id"),
        direction=scan["direction"],
        reading=_reading({**usual, **scan.get("reading", {})}),
        overlay_hash=_SHOWN if "overlay" in case else None,
        companion=_reading({"badge_id": str(ESCORT), "version": 1, **companion.get("reading", {})})
        if companion
        else None,
        duress=scan.get("duress", False),
        clock_skewed=scan.get("clock_skewed", False),
        device_id=None,
        source="scanner",
        holder_known=False,
        scanned_at=NOW,
        now=NOW,
    )


def _reading(facts: Mapping[str, Any]) -> Reading:
    if facts.get("problem"):
        return Reading(problem=facts["problem"])
    return Reading(
        None,
        UUID(facts["badge_id"]),
        facts["version"],
        _time(facts["not_before"]) if "not_before" in facts else None,
        _time(facts["expires"]) if "expires" in facts else None,
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


# --- generated cases --------------------------------------------------------------------------------------------------

_WAYS = {"main": ["grounds"], "hall-east": ["grounds", "hall"], "stage-door": ["grounds", "hall", "stage"]}
_WAYS |= {"clinic-door": ["grounds", "clinic"], "expo-door": ["grounds", "expo"]}
_ELSEWHERE: tuple[list[str], ...] = (
    [],
    ["grounds"],
    ["grounds", "hall"],
    ["grounds", "hall", "stage"],
    ["grounds", "expo"],
    ["grounds", "clinic"],
)


def generated(seed: int = 1, count: int = GENERATED) -> Iterator[dict[str, Any]]:
    """Cases by chance, the same for the same seed: an ordinary passage and what is not about it."""
    chance = random.Random(seed)
    for number in range(count):
        case = _ordinary(chance, number)
        for twist in chance.choices(_TWISTS, k=chance.choice((0, 1, 1, 1, 2, 2, 3, 4))):
            twist(case, chance)
        yield {**case, "expect": judged(case)}


def _ordinary(chance: random.Random, number: int) -> dict[str, Any]:
    gate = chance.choice(list(_WAYS))
    direction = chance.choice(("in", "in", "in", "out"))
    way = _WAYS[gate]
    return {
        "id": f"generated-{number:04}",
        "scan": {
            "scan_id": str(UUID(int=chance.getrandbits(128), version=4)),
            "gate_id": gate,
            "direction": direction,
        },
        "badge": {},
        "whereabouts": way[:-1] if direction == "in" else way,
    }


def _target(case: Case) -> str:
    return _WAYS[case["scan"]["gate_id"]][-1]


def _ago(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).isoformat()


def _changed(part: str, **changes: Any) -> Callable[[dict[str, Any], random.Random], None]:
    def twist(case: dict[str, Any], chance: random.Random) -> None:
        drawn = {name: chance.choice(values) for name, values in changes.items()}
        if part == "zone":
            zones = case.setdefault("zones", {})
            zones[_target(case)] = {**zones.get(_target(case), {}), **drawn}
        elif part == "reading":
            case["scan"]["reading"] = {**case["scan"].get("reading", {}), **drawn}
        elif part == "case":
            case.update(drawn)
        else:
            case[part] = {**(case.get(part) or {}), **drawn}

    return twist


def _crowded(case: dict[str, Any], chance: random.Random) -> None:
    capacity = chance.choice((1, 3, 10, 20))
    inside = max(0, round(capacity * chance.choice((0, 0.5, 0.85, 0.9, 0.95, 1.0, 1.1))))
    _changed("zone", capacity=[capacity])(case, chance)
    case["others"] = {**case.get("others", {}), _target(case): inside}
    if chance.random() < 0.3:
        case["full"] = [_target(case)]


def _seated(case: dict[str, Any], chance: random.Random) -> None:
    seats = chance.choice((0, 1, 2))
    _changed("zone", seats=[seats], seats_exempt=[[], [], ["delegate"]])(case, chance)
    case["seated"] = {_target(case): {chance.choice(("vn", "vn", "fr")): chance.choice((0, 1, 2))}}
    if chance.random() < 0.3:
        case["seats"] = {_target(case): chance.choice((0, 1, 3))}
    if chance.random() < 0.2 and _target(case) in case["whereabouts"]:
        case["seat"] = [_target(case)]


def _planned(case: dict[str, Any], chance: random.Random) -> None:
    starts = NOW + timedelta(minutes=chance.choice((-120, -60, -30, 0, 10, 15, 16, 60)))
    case["sessions"] = [
        *case.get("sessions", ()),
        {
            "session_id": f"session-{len(case.get('sessions', ()))}",
            "zone_id": chance.choice((_target(case), _target(case), "hall")),
            "titles": {},
            "starts_at": starts.isoformat(),
            "ends_at": (starts + timedelta(minutes=chance.choice((30, 60, 90)))).isoformat(),
            "doors_minutes": chance.choice((0, 15)),
            "categories": chance.choice(([], ["delegate"], ["media"])),
            "delegations": chance.choice(([], [], ["vn"], ["fr"])),
            "people": chance.choice(([], [], [str(ANNA)], [str(ESCORT)])),
        },
    ]


def _escorted(case: dict[str, Any], chance: random.Random) -> None:
    _changed("zone", escorted=[["delegate"], ["media"]], escorts=[["host-protocol"], []])(case, chance)
    if chance.random() < 0.7:
        _accompanied(case, chance)


def _left_behind(case: dict[str, Any], chance: random.Random) -> None:
    """An escort who is not there, or a pass that stayed inside."""
    if chance.random() < 0.5:
        _changed("zone", escorted=[["delegate"]], escorts=[["host-protocol"]])(case, chance)
        case["companion"] = {"badge": {"category": "host-protocol"}, "whereabouts": []}
    else:
        _changed("zone", overlays=[{"delegate": "secondary"}])(case, chance)
        known = {"delegation_id": "vn", "kind": "secondary", "cancelled": False}
        case["overlay"] = {"pass": known, "used": {"zone": _target(case), "by_holder": False}}


def _accompanied(case: dict[str, Any], chance: random.Random) -> None:
    way = _WAYS[case["scan"]["gate_id"]]
    case["companion"] = {
        "badge": {
            "category": chance.choice(("host-protocol", "host-protocol", "delegate")),
            "areas": chance.choice((["per", "pln", "sgn", "exh"], ["exh"])),
            "revoked": chance.random() < 0.1,
        },
        "whereabouts": chance.choice((way[:-1], way, [])),
    }


def _with_pass(case: dict[str, Any], chance: random.Random) -> None:
    _changed("zone", overlays=[{"delegate": "secondary"}, {"delegate": "secondary"}, {"media": "pool"}])(case, chance)
    if chance.random() < 0.3:
        return
    known = {
        "delegation_id": chance.choice(("vn", "vn", "vn", "fr")),
        "kind": chance.choice(("secondary", "secondary", "pool")),
        "cancelled": chance.random() < 0.1,
    }
    case["overlay"] = {"pass": known if chance.random() < 0.85 else None}
    if known and chance.random() < 0.4:
        case["overlay"]["used"] = {
            "zone": chance.choice((_target(case), "grounds")),
            "by_holder": chance.random() < 0.3,
        }


def _inspected(case: dict[str, Any], chance: random.Random) -> None:
    wanted = {
        "share": chance.choice((0, 0, 0.5, 1)),
        "categories": chance.choice(([], ["delegate"])),
        "exempt": chance.choice(([], [], ["delegate"])),
    }
    kind = chance.choice(("screening", "identity"))
    _changed("gate", **{"screening" if kind == "screening" else "identity_check": [wanted]})(case, chance)
    case["inspections"] = {
        "due": chance.choice(([], [], [kind])),
        "passed": chance.choice(({}, {kind: _ago(-30)}, {kind: _ago(1)}, {kind: NOW.isoformat()})),
    }


def _timed(case: dict[str, Any], chance: random.Random) -> None:
    _changed("zone", passback=["timed"], passback_minutes=[5, 10])(case, chance)
    last = {"times": chance.choice((1, 2)), "last": _ago(chance.choice((0, 4, 5, 6, 10, 30)))}
    case["movement"] = {**case.get("movement", {}), "entries": {_target(case): last}}


def _limited(case: dict[str, Any], chance: random.Random) -> None:
    _changed("zone", entry_limit=[1, 2])(case, chance)
    last = {"times": chance.choice((0, 1, 2)), "last": _ago(30)}
    case["movement"] = {**case.get("movement", {}), "entries": {_target(case): last}}


def _travelled(case: dict[str, Any], chance: random.Random) -> None:
    far = chance.choice((0.0, 50.0, 100.0, 600.0, 601.0))
    _changed("gate", position=[[0.0, far]])(case, chance)
    seen = {"gate_id": "plaza", "at": _ago(chance.choice((0, 0.1, 1, 10)))}
    case["movement"] = {**case.get("movement", {}), "seen": seen}


def _attempted(case: dict[str, Any], chance: random.Random) -> None:
    _changed("rules", attempt_limit=[1, 2, 3], attempt_window_s=[60])(case, chance)
    refusals = [_ago(minutes) for minutes in sorted(chance.choices((0.1, 0.5, 0.99, 1, 1.01, 5), k=2), reverse=True)]
    case["movement"] = {**case.get("movement", {}), "refusals": refusals}


def _unread(case: dict[str, Any], chance: random.Random) -> None:
    problem = chance.choice(("credential_malformed", "signing_key_unknown", "signature_invalid", "wrong_event", None))
    if problem is None:
        case["badge"] = None
        case["whereabouts"] = []
    else:
        case["scan"]["reading"] = {"problem": problem}


def _superseded(case: dict[str, Any], chance: random.Random) -> None:
    _known_badge(_changed("badge", version=[2]))(case, chance)
    _changed("reading", version=[1, 1, 2])(case, chance)


def _of_others(case: dict[str, Any], chance: random.Random) -> None:
    """A session is on, and it is not theirs."""
    _planned(case, chance)
    _changed("zone", by_session=[True, True, False])(case, chance)
    session = {
        "zone_id": _target(case),
        "starts_at": _ago(10),
        "ends_at": _ago(-10),
        "categories": ["media"],
        "delegations": [],
        "people": [],
    }
    case["sessions"] = [*case["sessions"][:-1], {**case["sessions"][-1], **session}]


def _dated(case: dict[str, Any], chance: random.Random) -> None:
    name = chance.choice(("not_before", "expires"))
    _changed("reading", **{name: [_ago(minutes) for minutes in (-1, 0, 1)]})(case, chance)


def _known_badge(
    twist: Callable[[dict[str, Any], random.Random], None],
) -> Callable[[dict[str, Any], random.Random], None]:
    """A twist of the badge, where there is one."""

    def only_then(case: dict[str, Any], chance: random.Random) -> None:
        if case["badge"] is not None:
            twist(case, chance)

    return only_then


_TWISTS: Sequence[Callable[[dict[str, Any], random.Random], None]] = (
    _unread,
    _known_badge(_changed("badge", revoked=[True])),
    _known_badge(_changed("badge", suspended=[True])),
    _known_badge(_changed("badge", held=[True])),
    _known_badge(_changed("badge", holding=["issued", "lost", "stolen"])),
    _known_badge(_changed("badge", version=[2])),
    _known_badge(_changed("badge", areas=[[], ["per"], ["exh"], ["per", "med"]])),
    _known_badge(_changed("badge", category=["media", "head-of-state", "host-security"])),
    _known_badge(_changed("badge", valid_from=[_ago(-1), _ago(0)])),
    _known_badge(_changed("badge", valid_until=[_ago(0), _ago(-1)])),
    _changed("reading", version=[1, 2, 3]),
    _dated,
    _superseded,
    _of_others,
    _changed("case", watched=["block", "hold", "notice"]),
    _changed("inspections", unlike_photo=[True]),
    _attempted,
    _changed("gate", state=["closed", "out_of_service"]),
    _changed("gate", direction=["in", "out"]),
    _changed("gate", categories=[["media"], ["delegate"]]),
    _changed("zone", by_session=[True]),
    _planned,
    _planned,
    _changed("zone", hours=[[{"opens": _ago(60), "closes": _ago(minutes)}] for minutes in (-60, 0, 30)]),
    _changed("orders", lockdowns=[["grounds"], ["hall"], ["stage"]]),
    _changed("orders", evacuated=[["grounds"], ["hall"]]),
    _changed("orders", threat_level=[1, 3, 7]),
    _changed("rules", clearances=[{"delegate": 3}, {"delegate": 7, "media": 1}]),
    _with_pass,
    _with_pass,
    _escorted,
    _escorted,
    _left_behind,
    _changed("zone", minimum=[2, 3]),
    _accompanied,
    _changed("case", whereabouts=list(_ELSEWHERE)),
    _changed("case", whereabouts=list(_ELSEWHERE)),
    _changed("zone", passback=["none", "soft", "hard"]),
    _changed("case", unidentified=[{"hall": -1}, {"grounds": 2}, {"expo": -1}, {"stage": 1}]),
    _timed,
    _limited,
    _travelled,
    _changed("movement", forgiven=[True]),
    _crowded,
    _crowded,
    _seated,
    _seated,
    _inspected,
    _inspected,
    _changed("scan", duress=[True]),
    _changed("scan", clock_skewed=[True]),
    _changed("scan", direction=["in", "out"]),
)


def written() -> str:
    """generated.json, a case a line."""
    lines = (json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in generated())
    return "[\n" + ",\n".join(lines) + "\n]\n"


if __name__ == "__main__":
    (FOLDER / "generated.json").write_text(written(), encoding="utf-8")
    sys.stdout.write(f"{GENERATED} cases\n")
