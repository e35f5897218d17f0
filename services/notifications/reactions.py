"""What other services' events make notifications do: their event to our commands. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from contracts import access, accreditation, operations
from contracts.event import SharedEvent
from services.notifications.audiences import AUDIENCES, COMMANDER, OPERATIONS_ROOM, Audience
from services.notifications.domain.notice import Fact, QueueNotice, Recipient

_CHANNEL = "email"
_COMMANDERS = 2
"""The level of an escalation that reaches the commander; the one before it asks the room to look."""

_NOWHERE = "-"


def react(event: SharedEvent, source_event_id: UUID, happened_at: datetime, duties: Sequence[str]) -> list[QueueNotice]:
    """A command for each of those who must know; none for an event that is nobody's news.

    ``duties`` are those that somebody is on. The same event and recipient give the same notice for ever.
    """
    if type(event) not in AUDIENCES or not _is_grave(event):
        return []
    template, audiences = AUDIENCES[type(event)]
    facts = _facts(event, happened_at)
    return [
        QueueNotice(
            notice_id=notice_id(source_event_id, recipient),
            source_event_id=source_event_id,
            template=template,
            channel=_CHANNEL,
            recipient=recipient,
            facts=facts,
        )
        for audience in audiences
        for recipient in _recipients(event, audience, duties)
    ]


def notice_id(source_event_id: UUID, recipient: Recipient) -> UUID:
    """One notice an event, recipient and channel."""
    return uuid5(source_event_id, f"{_CHANNEL}:{recipient.kind}:{recipient.id}")


def queueing_id(notice: UUID) -> UUID:
    """The id of the command that queues a notice."""
    return uuid5(notice, "queue")


def _recipients(event: SharedEvent, audience: Audience, duties: Sequence[str]) -> Iterator[Recipient]:
    match audience, event:
        case "duty", _:
            yield from (Recipient(kind="duty", id=duty) for duty in duties)
        case "operations_room", _:
            yield from (Recipient(kind="duty", id=duty) for duty in duties if duty == OPERATIONS_ROOM)
        case "commander", operations.IncidentEscalated() | operations.DiscreetIncidentChanged() if (
            event.escalated < _COMMANDERS
        ):
            return
        case "commander", _:
            yield from (Recipient(kind="duty", id=duty) for duty in duties if duty == COMMANDER)
        case "person", accreditation.AccreditationGranted() | accreditation.BadgeIssued():
            yield Recipient(kind="person", id=str(event.person_id))
        case "focal_point", accreditation.DelegationConfirmed() | accreditation.BadgeRevoked():
            yield Recipient(kind="focal_point", id=event.delegation_id)
        case _:
            raise TypeError(f"{type(event).__name__} does not say who its {audience} is")


def _is_grave(event: SharedEvent) -> bool:
    """Whether an incident is anybody's mail: most are on the screens, where people work on them."""
    match event:
        case operations.IncidentReported(severity=severity):
            return severity == 1
        case operations.DiscreetIncidentChanged(change=change):
            return change == "escalated"  # that it was reported, the alert of what it is about has told
        case _:
            return True


def _facts(event: SharedEvent, happened_at: datetime) -> Mapping[str, Fact]:
    """What a message may say, by the name of its place in the template."""
    match event:
        case accreditation.DelegationConfirmed():
            return {"delegation": event.delegation_id, "note_verbale": event.note_verbale}
        case accreditation.AccreditationGranted() | accreditation.BadgeIssued():
            return {
                "delegation": event.delegation_id,
                "category": event.category,
                "areas": ", ".join(area.upper() for area in event.areas),  # as they stand on the badge
                "valid_from": event.valid_from.isoformat(),
                "valid_until": event.valid_until.isoformat(),
            }
        case accreditation.BadgeRevoked():
            return {
                "badge": str(event.badge_id),
                "delegation": event.delegation_id,
                "reason": event.reason,
                "happened_at": happened_at.isoformat(),
            }
        case access.ZoneCapacityReached():
            return {
                "zone": event.names.model_dump(),
                "count": str(event.occupancy.count),
                "capacity": str(event.occupancy.capacity),
                "happened_at": happened_at.isoformat(),
            }
        case access.LockdownDeclared():
            return {"zone": event.names.model_dump(), "reason": event.reason, "happened_at": happened_at.isoformat()}
        case access.EvacuationOrdered():
            return {
                "zone": event.names.model_dump(),
                "reason": event.reason,
                "expected": str(event.expected),
                "unidentified": str(event.unidentified),
                "happened_at": happened_at.isoformat(),
            }
        case access.DuressSignalled():
            return {
                "gate": event.gate_id,
                "zone": event.zone_id,
                "scan": str(event.scan_id),
                "happened_at": happened_at.isoformat(),
            }
        case access.WatchedPersonSeen():
            return {
                "gate": event.gate_id,
                "zone": event.zone_id,
                "scan": str(event.scan_id),
                "person": str(event.person_id),
                "outcome": event.outcome,
                "happened_at": happened_at.isoformat(),
            }
        case operations.IncidentReported():
            return _of_incident(event, happened_at) | _where(event)
        case operations.IncidentEscalated():
            level = {"state": event.state, "level": str(event.escalated)}
            return _of_incident(event, happened_at) | _where(event) | level
        case operations.DiscreetIncidentChanged():  # neither what it is nor where: a message travels in the open
            return _of_incident(event, happened_at) | {"level": str(event.escalated)}
        case operations.ShiftHandedOver():
            return {
                "incoming": event.incoming,
                "accepted": str(event.accepted),
                "kept": str(event.kept),
                "happened_at": happened_at.isoformat(),
            }
        case _:
            raise TypeError(f"{type(event).__name__} has an audience and no facts")


def _of_incident(
    event: operations.IncidentReported | operations.IncidentEscalated | operations.DiscreetIncidentChanged,
    happened_at: datetime,
) -> dict[str, Fact]:
    return {
        "number": str(event.number),
        "severity": str(event.severity),
        "happened_at": happened_at.isoformat(),
    }


def _where(event: operations.IncidentReported | operations.IncidentEscalated) -> dict[str, Fact]:
    return {"kind": event.kind, "gate": event.gate_id or _NOWHERE, "zone": event.zone_id or _NOWHERE}
