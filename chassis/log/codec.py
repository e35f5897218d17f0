"""Stored events to classes and back: ``(type, schema_version)`` names a shape, upcasts lift old shapes to today's."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from chassis.log.decider import Event

E = TypeVar("E", bound=Event)
Upcast = Callable[[dict[str, Any]], dict[str, Any]]
"""Data of version n to data of version n + 1. Pure, and applied on reading only: what is stored is never rewritten."""


class UnknownEventError(LookupError):
    """The log holds an event that this release has no class for: it was written by a newer one."""


class Codec(Generic[E]):
    """Encodes and decodes the events of one decider (or of several that share a stream)."""

    def __init__(self, events: Iterable[type[E]], upcasts: Mapping[tuple[str, int], Upcast] | None = None) -> None:
        self._classes = {event.__name__: event for event in events}
        self._upcasts = dict(upcasts or {})
        for name, event in self._classes.items():
            missing = [v for v in range(1, event.schema_version) if (name, v) not in self._upcasts]
            if missing:
                raise TypeError(f"{name} is at version {event.schema_version} and lacks upcasts from {missing}")

    def knows(self, type_name: str) -> bool:
        """Whether ``decode`` would accept an event of this type."""
        return type_name in self._classes

    def encode(self, event: E) -> str:
        """The JSON text that is stored."""
        return event.model_dump_json()

    def decode(self, type_name: str, schema_version: int, data: str) -> E:
        """Raises UnknownEventError, and pydantic's ValidationError for data that was never ours."""
        event_class = self._classes.get(type_name)
        if event_class is None or schema_version > event_class.schema_version:
            raise UnknownEventError(f"{type_name} version {schema_version}")
        if schema_version == event_class.schema_version:
            return event_class.model_validate_json(data)
        fields: dict[str, Any] = json.loads(data)
        for version in range(schema_version, event_class.schema_version):
            fields = self._upcasts[type_name, version](fields)
        return event_class.model_validate(fields)
