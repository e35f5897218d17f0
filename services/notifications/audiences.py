"""Who hears of what: shared event -> template and audience. The one table to change when somebody else must know."""

from collections.abc import Mapping
from typing import Literal

from contracts.access import (
    DuressSignalled,
    EvacuationOrdered,
    LockdownDeclared,
    WatchedPersonSeen,
    ZoneCapacityReached,
)
from contracts.accreditation import AccreditationGranted, BadgeIssued, BadgeRevoked, DelegationConfirmed
from contracts.event import SharedEvent
from contracts.operations import DiscreetIncidentChanged, IncidentEscalated, IncidentReported, ShiftHandedOver

Audience = Literal["person", "focal_point", "duty", "operations_room", "commander"]
"""The person the event is about; the focal point of its delegation; everybody in the file of duty contacts, or only
the one that ``OPERATIONS_ROOM`` or ``COMMANDER`` names."""
OPERATIONS_ROOM = "operations-room"
COMMANDER = "commander"

AUDIENCES: Mapping[type[SharedEvent], tuple[str, tuple[Audience, ...]]] = {
    DelegationConfirmed: ("delegation_confirmed", ("focal_point",)),
    AccreditationGranted: ("accreditation_granted", ("person",)),
    BadgeIssued: ("badge_issued", ("person",)),
    BadgeRevoked: ("badge_revoked", ("focal_point", "duty")),
    ZoneCapacityReached: ("zone_capacity_reached", ("duty",)),
    LockdownDeclared: ("lockdown_declared", ("duty",)),
    EvacuationOrdered: ("evacuation_ordered", ("duty",)),
    DuressSignalled: ("duress_signalled", ("operations_room",)),
    WatchedPersonSeen: ("watched_person_seen", ("operations_room",)),
    IncidentReported: ("incident_reported", ("operations_room", "commander")),
    IncidentEscalated: ("incident_escalated", ("operations_room", "commander")),
    DiscreetIncidentChanged: ("discreet_incident_escalated", ("operations_room", "commander")),
    ShiftHandedOver: ("shift_handed_over", ("operations_room", "commander")),
}
"""Every message is an e-mail, in the recipient's language: templates/<template>.<language>.txt. Of incidents only what
``reactions`` calls grave is anybody's mail."""
DISCREET = frozenset(template for event, (template, _) in AUDIENCES.items() if event.discreet)
"""Of which nobody else may hear, not even that there was a notice."""
