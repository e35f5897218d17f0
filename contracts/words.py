"""Small shared value types: names in the languages of the house, kinds, outcomes."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

ServiceName = Literal["accreditation", "access", "notifications", "operations"]

Language = Literal["en", "fr", "vi"]
LANGUAGES: tuple[Language, ...] = ("en", "fr", "vi")

DelegationKind = Literal["state", "observer", "reio", "un", "igo", "ngo", "media", "host", "exhibitor"]
STATE_KINDS: tuple[DelegationKind, ...] = ("state", "observer", "reio")
"""The kinds that count as delegations of the conference; the others are bodies that are accredited with them."""

ZoneClass = Literal["open", "controlled", "exclusive", "medical"]
Direction = Literal["in", "out"]
Outcome = Literal["admitted", "refused", "exited"]
ScanSource = Literal["scanner", "kiosk", "turnstile", "manual"]
Basis = Literal["badge", "pin", "party", "companion", "handover", "override", "journal"]
RoomPage = Literal["people", "delegations", "zones", "gates", "incidents", "orders", "timeline"]
"""A page of the operations room on which somebody is looked at: what a look is recorded to have been for."""
Passback = Literal["none", "soft", "hard", "timed"]
GateDirection = Literal["both", "in", "out"]
GateKind = Literal["standard", "vip", "media", "accessible", "staff"]
GateState = Literal["open", "closed", "out_of_service"]


class Names(BaseModel):
    """What something is called, in the languages notices and screens are written in."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    en: str
    fr: str
    vi: str


class StandardCodes(BaseModel):
    """A reason as other systems call it: the access event number of BACnet (ASHRAE 135), the denied reason of ONVIF."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    bacnet: int
    onvif: str


class Occupancy(BaseModel):
    """People believed inside a zone, and how many it holds; ``capacity`` null: no limit."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    count: int
    capacity: int | None = None
