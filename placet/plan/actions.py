"""The words a plan is written in: what somebody does at a moment of scenario time.

A person is named by the key of their roster row: the e-mail address in lower case.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

from contracts.words import Direction

_PLANS = UUID("6f1d3a52-8f0b-5c1e-9a57-3c0b1f6a2d90")  # another one would rename every action of every plan

VettingOutcome = Literal["cleared", "refused", "referred"]

Reading = Literal["current", "superseded", "garbled", "truncated", "resigned", "foreign"]
"""What the scanner reads of a person's badge: its text in force; the text of the version before; the text with a
character changed; its first half; its claims signed by a key of nobody; the badge of another gathering."""

Cause = Literal[
    "garbled",
    "truncated",
    "resigned",
    "foreign",
    "expired",
    "not_activated",
    "suspended",
    "revoked",
    "lost",
    "superseded",
    "lent",
    "wrong_zone",
    "perimeter_skipped",
    "full_room",
    "lockdown",
]
"""Why the plan expects a scan to be refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    at: datetime  # UTC
    id: UUID  # the same in every plan of the scenario with this seed, and of this action alone

    @property
    def due(self) -> datetime:
        """When it reaches the services."""
        return self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteDelegation(Action):
    delegation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetQuota(Action):
    delegation: str
    category: str
    places: int  # people


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmDelegation(Action):
    delegation: str
    note_verbale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRoster(Action):
    file: str  # a key of ``Scenario.roster_files``


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVetting(Action):
    person: str
    outcome: VettingOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantAccreditation(Action):
    person: str
    extra_areas: tuple[str, ...]  # beyond those every holder of the category may enter; in the order of the matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseAccreditation(Action):
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueBadge(Action):
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateBadge(Action):
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportBadgeLost(Action):
    person: str
    stolen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceBadge(Action):
    """A new version is made; ``ActivateBadge`` follows when it is handed over."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendBadge(Action):
    person: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinstateBadge(Action):
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeBadge(Action):
    person: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareLockdown(Action):
    zone: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftLockdown(Action):
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPerson(Action):
    """Whoever keeps the watchlist wants to be told where somebody is seen; no gate notices."""

    person: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftWatch(Action):
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BringGateBack(Action):
    """The scanners of a gate that fell silent are heard again."""

    gate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(Action):
    """A badge is held before a scanner; ``id`` is the scan's id."""

    person: str | None  # who stands at the gate; None: a stranger
    gate: str
    lane: int  # from 1
    direction: Direction
    presents: Reading
    badge_of: str | None  # whose badge it is, or claims to be; None: of nobody we know
    cause: Cause | None = None  # None: the plan expects ``admitted`` or ``exited``
    taps: int = 1  # how often the scanner sends it, with the same id
    delivered_at: datetime | None = None  # UTC; the scanner was cut off and sends it only now
    sequence: int | None = None  # in its scanner's journal: it let them pass by itself, and nobody decides that again
    duress: bool = False  # the guard sets off the silent alarm

    @property
    def due(self) -> datetime:
        return self.delivered_at or self.at


Name = Callable[..., UUID]


def naming(scenario: str, seed: int) -> Name:
    """A function from whatever makes an action unique to its id."""

    def name(*key: object) -> UUID:
        return uuid5(_PLANS, ":".join(map(str, (scenario, seed, *key))))

    return name
