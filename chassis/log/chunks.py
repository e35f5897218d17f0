"""A state as chunks of JSON, and back. What it is made of is read from its type hints: no field is named twice.

A state is a NamedTuple of whatever pydantic knows, of persistent maps, and of further such tuples. Large collections
become many small chunks, so that whoever encodes or decodes them can let others work in between.
"""

from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar, get_args, get_origin, get_type_hints

from immutables import Map
from pydantic import TypeAdapter

_ENTRIES = 250  # a chunk: a millisecond's work at most
_END = b""  # of a collection; JSON is never empty

S = TypeVar("S")
Decoding = Generator[None, bytes, S]
"""Takes one chunk after the other, and returns the state with the last. Raises ValueError for what is no such state."""


class Chunks(Generic[S]):
    """The codec of one type of state. Raises TypeError where a map stands in anything but maps and named tuples."""

    def __init__(self, state: type[S]) -> None:
        self._part = _part(state)

    def encode(self, state: S) -> Iterator[bytes]:
        """None of them holds a line feed."""
        return self._part.encode(state)

    def decode(self) -> Decoding[S]:
        """Wants ``next`` before the first chunk."""
        return self._part.decode()


class _Part(Protocol):
    def encode(self, value: Any) -> Iterator[bytes]: ...

    def decode(self) -> Decoding[Any]: ...


class _Plain:
    """A value in one chunk."""

    def __init__(self, hint: Any) -> None:
        self._adapter: TypeAdapter[Any] = TypeAdapter(hint)

    def encode(self, value: Any) -> Iterator[bytes]:
        yield self._adapter.dump_json(value)

    def decode(self) -> Decoding[Any]:
        return self._adapter.validate_json((yield))


class _Entries:
    """A map of plain values: some entries a chunk, then the end."""

    def __init__(self, key: Any, value: Any) -> None:
        self._adapter: TypeAdapter[list[tuple[Any, Any]]] = TypeAdapter(list[tuple[key, value]])

    def encode(self, value: Map[Any, Any]) -> Iterator[bytes]:
        entries = iter(value.items())
        while some := list(islice(entries, _ENTRIES)):
            yield self._adapter.dump_json(some)
        yield _END

    def decode(self) -> Decoding[Map[Any, Any]]:
        entries = Map[Any, Any]().mutate()
        while chunk := (yield):
            entries.update(self._adapter.validate_json(chunk))
        return entries.finish()


class _Nested:
    """A map of what is chunks itself: a key, the chunks of its value, and so on, then the end."""

    def __init__(self, key: Any, value: _Part) -> None:
        self._key: TypeAdapter[Any] = TypeAdapter(key)
        self._value = value

    def encode(self, value: Map[Any, Any]) -> Iterator[bytes]:
        for key, inner in value.items():
            yield self._key.dump_json(key)
            yield from self._value.encode(inner)
        yield _END

    def decode(self) -> Decoding[Map[Any, Any]]:
        entries = Map[Any, Any]().mutate()
        while chunk := (yield):
            entries[self._key.validate_json(chunk)] = yield from self._value.decode()
        return entries.finish()


class _Fields:
    """A named tuple: its fields in order."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._parts = [_part(hint) for hint in get_type_hints(kind, include_extras=True).values()]

    def encode(self, value: Iterable[Any]) -> Iterator[bytes]:
        for part, field in zip(self._parts, value, strict=True):
            yield from part.encode(field)

    def decode(self) -> Decoding[Any]:
        fields: list[Any] = []
        for part in self._parts:
            fields += [(yield from part.decode())]
        return self._kind(*fields)


def _part(hint: Any) -> _Part:
    if not _holds_maps(hint):
        return _Plain(hint)
    if get_origin(hint) is Map:
        key, value = get_args(hint)
        return _Nested(key, _part(value)) if _holds_maps(value) else _Entries(key, value)
    if hasattr(hint, "_fields"):
        return _Fields(hint)
    raise TypeError(f"a map cannot be read back from within {hint}")


def _holds_maps(hint: Any) -> bool:
    """Whether a persistent map stands in it somewhere: pydantic does not know those."""
    if hasattr(hint, "_fields"):
        return any(map(_holds_maps, get_type_hints(hint, include_extras=True).values()))
    return get_origin(hint) is Map or any(map(_holds_maps, get_args(hint)))
