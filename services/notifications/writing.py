"""Writing a message: a template in the recipient's language, filled in, as plain text and nothing else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.header import Header
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from string import Template
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts import words as shared
from contracts.notifications import POSSIBLE_REPEAT
from services.notifications import words
from services.notifications.addresses import AddressUnusableError, mailbox, one_line
from services.notifications.directory import Contact, Names
from services.notifications.domain.notice import FALLBACK_LANGUAGE, Fact, NoticeQueued

TEMPLATES = Path(__file__).parent / "templates"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 -]{0,60}")
_TIMES = ("valid_from", "valid_until", "happened_at")


class UnwritableError(Exception):
    """There can be no such message; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to go. ``address`` is where, for the envelope."""

    address: str
    message: EmailMessage

    def content(self, *, possible_repeat: bool) -> bytes:
        """As it travels."""
        if possible_repeat:
            self.message[POSSIBLE_REPEAT] = "yes"
        return self.message.as_bytes()


class Writer:
    """Writes for one gathering, and tells the time in its time zone."""

    def __init__(self, sender: Address, signature: shared.Names, time_zone: ZoneInfo) -> None:
        self._sender = sender
        self._signature: Mapping[str, str] = signature.model_dump()
        self._time_zone = time_zone

    def write(self, notice: NoticeQueued, contact: Contact, names: Names) -> Letter:
        """Raises UnwritableError."""
        language = language_of(contact)
        name = "" if contact.name is None else words.full_name(contact.name, language)
        try:
            to = mailbox(name, contact.email.reveal())
        except AddressUnusableError:
            raise UnwritableError("address_unusable") from None
        subject, body = self._fill_in(notice, contact, language, names)
        message = EmailMessage(_POLICY)
        message["From"] = self._sender
        message["To"] = _recipient(to)
        message["Subject"] = _subject(subject)
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = self.message_id(notice.notice_id)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nothing answers by itself
        message.set_content(body, cte="quoted-printable")
        message["Content-Language"] = language  # after the content, which clears what was said about it before
        return Letter(to.addr_spec, message)

    def message_id(self, notice_id: UUID) -> str:
        """The same for every attempt, so that whoever receives two sees one."""
        return f"<{notice_id}@{self._sender.domain}>"

    def _fill_in(self, notice: NoticeQueued, contact: Contact, language: str, names: Names) -> tuple[str, str]:
        try:
            values = {
                "salutation": words.salutation(contact.name, language),
                "signature": self._signature[language],
                **{place: self._told(place, fact, language, names) for place, fact in notice.facts.items()},
            }
            harmless = {place: one_line(text) for place, text in values.items()}
            subject, body = template(notice.template, language)
            return subject.substitute(harmless), body.substitute(harmless)
        except (KeyError, ValueError, OSError):
            raise UnwritableError("template_unusable") from None  # another release queued it

    def _told(self, place: str, fact: Fact, language: str, names: Names) -> str:
        if not isinstance(fact, str):
            return fact[language]
        if place in _TIMES:
            time = datetime.fromisoformat(fact)
            return words.moment(time.astimezone(self._time_zone), language)
        if place == "delegation":
            return names.delegations.get(fact, {}).get(language, fact)
        if place == "category":
            return names.categories.get(fact, {}).get(language, fact)
        return fact


def language_of(contact: Contact | None) -> str:
    """The language a message to ``contact`` is written in."""
    known = contact is not None and contact.language in shared.LANGUAGES
    return contact.language if contact is not None and known else FALLBACK_LANGUAGE


@cache
def template(name: str, language: str) -> tuple[Template, Template]:
    """Subject and body. The file's first line is the subject, the second is blank. Raises OSError."""
    subject, _, body = (TEMPLATES / f"{name}.{language}.txt").read_text("utf-8").partition("\n\n")
    return Template(subject), Template(body)


class _Headers(HeaderRegistry):
    """The library makes a class for each header of each message; these are made once."""

    def __getitem__(self, name: str) -> type:
        return _header_class(self.registry.get(name.lower(), self.default_class), self.base_class)


@cache
def _header_class(kind: type, base: type) -> type:
    return type(f"_{kind.__name__}", (kind, base), {})


_POLICY = policy.SMTP.clone(header_factory=_Headers())


class _Encoded(str):
    """The value of a header with more than ASCII in it, encoded and folded.

    Given the words themselves, the library takes them apart to encode them; that takes as long as all the rest of a
    message.
    """

    __slots__ = ("name",)
    name: str

    @classmethod
    def of(cls, name: str, text: str, then: str = "") -> "_Encoded":
        """``text`` for the header ``name``, followed by ``then``, which is ASCII."""
        value = cls(Header(text, "utf-8", header_name=name).encode(linesep=_POLICY.linesep) + then)
        value.name = name
        return value

    def fold(self, *, policy: policy.EmailPolicy) -> str:
        """As the library asks its own headers to be written."""
        return f"{self.name}: {self}{policy.linesep}"


def _subject(text: str) -> str:
    if text.isascii() and "=?" not in text:  # which would be taken for words encoded already
        return text
    return _Encoded.of("Subject", text)


def _recipient(to: Address) -> Address | _Encoded:
    # Encoded unless it is harmless beyond doubt: the library loses the quotes of a long quoted name when it folds it.
    if _PLAIN_NAME.fullmatch(to.display_name):
        return to
    return _Encoded.of("To", to.display_name, f" <{to.addr_spec}>")
