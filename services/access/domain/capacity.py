"""How full a zone is: told when it becomes nearly full or full, and when it has room again."""

from typing import Any

from services.access.domain.record.layout import Zone
from services.access.domain.record.presence import (
    ZoneCapacityEased,
    ZoneCapacityReached,
    ZoneCapacityRestored,
    ZoneCapacityWarned,
)
from services.access.domain.venue import Venue, VenueEvent

NEARLY_FULL = "zone_nearly_full"
_EASES_AT = 0.95  # of a limit: a door that flickers between full and not full serves nobody


def news(venue: Venue, zone: Zone, count: int) -> list[VenueEvent]:
    """What is to be told of ``zone``, as it is now and with ``count`` people in it; ``venue`` is from before."""
    zone_id, presence = zone.zone_id, venue.presence
    if zone_id in presence.full:
        if zone.capacity is None or count <= zone.capacity * _EASES_AT:
            return [ZoneCapacityRestored(**_facts(venue, zone, count))]
    elif zone.capacity is not None and count >= zone.capacity:
        return [ZoneCapacityReached(**_facts(venue, zone, count))]
    elif zone_id in presence.nearly_full:
        if count <= zone.nearly_full_at * _EASES_AT:
            return [ZoneCapacityEased(**_facts(venue, zone, count))]
    elif count >= zone.nearly_full_at and _fills(venue, zone, count):
        return [ZoneCapacityWarned(**_facts(venue, zone, count))]
    return []


def _fills(venue: Venue, zone: Zone, count: int) -> bool:
    """Whether it gets fuller: by people or by new walls. One that empties after it was full warns of nothing."""
    return count > venue.presence.count(zone.zone_id) or zone != venue.layout.zones.get(zone.zone_id)


def _facts(venue: Venue, zone: Zone, count: int) -> dict[str, Any]:
    return {
        "zone_id": zone.zone_id,
        "venue_id": venue.venue_id,
        "names": zone.names,
        "count": count,
        "capacity": zone.capacity,
    }
