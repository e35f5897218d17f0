"""The envelope of a shared event: CloudEvents 1.0, as NATS headers (binary mode) or as JSON (the HTTP feed).

Source: CloudEvents 1.0.2 core, its NATS protocol binding and its JSON format.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, TypeAdapter, ValidationError

_TIME = TypeAdapter[datetime](AwareDatetime)

CONTENT_TYPE = "application/json"


class MalformedEnvelope(ValueError):
    """The headers or the JSON are not a CloudEvent of ours."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One shared event as it travels. ``data`` holds the exact bytes that its owner's log holds."""

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

    @property
    def service(self) -> str:
        return self.source.removeprefix("/placet/")

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
        """The JSON format of CloudEvents; ``data`` goes in as the very bytes the log holds."""
        attributes = {
            "specversion": "1.0",
            "id": str(self.id),
            "type": self.type,
            "source": self.source,
            "subject": self.subject,
            "time": self.time.isoformat(),
            "datacontenttype": CONTENT_TYPE,
            "placetnumber": self.number,
            "placetlog": str(self.log_id),
        }
        if self.traceparent:
            attributes["traceparent"] = self.traceparent
        return json.dumps(attributes).encode()[:-1] + b', "data": ' + self.data + b"}"

    @classmethod
    def from_json(cls, event: Mapping[str, Any]) -> "Envelope":
        """Raises MalformedEnvelope."""
        try:
            return cls(
                id=UUID(event["id"]),
                type=event["type"],
                source=event["source"],
                subject=event["subject"],
                time=_TIME.validate_python(event["time"]),
                number=int(event["placetnumber"]),
                log_id=UUID(event["placetlog"]),
                data=json.dumps(event["data"], ensure_ascii=False, separators=(",", ":")).encode(),
                traceparent=event.get("traceparent"),
            )
        except (KeyError, TypeError, ValueError, ValidationError) as error:
            raise MalformedEnvelope(f"not a Placet CloudEvent: {type(error).__name__}") from error
