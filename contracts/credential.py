"""The badge credential: the text in a badge's QR code. Both sides of the wire format, without its cryptography.

``AC1:`` and the base45 of a COSE_Sign1 (RFC 9052, tagged 18) over a CWT (RFC 8392), signed with Ed25519. The protected
header holds the algorithm (-8) and the key id; the claims are those below and no others, in deterministic CBOR
(RFC 8949, section 4.2). Nothing in it tells who the holder is. An issuer encodes, a gate decodes; the services that do
so do not know each other.
"""

PREFIX = "AC1:"
MAX_LENGTH = 512  # characters; ours have about 190

COSE_SIGN1_TAG = 18
ALGORITHM = 1  # header label
KEY_ID = 4  # header label
EDDSA = -8

ISSUER = 1  # claim: the event, "hanoi-2025"
EXPIRES = 4  # claim: seconds since 1970
NOT_BEFORE = 5  # claim: seconds since 1970
BADGE_ID = 7  # claim: 16 bytes
BADGE_VERSION = -70001  # claim, private use: 1, 2, ...

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {char: value for value, char in enumerate(_ALPHABET)}


class NotBase45(ValueError):
    """The text is not base45."""


def base45_encode(data: bytes) -> str:
    """RFC 9285: the alphabet that QR codes hold most densely."""
    parts = []
    for index in range(0, len(data) - 1, 2):
        rest, c = divmod(int.from_bytes(data[index : index + 2], "big"), 45)
        e, d = divmod(rest, 45)
        parts.append(_ALPHABET[c] + _ALPHABET[d] + _ALPHABET[e])
    if len(data) % 2:
        d, c = divmod(data[-1], 45)
        parts.append(_ALPHABET[c] + _ALPHABET[d])
    return "".join(parts)


def base45_decode(text: str) -> bytes:
    """Raises NotBase45 for anything that ``base45_encode`` would not have written."""
    if len(text) % 3 == 1:
        raise NotBase45("a character is missing")
    try:
        values = [_VALUES[char] for char in text]
    except KeyError as error:
        raise NotBase45("a character is not of the alphabet") from error
    data = bytearray()
    for index in range(0, len(values), 3):
        group = values[index : index + 3]
        number = sum(value * 45**power for power, value in enumerate(group))
        size = len(group) - 1
        if number >= 256**size:
            raise NotBase45("a group is too large")
        data += number.to_bytes(size, "big")
    return bytes(data)
