"""Access: who is inside.

Owns       a venue's zones, gates and devices, what it learned of badges, every scan with its verdict, who is where,
           and the orders in force.
Publishes  ZoneDefined, GateDefined, DeviceEnrolled, BadgeScanned, ZoneCapacityReached, ZoneCapacityRestored,
           LockdownDeclared, LockdownLifted.
Consumes   accreditation: badges and the keys that sign them. What it learns it records in its own log before using it,
           so that a verdict can be replayed from this log alone.

One stream, ``venue-<id>``, decided by one gatekeeper at a time (gatekeeper.py) on one state (domain/venue.py):

    domain/layout.py     zones and gates
    domain/badges.py     what is learned of badges and issuer keys
    domain/devices.py    enrolment by one-time code, cutting off
    domain/orders.py     lockdown
    domain/passage.py    a scan: admitted, refused, exited; who is where
    domain/checks.py     the checks of an entry, in their order
    domain/capacity.py   when a zone is full, and when it has room again

Dilemma: presence believes scanners. Somebody who leaves a room behind a colleague, unscanned, is believed inside until
they are scanned elsewhere; that scan moves them, with a warning, rather than refuse a guest for a guard's lapse.
"""
