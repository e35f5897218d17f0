"""Wires operations together: the only file that knows all the others."""

from functools import partial
from typing import Any

from fastapi import FastAPI

from chassis.edge.app import create_app
from chassis.edge.care import Record, care
from chassis.edge.feed import feed
from chassis.edge.session import BrowserSessions, OpenStreams
from chassis.log.codec import Codec
from chassis.log.source import OwnLog
from chassis.log.views import OwnView
from chassis.run.host import Host
from chassis.stream.consumer import Consumer
from chassis.stream.feedview import FeedView
from contracts.topology import SERVICES
from services.operations.asking import Asking
from services.operations.dashboard import dashboard
from services.operations.domain.incident_record import EVENTS as INCIDENT_EVENTS
from services.operations.domain.incident_record import IncidentEvent
from services.operations.http import routes
from services.operations.hub import Hub
from services.operations.incidents import Incidents
from services.operations.incidents_http import routes as incident_routes
from services.operations.looks import Looks
from services.operations.past import Past
from services.operations.people_http import delegations, people
from services.operations.picture import Drawing
from services.operations.printing import Printer
from services.operations.record import House, record
from services.operations.report_http import routes as report_routes
from services.operations.ruling.causes import Causes
from services.operations.ruling.escalating import EscalationClock
from services.operations.ruling.reacting import Reacting
from services.operations.ruling.ruling import Ruling
from services.operations.ruling.watching import Watch
from services.operations.settings import OperationsSettings
from services.operations.shift import Shifts
from services.operations.shift_http import Room
from services.operations.shift_http import routes as shift_routes
from services.operations.signing_in.cookies import session_cookie
from services.operations.signing_in.http import SigningIn, signing_in
from services.operations.signing_in.provider import provider_of
from services.operations.signing_in.sessions import OpenSessions
from services.operations.sources import Sources
from services.operations.timeline import Timeline
from services.operations.timeline_http import routes as timeline_routes
from services.operations.via import via
from services.operations.views.incidents import IncidentsView, as_they_stood, pictured
from services.operations.views.live import Live
from services.operations.whereabouts import Whereabouts
from services.operations.zone_history import ZoneHistory
from services.operations.zones_http import routes as zone_routes

CARD = SERVICES["operations"]
_REST_S = 0.05  # of the half second in which a scan is on the screen


def views(host: Host) -> list[FeedView | OwnView[Any]]:
    """The live view, kept current from everybody operations reads, and those of its own log."""
    return [_live(host), _incidents(host)]


def _live(host: Host) -> FeedView:
    return FeedView(host.pool, Live(), [host.feed(source) for source in CARD.consumes])


def _incidents(host: Host) -> OwnView[IncidentEvent]:
    own = OwnLog(host.service, host.log, Codec(INCIDENT_EVENTS))
    return OwnView(host.pool, host.log, own, IncidentsView())


async def build(host: Host) -> FastAPI:
    """The app, with everything it stands on added to ``host``."""
    settings = host.settings
    assert isinstance(settings, OperationsSettings)
    view, listed = _live(host), _incidents(host)
    incidents, shifts = Incidents(host.log, host.pool), Shifts(host.log)
    host.leading.append(listed.run)
    # Not by ``host.consume``: nobody reads anything before the view's tables stand.
    host.consumers += [Consumer(host.service, view.reader(feed), feed, host.bus, rest_s=_REST_S) for feed in view.feeds]
    host.leading.append(partial(view.run, host.consumers))
    sources = Sources(host)
    asking = Asking(host, lambda: [*host.degraded(), *sources.degraded()])

    def moved() -> object:
        return *sources.numbers(), listed.position

    hub = Hub(Drawing(host.pool, host.clock, settings, sources, asking, [pictured, shifts.pictured]).draw, moved)

    whereabouts = Whereabouts(host.pool)

    kept = Record(host.pool, host.log, host.consumers, host.lease.held.is_set, [view.view.name, listed.view.name])
    provider, streams = provider_of(settings), OpenStreams()
    sessions = OpenSessions(host.pool, streams, settings.idle_for, settings.lasts, provider)

    async def close_when_stopping() -> None:
        await host.stopping.wait()
        hub.close()

    causes = Causes(incidents, host.pool, host.clock)
    reacting = Reacting(host, causes, host.consumers, view.feeds)
    watch = Watch(host, causes, asking.services)
    escalation = EscalationClock(incidents, host.pool, host.clock)
    ruling = Ruling(causes, listed, [reacting.run, watch.run, escalation.run])
    host.leading.append(ruling.run)
    host.always += [hub.run, asking.run, close_when_stopping, sessions.run]
    app = create_app(
        CARD.title,
        CARD.purpose,
        settings,
        host.clock,
        host.identity,
        [
            routes(hub, Past(host.pool, host.clock, settings, [as_they_stood]).draw, host.clock),
            timeline_routes(Timeline(host.pool, host.clock)),
            zone_routes(ZoneHistory(host.pool), host.clock),
            incident_routes(incidents, listed, host.pool),
            report_routes(Printer(host.pool, host.clock, settings), listed),
            shift_routes(shifts, Room(hub.picture, host.pool)),
            people(whereabouts, Looks(host.pool)),
            delegations(whereabouts),
            dashboard(),
            feed(host.service, host.log),
            care(kept),
            record(House(kept, settings, asking.services)),
            signing_in(SigningIn(sessions, host.identity, provider, settings.public_url)),
            via(settings),
        ],
        ready=host.ready,
        degraded=lambda: [*host.degraded(), *sources.degraded()],
        reads=host.reads,
    )
    # Outermost: whatever looks at a request knows by then who asks.
    cookie = session_cookie(settings.public_url).name
    app.add_middleware(BrowserSessions, sessions=sessions, streams=streams, cookie=cookie, origin=settings.public_url)
    return app
