"""Where people are and have been: what the live view answers about one person, and about a delegation."""

from datetime import timedelta
from random import Random
from uuid import UUID, uuid5

import pytest

from chassis.log.obey import UnavailableError
from chassis.run.clock import ScenarioClock
from chassis.run.host import Host
from contracts.access import BadgeScanned, PassageUndone
from services.operations.asking import Asking
from services.operations.parts.shape import text
from services.operations.picture import Drawing
from services.operations.settings import OperationsSettings
from services.operations.sources import Sources
from services.operations.whereabouts import HEADS, MOST_FOUND, MOST_SCANS, Whereabouts
from tests.conftest import Database
from tests.controls import NOW
from tests.operations.conftest import Folded
from tests.operations.histories import History
from tests.operations.told import (
    ANNA,
    BORIS,
    CHIARA,
    activated,
    confirmed,
    goes_in,
    goes_out,
    invited,
    issued,
    lost,
    nominated,
    refused,
    replaced,
    revoked,
    scan,
    suspended,
    turned_away,
    undone,
    zone,
)

LATER = [NOW + timedelta(minutes=minutes) for minutes in range(5)]


@pytest.fixture
def whereabouts(database: Database) -> Whereabouts:
    return Whereabouts(database.pool)


@pytest.fixture
def drawing(database: Database, configured: OperationsSettings, clock: ScenarioClock) -> Drawing:
    host = Host("operations", configured, database.pool)
    return Drawing(host.pool, clock, configured, Sources(host), Asking(host))


# --- one person -----------------------------------------------------------------------------------------------------


async def test_a_person_has_a_path_and_is_where_it_ended(folded: Folded, whereabouts: Whereabouts) -> None:
    await folded.of(zone("per"), zone("pln", "per"), nominated(ANNA), issued(ANNA), activated(ANNA))
    in_, away, on = (
        goes_in("per", ANNA, at=LATER[0]),
        turned_away("pln", "zone_full", person=ANNA, at=LATER[1]),
        scan("pln", ANNA, entered=["pln"], at=LATER[2]),
    )
    await folded.of(in_, away, goes_in("per", BORIS), on)

    found = await whereabouts.person(ANNA)

    assert found == {
        "person_id": ANNA, "delegation_id": "fr", "category": "delegate",
        "badges": [{"badge_id": ANNA, "version": 1, "status": "active"}],
        "inside": ["per", "pln"],
        "last_seen": {"gate_id": "gate-pln", "at": text(LATER[2])},
        "path": [
            {"at": text(LATER[0]), "gate_id": "gate-per", "zone_id": "per", "direction": "in",
             "outcome": "admitted", "reason": None, "scan_id": in_.scan_id, "undone": False},
            {"at": text(LATER[1]), "gate_id": "gate-pln", "zone_id": "pln", "direction": "in",
             "outcome": "refused", "reason": "zone_full", "scan_id": away.scan_id, "undone": False},
            {"at": text(LATER[2]), "gate_id": "gate-pln", "zone_id": "pln", "direction": "in",
             "outcome": "admitted", "reason": None, "scan_id": on.scan_id, "undone": False},
        ],
    }  # fmt: skip


async def test_a_passage_not_taken_is_on_the_path_and_says_so(folded: Folded, whereabouts: Whereabouts) -> None:
    passage = goes_in("per", ANNA)
    back = undone("per", ANNA, left=["per"]).model_copy(update={"scan_id": passage.scan_id})
    await folded.one_by_one(nominated(ANNA), passage, back)

    found = await whereabouts.person(ANNA)

    assert found
    assert ([one["undone"] for one in found["path"]], found["inside"]) == ([True], [])


async def test_what_a_journal_brings_late_stands_where_it_happened(folded: Folded, whereabouts: Whereabouts) -> None:
    await folded.of(goes_in("per", ANNA, at=LATER[0]), goes_out("per", person=ANNA, at=LATER[2]))
    await folded.of(goes_in("pln", ANNA, at=LATER[1]))

    found = await whereabouts.person(ANNA)

    assert found
    assert [one["zone_id"] for one in found["path"]] == ["per", "pln", "per"]
    assert found["last_seen"] == {"gate_id": "gate-per", "at": text(LATER[2])}


async def test_of_a_long_path_the_end_is_shown(folded: Folded, whereabouts: Whereabouts) -> None:
    scans = [goes_in("per", ANNA, at=NOW + timedelta(seconds=second)) for second in range(MOST_SCANS + 3)]
    await folded.of(*scans)

    found = await whereabouts.person(ANNA)

    assert found
    assert [one["scan_id"] for one in found["path"]] == [one.scan_id for one in scans[3:]]


async def test_somebody_who_has_not_come_is_nowhere(folded: Folded, whereabouts: Whereabouts) -> None:
    await folded.of(nominated(ANNA, "vn", "head-of-state"))

    assert await whereabouts.person(ANNA) == {
        "person_id": ANNA, "delegation_id": "vn", "category": "head-of-state", "badges": [], "inside": [],
        "last_seen": None, "path": [],
    }  # fmt: skip


async def test_somebody_seen_before_we_are_told_who_named_them_is_shown_all_the_same(
    folded: Folded, whereabouts: Whereabouts
) -> None:
    """Access may be heard before accreditation is."""
    await folded.of(goes_in("per", ANNA))

    found = await whereabouts.person(ANNA)

    assert found
    assert (found["delegation_id"], found["inside"], len(found["path"])) == (None, ["per"], 1)
    assert await whereabouts.person(BORIS) is None


async def test_while_the_view_is_made_nothing_is_answered(whereabouts: Whereabouts) -> None:
    with pytest.raises(UnavailableError):
        await whereabouts.person(ANNA)


# --- badges ---------------------------------------------------------------------------------------------------------


async def test_a_badge_shows_its_latest_version_and_what_it_is_worth(folded: Folded, whereabouts: Whereabouts) -> None:
    await folded.of(*(nominated(person) for person in (ANNA, BORIS, CHIARA)))
    await folded.of(issued(ANNA), activated(ANNA), lost(ANNA), replaced(ANNA), issued(BORIS), issued(CHIARA))
    await folded.one_by_one(activated(ANNA), suspended(BORIS), suspended(CHIARA), revoked(CHIARA))

    shown = [(await whereabouts.person(one) or {})["badges"] for one in (ANNA, BORIS, CHIARA)]

    assert [(one["version"], one["status"]) for (one,) in shown] == [(2, "active"), (1, "suspended"), (1, "revoked")]


async def test_whose_badge_it_is_is_told_by_its_id_or_the_beginning(folded: Folded, whereabouts: Whereabouts) -> None:
    await folded.of(nominated(ANNA), *(issued(person) for person in (ANNA, BORIS)))

    assert await whereabouts.holders(ANNA, ANNA) == [
        {
            "person_id": ANNA, "delegation_id": "fr", "category": "delegate",
            "badges": [{"badge_id": ANNA, "version": 1, "status": "awaiting"}],
        }
    ]  # fmt: skip
    both = await whereabouts.holders(UUID("018f0000" + "0" * 24), UUID("018f0000" + "f" * 24))
    assert [one["person_id"] for one in both] == [ANNA, BORIS]
    assert await whereabouts.holders(CHIARA, CHIARA) == []


async def test_so_many_holders_are_shown_and_no_more(folded: Folded, whereabouts: Whereabouts) -> None:
    await folded.of(*(issued(uuid5(ANNA, str(number))) for number in range(MOST_FOUND + 3)))

    assert len(await whereabouts.holders(UUID(int=0), UUID(int=2**128 - 1))) == MOST_FOUND


# --- delegations ----------------------------------------------------------------------------------------------------


async def test_a_delegation_has_its_people_where_they_are(folded: Folded, whereabouts: Whereabouts) -> None:
    await folded.of(zone("per"), invited("fr"), confirmed("fr"), invited("vn", "host"))
    await folded.of(nominated(ANNA), nominated(BORIS, category="head-of-delegation"), nominated(CHIARA, "vn"))
    await folded.of(goes_in("per", ANNA), goes_in("per", CHIARA), goes_in("per"))
    names = {"en": "A", "fr": "A", "vi": "A"}

    assert await whereabouts.delegations() == [
        {"delegation_id": "fr", "kind": "state", "names": names, "confirmed": True, "people": 2, "inside": 1},
        {"delegation_id": "vn", "kind": "host", "names": names, "confirmed": False, "people": 1, "inside": 1},
    ]
    head = {"person_id": BORIS, "category": "head-of-delegation", "inside": [], "last_seen": None}
    seen = {"gate_id": "gate-per", "at": text(LATER[0])}
    assert await whereabouts.delegation("fr") == {
        "delegation_id": "fr", "kind": "state", "names": names, "confirmed": True, "inside": 1, "head": head,
        "people": [head, {"person_id": ANNA, "category": "delegate", "inside": ["per"], "last_seen": seen}],
    }  # fmt: skip
    assert await whereabouts.delegation("atlantis") is None


async def test_who_was_refused_is_not_of_the_party(folded: Folded, whereabouts: Whereabouts) -> None:
    await folded.of(invited("fr"), nominated(ANNA, category="head-of-state"), nominated(BORIS), refused(ANNA))

    found = await whereabouts.delegation("fr")

    assert found
    assert ([one["person_id"] for one in found["people"]], found["head"]) == ([BORIS], None)
    assert [one["people"] for one in await whereabouts.delegations()] == [1]


async def test_the_head_is_of_the_highest_category_and_of_several_whoever_is_inside(
    folded: Folded, whereabouts: Whereabouts
) -> None:
    async def head() -> UUID | None:
        found = await whereabouts.delegation("fr")
        assert found
        leads: UUID | None = found["head"] and found["head"]["person_id"]
        return leads

    await folded.of(invited("fr"), nominated(ANNA))
    assert await head() is None
    await folded.of(nominated(BORIS, category=HEADS[1]), goes_in("per", BORIS))
    assert await head() == BORIS
    await folded.of(nominated(CHIARA, category=HEADS[0]))
    assert await head() == CHIARA
    await folded.of(nominated(uuid5(ANNA, "another"), category=HEADS[0]), goes_in("per", uuid5(ANNA, "another")))
    assert await head() == uuid5(ANNA, "another")


# --- against what happened ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
async def test_every_path_is_what_was_told_and_everybody_is_where_access_believes(
    folded: Folded, whereabouts: Whereabouts, drawing: Drawing, seed: int
) -> None:
    history, chance = History(seed), Random(seed)
    people = [one.person_id for one in history.venue.badges.known.values()]
    delegations = {person: chance.choice(["fr", "vn", "ke"]) for person in people}
    await folded.of(*(invited(one) for one in ("fr", "vn", "ke")))
    await folded.of(*(nominated(person, delegation) for person, delegation in delegations.items()))
    await folded.of(*history.told)
    for _ in range(6):
        await folded.of(*history.go_on(60))

        presence = history.venue.presence
        not_taken = {one.scan_id for one in history.told if isinstance(one, PassageUndone)}
        for person in people:
            scans = [one for one in history.told if isinstance(one, BadgeScanned) and one.person_id == person]
            scans.sort(key=lambda one: one.decided_at)
            found = await whereabouts.person(person)
            assert found
            assert [(one["scan_id"], one["gate_id"], one["outcome"], one["reason"]) for one in found["path"]] == [
                (one.scan_id, one.gate_id, one.outcome, one.reason) for one in scans
            ]
            assert {one["scan_id"] for one in found["path"] if one["undone"]} == not_taken & {
                one.scan_id for one in scans
            }
            assert set(found["inside"]) == {zone for zone, inside in presence.inside.items() if person in inside}
        listed = {one["delegation_id"]: one["inside"] for one in await whereabouts.delegations()}
        assert listed == {
            delegation: sum(delegations[person] == delegation for person in presence.whereabouts)
            for delegation in listed
        }
        assert listed == {one["delegation_id"]: one["inside"] for one in (await drawing.draw())["funnel"]}
    assert any(listed.values())
    assert not_taken  # control: some passages were not taken
