"""Makes badge credentials: the signed text that a badge's QR code holds (contracts/credential.py describes it)."""

import hashlib
from datetime import datetime
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts import credential


class Issuer:
    """Signs the badges of one gathering. ``seed`` is the 32-byte Ed25519 private key."""

    def __init__(self, event: str, seed: bytes) -> None:
        self._event = event
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        raw = self._key.public_key().public_bytes_raw()
        self.public_key = raw.hex()
        self.key_id = hashlib.sha256(raw).digest()[:8].hex()

    def credential(self, badge_id: UUID, version: int, valid_from: datetime, valid_until: datetime) -> str:
        """The text of a badge. The same badge and version always give the same text."""
        protected = cbor2.dumps(
            {credential.ALGORITHM: credential.EDDSA, credential.KEY_ID: bytes.fromhex(self.key_id)}, canonical=True
        )
        claims = cbor2.dumps(
            {
                credential.ISSUER: self._event,
                credential.EXPIRES: int(valid_until.timestamp()),
                credential.NOT_BEFORE: int(valid_from.timestamp()),
                credential.BADGE_ID: badge_id.bytes,
                credential.BADGE_VERSION: version,
            },
            canonical=True,
        )
        signature = self._key.sign(cbor2.dumps(["Signature1", protected, b"", claims], canonical=True))
        message = cbor2.CBORTag(credential.COSE_SIGN1_TAG, [protected, {}, claims, signature])
        return credential.PREFIX + credential.base45_encode(cbor2.dumps(message, canonical=True))
