"""What every route that commands does: ask the gatekeeper, and turn a refusal into a problem."""

from chassis.edge.problems import unless_refused
from chassis.log.log import Metadata
from services.access.domain.gatekeeping import VenueCommand
from services.access.gatekeeper import Done, Gatekeeper


async def obeyed(gatekeeper: Gatekeeper, command: VenueCommand, metadata: Metadata) -> Done:
    """What came of ``command``. Raises the problem a refusal is, and UnavailableError."""
    return unless_refused(await gatekeeper.obey(command, metadata))
