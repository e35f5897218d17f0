"""An OIDC provider over real HTTP, of Authlib's server parts: somebody else's reading of the standards than ours.

Whoever comes is signed in as ``person`` at once; what a provider does wrong, a test says.
"""

# mypy: disallow-subclassing-any=False, warn-return-any=False

import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Error, OAuth2Request, grants
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from authlib.oidc.core import OpenIDCode
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "operations-room", "known-to-two"


@dataclass
class Person:
    """Who signs in."""

    sub: str = "officer-7"
    roles: tuple[str, ...] = ("operations",)
    audience: str = "placet"
    is_disabled: bool = False

    def get_user_id(self) -> str:
        return self.sub


@dataclass
class Code:
    """An authorisation code given out."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> None: ...

    def get_acr(self) -> None: ...

    def get_amr(self) -> None: ...


@dataclass
class Grant:
    """A refresh token given out; good for one time."""

    token: str
    scope: str

    def check_client(self, _client: object) -> bool:
        return True

    def get_scope(self) -> str:
        return self.scope


@dataclass
class Client:
    """The one that is registered."""

    redirect_uris: set[str]

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> None: ...

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, uri: str) -> bool:
        return uri in self.redirect_uris

    def check_client_secret(self, secret: str) -> bool:
        return secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in {"authorization_code", "refresh_token"}


@dataclass
class TestProvider:
    """What a test sets, and what it looks at afterwards."""

    __test__ = False

    url: str
    client: Client
    person: Person = field(default_factory=Person)
    lasts_s: int = 600
    refreshes: bool = True
    id_token: dict[str, Any] = field(default_factory=dict)
    """Claims of the id token that are not as they should be."""
    signs_with: RSAKey | None = None
    """Another key than the published one, for id tokens."""
    metadata: dict[str, Any] = field(default_factory=dict)
    is_away: bool = False
    codes: dict[str, Code] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    refreshed: int = 0
    refused: int = 0
    """Refresh tokens that were taken, and those that were not."""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "provider-1", "alg": "RS256"}))

    def begin_again(self) -> None:
        """As if nobody had said or done anything, at the same address and with the same key."""
        self.__init__(self.url, self.client, key=self.key)  # type: ignore[misc]

    def app(self) -> Starlette:
        server = _Server(self)
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/jwks", self._jwks),
                Route("/authorize", server.authorize),
                Route("/token", server.token, methods=["POST"]),
                Route("/revoke", server.revoke, methods=["POST"]),
            ]
        )

    async def _discovery(self, _: Request) -> Response:
        if self.is_away:
            return Response(status_code=503)
        return JSONResponse({
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/end", "revocation_endpoint": f"{self.url}/revoke",
            "code_challenge_methods_supported": ["S256"],
            **self.metadata,
        })  # fmt: skip

    async def _jwks(self, _: Request) -> Response:
        return JSONResponse({"keys": [{**self.key.as_dict(private=False), "use": "sig"}]})


class _Tokens(JWTBearerTokenGenerator):
    def __init__(self, provider: TestProvider) -> None:
        super().__init__(
            provider.url,
            refresh_token_generator=lambda *_args, **_more: secrets.token_urlsafe(32),
            expires_generator=lambda *_args: provider.lasts_s,
        )
        self._provider = provider

    def get_jwks(self) -> KeySet:
        return KeySet([self._provider.key])  # and not the key: so its id is in the header

    def get_audiences(self, _client: object, user: Person, _scope: str) -> str:
        return user.audience

    def get_extra_claims(self, _client: object, _grant: str, user: Person, _scope: str) -> dict[str, Any]:
        return {"roles": list(user.roles)}


class _CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        asked = request.payload.data
        self.server.provider.codes[code] = Code(
            code, asked["redirect_uri"], asked["scope"], asked.get("nonce"),
            asked.get("code_challenge"), asked.get("code_challenge_method"),
        )  # fmt: skip

    def query_authorization_code(self, code: str, _client: object) -> Code | None:
        return self.server.provider.codes.get(code)

    def delete_authorization_code(self, code: Code) -> None:
        del self.server.provider.codes[code.code]

    def authenticate_user(self, _code: Code) -> Person:
        return self.server.provider.person


class _RefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, token: str) -> Grant | None:
        provider = self.server.provider
        found = None if provider.person.is_disabled else provider.grants.get(token)
        provider.refreshed += found is not None
        provider.refused += found is None
        return found

    def authenticate_user(self, _grant: Grant) -> Person:
        return self.server.provider.person

    def revoke_old_credential(self, grant: Grant) -> None:
        del self.server.provider.grants[grant.token]


class _Revocation(RevocationEndpoint):
    server: "_Server"

    def query_token(self, token: str, _hint: str) -> Grant | None:
        return self.server.provider.grants.get(token)

    def revoke_token(self, grant: Grant, _request: OAuth2Request) -> None:
        del self.server.provider.grants[grant.token]


class _OpenID(OpenIDCode):
    def __init__(self, provider: TestProvider) -> None:
        super().__init__(require_nonce=True)
        self._provider = provider

    def exists_nonce(self, nonce: str, _request: OAuth2Request) -> bool:
        return any(code.nonce == nonce for code in self._provider.codes.values())

    def generate_user_info(self, user: Person, _scope: str) -> dict[str, Any]:
        return {"sub": user.sub}

    def encode_id_token(self, token: Any, request: OAuth2Request) -> str:
        from joserfc import jwt

        now = int(time.time())
        claims = {
            "iss": self._provider.url, "aud": CLIENT, "sub": self._provider.person.sub, "iat": now, "exp": now + 300,
            **self.get_authorization_code_claims(request.authorization_code),
            **self._provider.id_token,
        }  # fmt: skip
        key = self._provider.signs_with or self._provider.key
        return jwt.encode({"alg": "RS256", "kid": "provider-1"}, claims, key)


class _Server(AuthorizationServer):
    def __init__(self, provider: TestProvider) -> None:
        super().__init__()
        self.provider = provider
        self.register_token_generator("default", _Tokens(provider))
        self.register_grant(_CodeGrant, [CodeChallenge(required=True), _OpenID(provider)])
        self.register_grant(_RefreshGrant)
        self.register_endpoint(_Revocation)

    async def authorize(self, request: Request) -> Response:
        asked = _request(request, dict(request.query_params))
        try:
            grant = self.get_consent_grant(asked, self.provider.person)
            return self.create_authorization_response(asked, grant_user=self.provider.person, grant=grant)
        except OAuth2Error as error:
            return self.handle_error_response(asked, error)

    async def token(self, request: Request) -> Response:
        if self.provider.is_away:
            return Response(status_code=503)
        return self.create_token_response(_request(request, await _form(request)))

    async def revoke(self, request: Request) -> Response:
        if self.provider.is_away:
            return Response(status_code=503)
        return self.create_endpoint_response(_Revocation.ENDPOINT_NAME, _request(request, await _form(request)))

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def query_client(self, client_id: str) -> Client | None:
        return self.provider.client if client_id == CLIENT else None

    def save_token(self, token: dict[str, Any], _request: OAuth2Request) -> None:
        if self.provider.refreshes:
            self.provider.grants[token["refresh_token"]] = Grant(token["refresh_token"], token["scope"])
        else:
            token.pop("refresh_token", None)

    def send_signal(self, *_args: object, **_more: object) -> None: ...

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        if isinstance(body, dict):
            return JSONResponse(body, status, dict(headers))
        return Response(body, status, dict(headers))


class _Asked(OAuth2Request):
    @property
    def form(self) -> dict[str, str]:
        return self.payload.data

    args = form


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def _request(request: Request, payload: dict[str, str]) -> OAuth2Request:
    # Starlette's header names are lower-case, Authlib looks for Authorization.
    headers = {name.title(): value for name, value in request.headers.items()}
    asked = _Asked(request.method, str(request.url), headers=headers)
    asked.payload = BasicOAuth2Payload(payload)
    return asked
