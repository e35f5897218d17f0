"""The live view: what three services tell, divided among the files of this folder. Notices are kept here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg

from chassis.stream.reader import Delivered
from contracts import access, notifications
from services.operations.views.devices import Devices, spread
from services.operations.views.evacuations import Evacuations
from services.operations.views.history import record
from services.operations.views.overrides import Overrides
from services.operations.views.people import People
from services.operations.views.presence import Presence, take_out
from services.operations.views.rows import write
from services.operations.views.scans import Scans
from services.operations.views.sessions import Sessions
from services.operations.views.venue import Venue, retire

_NOTICES = """
    INSERT INTO notices (number, notice_id, template, outcome, at)
    SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[])
"""
_BY_THE_TABLES = {access.ExitsInferred, access.ZoneRetired, access.GateRetired, access.RevocationSpread}
"""Events that can only be folded into the tables as they stand."""


@dataclass(slots=True)
class _Run:
    """What a run of events amounts to, a row for each thing it is about: the last word on it holds."""

    people: People = field(default_factory=People)
    notices: list[tuple[int, UUID, str, str, datetime]] = field(default_factory=list)
    venue: Venue = field(default_factory=Venue)
    devices: Devices = field(default_factory=Devices)
    sessions: Sessions = field(default_factory=Sessions)
    evacuations: Evacuations = field(default_factory=Evacuations)
    overrides: Overrides = field(default_factory=Overrides)
    scans: Scans = field(default_factory=Scans)
    presence: Presence = field(default_factory=Presence)

    def take(self, delivered: Delivered) -> None:
        number, at = delivered.envelope.number, delivered.envelope.time
        match delivered.event:
            case access.BadgeScanned() as scan:
                at = max(at, scan.decided_at)  # which is a moment later than the command that asked for it
                self.scans.take(number, scan, at)
                self.presence.move(scan, at)
            case event if event.service == "accreditation":  # before the rest: to ask an event for its class is dear
                self.people.take(event)
            case access.PassageUndone() as undone:
                self.scans.undo(undone)
                self.presence.move(undone, at)
            case access.OccupancyCorrected(zone_id=zone, unidentified=more):
                self.presence.count({zone: more}, at)
            case notifications.NoticeSent(notice_id=notice, template=template):
                self.notices.append((number, notice, template, "sent", at))
            case notifications.NoticeFailed(notice_id=notice, template=template):
                self.notices.append((number, notice, template, "failed", at))
            case event:
                self.venue.take(delivered)
                self.devices.take(number, event)
                self.sessions.take(event)
                self.evacuations.take(number, event)
                self.overrides.take(delivered)

    async def write(self, connection: asyncpg.Connection) -> None:
        """Folds the run into the tables of the schema the connection stands in."""
        await self.people.write(connection)
        await self.venue.write(connection)
        await self.devices.write(connection)
        await self.sessions.write(connection)
        await self.evacuations.write(connection)
        await self.overrides.write(connection)
        await self.scans.write(connection)
        await self.presence.write(connection)
        await write(connection, _NOTICES, self.notices)


class Live:
    """The view's fold."""

    name = "live"
    tables = Path(__file__).with_suffix(".sql")

    async def project(self, connection: asyncpg.Connection, events: Sequence[Delivered]) -> None:
        await fold(connection, events)
        await record(connection, events)


async def fold(connection: asyncpg.Connection, events: Sequence[Delivered]) -> None:
    """All but history. Runs are as long as they can be: what asks for the tables as they stand begins another."""
    run = _Run()
    for one in events:
        if type(one.event) not in _BY_THE_TABLES:
            run.take(one)
            continue
        match one.event:
            case access.ExitsInferred() as exits:
                await run.write(connection)
                await take_out(connection, exits, one.envelope.time)
                run = _Run()
                run.presence.count(exits.unidentified, one.envelope.time)
            case access.ZoneRetired() | access.GateRetired() as retired:
                await run.write(connection)
                await retire(connection, retired)
                run = _Run()
            case access.RevocationSpread() as arrived:
                await run.write(connection)
                await spread(connection, arrived)
                run = _Run()
    await run.write(connection)
