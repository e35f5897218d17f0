"""What a provider says of itself, and how it fares with those who wait while it says nothing."""

import asyncio
import math
import time

import httpx
from pydantic import BaseModel

from chassis.edge.keys import KeySet
from chassis.edge.problems import Problem
from chassis.run.authorities import authorities
from chassis.run.logging import Logger

_LEARN_AGAIN_S = 3_600.0
_ASK_AGAIN_S = 3.0  # after no answer: until then nobody waits for one
_PATIENCE_S = 5.0

log = Logger(__name__)


class Metadata(BaseModel):
    """What of a provider's discovery document is used here."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    revocation_endpoint: str | None = None
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]
    code_challenge_methods_supported: list[str] | None = None
    authorization_response_iss_parameter_supported: bool = False


class Discovery:
    """Learns and remembers it. While the provider is away, what it said last is good."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._known: tuple[Metadata, KeySet] | None = None
        self._learned_at = float("-inf")
        self._asking: asyncio.Task[None] | None = None
        self._silent_until = float("-inf")

    def http(self) -> httpx.AsyncClient:
        """To speak with the provider: as the web's clients do, and not as Peer, for it may lie behind a proxy."""
        return httpx.AsyncClient(timeout=_PATIENCE_S, verify=authorities(self.issuer))

    async def known(self) -> tuple[Metadata, KeySet]:
        """The document, and the keys that sign the provider's tokens. Raises Problem."""
        if time.monotonic() > self._learned_at + _LEARN_AGAIN_S and not self._silent:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._learn())
            if self._known is None:
                await asyncio.wait([self._asking])
        if self._known is None:
            raise _away()
        return self._known

    def require_answering(self) -> None:
        """Raises Problem where it was silent a moment ago: a request would wait for nothing."""
        if self._silent:
            raise _away()

    def away(self, error: Exception) -> Problem:
        """What to raise when it did not answer."""
        log.warning("provider_unreachable", error=type(error).__name__)
        self._silent_until = time.monotonic() + _ASK_AGAIN_S
        return _away()

    @property
    def _silent(self) -> bool:
        return time.monotonic() < self._silent_until

    async def _learn(self) -> None:
        address = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            async with self.http() as http:
                response = await http.get(address)
            response.raise_for_status()
            found = Metadata.model_validate_json(response.content)
            _require_usable(found, self.issuer)
        except (httpx.HTTPError, ValueError) as error:
            self.away(error)
            return
        if self._known is None or self._known[0].jwks_uri != found.jwks_uri:
            keys = KeySet(found.jwks_uri, on_change=lambda: None)
        else:
            keys = self._known[1]
        self._known, self._learned_at = (found, keys), time.monotonic()


def _require_usable(found: Metadata, issuer: str) -> None:
    """Raises ValueError for a document that is not the issuer's, or of a provider that knows no S256."""
    if found.issuer != issuer:
        raise ValueError("issuer")
    if "S256" not in (found.code_challenge_methods_supported or ["S256"]):
        raise ValueError("code_challenge_methods_supported")


def _away() -> Problem:
    detail = "Nobody can sign in until it can be. Who is signed in already goes on."
    retry_after_s = math.ceil(_ASK_AGAIN_S)
    return Problem(
        503, "provider_unreachable", "The sign-in provider cannot be reached.", detail, retry_after_s=retry_after_s
    )
