"""Who is shown what of the picture. This is the one place that decides it; a name of a person is in no tier."""

from collections.abc import Mapping
from typing import Literal, get_args

from chassis.edge.identity import Principal
from services.operations.parts.shape import Picture

Tier = Literal["totals", "room", "command"]
"""Each is shown what those before it are, and more. ``totals``: nobody signed in, at the machine of an embedded run."""
TIERS: tuple[Tier, ...] = get_args(Tier)

_ROOM = frozenset({"supervisor", "protocol"})
_COMMAND = frozenset({"operations", "commander", "auditor", "admin"})
WATCHERS = tuple(sorted(_ROOM | _COMMAND))
"""The roles that may watch."""

_TOTALS = {
    "updated_at", "as_of", "event", "clock", "sources", "services", "pages",
    "delegations", "nominations", "badges", "notices",
    "people", "scans", "refusals", "venues", "zones", "gates", "sessions", "orders",
}  # fmt: skip
_PARTS: Mapping[Tier, frozenset[str]] = {
    "totals": frozenset(_TOTALS),
    "room": frozenset(_TOTALS | {"devices", "funnel", "incidents", "shift"}),
}
"""Of the highest tier everything is seen: a part that nobody listed yet is shown to no one else."""


def tier_of(principal: Principal) -> Tier:
    """The highest that one of their roles has."""
    if principal.roles & _COMMAND:
        return "command"
    return "room" if principal.roles & _ROOM else "totals"


def seen(picture: Picture, tier: Tier) -> Picture:
    """The picture as a tier is shown it."""
    shown = picture if tier == "command" else {part: picture[part] for part in picture if part in _PARTS[tier]}
    if tier == "room" and "incidents" in shown:
        shown = {**shown, "incidents": [one for one in shown["incidents"] if not one["discreet"]]}
    return {**shown, "tier": tier}
