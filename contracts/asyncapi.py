"""One AsyncAPI 3 document per service: what it sends, what it receives, what it is asked; headers, payload schemas."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Formatter
from typing import Any

from contracts.envelope import CONTENT_TYPE
from contracts.event import SharedEvent
from contracts.schema import schema_of
from contracts.subjects import SERVICE_ERROR, SERVICE_ERROR_CODE, durable_name, stream_name
from contracts.topology import SERVICES, Request, ServiceContract

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
        "channels": {
            **{event.__name__: _channel(event) for event in events},
            **{name: channel for request in service.answers for name, channel in _request_channels(request).items()},
        },
        "operations": {
            **_operations("send", service.publishes, f"The stream {stream_name(service.name)} keeps these."),
            **_operations("receive", received, _durables(service)),
            **{f"receive{request.name}": _request_operation(request) for request in service.answers},
        },
        "components": {
            "schemas": {"CloudEventHeaders": _HEADERS},
            "messages": {
                **{event.__name__: _message(event) for event in events},
                **{name: message for request in service.answers for name, message in _messages_of(request).items()},
            },
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
    if event.discreet:
        channel["x-discreet"] = True
        channel["description"] = f"{event.__doc__} House services only: outside subscribers never get it."
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


def _request_channels(request: Request) -> dict[str, Any]:
    asked, answered, refused = _messages_of(request)
    return {
        request.name: {
            "address": request.address,
            "description": f"{request.summary} Core NATS: no stream keeps it.",
            "messages": {asked: _component(asked)},
            "parameters": {name: {"description": f"`{name}` of the request."} for name in _fields(request.address)},
        },
        f"{request.name}Reply": {
            "address": None,
            "description": "The inbox that the request names.",
            "messages": {answered: _component(answered), refused: _component(refused)},
        },
    }


def _request_operation(request: Request) -> dict[str, Any]:
    asked, *replies = _messages_of(request)
    reply = f"#/channels/{request.name}Reply"
    return {
        "action": "receive",
        "summary": request.summary,
        "channel": {"$ref": f"#/channels/{request.name}"},
        "messages": [{"$ref": f"#/channels/{request.name}/messages/{asked}"}],
        "reply": {
            "channel": {"$ref": reply},
            "messages": [{"$ref": f"{reply}/messages/{name}"} for name in replies],
        },
    }


def _messages_of(request: Request) -> dict[str, dict[str, Any]]:
    """What is asked, what is answered, what is refused."""
    return {
        f"{request.name}Request": {
            "headers": _headers_of(
                required=("Authorization",),
                Authorization="`Bearer` and the token that the same request shows over HTTP.",
                traceparent="W3C trace context.",
            ),
            "payload": {"type": "object", "description": request.body},
        },
        f"{request.name}Answer": {"payload": {"type": "object", "description": request.answer}},
        f"{request.name}Problem": {
            "contentType": "application/problem+json",
            "headers": _headers_of(
                required=(SERVICE_ERROR, SERVICE_ERROR_CODE),
                **{
                    SERVICE_ERROR: "The problem's `code`.",
                    SERVICE_ERROR_CODE: "The problem's `status`.",
                    "Retry-After": "Seconds: the same request may be answered then.",
                },
            ),
            "payload": {
                "type": "object",
                "description": "RFC 9457: the document that HTTP would answer with.",
                "required": ["type", "title", "status", "detail", "code"],
            },
        },
    }


def _headers_of(required: Sequence[str], **headers: str) -> dict[str, Any]:
    described = {name: {"type": "string", "description": description} for name, description in headers.items()}
    return {"type": "object", "required": list(required), "properties": described}


def _component(message: str) -> dict[str, str]:
    return {"$ref": f"#/components/messages/{message}"}


def _fields(address: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(address) if name]


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
