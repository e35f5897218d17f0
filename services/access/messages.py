"""What a verdict says to the guard, in a few words that can be read aloud."""

from collections.abc import Mapping

ADMITTED = "Welcome."
EXITED = "Goodbye."

REFUSALS: Mapping[str, str] = {
    "credential_malformed": "This is not a badge of ours. Scan again, or send to the help desk.",
    "signing_key_unknown": "This badge was not made here. Send to the help desk.",
    "signature_invalid": "This badge was altered. Call the supervisor.",
    "credential_unknown": "This badge is not registered. Send to the help desk.",
    "credential_revoked": "This badge was withdrawn. Call the supervisor.",
    "credential_superseded": "A newer badge was made for this person. Keep the old one.",
    "credential_lost": "This badge was reported lost. Call the supervisor.",
    "credential_suspended": "This badge is suspended. Send to the help desk.",
    "credential_not_activated": "This badge was not handed over yet. Send to the help desk.",
    "credential_not_yet_valid": "This badge is not valid yet.",
    "credential_expired": "This badge has expired. Send to the help desk.",
    "zone_not_granted": "No access to this zone with this badge.",
    "lockdown": "Nobody enters at the moment. Please wait.",
    "path_violation": "Not seen at the entrance before this door. Scan there first.",
    "already_inside": "This badge is already inside. Check the photo; call the supervisor.",
    "zone_full": "The zone is full. Please wait until somebody leaves.",
}
"""One sentence a code; docs/refusals.md lists them with what to do."""


def message(outcome: str, reason: str | None) -> str:
    """The sentence for a verdict."""
    if reason is not None:
        return REFUSALS[reason]
    return EXITED if outcome == "exited" else ADMITTED


def standard_codes(code: str) -> dict[str, object]:
    """Until the catalogue is there."""
    return {"bacnet": 164, "onvif": "Other"}
