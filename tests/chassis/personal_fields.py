"""Where a model holds personal data, however deep."""

from typing import Any, get_args

from pydantic import BaseModel

from chassis.personal import Personal


def personal_fields(model: type[BaseModel]) -> list[str]:
    """The fields of ``model``, and of the models in it, that are of type Personal."""
    found = []
    for name, field in model.model_fields.items():
        for part in _parts(field.annotation):
            if part is Personal or (isinstance(part, type) and issubclass(part, Personal)):
                found.append(name)
            elif isinstance(part, type) and issubclass(part, BaseModel):
                found += [f"{name}.{inner}" for inner in personal_fields(part)]
    return found


def _parts(annotation: Any) -> list[Any]:
    """A type and everything it is put together from."""
    supertype = getattr(annotation, "__supertype__", None)
    inner = [*get_args(annotation), *([supertype] if supertype is not None else [])]
    return [annotation, *(part for one in inner for part in _parts(one))]
