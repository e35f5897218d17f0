"""What notifications reads from its environment beside what every service reads."""

from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from chassis.run.settings import Settings, is_this_machine
from contracts.words import Names
from services.notifications.addresses import AddressUnusableError, mailbox

Tls = Literal["none", "starttls", "tls"]

SECRETARIAT = Names(en="Conference Secretariat", fr="Secrétariat de la conférence", vi="Ban Thư ký Hội nghị")


class NotificationsSettings(Settings):
    """``PLACET_*`` variables of notifications."""

    smtp_host: str
    """The relay that takes our messages."""
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_tls: Tls | None = None
    """Without a word: none to a server on this machine, starttls to any other."""
    smtp_password_file: Path | None = None
    smtp_username: str | None = None
    smtp_connections: int = Field(default=8, ge=1, le=32)
    """Kept open while there is something to send."""
    mail_from: str
    """``no-reply@hanoi-2025.example``, or with a name: ``Hanoi 2025 <no-reply@hanoi-2025.example>``."""
    signature: Names = SECRETARIAT
    """Under each message, as JSON: ``{"en": "…", "fr": "…", "vi": "…"}``."""
    duty_contacts_file: Path | None = None
    """JSON: ``[{"duty": "operations-room", "email": "…", "language": "en"}]``. Without: nobody is on duty."""

    @field_validator("smtp_username")
    @classmethod
    def _a_password_travels_encrypted(cls, username: str | None, others: ValidationInfo) -> str | None:
        if username is not None and others.data.get("smtp_password_file") is None:
            raise ValueError("a user name takes PLACET_SMTP_PASSWORD_FILE as well")
        if username is not None and _tls(others.data.get("smtp_tls"), others.data.get("smtp_host", "")) == "none":
            raise ValueError("a password takes PLACET_SMTP_TLS=starttls or tls")
        return username

    @field_validator("mail_from")
    @classmethod
    def _is_an_address(cls, text: str) -> str:
        name, address = parseaddr(text)
        try:
            mailbox(name, address)
        except AddressUnusableError as error:
            raise ValueError("not an address a message could come from") from error
        if text not in {address, f"{name} <{address}>", f'"{name}" <{address}>'}:
            raise ValueError("write it as an address, or as Name <address>")
        return text

    @property
    def sender(self) -> Address:
        """Whom messages come from."""
        return mailbox(*parseaddr(self.mail_from))

    @property
    def tls(self) -> Tls:
        """What is asked of the connection to the mail server."""
        return _tls(self.smtp_tls, self.smtp_host)


def _tls(wanted: Tls | None, host: str) -> Tls:
    return wanted or ("none" if is_this_machine(host) else "starttls")
