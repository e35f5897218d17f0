"""Wires access together: the only file that knows all the others."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import uuid4, uuid5

import asyncpg
from fastapi import FastAPI

from chassis.edge.app import create_app
from chassis.edge.care import Record, care
from chassis.edge.feed import feed
from chassis.edge.forward import Forward
from chassis.log.decider import Refused
from chassis.log.log import Metadata
from chassis.log.views import OwnView
from chassis.run.host import Host
from chassis.stream.reader import Delivered, Reader
from contracts.accreditation import BadgeActivated, PersonalDataErased
from contracts.topology import SERVICES
from services.access import fleet_metrics, reactions
from services.access.credential import Verifier
from services.access.domain.gatekeeping import VenueCommand
from services.access.enrolment import TOKEN_PREFIX, Enrolment
from services.access.fleet import Fleet
from services.access.gatekeeper import Gatekeeper
from services.access.holders import Holders
from services.access.http import BODY_LIMITS, routes
from services.access.http.first import ScansFirst
from services.access.nightly import NightlyExits
from services.access.pins import PinHolders
from services.access.policies import Policies
from services.access.revocations import Revocations
from services.access.rpc import ScanRequests
from services.access.scanning import Scanning
from services.access.settings import AccessSettings
from services.access.simulating import Simulator
from services.access.snapshots import Snapshots
from services.access.uploading import Uploading

CARD = SERVICES["access"]
_ACTOR = "service:access"


class ReactionRefusedError(Exception):
    """A command that follows from an event was refused: the event cannot be applied as it is."""


class Learning:
    """Applies accreditation's events: each becomes a command of the gatekeeper, committed before the cursor moves."""

    def __init__(self, gatekeeper: Gatekeeper, holders: Holders, host: Host, venue_id: str) -> None:
        self._gatekeeper = gatekeeper
        self._holders = holders
        self._clock = host.clock
        self._reaction = f"learn-{venue_id}"  # with an event's id it makes the command's; each venue learns for itself

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
        command = reactions.react(delivered.event, envelope.number, envelope.time)
        if command is None:
            return None
        metadata = Metadata(
            _ACTOR,
            uuid5(envelope.id, self._reaction),
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
    stream = f"venue-{settings.venue}"
    host.lead_partition(stream)  # venues that share a database are led apart
    snapshots = Snapshots(host.pool, stream)
    gatekeeper = Gatekeeper(host.log, settings.venue, host.clock, snapshots, lambda: host.lease.certain)
    host.lease.able = lambda: gatekeeper.committed.complete
    holders = Holders(settings.accreditation_url, settings.service_token_file)
    verifier = Verifier(settings.event)
    scanning = Scanning(gatekeeper, verifier, holders, host.clock)
    uploading = Uploading(gatekeeper, verifier, host.clock)
    enrolment, fleet = Enrolment(gatekeeper), Fleet(gatekeeper, host.clock, silent_after_s=settings.silent_after_s)
    revoked = Revocations(gatekeeper, fleet, host.clock)
    policies, simulator = Policies(gatekeeper, host.log), Simulator(host.log, gatekeeper.committed)
    learning = Learning(gatekeeper, holders, host, settings.venue)

    async def want_everybody() -> None:
        """After a start the cache is empty: whoever may come to a gate is fetched."""
        await gatekeeper.started.wait()
        known = gatekeeper.committed.venue.badges.known.values()
        holders.want(badge.person_id for badge in known if badge.holding == "active")

    fleet_metrics.watch(gatekeeper, fleet)
    host.identity.accept(TOKEN_PREFIX, enrolment.principal)
    nightly = NightlyExits(gatekeeper, host.clock, settings.time_zone)
    scan_requests = ScanRequests(host.bus, gatekeeper, scanning, host.identity)
    host.always += [gatekeeper.committed.follow, partial(gatekeeper.committed.keep, lambda: gatekeeper.leads)]
    host.leading += [gatekeeper.lead, holders.run, want_everybody, scan_requests.run, nightly.run]
    host.leading += [fleet.run, revoked.run]
    reader = Reader(
        f"access-{settings.venue}",
        "accreditation",
        host.pool,
        learning.apply,
        on_parked=learning.hold,
        on_released=learning.release,
    )
    host.consume(reader, host.feed("accreditation"), settings.reads_as)
    app = create_app(
        CARD.title,
        CARD.purpose,
        settings,
        host.clock,
        host.identity,
        [
            *routes(
                gatekeeper,
                scanning,
                uploading,
                enrolment,
                fleet,
                revoked,
                policies,
                simulator,
                PinHolders(gatekeeper, holders, host.clock),
                host.clock,
                host.stopping,
            ),
            feed(host.service, host.log),
            care(Record(host.pool, host.log, host.consumers, host.lease.held.is_set)),
        ],
        # Scans are decided by whoever leads: this process, or the one that it hands them on to.
        ready=lambda: host.ready() and (gatekeeper.leads or host.lease.leader is not None),
        degraded=host.degraded,
        reads=host.reads,
        body_limits=BODY_LIMITS,
    )
    app.add_middleware(
        Forward, leads=lambda: gatekeeper.leads, leader=lambda: host.lease.leader, questions={"/v1/policy/simulate"}
    )
    app.add_middleware(ScansFirst, scanning=scanning, identity=host.identity, leads=lambda: gatekeeper.leads)
    return app
