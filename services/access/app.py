"""Wires access together: the only file that knows all the others."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4, uuid5

import asyncpg
from fastapi import FastAPI

from chassis.edge.app import create_app
from chassis.edge.care import care
from chassis.edge.feed import feed
from chassis.log.decider import Refused
from chassis.log.log import Metadata
from chassis.log.views import OwnView
from chassis.run.host import Host
from chassis.stream.reader import Delivered, Reader
from contracts.accreditation import BadgeActivated, PersonalDataErased
from contracts.topology import SERVICES
from services.access import reactions
from services.access.credential import Verifier
from services.access.domain.gatekeeping import VenueCommand
from services.access.enrolment import TOKEN_PREFIX, Enrolment
from services.access.gatekeeper import Gatekeeper
from services.access.holders import Holders
from services.access.http import routes
from services.access.scanning import Scanning
from services.access.settings import AccessSettings

CARD = SERVICES["access"]
_ACTOR = "service:access"
_LEARN = "learn"  # the name of the reaction: with an event's id it makes the command's


class ReactionRefusedError(Exception):
    """A command that follows from an event was refused: the event cannot be applied as it is."""


class Learning:
    """Applies accreditation's events: each becomes a command of the gatekeeper, committed before the cursor moves."""

    def __init__(self, gatekeeper: Gatekeeper, holders: Holders, host: Host) -> None:
        self._gatekeeper = gatekeeper
        self._holders = holders
        self._clock = host.clock

    async def apply(self, _connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
        outcomes = await asyncio.gather(*(self._learn(one) for one in delivered))
        for refused in (outcome for outcome in outcomes if outcome is not None):
            raise ReactionRefusedError(refused.code)
        self._holders.want(one.event.person_id for one in delivered if isinstance(one.event, BadgeActivated))
        for one in delivered:
            if isinstance(one.event, PersonalDataErased):
                self._holders.forget(one.event.person_id)

    async def hold(self, about: str) -> None:
        """Something about this entity cannot be applied."""
        await self._obey(reactions.on_parked(about))

    async def release(self, about: str) -> None:
        """It can be again, or was given up."""
        await self._obey(reactions.on_released(about))

    async def _learn(self, delivered: Delivered) -> Refused | None:
        envelope = delivered.envelope
        command = reactions.react(delivered.event, envelope.number)
        if command is None:
            return None
        metadata = Metadata(
            _ACTOR,
            uuid5(envelope.id, _LEARN),
            self._clock.now(),
            causation_id=envelope.id,
            traceparent=envelope.traceparent,
        )
        outcome = await self._gatekeeper.obey(command, metadata)
        return outcome if isinstance(outcome, Refused) else None

    async def _obey(self, command: VenueCommand | None) -> None:
        if command is not None:
            await self._gatekeeper.obey(command, Metadata(_ACTOR, uuid4(), self._clock.now()))


def views(_host: Host) -> list[OwnView[Any]]:
    """None: the venue is a value in memory, folded when this process begins to lead."""
    return []


async def build(host: Host) -> FastAPI:
    """The app, with everything it stands on added to ``host``."""
    settings = host.settings
    assert isinstance(settings, AccessSettings)
    gatekeeper = Gatekeeper(host.log, settings.venue, host.clock)
    holders = Holders(settings.accreditation_url, settings.service_token_file)
    scanning = Scanning(gatekeeper, Verifier(settings.event), holders, host.clock)
    enrolment = Enrolment(gatekeeper)
    learning = Learning(gatekeeper, holders, host)

    async def want_everybody() -> None:
        """After a start the cache is empty: whoever may come to a gate is fetched."""
        await gatekeeper.started.wait()
        holders.want(badge.person_id for badge in gatekeeper.venue.badges.values() if badge.holding == "active")

    host.identity.accept(TOKEN_PREFIX, enrolment.principal)
    host.leading += [gatekeeper.lead, holders.run, want_everybody]
    reader = Reader(
        "access",
        "accreditation",
        host.pool,
        learning.apply,
        on_parked=learning.hold,
        on_released=learning.release,
    )
    host.consume(reader, host.feed("accreditation"))
    return create_app(
        CARD.title,
        CARD.purpose,
        settings,
        host.clock,
        host.identity,
        [
            *routes(gatekeeper, scanning, enrolment),
            feed(host.service, host.log),
            care(host.pool, host.consumers, host.lease.held.is_set),
        ],
        # Only whoever leads answers scans, so a stand-by does not do the job: nothing may be sent its way.
        ready=lambda: host.ready() and gatekeeper.started.is_set(),
        degraded=host.degraded,
        reads=host.reads,
    )
