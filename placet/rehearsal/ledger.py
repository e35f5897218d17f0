"""The ledger of a gathering: what was acknowledged, stored, published, consumed; from tables and streams, not counters.

Counted in distinct scan ids. The driver's journal says what was acknowledged; access's log what is stored; the stream
ACCESS what was published; operations' tables what was applied.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, get_args

from nats.js.api import AckPolicy, ConsumerConfig

from chassis.stream.inboxes import inbox_prefix
from contracts.access import BadgeScanned
from contracts.event import SharedEvent
from contracts.notifications import POSSIBLE_REPEAT
from contracts.words import Outcome
from placet.broker import OPERATOR
from placet.rehearsal.journal import Journal, Verdict
from placet.rehearsal.occupancy import MOVES, occupancy
from placet.rehearsal.outsider import Outsider
from placet.system import EmbeddedSystem

_SCANS = "SELECT data->>'scan_id' AS scan_id, count(*) FROM log.events WHERE type = 'BadgeScanned' GROUP BY 1"
_TOLD = "SELECT type, shared FROM log.events WHERE type = ANY($1) AND number IS NOT NULL ORDER BY number"
_EFFECTS = "SELECT scan_id::text, count(*) FROM live.scans GROUP BY 1"
_SENT = "SELECT data->>'notice_id' FROM log.events WHERE type = 'NoticeSent'"
_KINDS: dict[str, type[SharedEvent]] = {kind.__name__: kind for kind in MOVES}
_OUTCOMES: tuple[str, ...] = get_args(Outcome)
_COUNT = "SELECT count(*) FROM log.events WHERE type = $1"
_STATES = "SELECT count(*) FROM log.events WHERE type = 'DelegationConfirmed' AND data->>'kind' = ANY($1)"


@dataclass(frozen=True, slots=True)
class Ledger:
    """Counts of scan ids. All is well when the first four are the same scans, and nothing is missing or doubled."""

    acknowledged: int
    """The driver saw a 200."""
    stored: int
    published: int
    consumed: int
    astray: int
    """Not in all four: one that is lost and one that is made up leave the counts equal."""
    missing: int
    """Acknowledged and not stored."""
    duplicated: int
    """With more than one event, message or effect."""
    contradicted: int
    """Acknowledged with another verdict than the one stored."""
    occupancy_matches: bool
    """Folded afresh from the log = served by access = shown by operations."""
    totals_match: bool
    """Scans by outcome: counted in the log = shown by operations."""
    mail_per_notice: float
    """Messages that arrived for each notice that was sent, without those that say they may be a repeat.

    One that is lost and one too many do not make up for each other: the greater of the two faults shows.
    """
    mail_repeats: int
    """Messages that say so: their first dialogue with the mail server was cut before its answer."""

    def failures(self) -> list[str]:
        """What is wrong, a sentence each."""
        found = []
        if self.astray:
            found.append(f"acknowledged, stored, published, consumed differ: {asdict(self)}")
        if self.missing:
            found.append(f"{self.missing} acknowledged scans are not stored")
        if self.duplicated:
            found.append(f"scans with more than one event or effect: {self.duplicated}")
        if self.contradicted:
            found.append(f"gates heard another verdict than the record has: {self.contradicted}")
        if not self.occupancy_matches:
            found.append("occupancy differs between the log, access and operations")
        if not self.totals_match:
            found.append("totals differ between the log and operations")
        if self.mail_per_notice != 1:
            found.append(f"{self.mail_per_notice} messages a notice")
        return found


async def draw_up(system: EmbeddedSystem, journal: Journal, outsider: Outsider) -> Ledger:
    """The ledger of everything that happened so far; everything must have settled."""
    acknowledged = journal.acknowledged()
    stored = Counter(dict(await rows(system, "access", _SCANS)))
    effects = Counter(dict(await rows(system, "operations", _EFFECTS)))
    published = Counter(_scan_ids(await stream(system, "ACCESS")))
    doubled = {scan for counts in (stored, effects, published) for scan, count in counts.items() if count > 1}
    places = (acknowledged, stored.keys(), published.keys(), effects.keys())
    mail_per_notice, mail_repeats = await _mail(system)
    told = [_KINDS[kind].model_validate_json(body) for kind, body in await rows(system, "access", _TOLD, list(_KINDS))]
    verdicts = {str(scan.scan_id): (scan.outcome, scan.reason) for scan in told if isinstance(scan, BadgeScanned)}
    snapshot: Mapping[str, Any] = (await outsider.get("operations", "/v1/snapshot", "operations")).body
    return Ledger(
        acknowledged=len(acknowledged),
        stored=len(stored),
        published=len(published),
        consumed=len(effects),
        astray=len(set().union(*places)) - len(acknowledged.intersection(*places)),
        missing=len(acknowledged - stored.keys()),
        duplicated=len(doubled),
        contradicted=sum(verdicts.get(scan, heard) != heard for scan, heard in journal.verdicts().items()),
        occupancy_matches=await _occupancy_matches(told, outsider, snapshot),
        totals_match=_totals(verdicts.values()) == {name: snapshot["scans"][name] for name in _OUTCOMES},
        mail_per_notice=mail_per_notice,
        mail_repeats=mail_repeats,
    )


async def count(system: EmbeddedSystem, service: str, event_type: str) -> int:
    """Events of a type in a service's log."""
    ((counted,),) = await rows(system, service, _COUNT, event_type)
    return int(counted)


async def confirmed_delegations(system: EmbeddedSystem, kinds: Iterable[str]) -> int:
    """Delegations of these kinds that confirmed."""
    ((confirmed,),) = await rows(system, "accreditation", _STATES, list(kinds))
    return int(confirmed)


async def rows(system: EmbeddedSystem, service: str, query: str, *arguments: object) -> list[tuple[Any, ...]]:
    """What is in a service's tables, as nobody but the server's owner may read all of it."""
    connection = await system.postgres.superuser(service)
    try:
        return [tuple(row) for row in await connection.fetch(query, *arguments)]
    finally:
        await connection.close()


async def stream(system: EmbeddedSystem, stream: str) -> list[tuple[str, bytes]]:
    """Every message of a stream as (subject, body), read as the operator."""
    client = await system.broker.connect()
    try:
        jetstream = client.jetstream(timeout=10)
        waiting = (await jetstream.stream_info(stream)).state.messages
        subscription = await jetstream.pull_subscribe(
            "",
            stream=stream,
            config=ConsumerConfig(ack_policy=AckPolicy.NONE),
            inbox_prefix=f"{inbox_prefix(OPERATOR)}.".encode(),
        )
        messages: list[tuple[str, bytes]] = []
        while len(messages) < waiting:
            batch = await subscription.fetch(1_000, timeout=5)
            messages += [(message.subject, message.data) for message in batch]
        return messages
    finally:
        await client.close()


def _scan_ids(messages: Iterable[tuple[str, bytes]]) -> list[str]:
    return [json.loads(body)["scan_id"] for subject, body in messages if subject.startswith("access.BadgeScanned.")]


def _totals(verdicts: Iterable[Verdict]) -> dict[str, int]:
    counted = Counter(outcome for outcome, _ in verdicts)
    return {outcome: counted[outcome] for outcome in _OUTCOMES}


async def _occupancy_matches(told: Iterable[SharedEvent], outsider: Outsider, snapshot: Mapping[str, Any]) -> bool:
    folded = occupancy(told)
    zones = (await outsider.get("access", "/v1/zones", "operations")).body
    served = {zone["zone_id"]: zone["occupancy"] for zone in zones}
    shown = {zone["zone_id"]: zone["count"] for zone in snapshot["zones"]}
    return dict.fromkeys(served, 0) | folded == served == shown


async def _mail(system: EmbeddedSystem) -> tuple[float, int]:
    """Messages a notice, 1 when each sent notice arrived once and nothing else did; and how many may be repeats."""
    sent = {notice for (notice,) in await rows(system, "notifications", _SENT)}
    arrived = [_message(file) for file in system.mail.glob("*.eml")]
    once = Counter(notice for notice, may_be_repeat in arrived if not may_be_repeat)
    again = Counter(notice for notice, may_be_repeat in arrived if may_be_repeat)
    # A first attempt that was cut before anything was sent leaves only the one that says it may be a repeat.
    messages = {notice: once[notice] or min(1, again[notice]) for notice in sent | once.keys() | again.keys()}
    lost = sum(messages[notice] == 0 for notice in sent)
    surplus = sum(messages.values()) - (len(sent) - lost)
    fault = surplus if surplus > lost else -lost
    return round(1 + fault / max(1, len(sent)), 6), again.total()


def _message(file: Path) -> tuple[str, bool]:
    """The notice a message is about, and whether it says that it may be a repeat."""
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    return str(message["Message-ID"]).strip("<>").partition("@")[0], POSSIBLE_REPEAT in message
