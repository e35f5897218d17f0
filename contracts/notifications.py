"""What notifications tells the others: which notice went out, which did not. Never an address or a text."""

from typing import Literal
from uuid import UUID

from pydantic import PositiveInt

from contracts.event import SharedEvent
from contracts.ids import NoticeId
from contracts.words import Language

Channel = Literal["email"]

POSSIBLE_REPEAT = "Placet-Possible-Repeat"
"""The header of a message that may have been sent before: the first dialogue was cut before its answer."""


class NoticeSent(SharedEvent, service="notifications"):
    """A mail server accepted the notice."""

    notice_id: NoticeId
    source_event_id: UUID
    template: str
    channel: Channel
    language: Language
    attempts: PositiveInt

    def about(self) -> str:
        return f"notice-{self.notice_id}"


class NoticeFailed(SharedEvent, service="notifications"):
    """The notice was given up: somebody should reach the recipient by other means."""

    notice_id: NoticeId
    source_event_id: UUID
    template: str
    channel: Channel
    language: Language
    attempts: PositiveInt
    reason: str

    def about(self) -> str:
        return f"notice-{self.notice_id}"
