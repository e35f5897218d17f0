"""Which of our events the others hear of, and as what. Pure."""

from collections.abc import Mapping

from chassis.log.decider import Event
from contracts import operations as shared
from contracts.event import SharedEvent
from services.operations.domain import incident_record as record
from services.operations.domain.shift_record import ShiftHandedOver

_TOLD_AS: Mapping[type[Event], type[SharedEvent]] = {
    record.IncidentReported: shared.IncidentReported,
    record.IncidentTriaged: shared.IncidentTriaged,
    record.IncidentAssigned: shared.IncidentAssigned,
    record.IncidentAcknowledged: shared.IncidentAcknowledged,
    record.IncidentEscalated: shared.IncidentEscalated,
    record.IncidentContained: shared.IncidentContained,
    record.IncidentResolved: shared.IncidentResolved,
    record.IncidentClosed: shared.IncidentClosed,
    record.IncidentReopened: shared.IncidentReopened,
    record.IncidentMerged: shared.IncidentMerged,
}
"""What is noted, or repeats, stays here; and so does every word that somebody wrote."""


def publish(event: Event) -> SharedEvent | None:
    """The shared event that tells others of ``event``, or None."""
    if isinstance(event, ShiftHandedOver):
        return shared.ShiftHandedOver(
            handover_id=event.handover_id,
            outgoing=event.outgoing,
            incoming=event.by,
            accepted=len(event.accepted),
            kept=len(event.kept),
        )
    told_as = _TOLD_AS.get(type(event))
    if told_as is None:
        return None
    assert isinstance(event, record.IncidentEvent)
    fields = {**event.model_dump(exclude={"incident"}), **event.incident.model_dump()}
    if event.incident.discreet:
        return shared.DiscreetIncidentChanged.model_validate({**fields, "change": record.change(type(event))})
    return told_as.model_validate(fields)
