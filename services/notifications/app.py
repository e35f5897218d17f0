"""Wires notifications together: the only file that knows all the others."""

import asyncio
import sys
from collections.abc import Sequence

import asyncpg
from fastapi import FastAPI

from chassis.edge.app import create_app
from chassis.edge.care import Record, care
from chassis.edge.feed import feed
from chassis.log.codec import Codec
from chassis.log.source import OwnLog
from chassis.log.views import OwnView
from chassis.run import telemetry
from chassis.run.host import Host
from chassis.stream.reader import Delivered, Reader
from contracts.topology import SERVICES
from services.notifications.commands import Notices
from services.notifications.directory import Directory
from services.notifications.domain.notice import NoticeEvent
from services.notifications.duty import DutyContacts, DutyContactsUnreadableError
from services.notifications.http import routes
from services.notifications.reactions import react
from services.notifications.sender import Sender
from services.notifications.settings import NotificationsSettings
from services.notifications.smtp import Connection
from services.notifications.views.notices import EVENTS, NoticesView
from services.notifications.writing import Writer

CARD = SERVICES["notifications"]
_REST_S = 0.25  # a notice does not mind; most of what is read is no reason for one


class Queueing:
    """Applies other services' events: each queues its notices, committed before the cursor moves."""

    def __init__(self, notices: Notices, duty: DutyContacts) -> None:
        self._notices = notices
        self._duty = duty

    async def apply(self, _connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
        duties = self._duty.duties()
        await asyncio.gather(*(self._queue(one, duties) for one in delivered))

    async def _queue(self, delivered: Delivered, duties: Sequence[str]) -> None:
        envelope = delivered.envelope
        commands = react(delivered.event, envelope.id, envelope.time, duties)
        if not commands:
            return
        with telemetry.span("queue_notices", envelope.traceparent, "consumer", event_id=envelope.id) as trace:
            await asyncio.gather(*(self._notices.queue(command, trace) for command in commands))


def views(host: Host) -> list[OwnView[NoticeEvent]]:
    """The notices, kept current from the log."""
    return [OwnView(host.pool, host.log, OwnLog(host.service, host.log, Codec(EVENTS)), NoticesView())]


async def build(host: Host) -> FastAPI:
    """The app, with everything it stands on added to ``host``."""
    settings = host.settings
    assert isinstance(settings, NotificationsSettings)
    try:
        duty = DutyContacts(settings.duty_contacts_file)
    except DutyContactsUnreadableError as error:
        sys.exit(f"{error} Mend it, or leave out PLACET_DUTY_CONTACTS_FILE.")
    (listed,) = views(host)
    notices = Notices(host.log, host.clock)
    sender = Sender(
        host.pool,
        host.log,
        listed,
        notices,
        Directory(settings.accreditation_url, settings.service_token_file),
        duty,
        Writer(settings.sender, settings.signature, settings.time_zone),
        [Connection(settings) for _ in range(settings.smtp_connections)],
    )
    host.leading += [listed.run, sender.run]
    queueing = Queueing(notices, duty)
    for source in CARD.consumes:
        reader = Reader(host.service, source, host.pool, queueing.apply)
        host.consume(reader, host.feed(source), rest_s=_REST_S)
    return create_app(
        CARD.title,
        CARD.purpose,
        settings,
        host.clock,
        host.identity,
        [
            routes(listed, host.pool),
            feed(host.service, host.log),
            care(Record(host.pool, host.log, host.consumers, host.lease.held.is_set, [listed.view.name])),
        ],
        ready=host.ready,
        degraded=lambda: [*host.degraded(), *sender.lacks],
        reads=host.reads,
    )
