"""The two cookies of a browser: the session's, and that of an attempt to sign in, between going and coming back."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from chassis.edge.problems import Problem
from services.operations.signing_in.sealing import NotOpenedError, Secret

_ATTEMPT_S = 600  # for whoever looks for a second factor
_LONGEST_NEXT = 500


@dataclass(frozen=True, slots=True)
class Cookie:
    """How one is set, so that scripts and other sites cannot read it, and over https nobody else can set it."""

    name: str
    secure: bool
    lasts_s: int | None = None
    """None: as long as the browser runs."""

    @classmethod
    def of(cls, name: str, public_url: str | None, lasts_s: int | None = None) -> "Cookie":
        """Under a name that browsers let only an https page of this very host set, where there is https."""
        secure = (public_url or "").startswith("https:")
        return cls(f"__Host-{name}" if secure else name, secure, lasts_s)

    def of_request(self, request: Request) -> str | None:
        return request.cookies.get(self.name)

    def set(self, response: Response, value: str) -> None:
        response.set_cookie(self.name, value, max_age=self.lasts_s, secure=self.secure, httponly=True, samesite="lax")

    def clear(self, response: Response) -> None:
        response.delete_cookie(self.name, secure=self.secure, httponly=True, samesite="lax")


def session_cookie(public_url: str | None) -> Cookie:
    return Cookie.of("placet_session", public_url)


def attempt_cookie(public_url: str | None) -> Cookie:
    return Cookie.of("placet_sign_in", public_url, _ATTEMPT_S)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in. The browser keeps it, so that nobody else's answer is taken for it, and we keep nothing:
    what the provider hears is derived from its secret.
    """

    secret: Secret
    next: str
    """Where the person wanted to go: a path of ours."""

    @classmethod
    def read(cls, cookie: str | None) -> "Attempt | None":
        """None for anything but what ``text`` gave."""
        secret, _, onward = (cookie or "").partition(".")
        try:
            return cls(Secret(secret), local(unquote(onward)))
        except (NotOpenedError, Problem):
            return None

    @property
    def text(self) -> str:
        return f"{self.secret.text}.{quote(self.next, safe='')}"

    @property
    def state(self) -> str:
        return self.secret.spelled("state")

    @property
    def nonce(self) -> str:
        return self.secret.spelled("nonce")

    @property
    def verifier(self) -> str:
        return self.secret.spelled("verifier")

    @property
    def challenge(self) -> str:
        """Of PKCE, by S256."""
        return urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


def local(path: str) -> str:
    """``path``, if it leads nowhere but to us. Raises Problem 400."""
    # Browsers take \ for /, leave out tabs and line ends, and read //host as another site.
    plain = path.isascii() and path.isprintable() and " " not in path and "\\" not in path
    parts = urlsplit(path) if plain and len(path) <= _LONGEST_NEXT else None
    if parts is None or not path.startswith("/") or path.startswith("//") or parts.scheme or parts.netloc:
        raise Problem(400, "next_not_local", "After signing in one stays here.", "Name a path that begins with one /.")
    return path
