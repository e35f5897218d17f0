"""What access reads from its environment beside what every service reads."""

from pydantic import Field

from chassis.run.settings import Settings
from services.access.fleet import SILENT_AFTER_S


class AccessSettings(Settings):
    """``PLACET_*`` variables of access."""

    event: str
    """The gathering whose badges are accepted: ``hanoi-2025``."""
    venue: str
    """The venue this process decides for: ``ncc``."""
    silent_after_s: float = Field(default=SILENT_AFTER_S, gt=0)
    """Seconds without a sign of life after which a scanner counts as silent."""
    reads_as: str = "access"
    """The name in which streams are read: ``access-from-accreditation`` is a durable. Where several venues share a
    database, each reads for itself: ``access-ncc``, and the NATS user has to be allowed it.
    """
