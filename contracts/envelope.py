"""The envelope of a shared event: CloudEvents 1.0, as NATS headers (binary mode) or as JSON (the HTTP feed).

Source: CloudEvents 1.0.2 core, its NATS protocol binding and its JSON format.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, TypeAdapter, ValidationError

T = TypeVar("T")

_TIME = TypeAdapter[datetime](AwareDatetime)

CONTENT_TYPE = "application/json"


class MalformedEnvelope(ValueError):
    """The headers or the JSON are not a CloudEvent of ours."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One shared event as it travels.

    ``data`` is the JSON that its owner's log holds: by the stream its very bytes; by the feed the same values written
    without spaces, which are the same bytes for everything that pydantic writes.
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
                id=UUID(_of(str, event["id"])),
                type=_of(str, event["type"]),
                source=_of(str, event["source"]),
                subject=_of(str, event["subject"]),
                time=_TIME.validate_python(_of(str, event["time"])),
                number=_of(int, event["placetnumber"]),
                log_id=UUID(_of(str, event["placetlog"])),
                data=json.dumps(event["data"], ensure_ascii=False, separators=(",", ":")).encode(),
                traceparent=_of(str, event["traceparent"]) if "traceparent" in event else None,
            )
        except (KeyError, TypeError, ValueError, ValidationError) as error:
            raise MalformedEnvelope(f"not a Placet CloudEvent: {type(error).__name__}") from error


def _of(kind: type[T], value: Any) -> T:
    """``value``, which is of this very type: JSON's true is no number. Raises TypeError."""
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} instead of {kind.__name__}")
    return value
