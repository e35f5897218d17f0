"""Who may come, from invitations to badges: in all, and by delegation."""

import json
from typing import Any

import asyncpg

from contracts.words import STATE_KINDS
from services.operations.parts.shape import Picture

_DELEGATIONS = """
    SELECT CASE WHEN kind = ANY($1) THEN 'states' ELSE 'others' END, count(*), count(*) FILTER (WHERE confirmed)
    FROM live.delegations GROUP BY 1
"""
_NOMINATIONS = "SELECT decision, count(*) FROM live.nominations GROUP BY 1"
_BADGES = """
    SELECT CASE WHEN revoked THEN 'revoked' WHEN suspended THEN 'suspended'
                WHEN holding = 'issued' THEN 'awaiting' ELSE holding END, count(*)
    FROM live.badges GROUP BY 1
"""
_FUNNEL = """
    SELECT delegation_id, kind, names, confirmed,
           coalesce(nominated, 0) AS nominated, coalesce(granted, 0) AS granted, coalesce(refused, 0) AS refused,
           coalesce(issued, 0) AS issued, coalesce(active, 0) AS active
    FROM live.delegations
    LEFT JOIN (
        SELECT delegation_id, count(*) AS nominated, count(*) FILTER (WHERE decision = 'granted') AS granted,
               count(*) FILTER (WHERE decision = 'refused') AS refused
        FROM live.nominations JOIN live.persons USING (person_id) GROUP BY 1
    ) AS nominations USING (delegation_id)
    LEFT JOIN (
        SELECT delegation_id, count(*) AS issued,
               count(*) FILTER (WHERE holding = 'active' AND NOT suspended AND NOT revoked) AS active
        FROM live.badges JOIN live.persons USING (person_id) GROUP BY 1
    ) AS badges USING (delegation_id)
    ORDER BY delegation_id
"""
_NOTICES = "SELECT outcome, count(*) FROM live.notices GROUP BY 1"


async def who_may_come(connection: asyncpg.Connection) -> Picture:
    """``funnel`` without how many are inside, which others tell."""
    delegations = {"states": {"invited": 0, "confirmed": 0}, "others": {"invited": 0, "confirmed": 0}}
    for group, invited, confirmed in await connection.fetch(_DELEGATIONS, list(STATE_KINDS)):
        delegations[group] = {"invited": invited, "confirmed": confirmed}
    decisions: dict[str, int] = dict(await connection.fetch(_NOMINATIONS))
    badges: dict[str, int] = dict(await connection.fetch(_BADGES))
    return {
        "delegations": delegations,
        "nominations": {
            "nominated": sum(decisions.values()),
            **{decision: decisions.get(decision, 0) for decision in ("pending", "granted", "refused")},
        },
        "badges": {
            "issued": sum(badges.values()),
            **{status: badges.get(status, 0) for status in ("awaiting", "active", "lost", "suspended", "revoked")},
        },
        "funnel": [_delegation(dict(row)) for row in await connection.fetch(_FUNNEL)],
    }


def _delegation(row: dict[str, Any]) -> Picture:
    return {**row, "names": {} if row["names"] is None else json.loads(row["names"])}


async def notices(connection: asyncpg.Connection) -> Picture:
    outcomes: dict[str, int] = dict(await connection.fetch(_NOTICES))
    return {"notices": {"sent": outcomes.get("sent", 0), "failed": outcomes.get("failed", 0)}}
