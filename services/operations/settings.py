"""What operations reads from its environment beside what every service reads."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from chassis.run.settings import Settings


def _known(timezone: str) -> str:
    try:
        ZoneInfo(timezone)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError("no such time zone; write one as in Asia/Ho_Chi_Minh") from error
    return timezone


class OperationsSettings(Settings):
    """``PLACET_*`` variables of operations."""

    event: str | None = None
    """The gathering, as the page names it: ``hanoi-2025``."""
    timezone: Annotated[str, AfterValidator(_known)] = "UTC"
    """The venue's: what the clock on the page shows, and where a day begins."""
