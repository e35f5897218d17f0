"""What accreditation reads from its environment beside what every service reads."""

from pathlib import Path

from chassis.run.settings import Settings


class AccreditationSettings(Settings):
    """``PLACET_*`` variables of accreditation."""

    event: str
    """The gathering, as it stands in every badge: ``hanoi-2025``."""
    badge_key_file: Path
    """32 bytes in hex: the Ed25519 key that signs badges."""
    vault_key_file: Path
    """32 bytes in hex: the master key of the vault. Whoever loses it loses every name."""
    erasures_file: Path
    """Ids of people erased, outside the database, so that a restore can erase them again."""
