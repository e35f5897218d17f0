"""The envelope of a shared event: CloudEvents 1.0, as NATS headers (binary mode) or as JSON (the HTTP feed).

Source: CloudEvents 1.0.2 core, its NATS protocol binding and its JSON format.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from pydantic import AwareDatetime, TypeAdapter, ValidationError

_TIME = TypeAdapter[datetime](AwareDatetime)

CONTENT_TYPE = "application/json"


class MalformedEnvelope(ValueError):
    """The headers or the JSON are not a CloudEvent of ours."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One shared event as it travels.

    ``data`` is the JSON that its owner's log holds, its very bytes.
    """

    id: UUID
    type: str
    """``placet.access.BadgeScanned.v1``"""
    source: str
    """``/placet/access``"""
    subject: str
    """The entity it is about, ``badge-<id>``."""
    time: datetime
    """When it happened, by the clock of the gathering."""
    number: int
    """Its number among its service's shared events: 1, 2, 3, none missing. Message n of the stream is event n."""
    log_id: UUID
    """The incarnation of its service's log; numbers of two incarnations are not comparable."""
    data: bytes
    traceparent: str | None = None

    def headers(self) -> dict[str, str]:
        """NATS headers; the body is ``data``. ``Nats-Msg-Id`` lets the broker drop a repeat early."""
        headers = {
            "Nats-Msg-Id": str(self.id),
            "content-type": CONTENT_TYPE,
            "ce-specversion": "1.0",
            "ce-id": str(self.id),
            "ce-type": self.type,
            "ce-source": self.source,
            "ce-subject": self.subject,
            "ce-time": self.time.isoformat(),
            "ce-placetnumber": str(self.number),
            "ce-placetlog": str(self.log_id),
        }
        if self.traceparent:
            headers["traceparent"] = self.traceparent
        return headers

    @classmethod
    def from_headers(cls, headers: Mapping[str, str], data: bytes) -> "Envelope":
        """Raises MalformedEnvelope."""
        try:
            return cls(
                id=UUID(headers["ce-id"]),
                type=headers["ce-type"],
                source=headers["ce-source"],
                subject=headers["ce-subject"],
                time=_TIME.validate_python(headers["ce-time"]),
                number=int(headers["ce-placetnumber"]),
                log_id=UUID(headers["ce-placetlog"]),
                data=data,
                traceparent=headers.get("traceparent"),
            )
        except (KeyError, ValueError, ValidationError) as error:
            raise MalformedEnvelope(f"headers are not a Placet CloudEvent: {type(error).__name__}") from error

    def to_json(self) -> bytes:
        """The JSON format of CloudEvents."""
        return msgspec.json.encode(CloudEvent.of(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> "Envelope":
        """Raises MalformedEnvelope."""
        try:
            return msgspec.json.decode(text, type=CloudEvent).envelope()
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise MalformedEnvelope(f"not a Placet CloudEvent: {type(error).__name__}") from error


class CloudEvent(msgspec.Struct, frozen=True, rename={"number": "placetnumber", "log_id": "placetlog"}):
    """An envelope in the JSON format of CloudEvents. Its ``data`` stay the bytes they are, unread on the way."""

    id: UUID
    type: str
    source: str
    subject: str
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    number: int
    log_id: UUID
    data: msgspec.Raw
    traceparent: str | msgspec.UnsetType = msgspec.UNSET
    specversion: str = "1.0"
    datacontenttype: str = CONTENT_TYPE

    @classmethod
    def of(cls, envelope: Envelope) -> "CloudEvent":
        return cls(
            id=envelope.id,
            type=envelope.type,
            source=envelope.source,
            subject=envelope.subject,
            time=envelope.time,
            number=envelope.number,
            log_id=envelope.log_id,
            data=msgspec.Raw(envelope.data),
            traceparent=envelope.traceparent or msgspec.UNSET,
        )

    def envelope(self) -> Envelope:
        return Envelope(
            id=self.id,
            type=self.type,
            source=self.source,
            subject=self.subject,
            time=self.time,
            number=self.number,
            log_id=self.log_id,
            data=bytes(self.data),
            traceparent=None if self.traceparent is msgspec.UNSET else self.traceparent,
        )


class FeedPage(msgspec.Struct, frozen=True):
    """What ``GET /v1/log`` answers: events in order, how far it looked for them, and how far the log has come."""

    log_id: UUID
    complete_to: Annotated[int, msgspec.Meta(ge=0)]
    head: Annotated[int, msgspec.Meta(ge=0)]
    events: list[CloudEvent]
