"""An event that can never be applied, on a running system: its badge waits, all others go on, an operator mends it."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from chassis.log.log import Append, NewEvent, Shared
from chassis.log.postgres import PostgresLog
from chassis.run.database import connect
from contracts.words import ServiceName
from tests.controls import eventually, metadata
from tests.system.guests import Desk, Guest, Scanner
from tests.system.launcher import Launched, placet

READERS: tuple[ServiceName, ...] = ("access", "notifications", "operations")
_MEND = """
    UPDATE readers.dead_letters
    SET event = jsonb_set(event::jsonb, '{data,reason}', '"identity_check"')
    WHERE about = $1 AND error = 'ValidationError'
"""


@pytest.fixture(scope="module")
async def desk(launched: Launched) -> AsyncIterator[Desk]:
    outsider = launched.outsider()
    yield Desk(outsider)
    await outsider.close()


@pytest.fixture(scope="module")
async def scanner(desk: Desk) -> Scanner:
    return await desk.scanner("gate-south")


async def test_an_event_that_cannot_be_applied_holds_one_badge_until_an_operator_has_mended_it(
    launched: Launched, desk: Desk, scanner: Scanner
) -> None:
    sick, well = await desk.welcome(), await desk.welcome()
    await scanner.admits(sick.text)
    await scanner.admits(well.text)
    about = f"badge-{sick.badge_id}"

    await _suspend_without_a_reason(launched, sick)
    for reader in READERS:
        await eventually(lambda reader=reader: _parks(desk, reader, about), 10)  # type: ignore[misc]
    await _reinstate(desk, sick)  # it would open the badge, were it not behind the poison
    await eventually(lambda: _waiting(desk, "access", about, 2), 10)

    verdict = (await scanner.scan(sick.text)).body
    assert (verdict["outcome"], verdict["reason"]) == ("refused", "credential_suspended")
    await scanner.admits(well.text)
    newcomer = await desk.welcome()
    await scanner.admits(newcomer.text)

    listed, advice, hasty = await asyncio.gather(
        placet("dead-letters", "list", "access", "--json", data=launched.data),
        placet("doctor", data=launched.data, code=1),
        placet("dead-letters", "retry", "access", "accreditation", about, data=launched.data, code=1),
    )
    assert [(one["about"], one["type"], one["error"]) for one in json.loads(listed)["dead_letters"]] == [
        (about, "placet.accreditation.BadgeSuspended.v1", "ValidationError"),
        (about, "placet.accreditation.BadgeReinstated.v1", "behind_a_parked_event"),
    ]
    for reader in READERS:
        assert f"placet dead-letters list {reader}" in advice
    assert "still cannot be applied" in hasty
    assert await _waiting(desk, "access", about, 2), "what failed again stays where it was"

    await _mend(launched, "access", about)
    ...
