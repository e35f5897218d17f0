"""What may change in a shared event within a major version: prose, and new optional fields. Nothing else.

Both ways must hold: yesterday's reader on today's event, and today's reader on yesterday's event, which the log keeps
for ever. A change that breaks either needs a new version of the event, published beside the old one for a release.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_PROSE = frozenset({"title", "description", "examples", "$schema", "$id", "$defs", "properties", "required"})


def breaking_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """A sentence for each change from ``old`` to ``new`` (JSON Schemas of one event) that breaks a reader."""
    return list(_compare("", old, new, old, new))


def _compare(path: str, old: Any, new: Any, old_root: Mapping[str, Any], new_root: Mapping[str, Any]) -> Iterator[str]:
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    if isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{path or 'event'}: {len(old)} alternatives became {len(new)}"
        for index, (before, after) in enumerate(zip(old, new, strict=False)):
            yield from _compare(f"{path}[{index}]", before, after, old_root, new_root)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _compare_fields(path, old, new, old_root, new_root)
        for keyword in sorted((old.keys() | new.keys()) - _PROSE):
            where = f"{path} {keyword}".strip()
            if keyword not in old:
                yield f"{where}: was not there"
            elif keyword not in new:
                yield f"{where}: is gone"
            else:
                yield from _compare(where, old[keyword], new[keyword], old_root, new_root)
    elif old != new:
        yield f"{path}: {old!r} became {new!r}"


def _compare_fields(
    path: str, old: Mapping[str, Any], new: Mapping[str, Any], old_root: Mapping[str, Any], new_root: Mapping[str, Any]
) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
    for field in before:
        where = f"{path}.{field}".lstrip(".")
        if field not in after:
            yield f"{where}: was removed"
            continue
        if (field in was_required) != (field in is_required):
            yield f"{where}: {'must' if field in is_required else 'need not'} be there any more"
        yield from _compare(where, before[field], after[field], old_root, new_root)
    for field in sorted((after.keys() - before.keys()) & is_required):
        yield f"{path}.{field}".lstrip(".") + ": is new and required, events already recorded lack it"


def _resolve(schema: Any, root: Mapping[str, Any]) -> Any:
    while isinstance(schema, Mapping) and "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema
