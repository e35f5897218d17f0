"""The ledger's own count of who is where: access's, though it has nothing but what access tells."""

from collections.abc import Mapping

import pytest

from contracts.event import SharedEvent
from placet.rehearsal.occupancy import MOVES, occupancy
from services.access.domain.venue import Venue
from tests.operations.histories import History


def believed(venue: Venue) -> Mapping[str, int]:
    counts = {zone_id: venue.presence.count(zone_id) for zone_id in venue.layout.zones}
    return {zone_id: count for zone_id, count in counts.items() if count}


def counted(told: list[SharedEvent]) -> Mapping[str, int]:
    return {zone_id: count for zone_id, count in occupancy(told).items() if count}


@pytest.mark.parametrize("seed", range(5))
def test_it_comes_to_what_access_believes_whatever_happens(seed: int) -> None:
    history = History(seed)
    for _ in range(6):
        history.go_on(100)
        assert counted(history.told) == believed(history.venue)


@pytest.mark.parametrize("missed", MOVES, ids=lambda kind: kind.__name__)
def test_one_that_is_not_told_of_something_comes_to_something_else(missed: type[SharedEvent]) -> None:
    """Control."""
    history = History(0)
    for _ in range(60):
        history.go_on(10)
        if counted([one for one in history.told if not isinstance(one, missed)]) != believed(history.venue):
            return
    pytest.fail("it comes to the same all the same")
