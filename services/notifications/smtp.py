"""One connection to the mail server, kept open from message to message."""

import asyncio
from dataclasses import dataclass
from typing import Literal

import aiosmtplib

from chassis.run.logging import Logger
from services.notifications.settings import NotificationsSettings

_PATIENCE_S = 30.0  # for an answer of the server
_TROUBLE = (aiosmtplib.SMTPException, OSError)

log = Logger(__name__)


Verdict = Literal["accepted", "deferred", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to a message.

    ``deferred``: not now; ``refused``: never; ``unknown``: the message left and no answer came. ``reason`` is a code.
    """

    verdict: Verdict
    reason: str = ""


ACCEPTED = Answer("accepted")


class Connection:
    """First ``ready``, then one ``hand_over``; and again, on the same connection as long as it lives."""

    def __init__(self, settings: NotificationsSettings) -> None:
        self._settings = settings
        self._server: aiosmtplib.SMTP | None = None
        self._asked = False
        """Whether MAIL was said since the last message that was accepted."""

    async def ready(self) -> bool:
        """Whether the server takes a message from us now. Nothing is begun that could be left unknown.

        A connection that was given up while it was idle is made anew at once.
        """
        if self._server is not None and await self._ask():
            return True
        return await self._open() and await self._ask()

    async def hand_over(self, address: str, content: bytes) -> Answer:
        """Tells the server whom the message is for, and gives it."""
        assert self._server is not None
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._server.rcpt(address)
        except aiosmtplib.SMTPResponseException as error:
            return _refusal("recipient_refused", error)
        except _TROUBLE:
            self.close()
            return Answer("deferred", "connection_lost")
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._server.data(content)
        except aiosmtplib.SMTPDataError as error:
            return _refusal("message_refused", error)
        except _TROUBLE as error:
            log.warning("answer_lost", error=type(error).__name__)
            self.close()
            return Answer("unknown", "unanswered")
        self._asked = False
        return ACCEPTED

    def close(self) -> None:
        """Hangs up."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _open(self) -> bool:
        self.close()
        settings = self._settings
        password = None if settings.smtp_password_file is None else settings.read_secret(settings.smtp_password_file)
        server = aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_username,
            password=password if settings.smtp_username else None,
            local_hostname=settings.sender.domain,
            timeout=None,  # we wait ourselves: the library may miss that we are told to stop (asyncio.wait_for)
            use_tls=settings.tls == "tls",
            start_tls=settings.tls == "starttls",
        )
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await server.connect()
        except _TROUBLE as error:
            log.warning("mail_server_not_reached", error=type(error).__name__, code=_code(error))
            return False
        self._server, self._asked = server, False
        return True

    async def _ask(self) -> bool:
        """MAIL says who sends. A server that refuses that refuses all of our messages, so none has been tried."""
        assert self._server is not None
        try:
            async with asyncio.timeout(_PATIENCE_S):
                if self._asked:
                    await self._server.rset()
                self._asked = True
                await self._server.mail(self._settings.sender.addr_spec)
        except _TROUBLE as error:
            log.warning("mail_server_takes_nothing", error=type(error).__name__, code=_code(error))
            self.close()
            return False
        except asyncio.CancelledError:
            self.close()
            raise
        return True


def _refusal(reason: str, error: aiosmtplib.SMTPResponseException) -> Answer:
    """The code alone is kept: the server's words may quote the address."""
    log.info(reason, code=error.code)
    verdicts: dict[int, Verdict] = {4: "deferred", 5: "refused"}
    return Answer(verdicts.get(error.code // 100, "unknown"), reason)


def _code(error: BaseException) -> int | None:
    return error.code if isinstance(error, aiosmtplib.SMTPResponseException) else None
