"""A service's log is restored from an older copy: its readers notice, an operator is told what to do, and it heals."""

import asyncio

from tests.controls import eventually
from tests.system.guests import Desk
from tests.system.launcher import Launched, data_folder, placet, until_up, up

_RESTORE_AN_OLDER_COPY = """
    DELETE FROM log.events WHERE position > {position};
    UPDATE log.head SET position = {position}, number = (SELECT max(number) FROM log.events);
    SELECT log.begin_incarnation();
"""
_READERS = ("access", "notifications", "operations")


async def test_a_restored_log_is_noticed_by_its_readers_and_accepted_by_an_operator() -> None:
    async with data_folder() as data, up(data, "--no-simulate", "--scenario", "mini") as run:
        await until_up(run)
        outsider = run.outsider()
        try:
            desk = Desk(outsider)
            gate = await desk.scanner("gate-north")
            kept = await desk.welcome()
            await gate.admits(kept.text)
            position = await _position(run)
            await desk.welcome()
            await _restore_an_older_copy(run, position)

            for reader in _READERS:
                await eventually(lambda reader=reader: _complains(run, reader), 20)  # type: ignore[misc]
            said = await placet("doctor", data=data, code=1)
            assert "placet log republish accreditation" in said
            assert "placet consumers reset access accreditation" in said

            await placet("log", "republish", "accreditation", data=data)
            for reader in _READERS:
                await placet("consumers", "reset", reader, "accreditation", "--yes", data=data)

            await eventually(lambda: _well(run), 30)
            fresh = await desk.welcome()
            await gate.admits(fresh.text)
            await gate.admits(kept.text)
        finally:
            await outsider.close()


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


async def _complains(run: Launched, reader: str) -> bool:
    outsider = run.outsider()
    try:
        degraded = (await outsider.get(reader, "/ready", "auditor")).body["degraded"]
        return any(code.startswith("accreditation:source_") for code in degraded)
    finally:
        await outsider.close()


async def _well(run: Launched) -> bool:
    try:
        return "All is well" in await placet("doctor", data=run.data)
    except AssertionError:
        await asyncio.sleep(0.5)
        return False
