"""Text that people typed, on its way into a message: one line, and addresses that say what they seem to say."""

import re
import unicodedata
from email.headerregistry import Address

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_MAILBOX = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})*)")
_LONGEST_NAME = 64  # before the @, by RFC 5321
_LONGEST = 254
_TURNS_TEXT_ROUND = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class AddressUnusableError(ValueError):
    """No message can be sent there."""


def mailbox(name: str, email: str) -> Address:
    """An address for a header. Raises AddressUnusableError for what is not a plain ASCII address."""
    found = _MAILBOX.fullmatch(email)
    if found is None or len(found[1]) > _LONGEST_NAME or len(email) > _LONGEST:
        raise AddressUnusableError
    return Address(one_line(name), found[1], found[2])


def one_line(text: str) -> str:
    """``text`` without anything that could begin a line or a header, or show it in another order than it has."""
    return " ".join("".join(map(_harmless, text)).split())


def _harmless(char: str) -> str:
    if char in _TURNS_TEXT_ROUND:
        return ""
    match unicodedata.category(char):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cs":
            return "\ufffd"  # half a character: it could not be encoded
        case _:
            return char
