"""A venue with many badges, put into access's log through the real append, in batches."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4, uuid5

from chassis.log.codec import Codec
from chassis.log.log import Append, Appended, Log, Metadata, event_id
from chassis.log.obey import new_events
from services.access.domain import venue as facts
from services.access.domain.venue import VenueEvent
from services.access.published import publish
from services.accreditation.credential import Issuer

_BATCH = 500
_NAMESPACE = UUID("7b0b3f6e-57a5-5b8e-a9f3-3e1f2f4c9d10")
_BEGINS = datetime.now(UTC) - timedelta(days=1)
_ENDS = datetime.now(UTC) + timedelta(days=30)
_CODEC = Codec(facts.EVENTS)


@dataclass(frozen=True, slots=True)
class SeededVenue:
    """What was put into the log: the texts of the badges, and where they may be shown."""

    texts: Sequence[str]
    gate: str


async def seed(log: Log, event: str, venue_id: str, badges: int) -> SeededVenue:
    """A zone without limit, a gate, a signing key, and ``badges`` badges that open the gate."""
    issuer = Issuer(event, os.urandom(32))
    names = {"en": "Grounds", "fr": "Enceinte", "vi": "Khuôn viên"}
    zone = facts.Zone(
        zone_id="per", area="per", names=names, parent_id=None, capacity=None, zone_class="open", path=("per",)
    )
    gate = facts.Gate(gate_id="north", name="North gate", from_zone_id=None, to_zone_id="per")
    known = [_badge(number) for number in range(badges)]
    events: list[VenueEvent] = [
        facts.ZoneDefined(zone=zone, venue_id=venue_id),
        facts.GateDefined(gate=gate, venue_id=venue_id),
        facts.IssuerKeyLearned(key_id=issuer.key_id, public_key=issuer.public_key, source_number=0),
        *(facts.BadgeLearned(badge=badge, source_number=None) for badge in known),
    ]
    await append(log, venue_id, events)
    texts = [issuer.credential(badge.badge_id, 1, badge.valid_from, badge.valid_until) for badge in known]
    return SeededVenue(texts, gate.gate_id)


async def append(log: Log, venue_id: str, events: Sequence[VenueEvent], version: int = 0) -> int:
    """Appends to the venue's stream in batches, as the gatekeeper does; its version after that."""
    for start in range(0, len(events), _BATCH):
        command_id = uuid4()
        metadata = Metadata("service:benchmark", command_id, datetime.now(UTC))
        new = new_events(events[start : start + _BATCH], metadata, publish, _CODEC)
        assert new[0].id == event_id(command_id)
        result = await log.append(Append(f"venue-{venue_id}", version, new))
        assert isinstance(result, Appended), result
        version += len(new)
    return version


def _badge(number: int) -> facts.Badge:
    return facts.Badge(
        badge_id=uuid5(_NAMESPACE, f"badge {number}"),
        person_id=uuid5(_NAMESPACE, f"person {number}"),
        delegation_id=f"d{number % 100}",
        category="delegate",
        areas=("exh", "per", "pln"),
        version=1,
        holding="active",
        valid_from=_BEGINS,
        valid_until=_ENDS,
    )
