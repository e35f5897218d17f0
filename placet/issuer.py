"""The local issuer of an embedded run: tokens for people and services, and the key set that vouches for them."""

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.run.embedded.folder import DataFolder

ISSUER = "placet-local"
AUDIENCE = "placet"


class LocalIssuer:
    """Signs with a key that never leaves the data folder."""

    def __init__(self, folder: DataFolder) -> None:
        seed = bytes.fromhex(folder.secret_file("issuer-key", lambda: os.urandom(32).hex().encode()).read_text())
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._key.public_key().public_bytes_raw()
        self._key_id = hashlib.sha256(public).hexdigest()[:16]
        self.jwks = folder.root / "jwks.json"
        key = {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self._key_id, "x": _base64(public)}
        if not self.jwks.exists():
            self.jwks.write_text(json.dumps({"keys": [key]}, indent=2))

    def token(
        self, roles: Sequence[str], lifetime: timedelta, subject: str | None = None, delegation: str | None = None
    ) -> str:
        """A bearer token; ``subject`` is an opaque id, made up if absent."""
        now = datetime.now(UTC)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject or uuid4().hex,
            "roles": list(roles),
            "iat": now,
            "exp": now + lifetime,
            **({"delegation": delegation} if delegation else {}),
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._key_id})

    def service_token_file(self, service: str, folder: DataFolder) -> Path:
        """A fresh token by which one service shows itself to the others, in a 0600 file."""
        file = folder.secrets / f"{service}.token"
        unfinished = file.with_suffix(".new")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(self.token(["service"], timedelta(days=30), subject=service))
        unfinished.rename(file)
        return file


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
