"""Each verdict there is, as a scanner is given it: every reason to refuse, every warning, every exit."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts import accreditation as theirs
from services.access import messages
from services.access.domain import checks
from services.access.domain.passing import NOT_INSIDE
from services.access.domain.record.badges import Badge
from services.access.domain.record.layout import Gate
from tests.access.controls import (
    CLINIC_DOOR,
    CLOSES,
    EAST,
    EVERYWHERE,
    EXPO_DOOR,
    FAILS_WITH,
    GATES,
    MAIN,
    OPENS,
    STRANGER,
    badge,
)
from tests.access.refused import REFUSED, forged, room, somebody, who
from tests.access.running import Access, credential
from tests.controls import NOW


def test_every_code_is_reached_below() -> None:
    assert tuple(REFUSED) == checks.CODES


@pytest.mark.parametrize("code", checks.CODES)
async def test_a_refusal_has_a_reason_and_a_sentence_for_it(centre: Access, code: str) -> None:
    verdict = await REFUSED[code](centre)

    shown = checks.DISCREET.get(code, code)
    assert (verdict["outcome"], verdict["reason"]) == ("refused", shown)
    assert verdict["message"] == messages.guard("en", "refused", shown)
    assert verdict["guest_message"] == messages.guest("en", "refused", shown)
    assert verdict["standard_codes"] == messages.standard_codes(shown).model_dump()
    assert [check["code"] for check in verdict["checks"] if not check["ok"]] == [shown, *FAILS_WITH.get(code, ())]
    assert verdict["warnings"] == []
    assert verdict["holder"] is None
    assert not verdict["replayed"]


async def test_an_admission_tells_what_was_looked_at_and_how_many_are_inside(centre: Access) -> None:
    verdict = await centre.scan(credential(await somebody(centre)), MAIN)

    assert (verdict["outcome"], verdict["reason"], verdict["message"]) == ("admitted", None, "Welcome.")
    assert [check["code"] for check in verdict["checks"]] == list(checks.SHOWN)
    assert all(check["ok"] for check in verdict["checks"])
    assert verdict["zone"] == {"id": "grounds", "name": "Grounds"}
    assert verdict["occupancy"]["count"] >= 1
    assert verdict["occupancy"]["capacity"] is None
    assert verdict["policy_version"] == centre.gatekeeper.venue.policy_version
    assert verdict["position"] == (await centre.host.log.head()).position


@pytest.mark.parametrize("code", ["credential_malformed", "credential_unknown"])
async def test_of_what_cannot_be_known_only_the_checks_that_were_made_are_told(centre: Access, code: str) -> None:
    verdict = await REFUSED[code](centre)

    assert [check["code"] for check in verdict["checks"]] == list(checks.SHOWN[: checks.SHOWN.index(code) + 1])


async def test_all_that_is_wrong_is_told_the_first_is_the_reason(centre: Access) -> None:
    one = await somebody(centre, areas=("exh",))
    await centre.hears(theirs.BadgeSuspended(**who(one), reason="lost_sight"))

    verdict = await centre.scan(credential(one), EAST)

    assert verdict["reason"] == "credential_suspended"
    wrong = [check["code"] for check in verdict["checks"] if not check["ok"]]
    assert wrong == ["credential_suspended", "zone_not_granted", "path_violation"]


async def test_a_badge_that_was_made_good_opens_again(centre: Access) -> None:
    one = await somebody(centre)
    await centre.hears(theirs.BadgeSuspended(**who(one), reason="lost_sight"), theirs.BadgeReinstated(**who(one)))

    assert (await centre.scan(credential(one), MAIN))["outcome"] == "admitted"


async def test_a_replacement_opens_once_it_was_handed_over(centre: Access) -> None:
    one = await somebody(centre)
    await centre.hears(
        theirs.BadgeReportedLost(**who(one), version=1, delegation_id="vn"),
        theirs.BadgeReplaced(**who(one), version=2),
        theirs.BadgeActivated(**who(one), version=2),
    )

    assert (await centre.scan(credential(one, version=2), MAIN))["outcome"] == "admitted"


# --- warnings -------------------------------------------------------------------------------------------------------


async def test_an_exit_of_somebody_never_seen_inside_warns(centre: Access) -> None:
    verdict = await centre.scan(credential(await somebody(centre)), MAIN, "out")

    assert (verdict["outcome"], verdict["warnings"], verdict["message"]) == ("exited", [NOT_INSIDE], "Goodbye.")


async def test_whoever_is_believed_in_another_room_is_moved_with_a_warning(centre: Access) -> None:
    one = await somebody(centre)
    await centre.scan(credential(one), MAIN)
    before = centre.gatekeeper.venue.presence.count("expo")
    await centre.scan(credential(one), EXPO_DOOR)

    verdict = await centre.scan(credential(one), await room(centre))

    assert (verdict["outcome"], verdict["warnings"]) == ("admitted", ["inside_elsewhere"])
    assert centre.gatekeeper.venue.presence.count("expo") == before


async def test_an_open_zone_takes_somebody_in_again_with_a_warning_and_counts_them_once(centre: Access) -> None:
    one = await somebody(centre)
    for at in (MAIN, EXPO_DOOR):
        await centre.scan(credential(one), at)
    before = centre.gatekeeper.venue.presence.count("expo")

    verdict = await centre.scan(credential(one), EXPO_DOOR)

    assert (verdict["outcome"], verdict["warnings"]) == ("admitted", ["already_inside"])
    assert verdict["occupancy"]["count"] == before
    assert [check["code"] for check in verdict["checks"] if not check["ok"]] == ["already_inside"]


# --- a medical zone -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", ["garbage", "a stranger's", "a revoked badge", "a badge without the area"])
async def test_a_medical_zone_admits_everybody(centre: Access, shown: str) -> None:
    one = await somebody(centre)
    if shown == "a revoked badge":
        await centre.hears(theirs.BadgeRevoked(**who(one), delegation_id="vn", reason="withdrawn"))
    stranger = STRANGER.credential(uuid4(), 1, OPENS, CLOSES)
    text = {"garbage": "12345678", "a stranger's": stranger}.get(shown, credential(one))
    before = centre.gatekeeper.venue.presence.count("clinic")

    verdict = await centre.scan(text, CLINIC_DOOR)

    assert (verdict["outcome"], verdict["reason"], verdict["message"]) == ("admitted", None, "Welcome.")
    assert verdict["warnings"]
    assert verdict["occupancy"]["count"] == before + 1


# --- exits ----------------------------------------------------------------------------------------------------------


async def exits(centre: Access) -> list[tuple[Gate, str]]:
    """Every way to be unwelcome, at every gate."""
    dead, fresh, poor = await somebody(centre), badge(uuid4()), await somebody(centre, areas=())
    await centre.hears(theirs.BadgeRevoked(**who(dead), delegation_id="vn", reason="withdrawn"))
    texts = ["", "12345678", STRANGER.credential(uuid4(), 1, OPENS, CLOSES), credential(fresh), credential(poor)]
    texts += [credential(dead), credential(await somebody(centre, valid_until=NOW))]
    return [(at, text) for at in GATES for text in texts]


async def test_nobody_is_ever_kept_inside(centre: Access) -> None:
    await centre.did("/v1/lockdowns", {"zone_id": "grounds", "reason": "alarm"}, "commander")
    for at, text in await exits(centre):
        verdict = await centre.scan(text, at, "out")
        assert (verdict["outcome"], verdict["reason"], verdict["message"]) == ("exited", None, "Goodbye.")
    await centre.did("/v1/lockdowns/lifting", {"zone_id": "grounds"}, "commander")


async def test_an_unreadable_exit_is_counted(centre: Access) -> None:
    newcomers = [await somebody(centre) for _ in range(30)]  # more than left without a name above
    for one in newcomers:
        await centre.scan(credential(one), MAIN)
    before = centre.gatekeeper.venue.presence.count("grounds")
    assert before > 0

    verdict = await centre.scan("12345678", MAIN, "out")

    assert (verdict["outcome"], verdict["warnings"]) == ("exited", ["credential_malformed"])
    assert verdict["occupancy"]["count"] == before - 1
    assert [check for check in verdict["checks"] if not check["ok"]] == [{"code": "credential_malformed", "ok": False}]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12345678", "credential_malformed"),
        (STRANGER.credential(uuid4(), 1, OPENS, CLOSES), "signing_key_unknown"),
        (forged(badge(uuid4())), "signature_invalid"),
        (credential(badge(uuid4())), "credential_unknown"),
    ],
    ids=["malformed", "of an unknown key", "altered", "unknown"],
)
async def test_an_exit_with_what_cannot_be_known_tells_the_check_that_failed_and_those_before_it(
    centre: Access, text: str, code: str
) -> None:
    verdict = await centre.scan(text, MAIN, "out")

    assert (verdict["outcome"], verdict["warnings"]) == ("exited", [code])
    told = [(check["code"], check["ok"]) for check in verdict["checks"]]
    assert told == [(each, each != code) for each in checks.SHOWN[: checks.SHOWN.index(code) + 1]]


async def test_of_an_exit_only_what_is_wrong_with_the_badge_is_told(centre: Access) -> None:
    one = await somebody(centre, areas=EVERYWHERE)
    await centre.scan(credential(one), MAIN)

    verdict = await centre.scan(credential(one), MAIN, "out")

    assert {check["code"] for check in verdict["checks"]} == set(checks.WRONG_WITH_THE_BADGE)
    assert verdict["warnings"] == []


# --- asking again ---------------------------------------------------------------------------------------------------


async def test_a_verdict_is_found_again_by_its_scan(centre: Access) -> None:
    verdict = await centre.scan(credential(await somebody(centre)), MAIN)

    found = await centre.get(f"/v1/scans/{verdict['scan_id']}", "auditor")

    assert found.json() == {**verdict, "replayed": True}


async def test_a_scan_nobody_made_is_not_found(centre: Access) -> None:
    found = await centre.get(f"/v1/scans/{uuid4()}", "auditor")

    assert (found.status_code, found.json()["code"]) == (404, "scan_unknown")


async def test_a_gate_that_is_not_there_is_not_found(centre: Access) -> None:
    response = await centre.post("/v1/scans", None)
    assert response.status_code == 403  # an admin is no gate
    answer = await centre.scan_answer({**scan_of(await somebody(centre)), "gate_id": "back-door"})

    assert (answer.status_code, answer.json()["code"]) == (404, "gate_unknown")


def scan_of(one: Badge, scan_id: UUID | None = None) -> dict[str, Any]:
    return {
        "scan_id": str(scan_id or uuid4()),
        "gate_id": "main",
        "direction": "in",
        "credential": credential(one),
        "scanned_at": NOW.isoformat(),
        "source": "scanner",
    }
