"""Secrets that are shown once, when they are made: after that only their hashes are kept."""

import hashlib

from chassis.log.decider import Refused


class AlreadyShown(Refused):
    """A secret is shown once, and this one was."""

    __slots__ = ()
    code = "already_shown"


def hashed(secret: str) -> str:
    """As secrets are kept: by their SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
