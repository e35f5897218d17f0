"""The picture as it was is the picture that was drawn then: remembered while things happen, drawn again afterwards."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.log.obey import UnavailableError
from chassis.run.clock import ScenarioClock
from chassis.run.host import Host
from contracts.access import BadgeScanned
from contracts.event import SharedEvent
from services.operations.asking import Asking
from services.operations.past import Past
from services.operations.picture import Drawing
from services.operations.settings import OperationsSettings
from services.operations.sources import Sources
from tests.conftest import Database
from tests.controls import NOW
from tests.operations.conftest import Folded
from tests.operations.days import a_day
from tests.operations.histories import History
from tests.operations.told import ANNA, BORIS, Told, goes_in

_NOT_ON_RECORD = {"updated_at", "sources", "services", "pages"}
_MINUTE = timedelta(minutes=1)
_HISTORY = {"told", "steps", "delegation_steps", "visits", "counted", "late", "policies_seen"}
_NOT_DRAWN = {"scans", "undone"}
"""Tables that no part is drawn of."""
_IN_BETWEEN = {"unheard", "seen"}
"""Those that only others are made of."""


class Gathering:
    """Things are told as time goes by, and a picture of each minute is remembered."""

    def __init__(self, folded: Folded, told: Told, clock: ScenarioClock, drawing: Drawing, past: Past) -> None:
        self.folded = folded
        self.past = past
        self.remembered: dict[datetime, Mapping[str, Any]] = {}
        self._told = told
        self._clock = clock
        self._drawing = drawing

    async def happens(self, at: datetime, *events: SharedEvent) -> None:
        """Events are told in one run. If they are of another minute than those before, somebody has looked between."""
        if _minute(at) > _minute(self._told.now):
            await self.is_looked_at()
        self._told.now = at
        await self.folded.of(*events)

    async def is_looked_at(self) -> None:
        """At the end of the minute that is."""
        minute = _minute(self._told.now)
        self._clock.set(minute + _MINUTE - timedelta(microseconds=1))
        self.remembered[minute] = await self._drawing.draw()

    async def differences(self, minute: datetime) -> dict[str, tuple[object, object]]:
        """Parts of the past that are not as they were: as remembered, and as drawn now."""
        then, drawn = self.remembered[minute], await self.past.draw(minute)
        parts = {part: (_on_record(part, then[part]), drawn.get(part)) for part in then.keys() - _NOT_ON_RECORD}
        return {part: (was, seems) for part, (was, seems) in parts.items() if was != seems}

    async def differs(self) -> bool:
        """At any minute."""
        for minute in reversed(self.remembered):
            if await self.differences(minute):
                return True
        return False


def _on_record(part: str, content: Any) -> Any:
    """Without what is real time."""
    return [{**one, "heard_at": None} for one in content] if part == "gates" else content


def _minute(time: datetime) -> datetime:
    return time.replace(second=0, microsecond=0)


@pytest.fixture
def gathering(
    folded: Folded, told: Told, configured: OperationsSettings, database: Database, clock: ScenarioClock
) -> Gathering:
    host = Host("operations", configured, database.pool)
    drawing = Drawing(host.pool, host.clock, configured, Sources(host), Asking(host))
    return Gathering(folded, told, clock, drawing, Past(host.pool, host.clock, configured))


async def _at_a_venue(gathering: Gathering, seed: int, steps: int) -> None:
    history = History(seed)
    await gathering.happens(history.now, *history.told)
    for _ in range(steps):
        happened = history.go_on(4)
        await gathering.happens(history.now, *happened)
    await gathering.is_looked_at()


async def _all_over_the_house(gathering: Gathering, seed: int) -> None:
    """What three services tell, whether it could have happened or not."""
    now = NOW
    for event in a_day(seed):
        if isinstance(event, BadgeScanned):
            now = max(now, event.decided_at)
        await gathering.happens(now, event)
    await gathering.is_looked_at()


# --- the law --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(2))
async def test_every_minute_at_a_venue_is_drawn_again_as_it_was(gathering: Gathering, seed: int) -> None:
    await _at_a_venue(gathering, seed, steps=30)

    assert len(gathering.remembered) > 20
    for minute in gathering.remembered:
        assert await gathering.differences(minute) == {}, f"{minute}"


@pytest.mark.parametrize("seed", range(2))
async def test_every_minute_of_all_that_can_be_told_is_drawn_again_as_it_was(gathering: Gathering, seed: int) -> None:
    await _all_over_the_house(gathering, seed)

    assert len(gathering.remembered) > 4
    for minute in gathering.remembered:
        assert await gathering.differences(minute) == {}, f"{minute}"


async def test_the_past_is_the_same_when_the_view_was_folded_anew(gathering: Gathering) -> None:
    await _all_over_the_house(gathering, 5)
    await gathering.folded.view.rebuild()

    for minute in gathering.remembered:
        assert await gathering.differences(minute) == {}, f"{minute}"


@pytest.mark.parametrize(
    "forgotten",
    ["told", "visits", *(pytest.param(one, marks=pytest.mark.soak) for one in sorted(_HISTORY - {"told", "visits"}))],
)
async def test_a_history_that_forgets_is_noticed(gathering: Gathering, forgotten: str) -> None:
    """Control: each table of the history is needed for the past to be what it was."""
    await _all_over_the_house(gathering, 1)
    now = max(gathering.remembered) + _MINUTE
    await gathering.happens(now, goes_in("per", ANNA, at=now).model_copy(update={"policy_version": 1_000}))
    await gathering.happens(now + 2 * _MINUTE, goes_in("per", BORIS, at=now))
    await gathering.is_looked_at()
    assert not await gathering.differs()

    await gathering.folded.pool.execute(f"DELETE FROM live.{forgotten}")
    assert await gathering.differs()


async def test_every_table_that_a_part_is_drawn_of_is_restored_column_by_column(gathering: Gathering) -> None:
    """A part that is new needs its tables here; one that was forgotten would be drawn of nothing, and fail."""
    columns = """
        SELECT relname, attname, format_type(atttypid, atttypmod)
        FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
        WHERE relkind IN ('r', 'v') AND attnum > 0 AND relnamespace = {}::regnamespace
    """
    there_are = set(await gathering.folded.rows(columns.format("'live'")))
    async with gathering.past.as_it_stood(NOW) as then:
        restored = {tuple(row) for row in await then.fetch(columns.format("current_schema()"))}

    assert {table for table, *_ in there_are} - {table for table, *_ in restored} == _HISTORY | _NOT_DRAWN
    assert {one for one in restored if one[0] not in _IN_BETWEEN} <= there_are, "of the same types"


# --- what is not on record, and when there is none ------------------------------------------------------------------


async def test_it_says_of_when_it_is_and_that_nobody_knows_how_near_sources_were(gathering: Gathering) -> None:
    await _all_over_the_house(gathering, 2)
    picture = await gathering.past.draw(NOW + timedelta(seconds=20))

    assert (picture["as_of"], picture["clock"]["now"]) == ("2025-10-25T08:30:59+00:00", "2025-10-25T08:30:59+00:00")
    assert {one["state"] for one in picture["sources"]} == {"past"}
    assert "services" not in picture
    assert {gate["heard_at"] for gate in picture["gates"]} == {None}


async def test_the_minute_that_is_not_over_is_as_far_as_it_has_come(gathering: Gathering, clock: ScenarioClock) -> None:
    clock.set(NOW + timedelta(seconds=20))

    assert (await gathering.past.draw(NOW))["as_of"] == "2025-10-25T08:30:20+00:00"


async def test_before_anything_was_told_everything_is_nought(gathering: Gathering) -> None:
    await _all_over_the_house(gathering, 2)
    picture = await gathering.past.draw(NOW - timedelta(days=400))

    assert picture["zones"] == picture["gates"] == picture["devices"] == picture["refusals"] == []
    assert (picture["people"], picture["scans"]["total"], picture["badges"]["issued"]) == ({"inside": 0}, 0, 0)


async def test_without_its_view_there_is_no_past_for_the_moment(gathering: Gathering, database: Database) -> None:
    await database.pool.execute("DROP SCHEMA live CASCADE")
    with pytest.raises(UnavailableError):
        await gathering.past.draw(NOW)


async def test_nothing_of_it_stays_and_the_present_does_not_see_it(gathering: Gathering) -> None:
    await _all_over_the_house(gathering, 3)
    before = await gathering.folded.everything()

    await asyncio.gather(*(gathering.past.draw(minute) for minute in gathering.remembered))

    assert await gathering.folded.rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'past%'") == []
    assert await gathering.folded.everything() == before
