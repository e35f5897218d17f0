"""Who is on duty in the operations room, and the hand-over: each open item is accepted by itself, or stays behind."""

from datetime import datetime
from uuid import UUID

from chassis.log.decider import Command, Decider, Decision, Refused, Unknown
from services.operations.domain.shift_record import (
    EVENTS,
    HandoverOffered,
    HandoverWithdrawn,
    Item,
    ItemAccepted,
    ShiftEvent,
    ShiftHandedOver,
    ShiftStarted,
)
from services.operations.domain.shift_state import Handover, Shift, evolve


class ShiftCommand(Command):
    by: str
    now: datetime


class StartShift(ShiftCommand): ...


class HandoverCommand(ShiftCommand):
    handover_id: UUID


class OfferHandover(HandoverCommand):
    items: tuple[Item, ...]
    commanding: bool = False  # a commander, who may relieve whoever is on duty


class AcceptItem(HandoverCommand):
    item_id: UUID


class CompleteHandover(HandoverCommand): ...


class WithdrawHandover(HandoverCommand):
    commanding: bool = False


AnyCommand = StartShift | HandoverCommand


class SomebodyOnDuty(Refused):
    """Somebody is on duty: they hand over, or a commander relieves them."""

    __slots__ = ()
    code = "somebody_on_duty"


class NotOnDuty(Refused):
    """Only whoever is on duty may do this."""

    __slots__ = ()
    code = "not_on_duty"


class HandoverUnderWay(Refused):
    """A hand-over is under way already."""

    __slots__ = ()
    code = "handover_under_way"


class HandoverUnknown(Unknown):
    """There is no such hand-over."""

    __slots__ = ()
    code = "handover_unknown"


class ItemUnknown(Unknown):
    """The hand-over has no such item."""

    __slots__ = ()
    code = "item_unknown"


class HandoverOver(Refused):
    """The hand-over was completed or withdrawn."""

    __slots__ = ()
    code = "handover_over"


class OwnHandover(Refused):
    """Nobody hands over to themselves."""

    __slots__ = ()
    code = "own_handover"


class HandedToAnother(Refused):
    """Another officer has begun to accept this hand-over."""

    __slots__ = ()
    code = "handed_to_another"


def decide(command: AnyCommand, shift: Shift) -> Decision[ShiftEvent]:
    """Events that make ``command`` true; none if it already is."""
    if isinstance(command, StartShift):
        if shift.on_duty is not None:
            return [] if shift.on_duty == command.by else SomebodyOnDuty(shift.on_duty)
        return [ShiftStarted(by=command.by, at=command.now)]
    handover = shift.find(command.handover_id)
    if isinstance(command, OfferHandover):
        return [] if handover else _offered(command, shift)
    if handover is None:
        return HandoverUnknown(str(command.handover_id))
    match command:
        case AcceptItem():
            return _accepted(command, handover, shift)
        case CompleteHandover():
            return _completed(command, handover)
        case WithdrawHandover():
            return _withdrawn(command, handover)
        case _:
            raise TypeError(f"{type(command).__name__} is no command of a shift")


def _offered(command: OfferHandover, shift: Shift) -> Decision[ShiftEvent]:
    if shift.on_duty is None or (command.by != shift.on_duty and not command.commanding):
        return NotOnDuty(shift.on_duty or "nobody is")
    if shift.current is not None:
        return HandoverUnderWay(str(shift.current.offered.handover_id))
    return [
        HandoverOffered(
            by=command.by,
            at=command.now,
            handover_id=command.handover_id,
            outgoing=shift.on_duty,
            items=command.items,
        )
    ]


def _accepted(command: AcceptItem, handover: Handover, shift: Shift) -> Decision[ShiftEvent]:
    """During the hand-over by the incoming officer; of what was left behind, later, by whoever is on duty then."""
    if all(item.item_id != command.item_id for item in handover.offered.items):
        return ItemUnknown(str(command.item_id))
    if handover.ended == "withdrawn":
        return HandoverOver(handover.ended)
    if command.item_id in handover.acceptances:
        earlier = handover.acceptances[command.item_id].by
        return [] if earlier == command.by else HandedToAnother(earlier)
    if command.by == handover.offered.outgoing:
        return OwnHandover(command.by)
    if handover.ended is None and handover.incoming not in {None, command.by}:
        return HandedToAnother(str(handover.incoming))
    if handover.ended is not None and command.by != shift.on_duty:
        return NotOnDuty(str(shift.on_duty))
    return [
        ItemAccepted(by=command.by, at=command.now, handover_id=command.handover_id, item_id=command.item_id),
    ]


def _completed(command: CompleteHandover, handover: Handover) -> Decision[ShiftEvent]:
    if handover.ended is not None:
        same = handover.ended == "completed" and handover.incoming == command.by
        return [] if same else HandoverOver(handover.ended)
    if command.by == handover.offered.outgoing:
        return OwnHandover(command.by)
    if handover.incoming not in {None, command.by}:
        return HandedToAnother(str(handover.incoming))
    left = {item.item_id for item in handover.left}
    items = [item.item_id for item in handover.offered.items]
    return [
        ShiftHandedOver(
            by=command.by,
            at=command.now,
            handover_id=command.handover_id,
            outgoing=handover.offered.outgoing,
            accepted=tuple(item for item in items if item not in left),
            kept=tuple(item for item in items if item in left),
        )
    ]


def _withdrawn(command: WithdrawHandover, handover: Handover) -> Decision[ShiftEvent]:
    if handover.ended is not None:
        return [] if handover.ended == "withdrawn" else HandoverOver(handover.ended)
    if command.by != handover.offered.outgoing and not command.commanding:
        return NotOnDuty(handover.offered.outgoing)
    return [HandoverWithdrawn(by=command.by, at=command.now, handover_id=command.handover_id)]


SHIFT: Decider[AnyCommand, Shift, ShiftEvent] = Decider(decide, evolve, Shift(), EVENTS)
