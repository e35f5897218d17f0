"""What a scanner reads: good badges as they are, and every kind of bad one."""

import hashlib

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts import credential
from placet.plan.actions import Reading

_NOBODYS_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"a key of nobody").digest())


def spoilt(text: str, reading: Reading) -> str:
    """``text`` of a good badge as a scanner reads it when it is not quite that badge."""
    match reading:
        case "garbled":
            middle = len(text) // 2
            return text[:middle] + ("0" if text[middle] != "0" else "1") + text[middle + 1 :]
        case "truncated":
            return text[: len(text) // 2]
        case "resigned":
            return _signed_by_nobody(text)
        case _:
            return text


def foreign() -> str:
    """The badge of another gathering: well made, signed with a key we were never told of."""
    public = _NOBODYS_KEY.public_key().public_bytes_raw()
    header = {credential.ALGORITHM: credential.EDDSA, credential.KEY_ID: hashlib.sha256(public).digest()[:8]}
    return _assembled(cbor2.dumps(header, canonical=True), _foreign_claims())


def _foreign_claims() -> bytes:
    claims = {
        credential.ISSUER: "elsewhere-2025",
        credential.EXPIRES: 1_893_456_000,
        credential.NOT_BEFORE: 1_577_836_800,
        credential.BADGE_ID: hashlib.sha256(b"a badge of elsewhere").digest()[:16],
        credential.BADGE_VERSION: 1,
    }
    return cbor2.dumps(claims, canonical=True)


def _signed_by_nobody(text: str) -> str:
    """The claims and key id of a good badge under another signature: what a forger without the key can make."""
    message = cbor2.loads(credential.base45_decode(text.removeprefix(credential.PREFIX)))
    protected, _, claims, _ = message.value
    return _assembled(protected, claims)


def _assembled(protected: bytes, claims: bytes) -> str:
    signature = _NOBODYS_KEY.sign(cbor2.dumps(["Signature1", protected, b"", claims], canonical=True))
    message = cbor2.CBORTag(credential.COSE_SIGN1_TAG, [protected, {}, claims, signature])
    return credential.PREFIX + credential.base45_encode(cbor2.dumps(message, canonical=True))
