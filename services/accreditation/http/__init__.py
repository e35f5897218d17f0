"""Accreditation over HTTP: parse, obey, answer. Every route names the roles it admits. A family of routes a file."""

from collections.abc import Sequence

import asyncpg
from fastapi import APIRouter

from chassis.log.decider import Event
from chassis.log.views import OwnView
from services.accreditation.commands import Accreditation
from services.accreditation.finding import Finding
from services.accreditation.http.accreditations import accreditations
from services.accreditation.http.badges import badges
from services.accreditation.http.delegations import delegations
from services.accreditation.http.nominations import nominations
from services.accreditation.http.people import persons
from services.accreditation.people import People
from services.accreditation.vault import Vault


def routes(
    desk: Accreditation, people: People, vault: Vault, registered: OwnView[Event], pool: asyncpg.Pool
) -> Sequence[APIRouter]:
    """All routes, by what they are about."""
    return [
        delegations(desk, people, registered, pool),
        nominations(people, registered, pool),
        accreditations(desk, registered, pool),
        badges(desk, registered, pool),
        persons(people, vault, Finding(pool, vault, registered)),
    ]
