"""Events of older releases, lifted to today's shape on reading."""

from collections.abc import Mapping
from typing import Any

from chassis.log.codec import Upcast
from services.access.domain.record.layout import usual_passback


def _zone_says_its_passback(data: dict[str, Any]) -> dict[str, Any]:
    """Version 1 had it follow from the class."""
    zone = data["zone"]
    return {**data, "zone": {**zone, "passback": usual_passback(zone["zone_class"])}}


UPCASTS: Mapping[tuple[str, int], Upcast] = {("ZoneDefined", 1): _zone_says_its_passback}
