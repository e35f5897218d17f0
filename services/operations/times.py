"""Times that somebody asks about: of the gathering, with their offset, and not of the future."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

from chassis.edge.problems import Problem
from services.operations.parts.shape import minute_of

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def _sensible(time: datetime) -> datetime:
    """In UTC. Before any gathering nothing was on record, whenever that was; after all of them nothing is, either."""
    return min(max(time, _EARLIEST), _LATEST).astimezone(UTC)


Time = Annotated[AwareDatetime, AfterValidator(_sensible)]


def come(time: datetime, now: datetime) -> datetime:
    """The time, if its minute has begun. Raises Problem 422."""
    if minute_of(time) > now:
        raise Problem(
            422, "not_yet", "It has not come to that time yet.", f"It is {now.isoformat(timespec='seconds')}."
        )
    return time
