"""A whole gathering during which everything is killed once: what was acknowledged is on record, once, everywhere.

``test_ledger.py`` plays its first hour so, and shows that it would be noticed.
"""

import pytest

from placet.places import ROOT
from placet.rehearsal.rehearse import rehearse
from placet.scenario import load
from tests.system.killer import KILLED, Killer


@pytest.mark.soak
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
