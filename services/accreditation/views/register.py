"""The register: delegations, nominations and badges as they stand, for desks and for commands that refer to them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from chassis.log.decider import Event
from services.accreditation.domain import accreditation, badge, delegation
from services.accreditation.domain.accreditation import Nominee

EVENTS: tuple[type[Event], ...] = (
    *delegation.DELEGATION.events,
    *accreditation.ACCREDITATION.events,
    *badge.BADGE.events,
)

_NOMINEE = "SELECT nomination_id, person_id, delegation_id, category FROM register.nominations WHERE nomination_id = $1"
_NOMINEES = """
    SELECT nomination_id, person_id, delegation_id, category FROM register.nominations
    WHERE ($1::text IS NULL OR delegation_id = $1) AND ($2::uuid[] IS NULL OR person_id = ANY($2))
"""
_DELEGATIONS = "SELECT * FROM register.delegations WHERE $1::text IS NULL OR delegation_id = $1 ORDER BY delegation_id"
_NOMINATIONS = """
    SELECT * FROM register.nominations
    WHERE ($1::text IS NULL OR delegation_id = $1) AND ($2::text IS NULL OR vetting = $2)
      AND ($3::text IS NULL OR decision = $3) AND ($4::uuid IS NULL OR nomination_id > $4)
    ORDER BY nomination_id LIMIT $5
"""
_BADGES = """
    SELECT * FROM register.badges
    WHERE ($1::uuid IS NULL OR badge_id = $1) AND ($2::text IS NULL OR delegation_id = $2)
      AND ($3::uuid IS NULL OR badge_id > $3)
    ORDER BY badge_id LIMIT $4
"""


class Register:
    """The view's fold."""

    name = "register"
    tables = Path(__file__).with_suffix(".sql")

    async def project(self, connection: asyncpg.Connection, events: Sequence[Event]) -> None:
        for event in events:
            await _apply(connection, event)


async def nominee(pool: asyncpg.Pool, nomination_id: UUID) -> Nominee | None:
    """Who was nominated under this id, or None."""
    row = await pool.fetchrow(_NOMINEE, nomination_id)
    return None if row is None else Nominee(**row)


async def nominees(
    pool: asyncpg.Pool, delegation_id: str | None = None, people: Sequence[UUID] | None = None
) -> dict[UUID, Nominee]:
    """Who was nominated, by person: of a delegation, of these people."""
    rows = await pool.fetch(_NOMINEES, delegation_id, people)
    return {row["person_id"]: Nominee(**row) for row in rows}


async def is_nominated(pool: asyncpg.Pool, person_id: UUID) -> bool:
    """Whether some delegation named this person."""
    return bool(await pool.fetchval("SELECT EXISTS (SELECT FROM register.nominations WHERE person_id = $1)", person_id))


async def delegations(pool: asyncpg.Pool, delegation_id: str | None = None) -> list[dict[str, Any]]:
    """All delegations, or the one; by id."""
    rows = await pool.fetch(_DELEGATIONS, delegation_id)
    return [{**row, "names": json.loads(row["names"]), "quotas": json.loads(row["quotas"])} for row in rows]


async def nominations(
    pool: asyncpg.Pool,
    delegation_id: str | None = None,
    vetting: str | None = None,
    decision: str | None = None,
    after: UUID | None = None,
    limit: int = 500,
) -> list[dict[str, Any]]:
    """Nominations that fit, by id, after ``after``."""
    rows = await pool.fetch(_NOMINATIONS, delegation_id, vetting, decision, after, limit)
    return [dict(row) for row in rows]


async def badges(
    pool: asyncpg.Pool,
    badge_id: UUID | None = None,
    delegation_id: str | None = None,
    after: UUID | None = None,
    limit: int = 500,
) -> list[dict[str, Any]]:
    """Badges that fit, by id, after ``after``."""
    return [dict(row) for row in await pool.fetch(_BADGES, badge_id, delegation_id, after, limit)]


async def _apply(connection: asyncpg.Connection, event: Event) -> None:
    match event:
        case delegation.DelegationInvited():
            await connection.execute(
                "INSERT INTO delegations (delegation_id, kind, names, language, focal_point_id)"
                " VALUES ($1,$2,$3,$4,$5)",
                event.delegation_id,
                event.kind,
                json.dumps(dict(event.names), ensure_ascii=False),
                event.language,
                event.focal_point_id,
            )
        case delegation.DelegationConfirmed():
            await connection.execute(
                "UPDATE delegations SET note_verbale = $2 WHERE delegation_id = $1",
                event.delegation_id,
                event.note_verbale,
            )
        case delegation.QuotaSet():
            await connection.execute(
                "UPDATE delegations SET quotas = quotas || jsonb_build_object($2::text, $3::int)"
                " WHERE delegation_id = $1",
                event.delegation_id,
                event.category,
                event.places,
            )
        case delegation.DelegateNominated():
            await connection.execute(
                "INSERT INTO nominations (nomination_id, person_id, delegation_id, category) VALUES ($1,$2,$3,$4)",
                event.nomination_id,
                event.person_id,
                event.delegation_id,
                event.category,
            )
        case accreditation.VettingCleared():
            await _set(connection, event.nomination_id, vetting="cleared")
        case accreditation.VettingReferred():
            await _set(connection, event.nomination_id, vetting="referred")
        case accreditation.VettingRefused():
            await _set(connection, event.nomination_id, vetting="refused")
        case accreditation.AccreditationGranted():
            await _set(connection, event.nomination_id, decision="granted")
        case accreditation.AccreditationRefused():
            await _set(connection, event.nomination_id, decision="refused")
        case _:
            await _apply_to_badge(connection, event)


async def _apply_to_badge(connection: asyncpg.Connection, event: Event) -> None:
    match event:
        case badge.BadgeIssued():
            await connection.execute(
                "INSERT INTO badges (badge_id, nomination_id, person_id, delegation_id, category, areas, version,"
                " holding, valid_from, valid_until) VALUES ($1,$2,$3,$4,$5,$6,$7,'issued',$8,$9)",
                event.badge_id,
                event.nomination_id,
                event.person_id,
                event.delegation_id,
                event.category,
                list(event.areas),
                event.version,
                event.valid_from,
                event.valid_until,
            )
            await connection.execute(
                "UPDATE nominations SET badge_id = $2 WHERE nomination_id = $1", event.nomination_id, event.badge_id
            )
        case badge.BadgeActivated():
            await _set_badge(connection, event.badge_id, "holding = 'active'")
        case badge.BadgeReportedLost():
            await _set_badge(connection, event.badge_id, "holding = 'lost'")
        case badge.BadgeReplaced():
            await _set_badge(connection, event.badge_id, "holding = 'issued', version = version + 1")
        case badge.BadgeSuspended():
            await _set_badge(connection, event.badge_id, "suspended = true")
        case badge.BadgeReinstated():
            await _set_badge(connection, event.badge_id, "suspended = false")
        case badge.BadgeRevoked():
            await _set_badge(connection, event.badge_id, "revoked = true")


async def _set(
    connection: asyncpg.Connection, nomination_id: UUID, vetting: str | None = None, decision: str | None = None
) -> None:
    await connection.execute(
        "UPDATE nominations SET vetting = coalesce($2, vetting), decision = coalesce($3, decision)"
        " WHERE nomination_id = $1",
        nomination_id,
        vetting,
        decision,
    )


async def _set_badge(connection: asyncpg.Connection, badge_id: UUID, change: str) -> None:
    await connection.execute(f"UPDATE badges SET {change} WHERE badge_id = $1", badge_id)
