"""Whole policies: what is in force, what another would change, and putting it in force. Transport-free."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.log.decider import Refused
from chassis.log.log import Log, Metadata
from services.access.domain import applying
from services.access.domain.applying import ApplyPolicy
from services.access.domain.policy import Change, Policy, differences, digest, policy_of
from services.access.domain.record.layout import PolicyApplied
from services.access.gatekeeper import Done, Gatekeeper

_PAGE = 1_000  # events


@dataclass(frozen=True, slots=True)
class Preview:
    """What a policy would change of the one in force, which has this version."""

    version: int
    digest: str
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A policy is in force since this version."""

    version: int
    digest: str
    changes: int


class Policies:
    """Those of one venue."""

    def __init__(self, gatekeeper: Gatekeeper, events: Log) -> None:
        self._gatekeeper = gatekeeper
        self._log = events

    def preview(self, policy: Policy, expected_version: int | None) -> Preview | Refused:
        """What applying it now would change, or why it would be refused. Raises StandingBy."""
        venue = self._gatekeeper.venue
        decision = applying.decide(ApplyPolicy(policy=policy, expected_version=expected_version), venue)
        if isinstance(decision, Refused):
            return decision
        return Preview(venue.policy_version, digest(policy), differences(policy_of(venue), policy))

    async def apply(self, policy: Policy, expected_version: int | None, metadata: Metadata) -> Receipt | Refused:
        """Puts it in force in one piece. Raises UnavailableError."""
        command = ApplyPolicy(policy=policy, expected_version=expected_version)
        outcome = await self._gatekeeper.obey(command, metadata)
        if isinstance(outcome, Refused):
            return outcome
        if not outcome.events:
            return Receipt(self._gatekeeper.venue.policy_version, digest(policy), 0)
        applied = await self._applied(outcome)
        return Receipt(applied.policy_version, applied.digest, applied.changes)

    async def _applied(self, done: Done) -> PolicyApplied:
        """The last event of those that applied a policy. Of what was done before only the first is at hand."""
        last = done.events[-1]
        after = done.position - 1
        while not isinstance(last, PolicyApplied):
            page = await self._log.read(after, _PAGE)
            found = next((event for event in page if event.type == PolicyApplied.__name__), page[-1])
            last, after = self._gatekeeper.decode(found), found.position
        return last
