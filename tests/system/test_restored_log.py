"""A service's log is restored from an older copy: its readers notice, an operator is told what to do, and it heals."""

import pytest

from tests.controls import eventually
from tests.system.guests import Desk, Scanner
from tests.system.launcher import Launched, placet

_RESTORE_AN_OLDER_COPY = """
    DELETE FROM log.events WHERE position > {position};
    UPDATE log.head SET position = {position}, number = (SELECT max(number) FROM log.events);
    SELECT log.begin_incarnation();
"""
_READERS = ("access", "notifications", "operations")


@pytest.mark.soak  # readers that notice, stop and go on again are tested each time, one by one
async def test_a_restored_log_is_noticed_by_its_readers_and_accepted_by_an_operator(
    launched: Launched, desk: Desk, scanner: Scanner
) -> None:
    """The run is shared, and has another history from here on: no test comes after this one."""
    kept = await desk.welcome()
    await scanner.admits(kept.text)
    position = await _position(launched)
    await desk.welcome()
    await _restore_an_older_copy(launched, position)

    for service, complaint in {"accreditation": "relay:", **dict.fromkeys(_READERS, "accreditation:source_")}.items():
        await eventually(lambda of=(service, complaint): _complains(desk, *of), 20)  # type: ignore[misc]
    said = await placet("doctor", data=launched.data, code=1)
    assert "placet log republish accreditation" in said
    assert "placet consumers reset access accreditation" in said

    await placet("log", "republish", "accreditation", data=launched.data)
    for reader in _READERS:
        await placet("consumers", "reset", reader, "accreditation", "--yes", data=launched.data)

    await eventually(lambda: _well(launched), 30, every_s=0.5)
    fresh = await desk.welcome()
    await scanner.admits(fresh.text)
    await scanner.admits(kept.text)


async def _position(run: Launched) -> int:
    connection = await run.system.postgres.superuser("accreditation")
    try:
        return int(await connection.fetchval("SELECT position FROM log.head"))
    finally:
        await connection.close()


async def _restore_an_older_copy(run: Launched, position: int) -> None:
    connection = await run.system.postgres.superuser("accreditation")
    try:
        await connection.execute(_RESTORE_AN_OLDER_COPY.format(position=position))
    finally:
        await connection.close()


async def _complains(desk: Desk, service: str, complaint: str) -> bool:
    degraded = (await desk.outsider.get(service, "/ready", "auditor")).body["degraded"]
    return any(code.startswith(complaint) for code in degraded)


async def _well(run: Launched) -> bool:
    try:
        return "All is well" in await placet("doctor", data=run.data)
    except AssertionError:
        return False
