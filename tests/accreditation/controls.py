"""The delegations, people and rules of these specifications."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.accreditation.domain.accreditation import AccreditationGranted, Nominee
from services.accreditation.domain.badge import BadgeIssued
from services.accreditation.domain.matrix import CategoryRules

EVENT = "hanoi-2025"
BEGINS = datetime(2025, 10, 24, 17, tzinfo=UTC)
ENDS = datetime(2025, 10, 26, 17, tzinfo=UTC)

NOMINATION = UUID("018f0000-0000-7000-8000-000000000001")
PERSON = UUID("018f0000-0000-7000-8000-000000000002")
BADGE = UUID("018f0000-0000-7000-8000-000000000003")

FRANCE = {"en": "France", "fr": "France", "vi": "Pháp"}

DELEGATE = CategoryRules(
    category="delegate",
    names={"en": "Delegate", "fr": "Délégué", "vi": "Đại biểu"},
    vetted=True,
    areas={"per": "Y", "exh": "Y", "pln": "S", "sgn": "-", "vip": "E"},
)
HEAD = CategoryRules(
    category="head",
    names={"en": "Head of State", "fr": "Chef d'État", "vi": "Nguyên thủ"},
    vetted=False,
    areas={"per": "Y", "pln": "Y", "sgn": "L", "ops": "-"},
)
MEDIA = CategoryRules(
    category="media",
    names={"en": "Media", "fr": "Médias", "vi": "Báo chí"},
    vetted=True,
    areas={"per": "Y", "imc": "Y", "pln": "P"},
)
RULES = (DELEGATE, HEAD, MEDIA)

NOMINEE = Nominee(nomination_id=NOMINATION, person_id=PERSON, delegation_id="fr", category="delegate")
GRANT = AccreditationGranted(**NOMINEE.model_dump(), areas=("exh", "per"), valid_from=BEGINS, valid_until=ENDS)
ISSUED = BadgeIssued(badge_id=BADGE, version=1, **GRANT.model_dump())

VALIDITY: Mapping[str, str] = {"valid_from": BEGINS.isoformat(), "valid_until": ENDS.isoformat()}

HEADER = "delegation,family_name,given_name,title,category,function,email,language"


def person(family_name: str = "Nguyễn", given_name: str = "Hoa", **fields: str) -> dict[str, Any]:
    """Somebody, as a nomination has them; their address follows from their name unless it is given."""
    address = f"{given_name}.{family_name}@example.org".encode("ascii", "ignore").decode().replace(" ", "")
    usual = {"title": "Ms", "function": "Adviser", "email": address, "language": "vi"}
    return {"family_name": family_name, "given_name": given_name, **usual, **fields}


def row(delegation: str = "fr", category: str = "delegate", **of: str) -> str:
    """One line of a roster."""
    somebody = person(**of)
    cells = [delegation, somebody["family_name"], somebody["given_name"], somebody["title"], category]
    return ",".join([*cells, somebody["function"], somebody["email"], somebody["language"]])


def roster(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows, ""]).encode()
