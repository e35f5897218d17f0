"""The vault: who people are. Events elsewhere carry only a person's id; names and addresses live here, encrypted.

AES-256-GCM under a key per person, wrapped by a master key from a file. Every look is recorded with who, what for and
how many. Erasing deletes row and key, and is listed in a file outside the database (erasures.py).
"""

import asyncio
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.personal import Personal
from contracts.words import RoomPage
from services.accreditation.erasures import Erasures
from services.accreditation.names import folded

Purpose = Literal["gate_display", "notice", "desk"]

FIELDS: Mapping[Purpose | RoomPage, tuple[str, ...]] = {
    "gate_display": ("family_name", "given_name", "title", "language"),
    "notice": ("family_name", "given_name", "email", "language"),
    "desk": ("family_name", "given_name", "title", "function", "email", "language"),
    **dict.fromkeys(get_args(RoomPage), ("family_name", "given_name", "title", "function", "language")),
}
"""What each purpose may see, and nothing more."""

_NONCE = 12  # bytes
_AT_A_TIME = 500  # people opened by a thread before others get their turn

_PUT = """
    INSERT INTO vault.people (person_id, wrapped_key, sealed, match_key) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING
"""
_SAME = "SELECT person_id FROM vault.people WHERE match_key = $1"
_READ = "SELECT person_id, wrapped_key, sealed FROM vault.people WHERE person_id = ANY($1)"
_RECORD_READ = "INSERT INTO vault.reads (actor, purpose, count, people) VALUES ($1, $2, $3, $4)"
_READS = "SELECT read_id, at, actor, purpose, count, people FROM vault.reads WHERE read_id > $1 ORDER BY 1 LIMIT $2"
_KEPT = "SELECT person_id FROM vault.people WHERE person_id = ANY($1)"
_ERASE = "DELETE FROM vault.people WHERE person_id = $1"


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of somebody. ``language`` (en, fr, vi) is for notices and greetings."""

    family_name: Personal
    given_name: Personal
    title: Personal
    function: Personal
    email: Personal
    language: str

    def match_text(self) -> str:
        """The same text for the same person: case, diacritics and spaces do not tell people apart."""
        return "|".join(map(_normalised, (self.family_name, self.given_name, self.email)))


class Vault:
    """Keeps people. ``master_key`` is 32 bytes; ``erasures`` is the list of those erased, one id a line."""

    def __init__(self, pool: asyncpg.Pool, master_key: bytes, erasures: Path) -> None:
        self._pool = pool
        self._master = AESGCM(master_key)
        self._match_key = hashlib.sha256(b"placet match key" + master_key).digest()
        self._erasures = Erasures(erasures)

    async def find(self, person: Person) -> UUID | None:
        """Who is kept with this name and address already."""
        found: UUID | None = await self._pool.fetchval(_SAME, self._match(person))
        return found

    async def put(self, person_id: UUID, person: Person) -> UUID | None:
        """Keeps a person; the id under which they are kept, which is another one if they were there already.

        None: they are not kept, for the id is somebody else's.
        """
        key, aad = AESGCM.generate_key(256), person_id.bytes
        content = json.dumps(
            {
                "family_name": person.family_name.reveal(),
                "given_name": person.given_name.reveal(),
                "title": person.title.reveal(),
                "function": person.function.reveal(),
                "email": person.email.reveal(),
                "language": person.language,
            }
        )
        wrapped, sealed = _seal(self._master, key, aad), _seal(AESGCM(key), content.encode(), aad)
        match_key = self._match(person)
        await self._pool.execute(_PUT, person_id, wrapped, sealed, match_key)
        kept: UUID | None = await self._pool.fetchval(_SAME, match_key)
        return kept

    async def remove(self, person_id: UUID) -> None:
        """Forgets somebody, without a word on the list of erasures."""
        await self._pool.execute(_ERASE, person_id)

    async def whose_name(self, fits: Callable[[str, str], bool], among: Sequence[UUID]) -> list[UUID]:
        """Those of ``among`` whose family and given name fit, by name. Nobody is shown, so no look is recorded.

        Everybody is opened each time, in a thread: an index would be quicker, and a second copy of every name, in
        memory or as hashes that can be tried out, which each erasure had to reach. 5,000 people take 0.2 s.
        """
        found: list[tuple[str, str, UUID]] = []
        for start in range(0, len(among), _AT_A_TIME):
            rows = await self._pool.fetch(_READ, among[start : start + _AT_A_TIME])
            found += await asyncio.to_thread(self._fitting, rows, fits)
        return [person_id for _, _, person_id in sorted(found)]

    async def read(self, ids: Sequence[UUID], purpose: Purpose | RoomPage, actor: str) -> dict[UUID, dict[str, str]]:
        """The fields that ``purpose`` may see, by person; those not kept (any more) are left out. Recorded."""
        found = {}
        async with self._pool.acquire() as connection, connection.transaction():
            for person_id, content in self._opened(await connection.fetch(_READ, ids)):
                found[person_id] = {field: content[field] for field in FIELDS[purpose]}
            await connection.execute(_RECORD_READ, actor, purpose, len(found), list(found))
        return found

    async def looks(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Who looked at whom, in order, after ``after``: read_id, at, actor, purpose, count, people (ids)."""
        return [dict(row) for row in await self._pool.fetch(_READS, after, limit)]

    async def keeps(self, person_id: UUID) -> bool:
        """Whether there is anything about this person."""
        return bool(await self._pool.fetch(_KEPT, [person_id]))

    async def erase(self, person_id: UUID) -> None:
        """Deletes what is known of somebody. Listed before it is done. Raises OSError."""
        self._erasures.add(person_id)
        await self._pool.execute(_ERASE, person_id)

    def has_erased(self, person_id: UUID) -> bool:
        """Whether the list of erasures names this person."""
        return person_id in self._erasures

    async def brought_back(self) -> list[UUID]:
        """People erased of whom there is something all the same: the database is older than their erasure."""
        return [row["person_id"] for row in await self._pool.fetch(_KEPT, self._erasures.listed())]

    def _opened(self, rows: Sequence[asyncpg.Record]) -> Iterator[tuple[UUID, Mapping[str, str]]]:
        for person_id, wrapped, sealed in rows:
            key = _open(self._master, wrapped, person_id.bytes)
            yield person_id, json.loads(_open(AESGCM(key), sealed, person_id.bytes))

    def _fitting(self, rows: Sequence[asyncpg.Record], fits: Callable[[str, str], bool]) -> list[tuple[str, str, UUID]]:
        names = ((known["family_name"], known["given_name"], person_id) for person_id, known in self._opened(rows))
        return [(folded(family), folded(given), person_id) for family, given, person_id in names if fits(family, given)]

    def _match(self, person: Person) -> bytes:
        return hmac.digest(self._match_key, person.match_text().encode(), "sha256")


def _normalised(text: Personal) -> str:
    return "".join(folded(text.reveal()).split())


def _seal(cipher: AESGCM, plain: bytes, aad: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + cipher.encrypt(nonce, plain, aad)


def _open(cipher: AESGCM, sealed: bytes, aad: bytes) -> bytes:
    return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], aad)
