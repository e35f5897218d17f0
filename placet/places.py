"""Where things lie in what was installed."""

from pathlib import Path

from contracts.words import ServiceName

ROOT = Path(__file__).parent.parent


def migrations_of(service: ServiceName) -> Path:
    """The folder of a service's own migrations; it may not exist."""
    return ROOT / "services" / service / "migrations"
