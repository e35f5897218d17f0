"""A gathering during which everything is killed once: what was acknowledged is on record, once, everywhere."""

from placet.rehearsal.rehearse import rehearse
from placet.scenario import load
from placet.system import ROOT, EmbeddedSystem

KILLED = ("accreditation", "notifications", "access", "nats", "operations", "postgres", "access")
"""In this order, evenly over the plan."""


class Killer:
    """Kills one process after the other, as a power cut of that process alone would."""

    def __init__(self) -> None:
        self.killed: list[str] = []

    async def between(self, system: EmbeddedSystem, done: float) -> None:
        turn = len(self.killed)
        if turn < len(KILLED) and done >= (turn + 1) / (len(KILLED) + 1):
            self.killed.append(KILLED[turn])
            system.children[KILLED[turn]].process.kill()


async def test_nothing_is_lost_or_doubled_when_everything_is_killed_once() -> None:
    killer = Killer()

    rehearsal = await rehearse(load(ROOT / "scenarios" / "mini"), seed=2, between=killer.between)

    assert tuple(killer.killed) == KILLED
    assert rehearsal.failures == []
    ledger = rehearsal.report["ledger"]
    counts = {ledger[name] for name in ("acknowledged", "stored", "published", "consumed")}
    assert counts == {rehearsal.report["scans"]["total"]}
    assert (ledger["missing"], ledger["duplicated"], ledger["occupancy_matches"]) == (0, 0, True)
    assert rehearsal.report["scans"]["not_as_planned"] == 0
