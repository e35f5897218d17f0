"""What every shared event is: a frozen, tolerant record that knows its name, its subject and whom it is about."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

_REGISTRY: dict[str, type["SharedEvent"]] = {}


class SharedEvent(BaseModel):
    """A fact that one service tells all others.

    Readers ignore fields they do not know; writers never drop one within a major version. The class name is the
    event's name everywhere: in code, subjects, schemas and logs.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    service: ClassVar[str]
    major: ClassVar[int]
    routing: ClassVar[tuple[str, ...]]
    """Fields whose values follow the type in the subject, for subscribers that filter."""
    discreet: ClassVar[bool]
    """Whether it is for the house's own services only: outside subscribers never get it."""

    def __init_subclass__(
        cls,
        service: str | None = None,
        major: int = 1,
        routing: tuple[str, ...] = (),
        discreet: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if service is None:
            return
        cls.service, cls.major, cls.routing, cls.discreet = service, major, routing, discreet
        if _REGISTRY.setdefault(cls.short_name(), cls) is not cls:
            raise TypeError(f"two shared events are called {cls.short_name()}")

    @abstractmethod
    def about(self) -> str:
        """The entity this is about, ``badge-<id>``: events about one entity are applied in order or not at all."""

    @classmethod
    def short_name(cls) -> str:
        """``access.BadgeScanned.v1``: the fixed part of the subject, and the name of schema and sample."""
        return f"{cls.service}.{cls.__name__}.v{cls.major}"

    @classmethod
    def type_name(cls) -> str:
        """``placet.access.BadgeScanned.v1``: the CloudEvents type."""
        return f"placet.{cls.short_name()}"

    def subject(self) -> str:
        """``access.BadgeScanned.v1.pln.pln-1.refused``: where this event is published."""
        return ".".join((self.short_name(), *(str(getattr(self, field)) for field in self.routing)))


def shared_events() -> Mapping[str, type[SharedEvent]]:
    """Every shared event by its short name, once the modules that define them are imported."""
    return _REGISTRY


def event_class(type_name: str) -> type[SharedEvent] | None:
    """The class of a CloudEvents type, or None for a type this release does not know."""
    return _REGISTRY.get(type_name.removeprefix("placet."))
