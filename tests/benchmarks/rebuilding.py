"""Folding anew: a venue into memory, a view into rows."""

import time

from contracts.topology import SERVICES
from placet.installation import Installation, service_environment
from placet.rebuilding import rebuild
from services.access.committed import Committed
from tests.benchmarks import venue
from tests.benchmarks.measured import Measured


async def into_memory(measured: Measured) -> tuple[float, Committed]:
    """Events a second, read from the log, decoded and folded into the venue's state; and that state."""
    async with measured.log() as log:
        committed = Committed(log, venue.VENUE)
        began = time.perf_counter()
        await committed.catch_up()
        return round(committed.venue.version / (time.perf_counter() - began)), committed


async def into_rows(measured: Measured) -> float:
    """Shared events a second of all services, folded into the tables of operations as ``placet views rebuild`` does."""
    events = sum([await measured.head(source) for source in SERVICES["operations"].consumes])
    with service_environment(Installation(measured.system.folder.root), "operations"):
        began = time.perf_counter()
        await rebuild("operations", lambda _source, _done, _total: None)
        return round(events / (time.perf_counter() - began))
