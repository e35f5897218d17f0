"""The policy of a venue as one document: what differs between two of them, and what is wrong in one."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from chassis.log.decider import Value
from services.access.domain.record.layout import GatePlan, Rules, ZonePlan
from services.access.domain.record.programme import Session
from services.access.domain.venue import Venue

Kind = Literal["zone", "gate", "rules", "session", "seats"]
LIST_OF: Mapping[Kind, str] = {"zone": "zones", "gate": "gates", "session": "sessions", "seats": "seats"}
"""Where each kind stands in the document; the rules stand there once."""


class SeatPlan(Value):
    """How many of a delegation may be in a zone at a time, where it is not as the zone says for everybody."""

    zone_id: str
    delegation_id: str
    seats: int


class Policy(Value):
    """Everything about a venue that is decided beforehand. What is going on (orders, closed gates) is no part of it."""

    zones: tuple[ZonePlan, ...]
    gates: tuple[GatePlan, ...]
    rules: Rules = Rules()
    sessions: tuple[Session, ...] = ()
    seats: tuple[SeatPlan, ...] = ()


class FieldChange(Value):
    old: Any
    new: Any


class Change(Value):
    """One thing that differs. ``fields``: of one that is in both, those that do."""

    kind: Kind
    id: str
    change: Literal["added", "changed", "retired"]
    fields: Mapping[str, FieldChange] = {}


class Fault(NamedTuple):
    """What is wrong at one place of the document: ``("gates", 3, "to_zone_id")``."""

    where: tuple[str | int, ...]
    code: str
    detail: str


def policy_of(venue: Venue) -> Policy:
    """What is in force, outer zones before inner ones, all else by id."""
    layout, programme = venue.layout, venue.programme
    seats = sorted(venue.overlays.seats.items())
    return Policy(
        zones=tuple(ZonePlan(**dict(zone)) for zone in sorted(layout.zones.values(), key=lambda zone: zone.path)),
        gates=tuple(GatePlan(**dict(gate)) for _, gate in sorted(layout.gates.items())),
        rules=layout.rules,
        sessions=tuple(session for _, session in sorted(programme.sessions.items())),
        seats=tuple(
            SeatPlan(zone_id=zone_id, delegation_id=delegation_id, seats=limit)
            for (zone_id, delegation_id), limit in seats
        ),
    )


def digest(policy: Policy) -> str:
    """SHA-256 of what it says, however it is ordered and whatever time zone it is written in."""
    facts = [[kind, sorted(parts.items())] for kind, parts in _by_id(policy).items()]
    return sha256(json.dumps(facts, sort_keys=True, default=_plain).encode()).hexdigest()


def differences(before: Policy, after: Policy) -> list[Change]:
    """What has to change for ``before`` to become ``after``, in the order of the document."""
    found = []
    old, new = _by_id(before), _by_id(after)
    for kind in new:
        for identifier, part in new[kind].items():
            known = old[kind].get(identifier)
            if known is None:
                found.append(Change(kind=kind, id=identifier, change="added"))
            elif known != part:
                found.append(Change(kind=kind, id=identifier, change="changed", fields=_fields(known, part)))
        found += [Change(kind=kind, id=gone, change="retired") for gone in old[kind] if gone not in new[kind]]
    return found


def contradictions(policy: Policy) -> list[Fault]:
    """What is wrong in the document by itself."""
    return [*_repeated(policy), *_unlisted(policy)] or [*_circles(policy)]


def _repeated(policy: Policy) -> Iterator[Fault]:
    for kind, place in LIST_OF.items():
        ids = [_id(part) for part in getattr(policy, place)]
        several = {identifier for identifier, count in Counter(ids).items() if count > 1}
        for index, identifier in enumerate(ids):
            if identifier in several and ids.index(identifier) != index:
                yield Fault((place, index), "listed_twice", f"{kind} {identifier} is listed before")


def _unlisted(policy: Policy) -> Iterator[Fault]:
    """Zones that are mentioned and not listed."""
    listed = {zone.zone_id for zone in policy.zones}
    mentioned: list[tuple[str, str, Iterable[str | None]]] = [
        ("zones", "parent_id", (zone.parent_id for zone in policy.zones)),
        ("gates", "from_zone_id", (gate.from_zone_id for gate in policy.gates)),
        ("gates", "to_zone_id", (gate.to_zone_id for gate in policy.gates)),
        ("sessions", "zone_id", (session.zone_id for session in policy.sessions)),
        ("seats", "zone_id", (seats.zone_id for seats in policy.seats)),
    ]
    for place, field, zones in mentioned:
        for index, zone_id in enumerate(zones):
            if zone_id is not None and zone_id not in listed:
                yield Fault((place, index, field), "zone_unknown", f"{zone_id} is not among the zones")


def _circles(policy: Policy) -> Iterator[Fault]:
    """Zones that lie in themselves, by way of others or directly."""
    parents = {zone.zone_id: zone.parent_id for zone in policy.zones}
    for index, zone in enumerate(policy.zones):
        outer = zone.parent_id
        for _ in parents:
            if outer is None:
                break
            outer = parents[outer]
        if outer is not None:
            yield Fault(("zones", index, "parent_id"), "zone_in_itself", f"{zone.zone_id} leads to no outermost zone")


def _by_id(policy: Policy) -> dict[Kind, dict[str, Value]]:
    parts: dict[Kind, dict[str, Value]] = {}
    for kind, place in LIST_OF.items():
        parts[kind] = {_id(part): part for part in getattr(policy, place)}
        if kind == "gate":  # as the document has them: the sessions speak of what comes before
            parts["rules"] = {"rules": policy.rules}
    return parts


def _id(part: Value) -> str:
    match part:
        case ZonePlan(zone_id=identifier) | GatePlan(gate_id=identifier) | Session(session_id=identifier):
            return identifier
        case SeatPlan(zone_id=zone_id, delegation_id=delegation_id):
            return f"{zone_id}/{delegation_id}"
        case _:
            return "rules"


def _fields(old: Value, new: Value) -> dict[str, FieldChange]:
    names = type(new).model_fields
    pairs = {name: (getattr(old, name), getattr(new, name)) for name in names}
    return {name: FieldChange(old=was, new=will) for name, (was, will) in pairs.items() if was != will}


def _plain(value: object) -> object:
    """For what JSON has no word for."""
    if isinstance(value, Value):
        return value.model_dump()
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
