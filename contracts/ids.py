"""Identifiers as types, so that a badge is never passed where a person is meant.

Tokens are chosen by people and appear in subjects and addresses; UUIDs are made by the services and mean nothing.
"""

from typing import Annotated, NewType
from uuid import UUID

from pydantic import StringConstraints

TOKEN_PATTERN = r"^[a-z0-9-]{1,40}$"
Token = Annotated[str, StringConstraints(pattern=TOKEN_PATTERN)]

DelegationId = NewType("DelegationId", Token)
"""A delegation or another accredited body: ``vn``, ``eu``, ``media-red-river-post``."""
Category = NewType("Category", Token)
"""What somebody is accredited as: ``delegate``, ``media``, ``host-security``."""
AreaCode = NewType("AreaCode", Token)
"""What a badge opens: ``pln``, ``hlr``; several zones may share one."""
VenueId = NewType("VenueId", Token)
ZoneId = NewType("ZoneId", Token)
GateId = NewType("GateId", Token)
LaneId = NewType("LaneId", Token)
SessionId = NewType("SessionId", Token)
"""A session of the programme: ``round-table-04``."""
DeviceId = NewType("DeviceId", UUID)
OverlayId = NewType("OverlayId", UUID)
"""A transferable pass of a delegation."""
PartyId = NewType("PartyId", UUID)

PersonId = NewType("PersonId", UUID)
NominationId = NewType("NominationId", UUID)
BadgeId = NewType("BadgeId", UUID)
ScanId = NewType("ScanId", UUID)
"""Chosen by the scanner, once a scan; UUIDv7 recommended."""
NoticeId = NewType("NoticeId", UUID)
KeyId = NewType("KeyId", Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")])
"""First 8 bytes of SHA-256 over a raw Ed25519 public key, in hex."""
