"""Reads badge credentials, strictly: the one encoding an issuer writes, the one algorithm, a key we were told of.

contracts/credential.py describes the format. Verified texts are remembered by their hash and the version of the key
list; validity and status are not part of that, and are looked at each time.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contracts import credential
from contracts.credential import NotBase45
from services.access.domain.rules.entry import Reading

_REMEMBERED = 200_000  # texts

MALFORMED = Reading(problem="credential_malformed")
KEY_UNKNOWN = Reading(problem="signing_key_unknown")
SIGNATURE_INVALID = Reading(problem="signature_invalid")
WRONG_EVENT = Reading(problem="wrong_event")


class Verifier:
    """Reads the credentials of one gathering."""

    def __init__(self, event: str) -> None:
        self._event = event
        self._keys: Mapping[str, str] = {}
        self._verified: dict[bytes, Reading] = {}

    def read(self, text: str, keys: Mapping[str, str]) -> Reading:
        """What the text says. ``keys``: public keys in hex by key id; the mapping itself is its version."""
        if keys is not self._keys:
            self._keys, self._verified = keys, {}
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        known = self._verified.get(digest)
        if known is not None:
            return known
        reading = read(text, self._event, keys)
        if reading.problem is None:
            if len(self._verified) >= _REMEMBERED:
                self._verified.clear()
            self._verified[digest] = reading
        return reading


def read(text: str, event: str, keys: Mapping[str, str]) -> Reading:
    """Decodes and verifies one credential. Never raises: whatever a scanner sees is an answer."""
    if len(text) > credential.MAX_LENGTH or not text.startswith(credential.PREFIX):
        return MALFORMED
    try:
        protected, claims, signature = _parts(credential.base45_decode(text[len(credential.PREFIX) :]))
        public_key = keys.get(_key_id(protected))
        if public_key is None:
            return KEY_UNKNOWN
        signed = cbor2.dumps(["Signature1", protected, b"", claims], canonical=True)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, signed)
        return _claims(claims, event)
    except InvalidSignature:
        return SIGNATURE_INVALID
    except (NotBase45, cbor2.CBORError, ValueError, TypeError, KeyError, OverflowError, RecursionError, OSError):
        return MALFORMED


def _parts(message: bytes) -> tuple[bytes, bytes, bytes]:
    decoded = _strict(message)
    if not isinstance(decoded, cbor2.CBORTag) or decoded.tag != credential.COSE_SIGN1_TAG:
        raise ValueError("not a COSE_Sign1")
    protected, unprotected, claims, signature = decoded.value
    if unprotected != {} or not all(isinstance(part, bytes) for part in (protected, claims, signature)):
        raise ValueError("not a COSE_Sign1 of ours")
    return protected, claims, signature


def _key_id(protected: bytes) -> str:
    header = _fields(protected, {credential.ALGORITHM: int, credential.KEY_ID: bytes})
    if header[credential.ALGORITHM] != credential.EDDSA:
        raise ValueError("not an algorithm of ours")
    key_id: bytes = header[credential.KEY_ID]
    return key_id.hex()


def _claims(claims: bytes, event: str) -> Reading:
    fields = _fields(
        claims,
        {
            credential.ISSUER: str,
            credential.EXPIRES: int,
            credential.NOT_BEFORE: int,
            credential.BADGE_ID: bytes,
            credential.BADGE_VERSION: int,
        },
    )
    if fields[credential.BADGE_VERSION] < 1:
        raise ValueError("versions begin at 1")
    if fields[credential.ISSUER] != event:
        return WRONG_EVENT
    return Reading(
        badge_id=UUID(bytes=fields[credential.BADGE_ID]),
        version=fields[credential.BADGE_VERSION],
        not_before=datetime.fromtimestamp(fields[credential.NOT_BEFORE], UTC),
        expires=datetime.fromtimestamp(fields[credential.EXPIRES], UTC),
    )


def _fields(encoded: bytes, wanted: Mapping[int, type]) -> Mapping[int, Any]:
    """A map with these keys and no others, each with a value of its type; 1.0 and true are not the key 1."""
    fields = _strict(encoded)
    if not isinstance(fields, Mapping) or {(type(key), key) for key in fields} != {(int, key) for key in wanted}:
        raise ValueError("not the fields of a badge")
    if any(type(fields[key]) is not kind for key, kind in wanted.items()):
        raise ValueError("not the types of a badge's fields")
    return fields


def _strict(encoded: bytes) -> Any:
    """The one deterministic encoding of a value, and nothing behind it: two texts never mean the same badge."""
    value = cbor2.loads(encoded)
    if cbor2.dumps(value, canonical=True) != encoded:
        raise ValueError("not deterministic CBOR")
    return value
