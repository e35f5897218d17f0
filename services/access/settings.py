"""What access reads from its environment beside what every service reads."""

from chassis.run.settings import Settings


class AccessSettings(Settings):
    """``PLACET_*`` variables of access."""

    event: str
    """The gathering whose badges are accepted: ``hanoi-2025``."""
    venue: str
    """The venue this process decides for: ``ncc``."""
    reads_as: str = "access"
    """The name in which streams are read: ``access-from-accreditation`` is a durable. Where several venues share a
    database, each reads for itself: ``access-ncc``, and the NATS user has to be allowed it.
    """
