"""An OIDC provider and us, its client: the authorisation code flow with PKCE, and refreshing.

With httpx and PyJWT, which check every token of ours already: keys are learned, renewed and forgotten in one way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import jwt
from pydantic import BaseModel, ValidationError

from chassis.edge.identity import ALGORITHMS
from chassis.edge.problems import Problem
from chassis.run.logging import Logger
from services.operations.settings import OperationsSettings
from services.operations.signing_in.discovery import Discovery, Metadata
from services.operations.signing_in.sessions import NoLongerWelcomeError, Tokens

_LEEWAY_S = 60  # between the provider's clock and ours

log = Logger(__name__)


class TokenAnswer(BaseModel):
    """What the token endpoint answers."""

    access_token: str
    id_token: str | None = None
    refresh_token: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """What we are to the provider."""

    issuer: str
    client_id: str
    secret: Callable[[], str]
    """Asked each time, so that a renewed one is picked up; empty for a public client."""
    scopes: str
    redirect_uri: str


class Provider:
    """One provider and us, its client. Whatever goes wrong is a Problem with a stable code."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._discovery = Discovery(client.issuer)

    async def address(self, state: str, nonce: str, challenge: str) -> str:
        """Where the browser goes to sign in. Raises Problem."""
        metadata, _ = await self._discovery.known()
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.redirect_uri,
            "scope": self._client.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return _with(metadata.authorization_endpoint, asked)

    async def sign_out_address(self, back_to: str) -> str | None:
        """Where the browser ends its session at the provider, if the provider has such a page and answers."""
        try:
            metadata, _ = await self._discovery.known()
        except Problem:
            return None
        if metadata.end_session_endpoint is None:
            return None
        asked = {"client_id": self._client.client_id, "post_logout_redirect_uri": back_to}
        return _with(metadata.end_session_endpoint, asked)

    async def is_from(self, issuer: str | None) -> bool:
        """Whether an answer that names ``issuer`` (RFC 9207) is this provider's. Raises Problem."""
        metadata, _ = await self._discovery.known()
        if issuer is None:
            return not metadata.authorization_response_iss_parameter_supported
        return issuer == metadata.issuer

    async def trade(self, code: str, verifier: str, nonce: str) -> TokenAnswer:
        """The tokens for a code; the id token is checked. Raises Problem."""
        answer = await self._token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=self._client.redirect_uri,
            code_verifier=verifier,
        )
        if answer is None:
            raise Problem(403, "code_refused", "The provider did not take the code back.", "Sign in again.")
        await self._check(answer, nonce)
        return answer

    async def refreshed(self, refresh_token: str) -> Tokens:
        """The tokens for a refresh token. Raises NoLongerWelcomeError, and Problem."""
        answer = await self._token(grant_type="refresh_token", refresh_token=refresh_token)
        if answer is None:
            raise NoLongerWelcomeError
        try:
            return Tokens(answer.access_token, expiry(answer.access_token), answer.refresh_token or refresh_token)
        except (jwt.InvalidTokenError, KeyError) as error:
            raise _unsuitable("its access token is not a JWT that expires") from error

    async def revoke(self, refresh_token: str) -> None:
        """From now on the provider gives nothing for it (RFC 7009), if it has such an endpoint. Raises Problem."""
        metadata, _ = await self._discovery.known()
        if metadata.revocation_endpoint is None:
            return
        asked = {"token": refresh_token, "token_type_hint": "refresh_token"}
        response = await self._ask(metadata, metadata.revocation_endpoint, asked)
        if not response.is_success:
            raise _unsuitable(f"it does not revoke: {response.status_code}")

    async def _token(self, **asked: str) -> TokenAnswer | None:
        """None where the provider refuses this code or refresh token; other refusals are our set-up's fault."""
        metadata, _ = await self._discovery.known()
        response = await self._ask(metadata, metadata.token_endpoint, asked)
        try:
            if response.is_success:
                return TokenAnswer.model_validate_json(response.content)
            refusal = response.json()["error"]
        except (ValidationError, ValueError, KeyError, TypeError) as error:
            raise _unsuitable("its token endpoint answers with something else") from error
        if refusal == "invalid_grant":
            return None
        log.error("provider_refuses_us", code=str(refusal)[:40])
        raise _unsuitable(f"it refuses us: {str(refusal)[:40]}")

    async def _ask(self, metadata: Metadata, address: str, asked: Mapping[str, str]) -> httpx.Response:
        """Asks as the client that we are. Raises Problem where there is no answer."""
        self._discovery.require_answering()
        client_id, secret = self._client.client_id, self._client.secret()
        authentication = httpx.Auth()
        if not secret:
            asked = {**asked, "client_id": client_id}
        elif "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            authentication = httpx.BasicAuth(quote(client_id, safe=""), quote(secret, safe=""))
        else:
            asked = {**asked, "client_id": client_id, "client_secret": secret}
        try:
            async with self._discovery.http() as http:
                response = await http.post(address, data=asked, auth=authentication)
        except httpx.HTTPError as error:
            raise self._discovery.away(error) from error
        if response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise self._discovery.away(httpx.HTTPError(str(response.status_code)))
        return response

    async def _check(self, answer: TokenAnswer, nonce: str) -> None:
        """The id token is the provider's, for us, and for this attempt. Raises Problem."""
        try:
            claims = await self._claims(answer.id_token or "")
            if claims.get("nonce") == nonce and claims.get("azp", self._client.client_id) == self._client.client_id:
                return
            why = "Nonce"
        except (jwt.InvalidTokenError, jwt.PyJWKError, ValueError) as error:
            why = type(error).__name__
        log.warning("id_token_invalid", error=why)
        raise Problem(403, "id_token_invalid", "What the provider says of you cannot be believed.", "Sign in again.")

    async def _claims(self, id_token: str) -> Mapping[str, Any]:
        """Raises errors of jwt, and Problem while nobody can tell."""
        _, keys = await self._discovery.known()
        keys.renew()
        claims: Mapping[str, Any] = jwt.decode(
            id_token,
            await keys.key(jwt.get_unverified_header(id_token).get("kid", "")),
            algorithms=ALGORITHMS,
            issuer=self._client.issuer,
            audience=self._client.client_id,
            leeway=_LEEWAY_S,
            options={"require": ["exp", "iat", "sub", "iss", "aud"]},
        )
        return claims


def provider_of(settings: OperationsSettings) -> Provider | None:
    """The one that is configured, if one is."""
    issuer, client_id, secret_file = settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret_file
    if issuer is None or client_id is None:
        return None

    def secret() -> str:
        return settings.read_secret(secret_file) if secret_file is not None else ""

    return Provider(Client(issuer, client_id, secret, settings.oidc_scopes, f"{settings.public_url}/sign-in/callback"))


def _with(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _unsuitable(why: str) -> Problem:
    return Problem(502, "provider_unsuitable", "The sign-in provider and this service do not agree.", why)


def expiry(token: str) -> float:
    """When a token that was verified before expires, in seconds since 1970."""
    claims: Mapping[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return float(int(claims["exp"]))  # as it is verified
