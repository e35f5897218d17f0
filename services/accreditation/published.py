"""Which of our events the others hear of, and as what. Pure."""

from chassis.log.decider import Event
from chassis.log.published import in_same_words
from contracts import accreditation as shared
from contracts.event import SharedEvent
from services.accreditation.domain import accreditation, badge, delegation, issuer_keys, people

_in_same_words = in_same_words({
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
})  # fmt: skip
"""What the shared events have no field for (grounds, focal points) stays here."""


def publish(event: Event) -> SharedEvent | None:
    """The shared event that tells others of ``event``, or None."""
    if isinstance(event, issuer_keys.IssuerKeyPublished):
        return shared.IssuerKeyPublished(key_id=event.key_id, algorithm="Ed25519", public_key=event.public_key)
    return _in_same_words(event)
