"""What a cookie's secret opens. Everything is derived from it, each value for one purpose, none telling of another."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SIZE = 32  # bytes
_NONCE = 12


class NotOpenedError(Exception):
    """The secret is not the one it was sealed with, or what was sealed is not whole."""


class Secret:
    """32 random bytes that only one browser has."""

    def __init__(self, text: str) -> None:
        """``text``: as the cookie has it. Raises NotOpenedError for what we never made."""
        try:
            self._bytes = urlsafe_b64decode(text + "=")
        except ValueError as error:
            raise NotOpenedError from error
        if len(self._bytes) != _SIZE or self.text != text:
            raise NotOpenedError

    @classmethod
    def new(cls) -> "Secret":
        return cls(_text(os.urandom(_SIZE)))

    @property
    def text(self) -> str:
        return _text(self._bytes)

    def named(self, purpose: str) -> bytes:
        """32 bytes that only this secret gives, and that give nothing else."""
        return HKDF(SHA256(), _SIZE, salt=None, info=f"placet {purpose}".encode()).derive(self._bytes)

    def spelled(self, purpose: str) -> str:
        """The same as a word of 43 letters, digits, - and _."""
        return _text(self.named(purpose))

    def seal(self, content: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self.named("seal")).encrypt(nonce, content, None)

    def open(self, sealed: bytes) -> bytes:
        """Raises NotOpenedError."""
        try:
            return AESGCM(self.named("seal")).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except (InvalidTag, ValueError) as error:
            raise NotOpenedError from error


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
