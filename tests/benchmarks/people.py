"""Who holds the badges: people in accreditation's vault, so that verdicts carry names, fetched as they always are."""

import asyncio
from pathlib import Path

from chassis.personal import Personal
from chassis.run.database import connect
from services.accreditation.vault import Person, Vault
from tests.benchmarks import venue
from tests.benchmarks.measured import Measured

_AT_ONCE = 8


async def move_in(measured: Measured, people: int) -> None:
    """Puts the holders of so many badges into the vault."""
    postgres, environment = measured.system.postgres, measured.system.environment("accreditation")
    password = postgres.password_file("accreditation").read_text()
    pool = await connect(postgres.dsn("accreditation", "accreditation"), password, size=_AT_ONCE)
    try:
        key = bytes.fromhex(Path(environment["PLACET_VAULT_KEY_FILE"]).read_text())
        vault = Vault(pool, key, Path(environment["PLACET_ERASURES_FILE"]))
        numbers = iter(range(people))

        async def some() -> None:
            for number in numbers:
                await vault.put(venue.person_id(number), _person(number))

        await asyncio.gather(*(some() for _ in range(_AT_ONCE)))
    finally:
        await pool.close()


def _person(number: int) -> Person:
    return Person(
        family_name=Personal("Specimen"),
        given_name=Personal(f"Guest {number}"),
        title=Personal("Delegate"),
        function=Personal(""),
        email=Personal(f"g{number}@example.example"),
        language="en",
    )
