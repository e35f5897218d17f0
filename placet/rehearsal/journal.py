"""The driver's own journal: what it was about to do, written before it does it, and what it was answered.

It lets a show go on where it was, and it is the ledger's independent witness: a scan counts as acknowledged when the
driver saw the answer, whatever the services say.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

_TABLES = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS actions (id TEXT PRIMARY KEY, done INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE IF NOT EXISTS scans (
        scan_id TEXT PRIMARY KEY, cause TEXT, outcome TEXT, reason TEXT, latency_ms REAL
    );
    CREATE TABLE IF NOT EXISTS people (
        person TEXT PRIMARY KEY, nomination_id TEXT NOT NULL, badge_id TEXT, version INTEGER
    );
    CREATE TABLE IF NOT EXISTS texts (badge_id TEXT, version INTEGER, text TEXT, PRIMARY KEY (badge_id, version));
    CREATE TABLE IF NOT EXISTS devices (gate TEXT, lane INTEGER, token TEXT, PRIMARY KEY (gate, lane));
"""

Verdict = tuple[str, str | None]
"""Outcome and reason."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the driver knows of a person it had nominated."""

    nomination_id: UUID
    badge_id: UUID | None
    version: int


class Journal:
    """One file; every write is there before the call returns, and survives the driver's end."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.executescript(_TABLES)
        file.chmod(0o600)  # it holds the tokens of our scanners

    def close(self) -> None:
        self._db.close()

    # --- actions ------------------------------------------------------------------------------------------------

    def done(self) -> set[UUID]:
        """Actions that were answered."""
        return {UUID(id_) for (id_,) in self._db.execute("SELECT id FROM actions WHERE done = 1")}

    def begin(self, action: UUID) -> None:
        self._db.execute("INSERT OR IGNORE INTO actions (id) VALUES (?)", (str(action),))

    def finish(self, action: UUID) -> None:
        self._db.execute("UPDATE actions SET done = 1 WHERE id = ?", (str(action),))

    # --- scans --------------------------------------------------------------------------------------------------

    def sending(self, scan_id: UUID, cause: str | None) -> None:
        """Before a scan is sent; ``cause``: why the plan expects it to be refused."""
        self._db.execute("INSERT OR IGNORE INTO scans (scan_id, cause) VALUES (?, ?)", (str(scan_id), cause))

    def answered(self, scan_id: UUID, outcome: str, reason: str | None, latency_ms: float) -> None:
        """A 200 was seen."""
        self._db.execute(
            "UPDATE scans SET outcome = ?, reason = ?, latency_ms = ? WHERE scan_id = ?",
            (outcome, reason, latency_ms, str(scan_id)),
        )

    def acknowledged(self) -> set[str]:
        """The scans whose answer was seen."""
        return set(self.verdicts())

    def verdicts(self) -> dict[str, Verdict]:
        """What the answer said, for every acknowledged scan."""
        rows = self._db.execute("SELECT scan_id, outcome, reason FROM scans WHERE outcome IS NOT NULL")
        return {scan: (outcome, reason) for scan, outcome, reason in rows}

    def unanswered(self) -> int:
        """Scans that were sent and whose answer was never seen."""
        count: int = self._db.execute("SELECT count(*) FROM scans WHERE outcome IS NULL").fetchone()[0]
        return count

    def outcomes(self) -> list[tuple[str, str | None, str | None, float]]:
        """(outcome, reason, cause expected, latency in ms) of every acknowledged scan."""
        query = "SELECT outcome, reason, cause, latency_ms FROM scans WHERE outcome IS NOT NULL"
        return list(self._db.execute(query))

    # --- people, badges, scanners -------------------------------------------------------------------------------

    def nominated(self, person: str, nomination_id: UUID) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO people (person, nomination_id) VALUES (?, ?)", (person, str(nomination_id))
        )

    def badged(self, person: str, badge_id: UUID, version: int) -> None:
        self._db.execute(
            "UPDATE people SET badge_id = ?, version = ? WHERE person = ?", (str(badge_id), version, person)
        )

    def people(self) -> dict[str, Known]:
        rows = self._db.execute("SELECT person, nomination_id, badge_id, version FROM people")
        return {
            person: Known(UUID(nomination), UUID(badge) if badge else None, version or 0)
            for person, nomination, badge, version in rows
        }

    def keep_text(self, badge_id: UUID, version: int, text: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO texts VALUES (?, ?, ?)", (str(badge_id), version, text))

    def texts(self) -> dict[tuple[UUID, int], str]:
        rows = self._db.execute("SELECT badge_id, version, text FROM texts")
        return {(UUID(badge), version): text for badge, version, text in rows}

    def enrolled(self, gate: str, lane: int, token: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO devices VALUES (?, ?, ?)", (gate, lane, token))

    def devices(self) -> dict[tuple[str, int], str]:
        rows = self._db.execute("SELECT gate, lane, token FROM devices")
        return {(gate, lane): token for gate, lane, token in rows}
