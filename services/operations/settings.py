"""What operations reads from its environment beside what every service reads."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator

from chassis.run.settings import Settings, is_this_machine


class OperationsSettings(Settings):
    """``PLACET_*`` variables of operations."""

    event: str | None = None
    """The gathering, as the page names it: ``hanoi-2025``."""

    public_url: str | None = None
    """Where browsers find the pages: ``https://ops.hanoi-2025.example``."""
    oidc_client_id: str | None = None
    oidc_client_secret_file: Path | None = None
    """Without, or empty: a public client, which PKCE alone protects."""
    oidc_scopes: str = "openid"
    """With spaces between. ``offline_access`` where a provider gives refresh tokens for that only."""
    oidc_issuer: str | None = None
    """The OIDC provider people sign in through. Without: nobody does, but by a token at an embedded run's machine."""
    session_idle_minutes: int = Field(default=60, ge=1)
    """After so long without a request and without an open page one is signed out."""
    session_hours: int = Field(default=14, ge=1)
    """After so long one is signed out: a shift of twelve hours, and handing over."""

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _is_an_address_nobody_overhears(cls, text: str | None) -> str | None:
        if text is None:
            return None
        parts = urlsplit(text)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_this_machine(parts.hostname or "")):
            raise ValueError("an https address; http to this machine only")
        return text

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, text: str | None) -> str | None:
        parts = urlsplit(text or "")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("without a path: the pages are at the root of a host")
        usual = {"https": ":443", "http": ":80"}.get(parts.scheme, "")  # which browsers leave out of an Origin
        return text.rstrip("/").lower().removesuffix(usual) if text else None

    @field_validator("oidc_issuer")
    @classmethod
    def _knows_us(cls, issuer: str | None, others: ValidationInfo) -> str | None:
        if issuer is not None and None in {others.data.get("public_url"), others.data.get("oidc_client_id")}:
            raise ValueError("it takes PLACET_OIDC_CLIENT_ID and PLACET_PUBLIC_URL as well")
        return issuer

    @property
    def idle_for(self) -> timedelta:
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def lasts(self) -> timedelta:
        return timedelta(hours=self.session_hours)
