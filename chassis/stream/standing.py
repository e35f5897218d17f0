"""How a service stands in what it reads, as operators are told it."""

from typing import Literal

from chassis.stream.consumer import Consumer

_SILENT_AFTER_S = 5.0  # without a heartbeat and without an answer
_BEHIND_BY = 500  # events known and not applied; less than that passes within a moment

State = Literal["current", "behind", "silent", "stopped", "elsewhere"]
"""``elsewhere``: another process of the service applies it, and this one reads what that one wrote."""


def state_of(consumer: Consumer, *, leads: bool) -> State:
    if not leads:
        return "elsewhere"
    if consumer.complaint:
        return "stopped"
    if consumer.silent_s > _SILENT_AFTER_S:
        return "silent"
    return "behind" if consumer.lag >= _BEHIND_BY else "current"


def complaint_of(consumer: Consumer) -> str | None:
    """What an operator must decide: a code, or None."""
    return consumer.complaint or ("dead_letters" if consumer.parked else None)
