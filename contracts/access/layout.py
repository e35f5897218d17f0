"""The venue as it is planned: zones, gates, sessions of the programme, seats of delegations."""

from pydantic import AwareDatetime, NonNegativeInt, PositiveInt

from contracts.event import SharedEvent
from contracts.ids import (
    AreaCode,
    Category,
    DelegationId,
    GateId,
    OverlayId,
    PartyId,
    PersonId,
    SessionId,
    VenueId,
    ZoneId,
)
from contracts.words import GateDirection, GateKind, GateState, Names, Passback, ZoneClass


class ZoneDefined(SharedEvent, service="access"):
    """A zone exists, or was changed, as described here in full."""

    zone_id: ZoneId
    venue_id: VenueId
    area: AreaCode
    names: Names
    parent_id: ZoneId | None
    capacity: PositiveInt | None
    zone_class: ZoneClass
    passback: Passback | None = None
    by_session: bool = False
    """Whether only a session of the programme opens it."""
    seats: NonNegativeInt | None = None
    """People of one delegation at a time; null: no limit."""

    def about(self) -> str:
        return f"zone-{self.zone_id}"


class ZoneRetired(SharedEvent, service="access"):
    """A zone is not one any more."""

    zone_id: ZoneId
    venue_id: VenueId

    def about(self) -> str:
        return f"zone-{self.zone_id}"


class GateDefined(SharedEvent, service="access"):
    """A gate joins two zones, or a zone and the outside (null)."""

    gate_id: GateId
    venue_id: VenueId
    name: str
    from_zone_id: ZoneId | None
    to_zone_id: ZoneId
    direction: GateDirection = "both"
    kind: GateKind = "standard"
    categories: tuple[Category, ...] = ()
    """Whom it serves; none: everybody."""
    state: GateState = "open"

    def about(self) -> str:
        return f"gate-{self.gate_id}"


class GateRetired(SharedEvent, service="access"):
    """A gate is not one any more."""

    gate_id: GateId
    venue_id: VenueId

    def about(self) -> str:
        return f"gate-{self.gate_id}"


class PolicyApplied(SharedEvent, service="access"):
    """A whole policy was applied in one piece; the changes are the events right before this."""

    venue_id: VenueId
    policy_version: NonNegativeInt
    digest: str
    changes: NonNegativeInt

    def about(self) -> str:
        return f"venue-{self.venue_id}"


class SessionScheduled(SharedEvent, service="access", routing=("zone_id",)):
    """A session as it is planned now, in full. Whoever a list names may enter the zone while it is on."""

    session_id: SessionId
    venue_id: VenueId
    zone_id: ZoneId
    titles: Names
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    doors_minutes: NonNegativeInt
    categories: tuple[Category, ...]
    delegations: tuple[DelegationId, ...]
    people: tuple[PersonId, ...]
    moved: bool
    """Whether it was planned for another room or time before."""

    def about(self) -> str:
        return f"session-{self.session_id}"


class SessionCancelled(SharedEvent, service="access", routing=("zone_id",)):
    """A session does not take place; its rights are gone."""

    session_id: SessionId
    venue_id: VenueId
    zone_id: ZoneId

    def about(self) -> str:
        return f"session-{self.session_id}"


class SeatsAllocated(SharedEvent, service="access", routing=("zone_id",)):
    """How many of a delegation may be in a zone at a time; null: as the zone says for everybody."""

    zone_id: ZoneId
    venue_id: VenueId
    delegation_id: DelegationId
    seats: NonNegativeInt | None

    def about(self) -> str:
        return f"zone-{self.zone_id}"


class OverlayAllocated(SharedEvent, service="access"):
    """A delegation got a transferable pass, which counts beside a badge of its own only."""

    overlay_id: OverlayId
    venue_id: VenueId
    delegation_id: DelegationId
    kind: str
    number: PositiveInt

    def about(self) -> str:
        return f"overlay-{self.overlay_id}"


class OverlayCancelled(SharedEvent, service="access"):
    """A pass counts no more."""

    overlay_id: OverlayId
    venue_id: VenueId
    delegation_id: DelegationId
    reason: str

    def about(self) -> str:
        return f"overlay-{self.overlay_id}"


class OverlayHandedOver(SharedEvent, service="access", routing=("zone_id",)):
    """In a room, one person gave a pass to another of their delegation; two scans say how that moved them."""

    overlay_id: OverlayId
    venue_id: VenueId
    delegation_id: DelegationId
    zone_id: ZoneId
    from_person_id: PersonId
    to_person_id: PersonId

    def about(self) -> str:
        return f"overlay-{self.overlay_id}"


class PartyFormed(SharedEvent, service="access"):
    """A party that one scan of its leader lets in, as it is now, in full."""

    party_id: PartyId
    venue_id: VenueId
    leader_id: PersonId
    members: tuple[PersonId, ...]

    def about(self) -> str:
        return f"party-{self.party_id}"


class PartyDissolved(SharedEvent, service="access"):
    """Its people pass one by one again."""

    party_id: PartyId
    venue_id: VenueId

    def about(self) -> str:
        return f"party-{self.party_id}"
