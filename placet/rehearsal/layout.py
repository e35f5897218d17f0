"""Laying out a scenario's venue: matrix, zones, gates, and a scanner in every lane."""

import asyncio
import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.run.foreseen import ForeseenError
from placet.rehearsal.journal import Journal
from placet.rehearsal.outsider import Answer, Outsider
from placet.scenario.gathering import Scenario


class NotLaidOutError(ForeseenError):
    """A service refused a part of the scenario; the text says which, and why."""


async def lay_out(scenario: Scenario, outsider: Outsider) -> None:
    """Sets the matrix, the zones and the gates, as the scenario has them. What is so already stays so."""
    matrix = {
        "categories": [
            {
                "category": category.category,
                "names": category.names.model_dump(),
                "vetted": category.vetting == "required",
                "areas": dict(scenario.matrix[category.category]),
            }
            for category in scenario.categories
        ]
    }
    _require(await outsider.post("accreditation", "/v1/matrix", "admin", _once(), matrix), "the matrix")
    for zone in scenario.zones:
        body = {
            "zone_id": zone.zone,
            "area": zone.area,
            "names": zone.names.model_dump(),
            "parent_id": zone.parent,
            "capacity": zone.capacity,
            "zone_class": zone.zone_class,
            "passback": zone.passback,
        }
        _require(await outsider.post("access", "/v1/zones", "admin", _once(), body), f"zone {zone.zone}")
    for gate in scenario.gates:
        body = {"gate_id": gate.gate, "name": gate.name, "from_zone_id": gate.from_zone, "to_zone_id": gate.to_zone}
        _require(await outsider.post("access", "/v1/gates", "admin", _once(), body), f"gate {gate.gate}")


async def put_up_scanners(scenario: Scenario, outsider: Outsider, journal: Journal) -> None:
    """Enrols a scanner in every lane that has none yet, each with a key of its own."""
    there = journal.devices()
    lanes = [(gate.gate, lane) for gate in scenario.gates for lane in range(1, gate.lanes + 1)]
    await asyncio.gather(*(_put_up(gate, lane, outsider, journal) for gate, lane in lanes if (gate, lane) not in there))


async def _put_up(gate: str, lane: int, outsider: Outsider, journal: Journal) -> None:
    while True:
        issued = await outsider.post("access", "/v1/devices/codes", "supervisor", _once(), {"gate_id": gate})
        if issued.ok:
            key = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
            body = {"code": issued.body["code"], "public_key": key}
            enrolled = await outsider.post("access", "/v1/devices/enrol", "supervisor", _once(), body)
            if enrolled.ok:
                journal.enrolled(gate, lane, enrolled.body["token"])
                return
            issued = enrolled
        if issued.body.get("code") != "already_shown":  # the answer with the secret was lost: ask for another
            _require(issued, f"a scanner at {gate}")


def _once() -> str:
    return os.urandom(16).hex()


def _require(answer: Answer, what: str) -> None:
    if not answer.ok:
        raise NotLaidOutError(f"{what} was refused: {answer.body.get('code')}, {answer.body.get('detail')}")
