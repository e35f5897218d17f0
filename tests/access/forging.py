"""Making badge credentials by hand, byte for byte: true ones, and everything else that a scanner may see."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts import credential
from tests.access.controls import CLOSES, EVENT, OPENS, SIGNER

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
KEYS = {SIGNER.key_id: SIGNER.public_key}
BADGE_ID = UUID("018f0000-0000-7000-8000-000000000003")

HEADER: Mapping[Any, Any] = {1: -8, 4: bytes.fromhex(SIGNER.key_id)}
CLAIMS: Mapping[Any, Any] = {
    1: EVENT,
    4: int(CLOSES.timestamp()),
    5: int(OPENS.timestamp()),
    7: BADGE_ID.bytes,
    -70001: 1,
}


def cbor(value: object) -> bytes:
    return cbor2.dumps(value, canonical=True)


def message(
    *,
    header: Mapping[Any, Any] | bytes = HEADER,
    unprotected: object = None,
    claims: Mapping[Any, Any] | bytes = CLAIMS,
    key: Ed25519PrivateKey = KEY,
    tag: int = 18,
) -> bytes:
    """A COSE_Sign1, signed truly over whatever it holds. A part given as bytes goes in as it is."""
    protected = header if isinstance(header, bytes) else cbor(header)
    payload = claims if isinstance(claims, bytes) else cbor(claims)
    signature = key.sign(cbor(["Signature1", protected, b"", payload]))
    return cbor(cbor2.CBORTag(tag, [protected, {} if unprotected is None else unprotected, payload, signature]))


def text(encoded: bytes) -> str:
    return credential.PREFIX + credential.base45_encode(encoded)
