"""What every service reads from its environment: ``PLACET_*`` variables, secrets from files."""

import ipaddress
import socket
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One service's settings. Every default is safe; what has none must be given."""

    model_config = SettingsConfigDict(env_prefix="PLACET_", extra="ignore", frozen=True)

    database_url: str
    """``postgresql://access@host/access``, without the password."""
    database_password_file: Path
    owner_database_url: str | None = None
    """Given to ``placet migrate`` only: the owner of the log, who may change its tables."""
    owner_database_password_file: Path | None = None

    nats_url: str = "nats://127.0.0.1:4222"
    nats_seed_file: Path | None = None
    """The nkey seed of this service's NATS user."""

    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    address: str | None = None
    """Where other processes of this service reach this one, if not at ``http://<host>:<port>``."""
    allowed_hosts: str = "127.0.0.1,localhost"
    """Host headers that pages and streams without sign-in answer to (against DNS rebinding), with commas between."""

    jwks: str
    """Where the keys are that sign people's and services' tokens: a file, or the https address of the provider."""
    issuer: str
    audience: str = "placet"
    service_token_file: Path
    """The token this service shows to the others."""

    accreditation_url: str = "http://127.0.0.1:8081"
    access_url: str = "http://127.0.0.1:8082"
    notifications_url: str = "http://127.0.0.1:8083"
    operations_url: str = "http://127.0.0.1:8080"

    time_zone: ZoneInfo = ZoneInfo("UTC")
    """The venue's, as in Asia/Ho_Chi_Minh: messages and screens tell the time in it."""
    clock_file: Path | None = None
    """The scenario clock of an embedded run."""
    embedded: bool = False
    """Loopback only, name-free totals without sign-in, a scenario clock if there is one."""

    otlp_endpoint: str | None = None
    """Where traces go (OTLP over HTTP), for example http://127.0.0.1:4318; without it nothing is traced."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def reached_at(self) -> str:
        """The address this process gives the others of its service."""
        everywhere = self.host in {"0.0.0.0", "::"}  # noqa: S104  (asked, not bound)
        host = socket.gethostname() if everywhere else self.host
        return self.address or f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def read_secret(self, file: Path) -> str:
        """The content of a secret file, without the newline that editors add."""
        return file.read_text("utf-8").strip()


def is_this_machine(host: str) -> bool:
    """Whether a host name or address never leaves this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
