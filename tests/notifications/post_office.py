"""A mail server that does what a test tells it to: take, put off, refuse, hang up, think for a while, be away."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.conftest import free_port

ACCEPTED = "250 kept"
HANG_UP = "hang up"


@dataclass
class PostOffice:
    """Listens on one port for its life. What it took is in ``mail``, in order."""

    port: int = field(default_factory=free_port)
    mail: list[EmailMessage] = field(default_factory=list)
    dialogues: int = 0
    """Connections that were made."""
    to_recipient: Callable[[str], str] = lambda _address: ACCEPTED
    """The answer to RCPT."""
    to_message: Callable[[EmailMessage], str] = lambda _message: ACCEPTED
    """The answer to a message; HANG_UP takes it and says nothing."""
    to_sender: str = "250 OK"
    """The answer to MAIL."""
    thinking: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while a message is here and its sender waits for ``answering``."""
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    before_sender: Callable[[], Awaitable[object]] | None = None
    """What happens elsewhere between the moment we turn to the server and its answer to MAIL."""
    options: dict[str, Any] = field(default_factory=dict)
    """More for aiosmtpd: TLS, passwords."""
    logins: list[tuple[str, str, bool]] = field(default_factory=list)
    """User, password, whether over TLS."""
    _server: asyncio.Server | None = None
    _open: set[asyncio.Transport] = field(default_factory=set)

    async def open(self) -> None:
        """Begins to listen."""
        self.answering.set()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._dialogue, "127.0.0.1", self.port)

    async def close(self) -> None:
        """Is away, in the middle of whatever was said."""
        if self._server is not None:
            self._server.close()
            for transport in self._open:
                transport.abort()
            self._open.clear()
            await self._server.wait_closed()
            self._server = None

    def hang_up(self) -> None:
        """Ends every dialogue and goes on listening."""
        for transport in self._open:
            transport.abort()
        self._open.clear()

    @property
    def recipients(self) -> list[str]:
        """The addresses of what it took, in order."""
        return [message["To"].addresses[0].addr_spec for message in self.mail]

    def copies(self) -> Counter[str]:
        """How many of each Message-ID."""
        return Counter(message["Message-ID"] for message in self.mail)

    def _dialogue(self) -> SMTP:
        self.dialogues += 1
        return _Dialogue(_Desk(self), self, hostname="localhost", **self.options)

    def log_in(self, _server: SMTP, session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        """aiosmtpd's authenticator: everybody may."""
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode(), session.ssl is not None))
        return AuthResult(success=True)


class _Dialogue(SMTP):
    def __init__(self, handler: object, office: PostOffice, **options: Any) -> None:
        super().__init__(handler, loop=asyncio.get_running_loop(), **options)
        self._office = office

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert isinstance(transport, asyncio.Transport)
        self._office._open.add(transport)


class _Desk:
    """aiosmtpd's handler."""

    def __init__(self, office: PostOffice) -> None:
        self._office = office

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self._office.before_sender is not None:
            await self._office.before_sender()
        if self._office.to_sender.startswith("250"):
            envelope.mail_from = address
        return self._office.to_sender

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self._office.to_recipient(address)
        if answer == HANG_UP:
            _abort(server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        answer = self._office.to_message(message)
        if answer in {ACCEPTED, HANG_UP}:
            self._office.mail.append(message)
        self._office.thinking.set()
        await self._office.answering.wait()
        self._office.thinking.clear()
        if answer == HANG_UP:
            _abort(server)
        return answer


def _abort(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()
