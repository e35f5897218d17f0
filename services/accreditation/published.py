"""Which of our events the others hear of, and as what. Pure."""

from chassis.log.decider import Event
from contracts import accreditation as shared
from contracts.event import SharedEvent
from services.accreditation.domain import accreditation, badge, delegation, issuer_keys, people

_SAME_WORDS: dict[type[Event], type[SharedEvent]] = {
    delegation.DelegationInvited: shared.DelegationInvited,
    delegation.DelegationConfirmed: shared.DelegationConfirmed,
    delegation.DelegateNominated: shared.DelegateNominated,
    accreditation.AccreditationGranted: shared.AccreditationGranted,
    accreditation.AccreditationRefused: shared.AccreditationRefused,
    badge.BadgeIssued: shared.BadgeIssued,
    badge.BadgeActivated: shared.BadgeActivated,
    badge.BadgeReportedLost: shared.BadgeReportedLost,
    badge.BadgeReplaced: shared.BadgeReplaced,
    badge.BadgeSuspended: shared.BadgeSuspended,
    badge.BadgeReinstated: shared.BadgeReinstated,
    badge.BadgeRevoked: shared.BadgeRevoked,
    people.PersonalDataErased: shared.PersonalDataErased,
}
"""Told with the fields the shared event has; what it has not (grounds, focal points) stays here."""


def publish(event: Event) -> SharedEvent | None:
    """The shared event that tells others of ``event``, or None."""
    if isinstance(event, issuer_keys.IssuerKeyPublished):
        return shared.IssuerKeyPublished(key_id=event.key_id, algorithm="Ed25519", public_key=event.public_key)
    told_as = _SAME_WORDS.get(type(event))
    return None if told_as is None else told_as.model_validate(event.model_dump())
