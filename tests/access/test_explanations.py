"""Why a scan was decided as it was: decided again from the log, in words, with what would have admitted the person."""

from typing import Any
from uuid import uuid4

import pytest

from contracts import accreditation as theirs
from services.access import messages
from services.access.domain import checks
from tests.access.controls import EAST, FAILS_WITH, MAIN
from tests.access.refused import REFUSED, on_the_grounds, room, somebody, who
from tests.access.running import Access, credential

FACTS: dict[str, set[str]] = {
    "credential_superseded": {"shown", "current"},
    "credential_not_activated": {"shown", "known"},
    "credential_not_yet_valid": {"valid_from"},
    "credential_expired": {"valid_until"},
    "too_many_attempts": {"attempts", "limit", "again_at"},
    "wrong_direction": {"gate", "lane"},
    "gate_not_granted": {"category", "served"},
    "zone_not_granted": {"area", "areas"},
    "outside_time_window": {"hours"},
    "session_not_open": {"sessions"},
    "session_not_granted": {"sessions"},
    "evacuation": {"zones"},
    "lockdown": {"zones"},
    "threat_level": {"threat_level", "clearance"},
    "companion_token_missing": {"kind", "delegation_id", "shown"},
    "companion_token_foreign": {"kind", "delegation_id", "shown"},
    "companion_token_in_use": {"kind", "delegation_id", "shown"},
    "escort_required": {"escorts", "came", "believed_in"},
    "escort_mismatch": {"escorts", "came", "believed_in"},
    "host_absent": {"escorts", "came", "believed_in"},
    "second_person_required": {"minimum", "inside"},
    "path_violation": {"enter_first", "believed_in"},
    "inside_elsewhere": {"believed_in", "elsewhere"},
    "already_inside": {"believed_in", "elsewhere"},
    "reentry_too_soon": {"entered_at", "again_at"},
    "impossible_travel": {"seen_at", "at", "metres", "possible_from"},
    "entry_limit_reached": {"entries", "limit"},
    "zone_full": {"inside", "capacity", "closed"},
    "delegation_seats_full": {"delegation_id", "taken", "seats"},
}


async def explained(centre: Access, scan_id: str, *roles: str, language: str = "en") -> dict[str, Any]:
    headers = {**centre.issuer.headers(*(roles or ("auditor",))), "Accept-Language": language}
    response = await centre.client.get(f"/v1/scans/{scan_id}/explanation", headers=headers)
    assert response.status_code == 200, response.text
    explanation: dict[str, Any] = response.json()
    return explanation


@pytest.mark.parametrize("code", checks.CODES)
async def test_every_refusal_is_explained_in_seven_languages(centre: Access, code: str) -> None:
    verdict = await REFUSED[code](centre)

    for language in messages.LANGUAGES:
        explanation = await explained(centre, verdict["scan_id"], "vetting", language=language)
        failed, *others = explanation["failed"]
        assert tuple(other["code"] for other in others) == FAILS_WITH.get(code, ())
        assert (explanation["reason"], failed["code"], failed["decisive"]) == (code, code, True)
        assert failed["guard"] == messages.guard(language, "refused", code)
        assert failed["guest"] == messages.guest(language, "refused", code)
        assert explanation["would_have_admitted"][0] == messages.remedy(language, code)
        assert failed["standard_codes"] == messages.standard_codes(code).model_dump()
        assert set(failed["facts"]) == FACTS.get(code, set())


@pytest.mark.parametrize("code", checks.CODES)
async def test_what_is_explained_is_what_was_decided(centre: Access, code: str) -> None:
    verdict = await REFUSED[code](centre)

    explanation = await explained(centre, verdict["scan_id"])

    assert explanation["decided_again"] == explanation["outcome"] == "refused"
    assert explanation["same_again"]
    assert explanation["reason"] == verdict["reason"]
    assert explanation["policy_version"] == verdict["policy_version"]
    assert explanation["passed"] == [check["code"] for check in verdict["checks"] if check["ok"]]


async def test_all_that_failed_is_explained_the_decisive_check_first(centre: Access) -> None:
    one = await somebody(centre, areas=("exh",))
    await centre.hears(theirs.BadgeSuspended(**who(one), reason="lost_sight"))
    verdict = await centre.scan(credential(one), EAST)

    explanation = await explained(centre, verdict["scan_id"])

    found = [(failed["code"], failed["decisive"]) for failed in explanation["failed"]]
    assert found == [("credential_suspended", True), ("zone_not_granted", False), ("path_violation", False)]
    assert len(explanation["would_have_admitted"]) == 3


async def test_it_is_explained_as_it_was_then_not_as_it_is_now(centre: Access) -> None:
    one = await on_the_grounds(centre)
    door = await room(centre, capacity=1)
    other = await on_the_grounds(centre)
    await centre.scan(credential(other), door)
    verdict = await centre.scan(credential(one), door)
    await centre.scan(credential(other), door, "out")
    await centre.hears(theirs.BadgeRevoked(**who(one), delegation_id="vn", reason="withdrawn"))

    explanation = await explained(centre, verdict["scan_id"])

    assert (explanation["reason"], explanation["same_again"]) == ("zone_full", True)
    assert explanation["failed"][0]["facts"] == {"inside": 1, "capacity": 1, "closed": True}


async def test_an_admission_is_explained_too(centre: Access) -> None:
    verdict = await centre.scan(credential(await somebody(centre)), MAIN)

    explanation = await explained(centre, verdict["scan_id"])

    assert (explanation["outcome"], explanation["reason"], explanation["failed"]) == ("admitted", None, [])
    assert explanation["same_again"]
    assert explanation["passed"] == list(checks.SHOWN)
    assert explanation["would_have_admitted"] == []


async def test_who_is_held_discreetly_is_explained_as_an_ordinary_delay(centre: Access) -> None:
    held, asked = await REFUSED["watchlist_hold"](centre), await REFUSED["identity_check_required"](centre)

    for role in ("supervisor", "operations", "auditor", "admin"):
        one, other = [await explained(centre, verdict["scan_id"], role) for verdict in (held, asked)]
        assert one["failed"] == other["failed"]
        assert one["would_have_admitted"] == other["would_have_admitted"]
        assert "watchlist_hold" not in str(one)
    assert (await explained(centre, held["scan_id"], "commander"))["reason"] == "watchlist_hold"


async def test_a_scan_under_duress_is_explained_as_an_ordinary_welcome(centre: Access) -> None:
    one = await somebody(centre, areas=("exh",))
    verdict = await centre.scan(credential(one), MAIN, duress=True)

    ordinary = await explained(centre, verdict["scan_id"], "supervisor")
    told = await explained(centre, verdict["scan_id"], "commander")

    assert (verdict["outcome"], ordinary["outcome"], ordinary["failed"]) == ("admitted", "admitted", [])
    assert [failed["code"] for failed in told["failed"]] == ["zone_not_granted"]


async def test_a_decision_that_would_come_out_otherwise_is_said_to(
    centre: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a release that decides otherwise does not pass for one that decides the same."""
    verdict = await REFUSED["zone_full"](centre)
    fewer = tuple(family for family in checks.FAMILIES if "zone_full" not in dict(family.checks))
    monkeypatch.setattr(checks, "FAMILIES", fewer)

    explanation = await explained(centre, verdict["scan_id"])

    assert (explanation["decided_again"], explanation["same_again"]) == ("admitted", False)


async def test_nobody_explains_a_scan_that_nobody_made(centre: Access) -> None:
    response = await centre.get(f"/v1/scans/{uuid4()}/explanation", "auditor")

    assert (response.status_code, response.json()["code"]) == (404, "scan_unknown")


async def test_the_guard_is_spoken_to_in_their_language(centre: Access) -> None:
    one = await somebody(centre)
    body = {"scan_id": str(uuid4()), "gate_id": "hall-east", "direction": "in", "credential": credential(one)}
    times = {"scanned_at": "2025-10-25T09:00:00Z", "source": "scanner"}

    answer = await centre.scan_answer({**body, **times}, **{"Accept-Language": "ar;q=0.2, vi-VN"})

    assert answer.json()["message"] == messages.guard("vi", "refused", "path_violation")
