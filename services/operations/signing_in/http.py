"""Signing in and out over HTTP. Who comes as a browser gets a page in answer, with the code of what went wrong."""

import hmac
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, StringConstraints
from starlette.responses import JSONResponse, RedirectResponse, Response

from chassis.edge.bodies import Body
from chassis.edge.identity import ANONYMOUS, Identity, Principal, at_this_machine, public
from chassis.edge.problems import Problem
from chassis.edge.session import Session, require_own_page
from chassis.run.logging import Logger
from services.operations.signing_in.cookies import Attempt, Cookie, attempt_cookie, local, session_cookie
from services.operations.signing_in.provider import Provider, expiry
from services.operations.signing_in.sealing import Secret
from services.operations.signing_in.sessions import OpenSessions, Tokens
from services.operations.tiers import WATCHERS, tier_of

_UNSTORED = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_SHORT = 300  # characters

log = Logger(__name__)


class LocalBody(Body):
    """A token of ``placet token create``."""

    token: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8_000)]


class Answer(BaseModel):
    """What the provider sends back with the browser; whatever else it adds is not read."""

    state: Annotated[str, StringConstraints(max_length=_SHORT)] = ""
    code: Annotated[str, StringConstraints(max_length=4_000)] | None = None
    error: Annotated[str, StringConstraints(max_length=_SHORT)] | None = None
    iss: Annotated[str, StringConstraints(max_length=_SHORT)] | None = None


class SigningIn:
    """What the routes share. ``provider``: None where nobody signs in through one."""

    def __init__(
        self, sessions: OpenSessions, identity: Identity, provider: Provider | None, public_url: str | None
    ) -> None:
        self.sessions = sessions
        self.identity = identity
        self.public_url = public_url
        self.cookie = session_cookie(public_url)
        self.attempt: Cookie = attempt_cookie(public_url)
        self._provider = provider

    @property
    def provider(self) -> Provider:
        """Raises Problem 404."""
        if self._provider is None:
            raise Problem(404, "oidc_not_configured", "Nobody signs in through a provider here.")
        return self._provider

    @property
    def has_provider(self) -> bool:
        return self._provider is not None

    async def begin(
        self, request: Request, response: Response, token: str, refresh: str | None, method: Literal["local", "oidc"]
    ) -> None:
        """Signs in whom the token names, in a session that never was before. Raises Problem."""
        person = await self._person(token)
        if (before := self.cookie.of_request(request)) is not None:
            await self.sessions.end(before)
        self.cookie.set(response, await self.sessions.begin(Tokens(token, expiry(token), refresh)))
        log.info("signed_in", actor=person.actor, method=method)

    async def come_back(self, request: Request, response: Response, attempt: Attempt, answer: Answer) -> None:
        """Signs in whom the provider's answer to ``attempt`` names. Raises Problem."""
        if not await self.provider.is_from(answer.iss):
            raise _not_begun_here()
        if answer.error == "access_denied":
            raise Problem(403, "sign_in_denied", "The provider did not let you in, or you turned back.")
        if answer.code is None:
            raise Problem(502, "provider_unsuitable", "The sign-in provider and this service do not agree.")
        tokens = await self.provider.trade(answer.code, attempt.verifier, attempt.nonce)
        try:
            await self.begin(request, response, tokens.access_token, tokens.refresh_token, "oidc")
        except Problem as problem:
            if problem.status != 401:
                raise
            detail = "Its access token must be a JWT of the issuer and for the audience that the services know."
            raise Problem(
                502, "token_not_for_us", "What the provider gives you is not known here.", detail
            ) from problem

    async def provider_end(self) -> str | None:
        """Where the provider's own session ends, if that is known."""
        if self._provider is None or self.public_url is None:
            return None
        return await self._provider.sign_out_address(f"{self.public_url}/")

    async def _person(self, token: str) -> Principal:
        principal = await self.identity.of({"authorization": f"Bearer {token}"})
        if principal.kind != "person":
            raise Problem(403, "not_a_person", "This token is a program's.", "People sign in here, and nobody else.")
        if not principal.roles:
            detail = "Whoever keeps the accounts must give yours a role."
            raise Problem(403, "no_roles", "Your account may do nothing here.", detail)
        return principal

    async def shown(self, request: Request) -> dict[str, Any]:
        """Who asks, as the page needs to know it. Raises Problem 503."""
        session: Session | None = getattr(request.state, "session", None)
        principal = await self._principal(request)
        here = at_this_machine(request)
        may_watch = bool(principal.roles & {*WATCHERS}) or (here and principal is ANONYMOUS)
        return {
            "signed_in": principal is not ANONYMOUS,
            "actor": None if principal is ANONYMOUS else principal.actor,
            "roles": sorted(principal.roles),
            "tier": tier_of(principal) if may_watch else None,
            "csrf": session.csrf if session else None,
            "expires_at": datetime.fromtimestamp(session.ends_at, UTC).isoformat() if session else None,
            "methods": [*(["local"] if here else []), *(["oidc"] if self.has_provider else [])],
            "embedded": request.app.state.embedded,
        }

    async def _principal(self, request: Request) -> Principal:
        if "authorization" not in request.headers:
            return ANONYMOUS
        try:
            return await self.identity.of(request.headers)
        except Problem as problem:
            if problem.status != 401:
                raise
            return ANONYMOUS


def signing_in(way: SigningIn) -> APIRouter:
    """What a browser signs in and out with."""
    router = APIRouter(tags=["sign-in"])

    @router.get("/v1/session", response_class=Response)
    async def shown(request: Request, _: Principal = public()) -> Response:
        """Who you are here, and what you may be shown. ``csrf`` goes into X-Placet-Csrf of all but reads."""
        response = JSONResponse(await way.shown(request), headers=_UNSTORED)
        if way.cookie.of_request(request) and not hasattr(request.state, "session"):
            way.cookie.clear(response)  # it opens nothing any more
        return response

    @router.post("/v1/session/local", status_code=204)
    async def sign_in_here(body: LocalBody, request: Request, _: Principal = public()) -> Response:
        """Signs in with a token of the embedded run's own issuer, at the machine itself."""
        if not at_this_machine(request):
            detail = "It is for embedded runs, at the machine itself."
            raise Problem(403, "local_sign_in_closed", "Nobody signs in with a token here.", detail)
        require_own_page(request.headers, request.url.scheme, way.public_url)
        response = Response(status_code=204, headers=_UNSTORED)
        await way.begin(request, response, body.token, None, "local")
        return response

    @router.post("/v1/session/end")
    async def sign_out(request: Request, _: Principal = public()) -> Response:
        """Ends your session here. ``provider`` is where it ends at the provider too, if there is such a page."""
        require_own_page(request.headers, request.url.scheme, way.public_url)  # no session, no CSRF value to show
        cookie = way.cookie.of_request(request)
        if cookie is not None and await way.sessions.end(cookie):
            log.info("signed_out")
        response = JSONResponse({"signed_in": False, "provider": await way.provider_end()}, headers=_UNSTORED)
        way.cookie.clear(response)
        return response

    @router.get("/sign-in/oidc", include_in_schema=False)
    async def go(request: Request, next: str = "/", _: Principal = public()) -> Response:  # noqa: A002  (its name)
        """Sends the browser to the provider."""
        try:
            attempt = Attempt(Secret.new(), local(next))
        except Problem as problem:
            return _told(problem, request)
        try:
            address = await way.provider.address(attempt.state, attempt.nonce, attempt.challenge)
        except Problem as problem:
            return _told(problem, request, attempt.next)
        response = RedirectResponse(address, 303, _UNSTORED)
        way.attempt.set(response, attempt.text)
        return response

    @router.get("/sign-in/callback", include_in_schema=False)
    async def come_back(request: Request, answer: Annotated[Answer, Query()], _: Principal = public()) -> Response:
        """Where the provider sends the browser with its answer."""
        attempt = Attempt.read(way.attempt.of_request(request))
        if attempt is None or not hmac.compare_digest(answer.state.encode(), attempt.state.encode()):
            return _told(_not_begun_here(), request)
        response: Response = RedirectResponse(attempt.next, 303, _UNSTORED)
        try:
            await way.come_back(request, response, attempt, answer)
        except Problem as problem:
            response = _told(problem, request, attempt.next)
        way.attempt.clear(response)  # one answer an attempt
        return response

    return router


def _told(problem: Problem, request: Request, onward: str = "/") -> Response:
    """What went wrong: to programs as any other problem, to a browser on the page to sign in, which knows the code and
    goes ``onward`` when it was done again.
    """
    log.info("sign_in_failed", code=problem.code)
    if "text/html" not in request.headers.get("accept", ""):
        return problem.response()
    where = urlencode({"sign_in_error": problem.code, "next": onward})
    return RedirectResponse(f"/sign-in?{where}", 303, _UNSTORED)


def _not_begun_here() -> Problem:
    detail = "It took longer than ten minutes, was begun in another browser, or somebody made it up. Sign in again."
    return Problem(403, "sign_in_not_begun_here", "This sign-in was not begun in this browser.", detail)
