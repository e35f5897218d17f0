"""How a scanner becomes one of ours: a code that works once, and the token it is traded for."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid5

from chassis.edge.identity import Principal
from chassis.log.decider import Refused
from chassis.log.log import Metadata
from services.access.domain.devices import EnrolDevice, EnrolmentCodeInvalid, IssueEnrolmentCode
from services.access.domain.record.devices import Device, DeviceEnrolled
from services.access.gatekeeper import Gatekeeper
from services.access.shown_once import AlreadyShown, hashed

TOKEN_PREFIX = "placet-device-"  # noqa: S105  (what tokens begin with, not one)
_CODE_LIFETIME = timedelta(minutes=10)
_TOKEN_LIFETIME = timedelta(days=30)
_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that looks like something else
_CODE_LENGTH = 16  # 78 bits


class Enrolment:
    """Issues codes and tokens; keeps only their hashes. Lifetimes run on real time, whatever a scenario says."""

    def __init__(self, gatekeeper: Gatekeeper) -> None:
        self._gatekeeper = gatekeeper

    async def issue_code(self, gate_id: str, metadata: Metadata) -> tuple[str, datetime] | Refused:
        """A code for one device at this gate, and until when it works."""
        code = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))
        expires_at = datetime.now(UTC) + _CODE_LIFETIME
        command = IssueEnrolmentCode(code_hash=hashed(code), gate_id=gate_id, expires_at=expires_at)
        outcome = await self._gatekeeper.obey(command, metadata)
        if isinstance(outcome, Refused):
            return outcome
        return AlreadyShown("ask for another code") if outcome.replayed else (code, expires_at)

    async def enrol(self, code: str, public_key: str, metadata: Metadata) -> tuple[Device, str] | Refused:
        """The device, and its token.

        Whoever asks is nobody yet. What tells one scanner from another that chose the same idempotency key is the code,
        so that is part of the command's id; and a guess is refused here, before it could keep scans waiting.
        """
        code_hash = hashed(code.replace("-", "").upper())
        metadata = replace(metadata, command_id=uuid5(metadata.command_id, code_hash))
        device_id = uuid5(metadata.command_id, "device")
        venue = self._gatekeeper.venue
        if code_hash not in venue.devices.codes and device_id not in venue.devices.known:
            return EnrolmentCodeInvalid("ask the gate's supervisor for a new one")
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        command = EnrolDevice(
            code_hash=code_hash,
            device_id=device_id,
            public_key=public_key,
            token_hash=hashed(token),
            now=now,
            token_expires_at=now + _TOKEN_LIFETIME,
        )
        outcome = await self._gatekeeper.obey(command, metadata)
        if isinstance(outcome, Refused):
            return outcome
        if outcome.replayed:
            return AlreadyShown("the code was traded; ask for another")
        enrolled = outcome.events[0]
        assert isinstance(enrolled, DeviceEnrolled)
        return enrolled.device, token

    def principal(self, token: str) -> Principal | None:
        """The device that shows ``token``; None if it is not known, was cut off or has expired. Raises StandingBy."""
        venue = self._gatekeeper.venue
        device_id = venue.devices.tokens.get(hashed(token))
        if device_id is None:
            return None
        device = venue.devices.known[device_id]
        if device.cut_off or device.expires_at <= datetime.now(UTC):
            return None
        return Principal("device", str(device_id), frozenset({"device"}), {"gate": device.gate_id})
