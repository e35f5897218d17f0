"""From a revocation at accreditation to the first refusal at a gate."""

import asyncio
import time
from dataclasses import dataclass
from uuid import uuid4

from tests.benchmarks import figures, venue
from tests.benchmarks.generator import Generator, Load
from tests.benchmarks.measured import Measured
from tests.benchmarks.verdicts import OPEN_RATE

_DELEGATION = "utopia"
_AT_ONCE = 8
_GIVES_UP_AFTER_S = 10.0
_MOST_S_EACH = 0.2
_REVOKED = {"code": "credential_revoked", "ok": False}


@dataclass(frozen=True, slots=True)
class Guest:
    badge_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Revocations:
    """Guests whose badges are revoked one after another, while the gate scans them again and again."""

    measured: Measured
    token: str
    guests: list[Guest]

    @classmethod
    async def prepared(cls, measured: Measured, token: str, guests: int) -> "Revocations":
        return cls(measured, token, await _welcomed(measured, guests))

    async def alone(self, count: int) -> dict[str, float]:
        """Nobody else is at the gates."""
        return figures.percentiles("revocation_{}_ms", await self._revoke(count), digits=1)

    async def under_load(self, count: int, generator: Generator, port: int) -> dict[str, float]:
        """While ``OPEN_RATE`` scans a second are answered; for as long as that takes."""
        load = asyncio.create_task(generator.load(port, "open", OPEN_RATE, seconds=count * _MOST_S_EACH))
        took_ms = await self._revoke(count, while_running=load)
        await load
        return figures.percentiles(f"revocation_{{}}_ms_open{OPEN_RATE}", took_ms, digits=1)

    async def _revoke(self, count: int, while_running: "asyncio.Task[Load] | None" = None) -> list[float]:
        return [
            await _refused_after_ms(self.measured, self.token, self.guests.pop())
            for _ in range(count)
            if while_running is None or not while_running.done()
        ]


async def _refused_after_ms(measured: Measured, token: str, guest: Guest) -> float:
    """From the request that revokes to the answer that refuses."""
    await _until(measured, token, guest, revoked=False)
    began = time.perf_counter()
    revoking = asyncio.create_task(_did(measured, f"/v1/badges/{guest.badge_id}/revocation", reason="misuse"))
    await _until(measured, token, guest, revoked=True)
    took_ms = 1_000 * (time.perf_counter() - began)
    await revoking
    return took_ms


async def _welcomed(measured: Measured, count: int) -> list[Guest]:
    """Guests who were nominated, accredited and badged over HTTP, as any desk does it."""
    names = dict.fromkeys(("en", "fr", "vi"), "Delegate")
    category = {"category": "delegate", "names": names, "vetted": False, "areas": {"per": "Y"}}
    focal_point = {"family_name": "Specimen", "given_name": "Focal", "email": "focal@utopia.example"}
    invitation = {"delegation_id": _DELEGATION, "kind": "state", "names": names, "language": "en"}
    await _did(measured, "/v1/matrix", categories=[category])
    await _did(measured, "/v1/delegations", **invitation, focal_point=focal_point)
    await _did(measured, f"/v1/delegations/{_DELEGATION}/confirmation", note_verbale="NV/1")
    await _did(measured, f"/v1/delegations/{_DELEGATION}/quotas", category="delegate", places=count)
    some = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> Guest:
        async with some:
            return await _badged(measured, number)

    return list(await asyncio.gather(*map(one, range(count))))


async def _until(measured: Measured, token: str, guest: Guest, *, revoked: bool) -> None:
    deadline = time.monotonic() + _GIVES_UP_AFTER_S
    while time.monotonic() < deadline:
        body = (await measured.outsider.scan(token, venue.scan_body(guest.text))).body
        if _REVOKED in body["checks"] if revoked else body["outcome"] == "admitted":
            return
    raise TimeoutError(f"badge {guest.badge_id}: {body}")


async def _badged(measured: Measured, number: int) -> Guest:
    person = {"family_name": "Specimen", "given_name": f"Guest {number}", "email": f"g{number}@utopia.example"}
    nomination = (
        await _did(measured, "/v1/nominations", delegation_id=_DELEGATION, category="delegate", language="en", **person)
    )["nomination_id"]
    days = {"valid_from": "2020-01-01T00:00:00Z", "valid_until": "2040-01-01T00:00:00Z"}
    await _did(measured, "/v1/accreditations", nomination_id=nomination, extra_areas=[], **days)
    badge = (await _did(measured, "/v1/badges", nomination_id=nomination))["badge_id"]
    await _did(measured, f"/v1/badges/{badge}/activation")
    text = (await measured.outsider.get("accreditation", f"/v1/badges/{badge}/credential", "desk")).body["text"]
    return Guest(badge, text)


async def _did(measured: Measured, path: str, **body: object) -> dict[str, str]:
    answer = await measured.outsider.post("accreditation", path, "admin", uuid4().hex, body)
    assert answer.ok, (path, answer.status, answer.body)
    did: dict[str, str] = answer.body
    return did
