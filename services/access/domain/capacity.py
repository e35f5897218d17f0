"""Whether a zone is full: told when it becomes so, and when it has room again."""

from typing import Any

from services.access.domain.venue import Venue, VenueEvent, Zone, ZoneCapacityReached, ZoneCapacityRestored

_REOPENS_AT = 0.95  # of the capacity: a door that flickers between full and not full serves nobody


def news(venue: Venue, zone: Zone, count: int) -> list[VenueEvent]:
    """What is to be told of ``zone``, as it is now and with ``count`` people in it; ``venue`` is from before."""
    if zone.zone_id in venue.full:
        if zone.capacity is None or count <= zone.capacity * _REOPENS_AT:
            return [ZoneCapacityRestored(**_facts(venue, zone, count))]
    elif zone.capacity is not None and count >= zone.capacity:
        return [ZoneCapacityReached(**_facts(venue, zone, count))]
    return []


def _facts(venue: Venue, zone: Zone, count: int) -> dict[str, Any]:
    return {
        "zone_id": zone.zone_id,
        "venue_id": venue.venue_id,
        "names": zone.names,
        "count": count,
        "capacity": zone.capacity,
    }
