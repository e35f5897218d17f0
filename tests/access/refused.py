"""Every reason to refuse, brought about over HTTP as it would be at a venue."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from contracts import accreditation as theirs
from services.access.domain.record.badges import Badge
from services.accreditation.credential import Issuer
from tests.access.controls import CLOSES, EAST, EXPO_DOOR, MAIN, OPENS, STAGE_DOOR, STRANGER, WEST, badge
from tests.access.running import Access, credential
from tests.controls import NOW

Verdict = dict[str, Any]
_numbers = count(1)
SIGNER_OF_BOTH = Issuer("unga-80", bytes(range(32)))
"""The same key, for another gathering."""


async def somebody(centre: Access, **facts: Any) -> Badge:
    """Somebody new, with a badge in hand."""
    new = badge(uuid4(), **facts)
    await centre.knows(new)
    return new


def who(one: Badge) -> dict[str, Any]:
    return {"badge_id": one.badge_id, "person_id": one.person_id}


async def malformed(centre: Access) -> Verdict:
    return await centre.scan("12345678", MAIN)


async def of_an_unknown_key(centre: Access) -> Verdict:
    return await centre.scan(STRANGER.credential(uuid4(), 1, OPENS, CLOSES), MAIN)


def forged(one: Badge) -> str:
    """The text on a badge, its signature altered."""
    text = credential(one)
    return text[:-3] + ("000" if text[-3:] != "000" else "100")


async def altered(centre: Access) -> Verdict:
    return await centre.scan(forged(await somebody(centre)), MAIN)


async def unknown(centre: Access) -> Verdict:
    return await centre.scan(credential(badge(uuid4())), MAIN)


async def revoked(centre: Access) -> Verdict:
    one = await somebody(centre)
    await centre.hears(theirs.BadgeRevoked(**who(one), delegation_id="vn", reason="withdrawn"))
    return await centre.scan(credential(one), MAIN)


async def superseded(centre: Access) -> Verdict:
    one = await somebody(centre)
    await centre.hears(theirs.BadgeReplaced(**who(one), version=2), theirs.BadgeActivated(**who(one), version=2))
    return await centre.scan(credential(one), MAIN)


async def lost(centre: Access) -> Verdict:
    one = await somebody(centre)
    await centre.hears(theirs.BadgeReportedLost(**who(one), version=1, delegation_id="vn"))
    return await centre.scan(credential(one), MAIN)


async def suspended(centre: Access) -> Verdict:
    one = await somebody(centre)
    await centre.hears(theirs.BadgeSuspended(**who(one), reason="lost_sight"))
    return await centre.scan(credential(one), MAIN)


async def not_activated(centre: Access) -> Verdict:
    one = await somebody(centre)
    await centre.hears(theirs.BadgeReplaced(**who(one), version=2))
    return await centre.scan(credential(one, version=2), MAIN)


async def not_yet_valid(centre: Access) -> Verdict:
    return await centre.scan(credential(await somebody(centre, valid_from=NOW + timedelta(hours=1))), MAIN)


async def expired(centre: Access) -> Verdict:
    return await centre.scan(credential(await somebody(centre, valid_until=NOW)), MAIN)


async def of_another_gathering(centre: Access) -> Verdict:
    return await centre.scan(SIGNER_OF_BOTH.credential(uuid4(), 1, OPENS, CLOSES), MAIN)


async def stolen(centre: Access) -> Verdict:
    one = await somebody(centre)
    await centre.hears(theirs.BadgeReportedLost(**who(one), version=1, delegation_id="vn", stolen=True))
    return await centre.scan(credential(one), MAIN)


# --- a room with a rule ---------------------------------------------------------------------------------------------


async def room(centre: Access, gate: dict[str, Any] | None = None, **rules: Any) -> str:
    """A room off the grounds with these rules; the gate that leads to it."""
    number = next(_numbers)
    names = {"en": "Room", "fr": "Salle", "vi": "Phòng"}
    zone = {"zone_id": f"room-{number}", "area": "exh", "names": names, "parent_id": "grounds"}
    await centre.did("/v1/zones", {**zone, "zone_class": "controlled", **rules})
    door = f"door-{number}"
    leads = {"gate_id": door, "name": "Door", "from_zone_id": "grounds", "to_zone_id": zone["zone_id"]}
    await centre.did("/v1/gates", {**leads, **(gate or {})})
    return door


async def on_the_grounds(centre: Access, **facts: Any) -> Badge:
    """Somebody who came in by the main gate."""
    one = await somebody(centre, **facts)
    assert (await centre.scan(credential(one), MAIN))["outcome"] == "admitted"
    return one


async def at_the_door(centre: Access, gate: dict[str, Any] | None = None, **rules: Any) -> Verdict:
    """Of somebody who comes to a room with these rules."""
    return await centre.scan(credential(await on_the_grounds(centre)), await room(centre, gate, **rules))


async def watched(centre: Access, outcome: str) -> Verdict:
    one = await somebody(centre)
    await centre.did("/v1/watchlist", {"person_id": str(one.person_id), "outcome": outcome, "reason": "r1"}, "vetting")
    return await centre.scan(credential(one), MAIN)


async def unlike_the_photo(centre: Access) -> Verdict:
    one = await somebody(centre)
    admitted = await centre.scan(credential(one), MAIN)
    looked_at = {"scan_id": admitted["scan_id"], "kind": "identity", "passed": False}
    await centre.did("/v1/inspections", looked_at, "supervisor")
    return await centre.scan(credential(one), await room(centre))


async def too_often(centre: Access) -> Verdict:
    one = await somebody(centre)
    await centre.did("/v1/rules", {"attempt_limit": 1})
    try:
        await centre.scan(credential(one), EAST)
        return await centre.scan(credential(one), MAIN)
    finally:
        await centre.did("/v1/rules", {})


def _session(centre: Access, door: str, **said: Any) -> dict[str, Any]:
    room_id = centre.gatekeeper.venue.layout.gates[door].to_zone_id
    times = {"starts_at": (NOW + timedelta(hours=1)).isoformat(), "ends_at": (NOW + timedelta(hours=2)).isoformat()}
    titles = {"en": "Talks", "fr": "Débat", "vi": "Thảo luận"}
    return {"session_id": f"talks-{room_id}", "zone_id": room_id, "titles": titles, **times, **said}


async def too_early(centre: Access) -> Verdict:
    door = await room(centre, by_session=True)
    await centre.did("/v1/sessions", _session(centre, door), "protocol")
    return await centre.scan(credential(await on_the_grounds(centre)), door)


async def a_session_of_others(centre: Access) -> Verdict:
    door = await room(centre, by_session=True)
    session = _session(centre, door, starts_at=NOW.isoformat(), categories=["media"])
    await centre.did("/v1/sessions", session, "protocol")
    return await centre.scan(credential(await on_the_grounds(centre)), door)


async def evacuated(centre: Access) -> Verdict:
    one = await on_the_grounds(centre)
    door = await room(centre)
    zone_id = centre.gatekeeper.venue.layout.gates[door].to_zone_id
    await centre.did("/v1/evacuations", {"zone_id": zone_id, "reason": "fire"}, "commander")
    return await centre.scan(credential(one), door)


async def under_threat(centre: Access) -> Verdict:
    one = await somebody(centre)
    await centre.did("/v1/threat-level", {"level": 1, "reason": "warning"}, "commander")
    try:
        return await centre.scan(credential(one), MAIN)
    finally:
        await centre.did("/v1/threat-level", {"level": 0, "reason": "over"}, "commander")


async def with_a_pass(centre: Access, *delegations: str, overlay: bool = True) -> Verdict:
    """Of the last of some people who come one after the other, with the pass of the first one's delegation."""
    door = await room(centre, overlays={"delegate": "secondary"})
    wanted = {"delegation_id": delegations[0], "kind": "secondary", "count": 1}
    allocated = await centre.did("/v1/overlays", wanted, "protocol")
    shown = {"overlay": allocated["overlays"][0]["text"]} if overlay else {}
    for delegation in delegations:
        one = await on_the_grounds(centre, delegation_id=delegation)
        verdict = await centre.scan(credential(one), door, **shown)
    return verdict


async def without_a_pass(centre: Access) -> Verdict:
    return await with_a_pass(centre, "vn", overlay=False)


async def with_a_foreign_pass(centre: Access) -> Verdict:
    door = await room(centre, overlays={"delegate": "secondary"})
    return await centre.scan(credential(await on_the_grounds(centre)), door, overlay="OV1:NOTOURS")


async def with_a_pass_that_is_inside(centre: Access) -> Verdict:
    return await with_a_pass(centre, "vn", "vn")


ESCORTED: dict[str, Any] = {"escorted": ["delegate"], "escorts": ["host-protocol"]}


async def with_no_right_to_escort(centre: Access) -> Verdict:
    other = await on_the_grounds(centre)
    door = await room(centre, **ESCORTED)
    return await centre.scan(credential(await on_the_grounds(centre)), door, companion=credential(other))


async def with_an_escort_who_is_not_here(centre: Access) -> Verdict:
    outside = await somebody(centre, category="host-protocol")
    door = await room(centre, **ESCORTED)
    return await centre.scan(credential(await on_the_grounds(centre)), door, companion=credential(outside))


async def in_two_rooms(centre: Access) -> Verdict:
    one = await on_the_grounds(centre)
    await centre.scan(credential(one), await room(centre))
    return await centre.scan(credential(one), await room(centre))


async def again(centre: Access, **rules: Any) -> Verdict:
    """Of somebody who went in, came out, and comes back at once."""
    one = await on_the_grounds(centre)
    door = await room(centre, **rules)
    for direction in ("in", "out"):
        await centre.scan(credential(one), door, direction)
    return await centre.scan(credential(one), door)


async def faster_than_anybody(centre: Access) -> Verdict:
    one = await on_the_grounds(centre)
    near, far = await room(centre, {"position": [0, 0]}), await room(centre, {"position": [0, 500]})
    await centre.scan(credential(one), near)
    await centre.scan(credential(one), near, "out")
    return await centre.scan(credential(one), far)


async def without_a_seat(centre: Access) -> Verdict:
    door = await room(centre, seats=1)
    for _ in range(2):
        verdict = await centre.scan(credential(await on_the_grounds(centre)), door)
    return verdict


async def not_granted(centre: Access) -> Verdict:
    return await centre.scan(credential(await somebody(centre, areas=("exh",))), MAIN)


async def locked(centre: Access) -> Verdict:
    one = await somebody(centre)
    await centre.scan(credential(one), MAIN)
    await centre.did("/v1/lockdowns", {"zone_id": "expo", "reason": "alarm"}, "commander")
    try:
        return await centre.scan(credential(one), EXPO_DOOR)
    finally:
        await centre.did("/v1/lockdowns/lifting", {"zone_id": "expo"}, "commander")


async def past_the_entrance(centre: Access) -> Verdict:
    return await centre.scan(credential(await somebody(centre)), EAST)


async def inside_already(centre: Access) -> Verdict:
    one = await somebody(centre)
    for at in (MAIN, EAST):
        await centre.scan(credential(one), at)
    try:
        return await centre.scan(credential(one), WEST)
    finally:
        await centre.scan(credential(one), WEST, "out")


async def full(centre: Access) -> Verdict:
    first, second = await somebody(centre), await somebody(centre)
    for one in (first, second):
        for at in (MAIN, EAST):
            await centre.scan(credential(one), at)
    await centre.scan(credential(first), STAGE_DOOR)
    try:
        return await centre.scan(credential(second), STAGE_DOOR)
    finally:
        for one in (first, second):
            await centre.scan(credential(one), EAST, "out")


REFUSED: dict[str, Callable[[Access], Awaitable[Verdict]]] = {
    "credential_malformed": malformed,
    "signing_key_unknown": of_an_unknown_key,
    "signature_invalid": altered,
    "wrong_event": of_another_gathering,
    "credential_unknown": unknown,
    "credential_revoked": revoked,
    "credential_superseded": superseded,
    "credential_stolen": stolen,
    "credential_lost": lost,
    "credential_suspended": suspended,
    "credential_not_activated": not_activated,
    "credential_not_yet_valid": not_yet_valid,
    "credential_expired": expired,
    "watchlist_block": lambda centre: watched(centre, "block"),
    "photo_mismatch": unlike_the_photo,
    "too_many_attempts": too_often,
    "gate_out_of_service": lambda centre: at_the_door(centre, {"state": "out_of_service"}),
    "gate_closed": lambda centre: at_the_door(centre, {"state": "closed"}),
    "wrong_direction": lambda centre: at_the_door(centre, {"direction": "out"}),
    "gate_not_granted": lambda centre: at_the_door(centre, {"categories": ["media"]}),
    "zone_not_granted": not_granted,
    "outside_time_window": lambda centre: at_the_door(
        centre, hours=[{"opens": OPENS.isoformat(), "closes": NOW.isoformat()}]
    ),
    "session_not_open": too_early,
    "session_not_granted": a_session_of_others,
    "evacuation": evacuated,
    "lockdown": locked,
    "threat_level": under_threat,
    "companion_token_missing": without_a_pass,
    "companion_token_foreign": with_a_foreign_pass,
    "companion_token_in_use": with_a_pass_that_is_inside,
    "escort_required": lambda centre: at_the_door(centre, **ESCORTED),
    "escort_mismatch": with_no_right_to_escort,
    "host_absent": with_an_escort_who_is_not_here,
    "second_person_required": lambda centre: at_the_door(centre, minimum=2),
    "path_violation": past_the_entrance,
    "inside_elsewhere": in_two_rooms,
    "already_inside": inside_already,
    "reentry_too_soon": lambda centre: again(centre, passback="timed", passback_minutes=10),
    "impossible_travel": faster_than_anybody,
    "entry_limit_reached": lambda centre: again(centre, entry_limit=1),
    "zone_full": full,
    "delegation_seats_full": without_a_seat,
    "screening_required": lambda centre: at_the_door(centre, {"screening": {"share": 1}}),
    "identity_check_required": lambda centre: at_the_door(centre, {"identity_check": {"share": 1}}),
    "watchlist_hold": lambda centre: watched(centre, "hold"),
}
