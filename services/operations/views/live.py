"""The live view: who may come, and notices; the venue and the scans have a file of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg

from chassis.stream.reader import Delivered
from contracts import access, accreditation, notifications
from contracts.event import SharedEvent
from services.operations.views.rows import write
from services.operations.views.scans import Scans, take_out
from services.operations.views.venue import Venue, retire

_DELEGATIONS = """
    INSERT INTO delegations AS known (delegation_id, kind, confirmed)
    SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[])
    ON CONFLICT (delegation_id) DO UPDATE SET confirmed = known.confirmed OR excluded.confirmed
"""
_NOMINATIONS = """
    INSERT INTO nominations (nomination_id, decision) SELECT * FROM unnest($1::uuid[], $2::text[])
    ON CONFLICT (nomination_id) DO UPDATE SET decision = excluded.decision
"""
_BADGES = """
    INSERT INTO badges (badge_id, holding, suspended, revoked)
    SELECT badge_id,
           coalesce(change.holding, known.holding, 'issued'),
           coalesce(change.suspended, known.suspended, false),
           coalesce(change.revoked, known.revoked, false)
    FROM unnest($1::uuid[], $2::text[], $3::boolean[], $4::boolean[])
         AS change (badge_id, holding, suspended, revoked)
    LEFT JOIN badges AS known USING (badge_id)
    ON CONFLICT (badge_id) DO UPDATE SET
        (holding, suspended, revoked) = (excluded.holding, excluded.suspended, excluded.revoked)
"""
_NOTICES = """
    INSERT INTO notices (number, notice_id, template, outcome)
    SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[])
"""


@dataclass(slots=True)
class _BadgeChange:
    """What a run says of a badge; None: nothing, it stays as it was."""

    holding: str | None = None
    suspended: bool | None = None
    revoked: bool | None = None


@dataclass(slots=True)
class _Run:
    """What a run of events amounts to, a row for each thing it is about: the last word on it holds."""

    delegations: dict[str, tuple[str, bool]] = field(default_factory=dict)
    nominations: dict[UUID, str] = field(default_factory=dict)
    badges: dict[UUID, _BadgeChange] = field(default_factory=dict)
    notices: list[tuple[int, UUID, str, str]] = field(default_factory=list)
    venue: Venue = field(default_factory=Venue)
    scans: Scans = field(default_factory=Scans)

    def take(self, delivered: Delivered) -> None:
        number = delivered.envelope.number
        match delivered.event:
            case access.BadgeScanned() as scan:
                self.scans.take(number, scan)
            case access.PassageUndone() as undone:
                self.scans.move(undone)
            case access.OccupancyCorrected(zone_id=zone, unidentified=more):
                self.scans.count({zone: more})
            case notifications.NoticeSent(notice_id=notice, template=template):
                self.notices.append((number, notice, template, "sent"))
            case notifications.NoticeFailed(notice_id=notice, template=template):
                self.notices.append((number, notice, template, "failed"))
            case event if event.service == "access":
                self.venue.take(number, event)
            case event:
                self._take_of_accreditation(event)

    def _take_of_accreditation(self, event: SharedEvent) -> None:
        match event:
            case accreditation.DelegationInvited(delegation_id=delegation, kind=kind):
                self.delegations.setdefault(delegation, (kind, False))
            case accreditation.DelegationConfirmed(delegation_id=delegation, kind=kind):
                self.delegations[delegation] = (kind, True)
            case accreditation.DelegateNominated(nomination_id=nomination):
                self.nominations[nomination] = "pending"
            case accreditation.AccreditationGranted(nomination_id=nomination):
                self.nominations[nomination] = "granted"
            case accreditation.AccreditationRefused(nomination_id=nomination):
                self.nominations[nomination] = "refused"
            case accreditation.BadgeIssued(badge_id=badge) | accreditation.BadgeReplaced(badge_id=badge):
                self._of(badge).holding = "issued"
            case accreditation.BadgeActivated(badge_id=badge):
                self._of(badge).holding = "active"
            case accreditation.BadgeReportedLost(badge_id=badge):
                self._of(badge).holding = "lost"
            case accreditation.BadgeSuspended(badge_id=badge):
                self._of(badge).suspended = True
            case accreditation.BadgeReinstated(badge_id=badge):
                self._of(badge).suspended = False
            case accreditation.BadgeRevoked(badge_id=badge):
                self._of(badge).revoked = True

    def _of(self, badge: UUID) -> _BadgeChange:
        return self.badges.setdefault(badge, _BadgeChange())

    async def write(self, connection: asyncpg.Connection) -> None:
        """Folds the run into the tables of the schema the connection stands in."""
        delegations = [(key, *known) for key, known in self.delegations.items()]
        badges = [(key, change.holding, change.suspended, change.revoked) for key, change in self.badges.items()]
        await write(connection, _DELEGATIONS, delegations)
        await write(connection, _NOMINATIONS, self.nominations.items())
        await write(connection, _BADGES, badges)
        await self.venue.write(connection)
        await self.scans.write(connection)
        await write(connection, _NOTICES, self.notices)


class Live:
    """The view's fold."""

    name = "live"
    tables = Path(__file__).with_suffix(".sql")

    async def project(self, connection: asyncpg.Connection, events: Sequence[Delivered]) -> None:
        """Runs are as long as they can be: what asks for the tables as they stand begins another."""
        run = _Run()
        for one in events:
            match one.event:
                case access.ExitsInferred() as exits:
                    await run.write(connection)
                    await take_out(connection, exits)
                    run = _Run()
                    run.scans.count(exits.unidentified)
                case access.ZoneRetired() | access.GateRetired() as retired:
                    await run.write(connection)
                    await retire(connection, retired)
                    run = _Run()
                case _:
                    run.take(one)
        await run.write(connection)
