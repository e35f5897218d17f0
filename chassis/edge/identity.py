"""Who is asking, and the one place that decides whether they may.

People and services show a bearer JWT signed by a key of the configured JWKS; devices show a token that their service
knows. Every route declares ``allowed(...)``; ``tests/chassis/edge/test_every_route_names_its_roles.py`` walks them all.
"""

import hashlib
import ipaddress
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlparse

import jwt
from fastapi import Depends, Request

from chassis.edge.keys import KeySet
from chassis.edge.problems import Problem

ALGORITHMS = ("EdDSA", "RS256", "ES256", "PS256")
"""What may sign a token: never a secret that two share, never nothing."""
_OPAQUE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_REMEMBERED = 10_000  # verified tokens


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody, or something, that has shown who it is."""

    kind: str
    """``person``, ``service``, ``device`` or ``anonymous``."""
    id: str
    roles: frozenset[str]
    bound_to: Mapping[str, str] = field(default_factory=dict)
    """What its rights are limited to: ``{"delegation": "fr"}``, ``{"gate": "pln-east"}``."""

    @property
    def actor(self) -> str:
        """How events name it: never a name or an address."""
        return f"{self.kind}:{self.id}"


ANONYMOUS = Principal("anonymous", "anonymous", frozenset())


class Identity:
    """Knows whose token it is. ``jwks`` is a file or the https address of an OIDC provider's key set."""

    def __init__(self, jwks: str, issuer: str, audience: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self._verified: dict[bytes, tuple[Principal, float]] = {}
        self._keys = KeySet(jwks, on_change=self._verified.clear)
        self._resolvers: dict[str, Callable[[str], Principal | None]] = {}

    def accept(self, prefix: str, resolve: Callable[[str], Principal | None]) -> None:
        """Tokens that begin with ``prefix`` are not JWTs: ``resolve`` knows them, or gives None."""
        self._resolvers[prefix] = resolve

    async def of(self, headers: Mapping[str, str]) -> Principal:
        """Who shows these headers. Raises Problem 401, and 503 where only a provider that is away could tell."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthenticated("unauthenticated", "Show a bearer token in the Authorization header.")
        for prefix, resolve in self._resolvers.items():
            if token.startswith(prefix):
                known = resolve(token)
                if known is None:
                    raise _unauthenticated("token_invalid", "The token is not known here, or was withdrawn.")
                return known
        self._keys.renew()
        digest = hashlib.sha256(token.encode()).digest()
        remembered = self._verified.get(digest)
        if remembered is not None and remembered[1] > time.time():
            return remembered[0]
        principal, expires_at = await self._verify(token)
        if len(self._verified) >= _REMEMBERED:
            self._verified.clear()
        self._verified[digest] = principal, expires_at
        return principal

    async def _verify(self, token: str) -> tuple[Principal, float]:
        try:
            key = await self._keys.key(jwt.get_unverified_header(token).get("kid", ""))
            claims = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                issuer=self._issuer,
                audience=self._audience,
                options={"require": ["exp", "sub", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise _unauthenticated("token_expired", "The token has expired; get a new one.") from error
        except (jwt.InvalidTokenError, jwt.PyJWKError, ValueError) as error:
            raise _unauthenticated("token_invalid", "The token is not one of ours.") from error
        return _principal(claims), float(claims["exp"])


@dataclass(frozen=True)
class RoleCheck:
    """Admits the principals that have one of ``roles``; see ``allowed`` and ``public``."""

    roles: frozenset[str]
    without_sign_in: bool = False
    """Whether an embedded run on loopback shows this to anybody at the machine."""
    to_everybody: bool = False

    async def __call__(self, request: Request) -> Principal:
        shown_to_all = self.without_sign_in and "authorization" not in request.headers and at_this_machine(request)
        if self.to_everybody or shown_to_all:
            return ANONYMOUS
        return await self.of(request.app.state.identity, request.headers)

    async def of(self, identity: Identity, headers: Mapping[str, str]) -> Principal:
        """Who shows these headers, which have lower-case names. Raises Problem 401, 403 and 503."""
        principal = await identity.of(headers)
        if not self.roles & principal.roles:
            raise Problem(
                403, "forbidden", "You may not do this.", f"It takes one of: {', '.join(sorted(self.roles))}."
            )
        return principal


def allowed(*roles: str, without_sign_in: bool = False) -> Any:
    """A route's parameter: the principal, who has one of ``roles``."""
    return Depends(RoleCheck(frozenset(roles), without_sign_in=without_sign_in))


def public() -> Any:
    """A route's parameter: anybody may use it."""
    return Depends(RoleCheck(frozenset(), to_everybody=True))


def bound(principal: Principal, what: str, identifier: str) -> None:
    """Refuses a principal whose rights are limited to another object. Raises Problem 403."""
    mine = principal.bound_to.get(what)
    if mine is not None and mine != identifier:
        raise Problem(403, "not_yours", f"Your rights are limited to one {what}, and this is another.")


def _principal(claims: Mapping[str, Any]) -> Principal:
    subject = str(claims["sub"])
    if not _OPAQUE.fullmatch(subject):  # some providers use an address here: it must not get into the log
        subject = hashlib.sha256(subject.encode()).hexdigest()[:32]
    listed = claims.get("roles")
    roles = frozenset(map(str, listed)) if isinstance(listed, list) else frozenset()
    bound_to = {"delegation": str(claims["delegation"])} if claims.get("delegation") else {}
    if not bound_to:
        roles -= {"focal_point"}  # bound to nothing, it would be bound by nothing
    roles -= {"device"}  # a device is bound to its gate, and known by the token it was enrolled with
    return Principal("service" if "service" in roles else "person", subject, roles, bound_to)


def at_this_machine(request: Request) -> bool:
    """An embedded run, asked over loopback, under a name that a foreign web page cannot borrow (DNS rebinding)."""
    state = request.app.state
    if not state.embedded or request.client is None:
        return False
    try:
        host = urlparse(f"//{request.headers.get('host', '')}").hostname
        return ipaddress.ip_address(request.client.host).is_loopback and host in state.allowed_hosts
    except ValueError:  # neither a name nor an address
        return False


def _unauthenticated(code: str, detail: str) -> Problem:
    problem = Problem(401, code, "We do not know who you are.", detail)
    problem.headers["WWW-Authenticate"] = "Bearer"
    return problem
