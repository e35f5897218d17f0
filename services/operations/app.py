"""Wires operations together: the only file that knows all the others."""

from functools import partial

from fastapi import FastAPI

from chassis.edge.app import create_app
from chassis.edge.care import care
from chassis.edge.feed import feed
from chassis.run.host import Host
from chassis.stream.consumer import Consumer
from chassis.stream.feedview import FeedView
from contracts.topology import SERVICES
from services.operations.dashboard import dashboard
from services.operations.http import routes
from services.operations.hub import Hub
from services.operations.picture import Drawing
from services.operations.settings import OperationsSettings
from services.operations.sources import Sources
from services.operations.views.live import Live

CARD = SERVICES["operations"]
_REST_S = 0.05  # of the half second in which a scan is on the screen


def views(host: Host) -> list[FeedView]:
    """The live view, kept current from everybody operations reads."""
    return [FeedView(host.pool, Live(), [host.feed(source) for source in CARD.consumes])]


async def build(host: Host) -> FastAPI:
    """The app, with everything it stands on added to ``host``."""
    settings = host.settings
    assert isinstance(settings, OperationsSettings)
    (view,) = views(host)
    # Not by ``host.consume``: nobody reads anything before the view's tables stand.
    host.consumers += [Consumer(host.service, view.reader(feed), feed, host.bus, rest_s=_REST_S) for feed in view.feeds]
    host.leading.append(partial(view.run, host.consumers))
    sources = Sources(host)
    sources.watch_lag()
    hub = Hub(Drawing(host.pool, host.clock, settings, sources).draw, sources.numbers)

    async def close_when_stopping() -> None:
        await host.stopping.wait()
        hub.close()

    host.always += [hub.run, close_when_stopping]
    return create_app(
        CARD.title,
        CARD.purpose,
        settings,
        host.clock,
        host.identity,
        [
            routes(hub),
            dashboard(),
            feed(host.service, host.log),
            care(host.pool, host.consumers, host.lease.held.is_set),
        ],
        ready=host.ready,
        degraded=lambda: [*host.degraded(), *sources.degraded()],
        reads=host.reads,
    )
