"""How most private events become shared ones: in the same words."""

from collections.abc import Callable, Mapping

from chassis.log.decider import Event
from contracts.event import SharedEvent


def in_same_words(told_as: Mapping[type[Event], type[SharedEvent]]) -> Callable[[Event], SharedEvent | None]:
    """A ``publish`` that tells of each event listed with the fields its shared event has; the others stay here."""

    def publish(event: Event) -> SharedEvent | None:
        """The shared event that tells others of ``event``, or None."""
        shared = told_as.get(type(event))
        return None if shared is None else shared.model_validate(event.model_dump())

    return publish
