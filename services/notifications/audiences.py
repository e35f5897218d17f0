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

Audience = Literal["person", "focal_point", "duty", "operations_room"]
"""The person the event is about; the focal point of its delegation; everybody in the file of duty contacts, or only
the one that ``OPERATIONS_ROOM`` names."""
OPERATIONS_ROOM = "operations-room"

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
}
"""Every message is an e-mail, in the recipient's language: templates/<template>.<language>.txt."""
DISCREET = frozenset(template for event, (template, _) in AUDIENCES.items() if event.discreet)
"""Of which nobody else may hear, not even that there was a notice."""
