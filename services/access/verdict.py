"""A scan as it is posted, and a verdict as it is answered, whichever way they travel."""

import hashlib
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from contracts.ids import GateId, LaneId, PersonId, ScanId
from contracts.words import Direction, Outcome, ScanSource, StandardCodes

Credential = Annotated[str, StringConstraints(max_length=4_096)]


class PartyShown(BaseModel):
    """A party as the guard sees it: how many heads, the leader among them, and which members are not there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    heads: Annotated[int, Field(ge=1, le=1_000)]
    absent: Annotated[tuple[PersonId, ...], Field(max_length=1_000)] = ()


class ScanRequest(BaseModel):
    """One badge shown at one gate. ``scan_id`` is chosen by the scanner and makes a repeated request the same scan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scan_id: ScanId
    gate_id: GateId
    direction: Direction
    credential: Credential
    overlay: Credential | None = None
    """The text of an overlay pass, shown beside the badge."""
    companion: Credential | None = None
    """The badge of whoever comes along: an escort, a second person."""
    party: PartyShown | None = None
    """Where the badge is that of a party's leader and they come as a party."""
    lane_id: LaneId | None = None
    duress: bool = False
    """Set by the scanner's silent alarm: the screen shows a welcome, and operations are told."""
    scanned_at: AwareDatetime
    source: ScanSource

    def content_hash(self) -> str:
        """What must be the same for the same ``scan_id``."""
        text = f"{self.gate_id}\n{self.direction}\n{self.source}\n{self.scanned_at.isoformat()}\n{self.credential}"
        if self.overlay or self.companion or self.party or self.lane_id or self.duress:
            text += f"\n{self.overlay}\n{self.companion}\n{self.party}\n{self.lane_id}\n{self.duress}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Check(BaseModel):
    model_config = ConfigDict(frozen=True)

    code: str
    ok: bool


class HolderShown(BaseModel):
    """Who the guard has before them; null until it is known at the gate."""

    person_id: UUID
    name: str
    category: str
    language: str
    photo_url: str | None = None


class ZoneShown(BaseModel):
    id: str
    name: str


class OccupancyShown(BaseModel):
    """People in the zone behind the gate, after this scan; ``capacity`` null: no limit."""

    count: int
    capacity: int | None


class Together(BaseModel):
    """One of those who came with somebody else's scan. ``scan_id``: of their own record."""

    scan_id: UUID
    person_id: UUID
    outcome: Outcome
    reason: str | None


class Verdict(BaseModel):
    """The answer to a scan."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    scan_id: UUID
    outcome: Literal["admitted", "refused", "exited"]
    reason: str | None
    checks: tuple[Check, ...]
    warnings: tuple[str, ...]
    message: str
    """To the guard, in the language of the request."""
    guest_message: str
    """To the guest, in theirs as far as it is known, else in the guard's."""
    warning_messages: tuple[str, ...]
    """What each warning says, to the guard."""
    standard_codes: StandardCodes | None
    """The reason as building systems call it."""
    holder: HolderShown | None
    zone: ZoneShown
    occupancy: OccupancyShown | None
    policy_version: int
    decided_at: AwareDatetime
    position: int
    """Of its record in the log."""
    replayed: bool
    """Whether this scan had been answered before, with this verdict."""
    together: tuple[Together, ...] | None = Field(default=None, alias="with")
    """Who passed with it, or was refused; null where the scan was of one person alone."""


class PinRequest(BaseModel):
    """A head of State or of delegation walks in or out: one tap. ``scan_id`` makes a repeated request the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scan_id: ScanId
    gate_id: GateId
    lane_id: LaneId | None = None
    direction: Direction
    person_id: PersonId

    def content_hash(self) -> str:
        """What must be the same for the same ``scan_id``."""
        text = f"pin\n{self.gate_id}\n{self.lane_id}\n{self.direction}\n{self.person_id}"
        return hashlib.sha256(text.encode()).hexdigest()
