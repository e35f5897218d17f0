"""What operations reads from its environment beside what every service reads."""

from chassis.run.settings import Settings


class OperationsSettings(Settings):
    """``PLACET_*`` variables of operations."""

    event: str | None = None
    """The gathering, as the page names it: ``hanoi-2025``."""
