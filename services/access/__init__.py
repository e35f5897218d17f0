"""Access: who is inside.

Owns       a venue's zones, gates, sessions and devices, what it learned of badges, every scan with its verdict, who is
           where, the orders in force, overlay passes and seats, who is looked for, overrides and their review.
Publishes  what happened at the venue: contracts/access/. A private event that others hear of is called the same there.
Consumes   accreditation: badges and the keys that sign them. What it learns it records in its own log before using it,
           so that a verdict can be replayed from this log alone.

One stream, ``venue-<id>``, decided by one gatekeeper at a time (gatekeeper.py) on one state (domain/venue.py), which
its stand-bys follow (committed.py) and snapshots keep (snapshots.py). In domain/:

    record/          what happened and what it comes to: a chapter a file, nothing decided
    venue.py         all chapters together
    rules/           the checks of an entry: a family a file; checks.py has them in their order
    scan.py          a scan and its record; passage.py: decided; passing.py: who is inside after it
    together.py      parties, escorts, second persons
    capacity.py      when a zone is nearly full, full, and has room again
    layout.py        zones, gates, rules; programme.py: sessions; policy.py, applying.py: all of it as one document
    badges.py        what is learned of badges and issuer keys; revocations.py: what devices have to know of it
    devices.py       enrolment, moving, cutting off; journal.py, brought.py: what devices decided by themselves
    orders.py        lockdown, threat level; evacuation.py, muster.py
    presence.py      forgiving, counting heads, inferring exits
    watchlist.py     who is stopped, delayed without a word, or noticed
    overlays.py      passes handed round in a delegation, seats; handover.py; parties.py
    inspections.py   closer looks; overrides.py, reviewing.py; undoing.py: a passage that was not taken
    replay.py        from a record back to its command; explanation.py, simulation.py rest on it

Dilemma: presence believes scanners. Somebody who leaves a room behind a colleague, unscanned, is believed inside until
they are scanned elsewhere. Where the room's passback is soft that scan moves them, with a warning, rather than refuse a
guest for a guard's lapse; where it is hard a supervisor forgives.
"""
