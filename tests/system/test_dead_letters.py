"""An event that cannot be applied, on a running system: its badge waits, the others go on, an operator decides."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from chassis.log.log import Append, NewEvent, Shared
from chassis.log.postgres import PostgresLog
from chassis.run.database import connect
from contracts.topology import SERVICES
from contracts.words import ServiceName
from tests.controls import eventually, metadata
from tests.system.guests import Desk, Guest, Scanner
from tests.system.launcher import Launched, placet

READERS: tuple[ServiceName, ...] = tuple(
    service.name for service in SERVICES.values() if "accreditation" in service.consumes
)


@pytest.fixture(autouse=True)
async def nothing_stays_poisoned(launched: Launched, desk: Desk) -> AsyncIterator[None]:
    """The run is shared: whoever reads accreditation's log anew finds nothing wrong with it, and the same rows."""
    yield
    connection = await launched.system.postgres.superuser("accreditation")
    await connection.execute("UPDATE log.events SET shared = data WHERE type = 'BadgeSuspended'")
    await connection.close()
    for reader in READERS:
        await _mend_and_retry(launched, desk, reader)


async def test_it_holds_its_badge_and_no_other_until_it_was_mended_and_retried(
    launched: Launched, desk: Desk, scanner: Scanner
) -> None:
    sick, well = await desk.welcome(), await desk.welcome()
    await scanner.admits(sick.text)
    about = f"badge-{sick.badge_id}"

    await _suspend_and_tell_no_reason(launched, sick)
    # The next event about the badge would open it again, were it not behind one that cannot be applied.
    await desk.post("accreditation", f"/v1/badges/{sick.badge_id}/reinstatement")
    suspended = (about, "placet.accreditation.BadgeSuspended.v1", "ValidationError")
    reinstated = (about, "placet.accreditation.BadgeReinstated.v1", "behind_a_parked_event")
    for reader in READERS:
        await eventually(lambda reader=reader: _has_parked(desk, reader, 2), 10)  # type: ignore[misc]
        assert await _parked(desk, reader) == [suspended, reinstated]

    assert await _reason(scanner, sick) == "credential_suspended"
    await scanner.admits(well.text)
    await scanner.admits((await desk.welcome()).text)  # who comes later is learned as ever

    listed, advice, hasty = await asyncio.gather(
        placet("dead-letters", "list", "access", data=launched.data),
        placet("doctor", data=launched.data, code=1),
        placet("dead-letters", "retry", "access", "accreditation", about, data=launched.data, code=1),
    )
    assert listed.count(about) == 2
    assert "ValidationError" in listed
    for reader in READERS:
        assert f"placet dead-letters list {reader}" in advice
    assert "still cannot be applied" in hasty
    assert await _parked(desk, "access") == [suspended, reinstated]
    assert await _reason(scanner, sick) == "credential_suspended"

    await _mend(launched, "access")
    said = await placet("dead-letters", "retry", "access", "accreditation", about, data=launched.data)

    assert "Events applied: 2" in said
    assert await _parked(desk, "access") == []
    await scanner.admits(sick.text)


async def test_given_up_its_badge_opens_again_and_all_is_well(launched: Launched, desk: Desk, scanner: Scanner) -> None:
    sick = await desk.welcome()
    await scanner.admits(sick.text)
    about = f"badge-{sick.badge_id}"
    await _suspend_and_tell_no_reason(launched, sick)
    for reader in READERS:
        await eventually(lambda reader=reader: _has_parked(desk, reader, 1), 10)  # type: ignore[misc]
    assert await _reason(scanner, sick) == "credential_suspended"

    said = await placet("dead-letters", "discard", "access", "accreditation", about, "--yes", data=launched.data)
    assert "Events given up: 1" in said
    assert await _parked(desk, "access") == []
    for reader in READERS:
        await _mend_and_retry(launched, desk, reader)  # the others have it still

    assert "All is well" in await placet("doctor", data=launched.data)
    await scanner.admits(sick.text)  # the gates never learned that it was suspended
    await desk.revoke(sick)  # and hear of the badge again
    await eventually(lambda: _is_refused_as(scanner, sick, "credential_revoked"), 10)


async def _suspend_and_tell_no_reason(launched: Launched, guest: Guest) -> None:
    """What a release of accreditation would do that broke its contract: an event without a field that all expect."""
    postgres = launched.system.postgres
    password = postgres.password_file("accreditation").read_text()
    pool = await connect(postgres.dsn("accreditation", "accreditation"), password, size=1)
    try:
        log, stream = PostgresLog(pool), f"badge-{guest.badge_id}"
        who = {"badge_id": guest.badge_id, "person_id": json.loads((await log.stream(stream))[0].data)["person_id"]}
        told = Shared("accreditation.BadgeSuspended.v1", stream, json.dumps(who))
        private = json.dumps({**who, "reason": "lost_sight"})
        event = NewEvent(uuid4(), "BadgeSuspended", 1, private, metadata().to_json(), told)
        await log.append(Append(stream, None, [event]))
    finally:
        await pool.close()


async def _mend(launched: Launched, reader: ServiceName) -> None:
    """Gives parked suspensions the reason they lack."""
    connection = await launched.system.postgres.superuser(reader)
    try:
        await connection.execute(
            "UPDATE readers.dead_letters SET event = jsonb_set(event::jsonb, '{data,reason}', '\"lost_sight\"')"
            " WHERE error = 'ValidationError'"
        )
    finally:
        await connection.close()


async def _mend_and_retry(launched: Launched, desk: Desk, reader: ServiceName) -> None:
    await _mend(launched, reader)
    for about in {about for about, _, _ in await _parked(desk, reader)}:
        await desk.post(reader, "/v1/dead-letters/retry", source="accreditation", about=about)


async def _parked(desk: Desk, reader: ServiceName) -> list[tuple[str, str, str]]:
    """(about, type, error) of each event a service could not apply."""
    letters = (await desk.outsider.get(reader, "/v1/dead-letters", "admin")).body
    return [(one["about"], one["type"], one["error"]) for one in letters]


async def _has_parked(desk: Desk, reader: ServiceName, count: int) -> bool:
    return len(await _parked(desk, reader)) == count


async def _reason(scanner: Scanner, guest: Guest) -> str | None:
    verdict = (await scanner.scan(guest.text)).body
    assert verdict["outcome"] == "refused"
    reason: str | None = verdict["reason"]
    return reason


async def _is_refused_as(scanner: Scanner, guest: Guest, reason: str) -> bool:
    return bool((await scanner.scan(guest.text)).body["reason"] == reason)
