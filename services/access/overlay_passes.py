"""The texts of overlay passes: made here, shown once, kept by their hashes."""

import base64
import secrets
from collections.abc import Sequence
from uuid import UUID, uuid5

from chassis.log.decider import Refused
from chassis.log.log import Metadata
from services.access.domain.overlays import AllocateOverlays
from services.access.domain.record.overlays import Overlay, OverlayAllocated
from services.access.gatekeeper import Gatekeeper
from services.access.shown_once import AlreadyShown, hashed

_PREFIX = "OV1:"
_BYTES = 16  # chance, of a text


async def allocate(
    gatekeeper: Gatekeeper, delegation_id: str, kind: str, count: int, metadata: Metadata
) -> Sequence[tuple[Overlay, str]] | Refused:
    """New passes of a delegation, each with what is to be printed on it. Raises UnavailableError."""
    texts = {uuid5(metadata.command_id, str(number)): _text() for number in range(count)}
    hashes: dict[UUID, str] = {overlay_id: hashed(text) for overlay_id, text in texts.items()}
    command = AllocateOverlays(delegation_id=delegation_id, kind=kind, texts=hashes)
    outcome = await gatekeeper.obey(command, metadata)
    if isinstance(outcome, Refused):
        return outcome
    if outcome.replayed:
        return AlreadyShown("cancel these passes and ask for others")
    new = [event.overlay for event in outcome.events if isinstance(event, OverlayAllocated)]
    return [(overlay, texts[overlay.overlay_id]) for overlay in new]


def _text() -> str:
    return _PREFIX + base64.b32encode(secrets.token_bytes(_BYTES)).decode().rstrip("=")
