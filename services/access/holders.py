"""Who holds a badge, as a gate's screen shows it: fetched from accreditation ahead of the scan, kept in memory only.

A verdict never waits for this. Whoever is erased is forgotten at once; whoever is not here is shown without a name.
"""

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, TypeAdapter

from chassis.run.logging import Logger
from chassis.stream.peer import MOST_IDS, Peer

_GATHER_S = 0.2  # how long to wait for more people before asking

log = Logger(__name__)


class _Told(BaseModel):
    """A person as accreditation tells of them for a gate's screen."""

    person_id: UUID
    family_name: str
    given_name: str
    language: str


_PEOPLE = TypeAdapter(list[_Told])


@dataclass(frozen=True, slots=True)
class Holder:
    """What a guard sees of a guest."""

    name: str
    language: str


class Holders:
    """The cache. ``want`` whoever may come to a gate; ``get`` them when they do."""

    def __init__(self, accreditation_url: str, token_file: Path) -> None:
        self._url = accreditation_url
        self._token_file = token_file
        self._known: dict[UUID, Holder] = {}
        self._wanted: dict[UUID, None] = {}  # a set that keeps its order
        self._erased: set[UUID] = set()
        self._stir = asyncio.Event()

    def get(self, person_id: UUID | None) -> Holder | None:
        """The holder, if already here."""
        return None if person_id is None else self._known.get(person_id)

    def want(self, people: Iterable[UUID]) -> None:
        """Asks for these people to be fetched, if they are not here."""
        self._wanted.update((person, None) for person in people if person not in self._known)
        if self._wanted:
            self._stir.set()

    def forget(self, person_id: UUID) -> None:
        """Evicts somebody who was erased, for good."""
        self._erased.add(person_id)
        self._known.pop(person_id, None)

    async def run(self) -> None:
        """Fetches who is wanted, until cancelled; then forgets everybody: of erasures another process is told."""
        try:
            async with aclosing(Peer(self._url, self._token_file)) as accreditation:
                while True:
                    await self._stir.wait()
                    if len(self._wanted) < MOST_IDS:
                        await asyncio.sleep(_GATHER_S)
                    batch = list(self._wanted)[:MOST_IDS]
                    try:
                        await self._fetch(accreditation, batch)
                    except (OSError, ValueError) as error:  # it does not answer, or answers nonsense
                        log.info("holders_not_fetched", error=type(error).__name__, count=len(batch), retry_in_s=1)
                        await asyncio.sleep(1)
                        continue
                    for person in batch:
                        del self._wanted[person]
                    if not self._wanted:
                        self._stir.clear()
        finally:
            self._known.clear()

    async def _fetch(self, accreditation: Peer, people: list[UUID]) -> None:
        rows = await accreditation.get_listed("/v1/people", people, purpose="gate_display")
        for told in _PEOPLE.validate_python(rows):
            if told.person_id not in self._erased:  # erased while we asked
                self._known[told.person_id] = Holder(_name(told), told.language)


def _name(told: _Told) -> str:
    """As the guest's language orders it: Vietnamese puts the family first."""
    names = (told.family_name, told.given_name) if told.language == "vi" else (told.given_name, told.family_name)
    return " ".join(names)
