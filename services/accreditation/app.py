"""Wires accreditation together: the only file that knows all the others."""

from uuid import NAMESPACE_URL, uuid5

from fastapi import FastAPI

from chassis.edge.app import create_app
from chassis.edge.care import Record, care
from chassis.edge.feed import feed
from chassis.log.codec import Codec
from chassis.log.decider import Event
from chassis.log.log import Metadata
from chassis.log.source import OwnLog
from chassis.log.views import OwnView
from chassis.run.host import Host
from chassis.run.logging import Logger
from contracts.topology import SERVICES
from services.accreditation.commands import Accreditation
from services.accreditation.credential import Issuer
from services.accreditation.http import routes
from services.accreditation.people import People
from services.accreditation.roster import MAX_BYTES
from services.accreditation.settings import AccreditationSettings
from services.accreditation.vault import Vault
from services.accreditation.views.register import EVENTS, Register

CARD = SERVICES["accreditation"]

log = Logger(__name__)


def views(host: Host) -> list[OwnView[Event]]:
    """The register, kept current from the log."""
    return [OwnView(host.pool, host.log, OwnLog(host.service, host.log, Codec(EVENTS)), Register())]


async def build(host: Host) -> FastAPI:
    """The app, with everything it stands on added to ``host``."""
    settings = host.settings
    assert isinstance(settings, AccreditationSettings)
    vault = Vault(host.pool, bytes.fromhex(settings.read_secret(settings.vault_key_file)), settings.erasures_file)
    issuer = Issuer(settings.event, bytes.fromhex(settings.read_secret(settings.badge_key_file)))
    (registered,) = views(host)
    desk = Accreditation(host.pool, host.log, issuer, registered)
    people = People(host.pool, host.log, vault, registered, desk.rules)
    if again := await people.erase_again(host.clock.now()):  # before anybody can ask for them
        log.warning("people_erased_again", count=again)

    async def publish_key() -> None:
        command_id = uuid5(NAMESPACE_URL, f"urn:placet:issuer-key:{issuer.key_id}")
        await desk.publish_key(Metadata("service:accreditation", command_id, host.clock.now()))

    host.leading += [registered.run, publish_key]
    return create_app(
        CARD.title,
        CARD.purpose,
        settings,
        host.clock,
        host.identity,
        [
            *routes(desk, people, vault, registered, host.pool),
            feed(host.service, host.log),
            care(Record(host.pool, host.log, views=[registered.view.name])),
        ],
        ready=host.ready,
        degraded=host.degraded,
        reads=host.reads,
        body_limits={"/v1/rosters": MAX_BYTES},
    )
