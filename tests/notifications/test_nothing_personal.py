"""A name, an address, a title: none of it stays here, whatever happens on the way."""

import io
import logging
from collections.abc import Callable, Iterator

import pytest

from chassis.run.logging import SafeFormatter
from tests.notifications.conftest import DUTY, House
from tests.notifications.post_office import ACCEPTED, HANG_UP
from tests.notifications.test_once import something_happens

CANARY = {
    "family_name": "Canaryfamily",
    "given_name": "Canarygiven",
    "title": "Canarytitle",
    "function": "Canaryfunction",
    "email": "canary.address@fr.example",
}
SINGING = ("canary", *(contact["email"] for contact in DUTY))


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything any library or we log, as a service writes it."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(SafeFormatter("notifications"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


async def everything_stored(house: House) -> str:
    """Every row of every table of the service's database, as text."""
    connection = await house.database.postgres.superuser(house.database.service)
    try:
        tables = await connection.fetch(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        rows = [str(tuple(row)) for table in tables for row in await connection.fetch(f"SELECT * FROM {table['name']}")]
    finally:
        await connection.close()
    return "\n".join(rows)


async def test_nothing_that_says_who_somebody_is_is_stored_or_logged(
    house: House, impatient: Callable[..., None], written: io.StringIO
) -> None:
    impatient()
    troubles = iter(["451 later, canary.address@fr.example", "550 never, canary.address@fr.example", HANG_UP])
    house.post_office.to_recipient = lambda _address: next(troubles, ACCEPTED)
    async with house.notifications() as notifications:
        await something_happens(house)
        await house.accreditation.grant(**CANARY)
        await house.accreditation.invite("de", "en", **{k: CANARY[k] for k in ("family_name", "given_name", "email")})
        await house.accreditation.confirm("de")
        await notifications.hear_and_send()
        stored = await everything_stored(house)

    assert stored.count("NoticeQueued") == 8, "the tables hold what happened"
    assert "recipient_refused" in written.getvalue(), "the log holds what went wrong"
    for text in (stored.casefold(), written.getvalue().casefold()):
        for canary in SINGING:
            assert canary not in text
    sung = "\n".join(message.as_string() for message in house.post_office.mail).casefold()
    assert "canaryfamily" in sung, "control: the canary was there to be seen"


async def test_a_canary_that_was_stored_would_be_seen(house: House) -> None:
    """Control."""
    async with house.notifications() as notifications:
        await notifications.host.pool.execute(
            "INSERT INTO readers.cursors (reader, source, log_id, number) VALUES ($1, 'x', gen_random_uuid(), 0)",
            CANARY["email"],
        )
        assert "canary.address" in await everything_stored(house)
