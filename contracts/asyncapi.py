"""One AsyncAPI 3 document per service: what it sends, what it receives, with headers and payload schemas."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from contracts.envelope import CONTENT_TYPE
from contracts.event import SharedEvent
from contracts.schema import schema_of
from contracts.subjects import durable_name, stream_name
from contracts.topology import SERVICES, ServiceContract

DOCUMENTS = Path(__file__).parent.parent / "docs" / "asyncapi"

_HEADERS: dict[str, Any] = {
    "type": "object",
    "required": [
        "content-type",
        "ce-specversion",
        "ce-id",
        "ce-type",
        "ce-source",
        "ce-subject",
        "ce-time",
        "ce-placetnumber",
        "ce-placetlog",
    ],
    "properties": {
        "ce-specversion": {"const": "1.0"},
        "ce-id": {"type": "string", "format": "uuid", "description": "The event's id; also Nats-Msg-Id."},
        "ce-type": {"type": "string", "examples": ["placet.access.BadgeScanned.v1"]},
        "ce-source": {"type": "string", "examples": ["/placet/access"]},
        "ce-subject": {"type": "string", "description": "The entity the event is about, such as badge-<id>."},
        "ce-time": {"type": "string", "format": "date-time"},
        "ce-placetnumber": {
            "type": "string",
            "pattern": "^[0-9]+$",
            "description": "1, 2, 3, ... over the service's shared events, none missing; equals the stream sequence.",
        },
        "ce-placetlog": {"type": "string", "format": "uuid", "description": "The incarnation of the service's log."},
        "traceparent": {"type": "string", "description": "W3C trace context, where the request carried one."},
        "content-type": {"const": CONTENT_TYPE},
    },
}


def document(service: ServiceContract, version: str) -> dict[str, Any]:
    """The AsyncAPI 3 document of ``service``; ``version`` is the release's."""
    received = [event for name in service.consumes for event in SERVICES[name].publishes]
    events = [*service.publishes, *received]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": service.title,
            "version": version,
            "description": f"{service.purpose} Events travel on NATS JetStream as CloudEvents 1.0 in binary mode.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"nats": {"host": "localhost:4222", "protocol": "nats"}},
        "channels": {event.__name__: _channel(event) for event in events},
        "operations": {
            **_operations("send", service.publishes, f"The stream {stream_name(service.name)} keeps these."),
            **_operations("receive", received, _durables(service)),
        },
        "components": {
            "schemas": {"CloudEventHeaders": _HEADERS},
            "messages": {event.__name__: _message(event) for event in events},
        },
    }


def documents(version: str) -> dict[Path, dict[str, Any]]:
    """Every service's document, by the file it is committed to."""
    return {DOCUMENTS / f"{service.name}.json": document(service, version) for service in SERVICES.values()}


def _channel(event: type[SharedEvent]) -> dict[str, Any]:
    schema = schema_of(event)
    channel: dict[str, Any] = {
        "address": schema["x-subject"],
        "description": event.__doc__,
        "messages": {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}},
    }
    if event.routing:
        channel["parameters"] = {field: {"description": f"`{field}` of the event."} for field in event.routing}
    return channel


def _message(event: type[SharedEvent]) -> dict[str, Any]:
    payload = {key: value for key, value in schema_of(event).items() if not key.startswith(("$schema", "$id", "x-"))}
    return {
        "name": event.type_name(),
        "title": event.__name__,
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": _inlined(payload, payload.pop("$defs", {})),
    }


def _operations(action: str, events: Iterable[type[SharedEvent]], summary: str) -> dict[str, Any]:
    return {
        f"{action}{event.__name__}": {
            "action": action,
            "summary": summary,
            "channel": {"$ref": f"#/channels/{event.__name__}"},
            "messages": [{"$ref": f"#/channels/{event.__name__}/messages/{event.__name__}"}],
        }
        for event in events
    }


def _durables(service: ServiceContract) -> str:
    return "Read through " + ", ".join(durable_name(service.name, name) for name in service.consumes) + "."


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """``schema`` without references: AsyncAPI resolves them against its own document, not against the schema."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
    return {key: _inlined(value, definitions) for key, value in schema.items()}
