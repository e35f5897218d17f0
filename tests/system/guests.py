"""People with badges in a running system, made over its public interfaces."""

from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

from placet.rehearsal.outsider import Answer, Outsider
from tests.controls import eventually

_numbers = count(1)


@dataclass(frozen=True)
class Guest:
    """Somebody who was accredited and got their badge."""

    delegation: str
    nomination_id: str
    badge_id: str
    text: str


@dataclass
class Desk:
    """Does in a running system what desks and gates do. Every answer must be the one hoped for."""

    outsider: Outsider

    async def welcome(self, *, family_name: str = "Specimen", given_name: str = "Guest", email: str = "") -> Guest:
        """A guest of a delegation of their own, with an active badge that opens the grounds and the plenary hall."""
        delegation = f"land-{next(_numbers)}-{uuid4().hex[:6]}"
        names = {"en": delegation, "fr": delegation, "vi": delegation}
        await self.post(
            "accreditation", "/v1/delegations", delegation_id=delegation, kind="state", names=names, language="en",
            focal_point={"family_name": family_name, "given_name": "Focal", "email": f"f{email or 'p@x.example'}"},
        )  # fmt: skip
        await self.post("accreditation", f"/v1/delegations/{delegation}/confirmation", note_verbale="NV/1")
        await self.post("accreditation", f"/v1/delegations/{delegation}/quotas", category="delegate", places=3)
        person = {"family_name": family_name, "given_name": given_name, "language": "en"}
        person["email"] = email or f"guest@{delegation}.example"
        nomination = (
            await self.post("accreditation", "/v1/nominations", delegation_id=delegation, category="delegate", **person)
        )["nomination_id"]
        await self.post("accreditation", "/v1/vetting", nomination_id=nomination, outcome="cleared")
        await self.post(
            "accreditation", "/v1/accreditations", nomination_id=nomination, extra_areas=["pln"],
            valid_from="2020-01-01T00:00:00Z", valid_until="2040-01-01T00:00:00Z",
        )  # fmt: skip
        badge = (await self.post("accreditation", "/v1/badges", nomination_id=nomination))["badge_id"]
        await self.post("accreditation", f"/v1/badges/{badge}/activation")
        text = (await self.outsider.get("accreditation", f"/v1/badges/{badge}/credential", "desk")).body["text"]
        return Guest(delegation, nomination, badge, text)

    async def scanner(self, gate: str) -> "Scanner":
        code = (await self.post("access", "/v1/devices/codes", gate_id=gate))["code"]
        enrolled = await self.post("access", "/v1/devices/enrol", code=code, public_key="ab" * 32)
        return Scanner(self.outsider, gate, enrolled["token"])

    async def revoke(self, guest: Guest) -> None:
        await self.post("accreditation", f"/v1/badges/{guest.badge_id}/revocation", reason="misuse")

    async def post(self, service: str, path: str, **body: object) -> Any:
        role = {"/v1/vetting": "vetting"}.get(path, "admin")
        answer = await self.outsider.post(service, path, role, uuid4().hex, body)
        assert answer.ok, (path, answer.status, answer.body)
        return answer.body


@dataclass
class Scanner:
    """A scanner at a gate."""

    outsider: Outsider
    gate: str
    token: str

    async def scan(self, text: str, direction: str = "in", scan_id: str | None = None) -> Answer:
        return await self.outsider.scan(self.token, self.body(text, direction, scan_id))

    def body(self, text: str, direction: str = "in", scan_id: str | None = None) -> dict[str, str]:
        return {
            "scan_id": scan_id or str(uuid4()),
            "gate_id": self.gate,
            "direction": direction,
            "credential": text,
            "scanned_at": "2025-10-25T08:00:00Z",
            "source": "scanner",
        }

    async def admits(self, text: str, within_s: float = 10) -> None:
        """Scans until the badge, which may be seconds old, is known and admitted; then lets its holder out again."""

        async def admitted() -> bool:
            return bool((await self.scan(text)).body["outcome"] == "admitted")

        await eventually(admitted, within_s)
        assert (await self.scan(text, "out")).body["outcome"] == "exited"
