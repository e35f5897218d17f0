"""All checks of an entry in their order; the first that fails decides. None of them names more than a code."""

from services.access.domain.record.badges import Badge
from services.access.domain.record.layout import Direction
from services.access.domain.rules import company, credential, gate, inspection, movement, orders, person, rights, room
from services.access.domain.rules.entry import Entry, Unreadable

OF_THE_TEXT: tuple[Unreadable, ...] = (
    "credential_malformed",
    "signing_key_unknown",
    "signature_invalid",
    "wrong_event",
)
UNKNOWN = "credential_unknown"
FAMILIES = (
    credential.FAMILY,
    person.FAMILY,
    gate.FAMILY,
    rights.FAMILY,
    orders.FAMILY,
    company.FAMILY,
    movement.FAMILY,
    room.FAMILY,
    inspection.FAMILY,
    person.HOLD,
)
OF_THE_BADGE = tuple(check for family in FAMILIES for check in family.checks)
CODES: tuple[str, ...] = (*OF_THE_TEXT, UNKNOWN, *(code for code, _ in OF_THE_BADGE))
"""Every reason for which an entry is refused, in the order they are looked at."""

WRONG_WITH_THE_BADGE = frozenset((*OF_THE_TEXT, UNKNOWN, *(code for code, _ in credential.FAMILY.checks)))
"""What is worth saying of a badge even when its holder leaves."""

DISCREET = {"watchlist_hold": "identity_check_required"}
"""What nobody at a gate may notice, and the ordinary reason it looks like."""
SHOWN: tuple[str, ...] = tuple(code for code in CODES if code not in DISCREET)
"""Those that a gate sees."""


def failed(entry: Entry) -> tuple[str, ...]:
    """The checks this entry does not pass, in order.

    A text that cannot be read, or a badge that is not known, fails at that: no further check can be made.
    """
    if entry.reading.problem is not None:
        return (entry.reading.problem,)
    badge = entry.badge
    if badge is None:
        return (UNKNOWN,)
    found: list[str] = []
    for concerns, checks in FAMILIES:
        if concerns(entry, badge):
            found += [code for code, passes in checks if not passes(entry, badge)]
    return tuple(found)


def wrong_with(entry: Entry, badge: Badge) -> tuple[str, ...]:
    """What is wrong with a badge whose holder leaves."""
    return tuple([code for code, passes in credential.FAMILY.checks if not passes(entry, badge)])


def made(failed_codes: tuple[str, ...], direction: Direction) -> tuple[str, ...]:
    """Which checks were made, given those that failed: all, or those up to the one that made the others impossible.

    Of whoever leaves only the badge is looked at.
    """
    impossible = next((code for code in failed_codes if code in (*OF_THE_TEXT, UNKNOWN)), None)
    codes = SHOWN if impossible is None else SHOWN[: SHOWN.index(impossible) + 1]
    return codes if direction == "in" else tuple([code for code in codes if code in WRONG_WITH_THE_BADGE])


def shown(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes as a gate, and everybody who may not know more, gets to see them."""
    if not any(code in DISCREET for code in codes):
        return codes
    return tuple(dict.fromkeys(DISCREET.get(code, code) for code in codes))
