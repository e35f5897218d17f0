"""The JSON Schemas of the shared events: generated, committed under ``contracts/schemas/``, read by other languages."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts import topology  # noqa: F401  (registers the shared events)
from contracts.event import SharedEvent, shared_events

SCHEMAS = Path(__file__).parent / "schemas"
SAMPLES = Path(__file__).parent / "samples"


def schema_of(event: type[SharedEvent]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an event's data; ``x-subject`` is the pattern of its subject."""
    subject = ".".join((event.short_name(), *(f"{{{field}}}" for field in event.routing)))
    schema = event.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:placet:{event.short_name()}",
        "x-subject": subject,
        **schema,
    }


def schemas() -> Mapping[str, dict[str, Any]]:
    """Every shared event's schema, by short name."""
    return {name: schema_of(event) for name, event in sorted(shared_events().items())}


def render(document: Mapping[str, Any]) -> str:
    """A generated document as it is committed."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def committed(name: str) -> dict[str, Any] | None:
    """The committed schema of ``name``, or None where there is none yet."""
    file = SCHEMAS / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
