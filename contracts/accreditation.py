"""What accreditation tells the others: who was invited, confirmed, accredited and badged. Never a name of a person."""

from typing import Literal

from pydantic import AwareDatetime, PositiveInt

from contracts.event import SharedEvent
from contracts.ids import AreaCode, BadgeId, Category, DelegationId, KeyId, NominationId, PersonId
from contracts.words import DelegationKind, Language, Names


class DelegationInvited(SharedEvent, service="accreditation"):
    """The host asked a state or body to come."""

    delegation_id: DelegationId
    kind: DelegationKind
    names: Names
    language: Language

    def about(self) -> str:
        return f"delegation-{self.delegation_id}"


class DelegationConfirmed(SharedEvent, service="accreditation"):
    """The delegation said by note verbale that it comes."""

    delegation_id: DelegationId
    kind: DelegationKind
    note_verbale: str
    """Reference of the note, as the desk filed it."""

    def about(self) -> str:
        return f"delegation-{self.delegation_id}"


class DelegateNominated(SharedEvent, service="accreditation"):
    """A delegation named a person for a category, within its quota."""

    nomination_id: NominationId
    person_id: PersonId
    delegation_id: DelegationId
    category: Category

    def about(self) -> str:
        return f"nomination-{self.nomination_id}"


class AccreditationGranted(SharedEvent, service="accreditation"):
    """A person may come, for these areas and this time. No badge exists yet."""

    nomination_id: NominationId
    person_id: PersonId
    delegation_id: DelegationId
    category: Category
    areas: tuple[AreaCode, ...]
    valid_from: AwareDatetime
    valid_until: AwareDatetime

    def about(self) -> str:
        return f"nomination-{self.nomination_id}"


class AccreditationRefused(SharedEvent, service="accreditation"):
    """A person may not come. The ground stays with the authority that knows it."""

    nomination_id: NominationId
    person_id: PersonId
    delegation_id: DelegationId

    def about(self) -> str:
        return f"nomination-{self.nomination_id}"


class BadgeIssued(SharedEvent, service="accreditation"):
    """A badge was made, version 1. It opens nothing until it is activated at hand-over."""

    badge_id: BadgeId
    version: PositiveInt
    nomination_id: NominationId
    person_id: PersonId
    delegation_id: DelegationId
    category: Category
    areas: tuple[AreaCode, ...]
    valid_from: AwareDatetime
    valid_until: AwareDatetime

    def about(self) -> str:
        return f"badge-{self.badge_id}"


class BadgeActivated(SharedEvent, service="accreditation"):
    """The holder showed who they are and took the badge: this version opens gates from now on."""

    badge_id: BadgeId
    version: PositiveInt
    person_id: PersonId

    def about(self) -> str:
        return f"badge-{self.badge_id}"


class BadgeReportedLost(SharedEvent, service="accreditation"):
    """The badge is not with its holder: no gate opens to this version any more."""

    badge_id: BadgeId
    version: PositiveInt
    person_id: PersonId
    delegation_id: DelegationId
    stolen: bool = False
    """Whether somebody took it, as far as is known."""

    def about(self) -> str:
        return f"badge-{self.badge_id}"


class BadgeReplaced(SharedEvent, service="accreditation"):
    """A new version was made; every earlier one is superseded. The new one awaits activation."""

    badge_id: BadgeId
    version: PositiveInt
    person_id: PersonId

    def about(self) -> str:
        return f"badge-{self.badge_id}"


class BadgeSuspended(SharedEvent, service="accreditation"):
    """The badge opens nothing until it is reinstated."""

    badge_id: BadgeId
    person_id: PersonId
    reason: str

    def about(self) -> str:
        return f"badge-{self.badge_id}"


class BadgeReinstated(SharedEvent, service="accreditation"):
    """The suspension is over."""

    badge_id: BadgeId
    person_id: PersonId

    def about(self) -> str:
        return f"badge-{self.badge_id}"


class BadgeRevoked(SharedEvent, service="accreditation"):
    """The badge is dead for good, every version of it."""

    badge_id: BadgeId
    person_id: PersonId
    delegation_id: DelegationId
    reason: str
    """A code from the desk's list, never a sentence about the person."""

    def about(self) -> str:
        return f"badge-{self.badge_id}"


class IssuerKeyPublished(SharedEvent, service="accreditation"):
    """A key that signs badges; gates trust it from now on."""

    key_id: KeyId
    algorithm: Literal["Ed25519"]
    public_key: str
    """32 raw bytes in hex."""

    def about(self) -> str:
        return f"issuer-key-{self.key_id}"


class PersonalDataErased(SharedEvent, service="accreditation"):
    """What was known of a person is gone; whoever cached any of it forgets it now."""

    person_id: PersonId

    def about(self) -> str:
        return f"person-{self.person_id}"
