"""A gate shows who stands before it, if that is known by then; each look is on record; the erased are gone at once."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from chassis.run.embedded.postgres import EmbeddedPostgres
from contracts.envelope import Envelope
from services.access.domain.record.layout import Gate
from tests.access.controls import EAST, MAIN, badge
from tests.access.running import Access, access_on, credential, key_published, scan_body
from tests.accreditation.running import Desk, accreditation_database, desk_on
from tests.conftest import Database, Issuer, free_port, fresh_database, served
from tests.controls import eventually


@dataclass
class House:
    """Both services; access hears what accreditation tells when a test says so."""

    desk: Desk
    access: Access
    delegation: str

    async def hear(self) -> None:
        events = [Envelope.from_json(json.dumps(event)) for event in await self.desk.told()]
        await self.access.reader.begin(events[0].log_id)
        await self.access.reader.take(events)

    async def guest(self, **fields: str) -> tuple[str, str, UUID]:
        """Somebody whose badge was handed over: its id, its text, and who it is."""
        nomination = await self.desk.granted(self.delegation, **fields)
        badge_id = (await self.desk.did("/v1/badges", {"nomination_id": nomination}))["badge_id"]
        await self.desk.did(f"/v1/badges/{badge_id}/activation")
        text = (await self.desk.get(f"/v1/badges/{badge_id}/credential")).json()["text"]
        await self.hear()
        return badge_id, text, await self.desk.person_of(nomination)

    async def known_guest(self, **fields: str) -> tuple[str, str, UUID]:
        badge_id, text, person = await self.guest(**fields)
        await eventually(lambda: self.access.holders.get(person), says="the guest's name did not come")
        return badge_id, text, person

    async def erase(self, person: UUID) -> None:
        headers = {**self.desk.headers("admin"), "Idempotency-Key": str(uuid4())}
        assert (await self.desk.client.delete(f"/v1/people/{person}", headers=headers)).status_code == 204

    async def looks(self) -> list[dict[str, Any]]:
        rows = await self.desk.database.pool.fetch("SELECT * FROM vault.reads ORDER BY read_id")
        return [dict(row) for row in rows]


@pytest.fixture(scope="module")
async def house(
    postgres: EmbeddedPostgres, people_issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        desk_database = await stack.enter_async_context(accreditation_database(postgres))
        desk = await stack.enter_async_context(
            desk_on(desk_database, people_issuer, tmp_path_factory.mktemp("accreditation"))
        )
        url = await stack.enter_async_context(served(desk.app, desk.settings.port))
        database = await stack.enter_async_context(fresh_database(postgres))
        access = await stack.enter_async_context(
            access_on(database, people_issuer, tmp_path_factory.mktemp("access"), accreditation_url=url)
        )
        await stack.enter_async_context(access.leading())
        await access.lay_out()
        rules = {
            "category": "delegate",
            "names": {"en": "Delegate", "fr": "Délégué", "vi": "Đại biểu"},
            "vetted": True,
            "areas": {"per": "Y", "pln": "Y"},
        }
        await desk.did("/v1/matrix", {"categories": [rules]})
        yield House(desk, access, await desk.welcome())


async def scans_of(access: Access, scan_id: str) -> dict[str, Any]:
    (record,) = [one for one in await access.recorded("BadgeScanned") if one["scan_id"] == scan_id]
    return record


async def displays(access: Access, scan_id: str) -> int:
    return sum(one["scan_id"] == scan_id for one in await access.recorded("HolderDisplayed"))


async def as_role(access: Access, scan_id: str, *roles: str) -> dict[str, Any]:
    verdict: dict[str, Any] = (await access.get(f"/v1/scans/{scan_id}", *roles)).json()
    return verdict


async def test_the_guard_sees_who_it_is_and_that_is_on_record(house: House) -> None:
    _, text, person = await house.known_guest(family_name="Phạm", given_name="Lan", title="Dr", language="fr")

    verdict = await house.access.scan(text, MAIN)

    assert verdict["holder"] == {
        "person_id": str(person), "name": "Lan Phạm", "category": "delegate", "language": "fr", "photo_url": None,
    }  # fmt: skip
    record = await scans_of(house.access, verdict["scan_id"])
    assert record["holder_displayed"]
    assert "Phạm" not in str(record)


@pytest.mark.parametrize(("language", "name"), [("vi", "Phạm Lan"), ("fr", "Lan Phạm"), ("en", "Lan Phạm")])
async def test_a_guest_is_named_in_the_order_of_their_language(house: House, language: str, name: str) -> None:
    """As on their badge and in their mail: a guard who calls out the wrong half calls nobody."""
    _, text, _ = await house.known_guest(family_name="Phạm", given_name="Lan", language=language)

    assert (await house.access.scan(text, MAIN))["holder"]["name"] == name


async def test_nothing_is_kept_of_a_guest_that_no_gate_shows(house: House) -> None:
    _, _, person = await house.known_guest(title="Her Excellency")

    assert "Excellency" not in repr(house.access.holders._known[person])


async def test_the_look_into_the_vault_is_recorded_with_who_what_for_and_how_many(house: House) -> None:
    before = len(await house.looks())

    _, _, person = await house.known_guest()

    (look,) = (await house.looks())[before:]
    assert (look["actor"], look["purpose"], look["count"]) == ("service:access", "gate_display", 1)
    assert look["people"] == [person]


async def test_many_guests_are_one_look(house: House) -> None:
    before = len(await house.looks())
    guests = [await house.desk.badged(house.delegation) for _ in range(5)]
    for one in guests:
        await house.desk.did(f"/v1/badges/{one}/activation")

    await house.hear()
    await eventually(lambda: not house.access.holders._wanted)

    looks = (await house.looks())[before:]
    assert sum(look["count"] for look in looks) == 5
    assert len(looks) == 1


async def test_a_verdict_does_not_wait_for_a_name_and_a_repeat_does_not_show_it_unrecorded(house: House) -> None:
    _, text, person = await house.known_guest()
    kept = house.access.holders._known.pop(person)
    scan_id = uuid4()

    first = await house.access.scan(text, MAIN, scan_id=scan_id)
    house.access.holders._known[person] = kept
    again = await house.access.scan(text, MAIN, scan_id=scan_id)

    assert (first["outcome"], first["holder"]) == ("admitted", None)
    assert (again["replayed"], again["holder"]) == (True, None)
    assert not (await scans_of(house.access, str(scan_id)))["holder_displayed"]


async def test_a_refused_guest_is_shown_too_for_somebody_must_talk_to_them(house: House) -> None:
    _, text, _ = await house.known_guest(family_name="Bùi", given_name="Mai")

    verdict = await house.access.scan(text, EAST)

    assert (verdict["outcome"], verdict["holder"]["name"]) == ("refused", "Bùi Mai")


async def test_a_supervisor_who_looks_again_is_on_record_for_each_look(house: House) -> None:
    _, text, _ = await house.known_guest(family_name="Vũ", given_name="Nam")
    scan_id = (await house.access.scan(text, MAIN))["scan_id"]

    seen = [await as_role(house.access, scan_id, "supervisor") for _ in range(2)]

    assert [one["holder"]["name"] for one in seen] == ["Vũ Nam"] * 2
    assert await displays(house.access, scan_id) == 2
    actors = [event.metadata.actor for event in await house.access.host.log.read(0, 100_000)]
    assert actors[-1] == "person:desk-1"


@pytest.mark.parametrize("role", ["operations", "auditor", "admin"])
async def test_whoever_need_not_know_is_shown_nobody(house: House, role: str) -> None:
    _, text, _ = await house.known_guest()
    scan_id = (await house.access.scan(text, MAIN))["scan_id"]

    seen = await as_role(house.access, scan_id, role)

    assert (seen["outcome"], seen["holder"]) == ("admitted", None)
    assert await displays(house.access, scan_id) == 0


async def test_a_scanner_of_another_gate_is_shown_nobody_and_nothing_is_recorded(house: House) -> None:
    _, text, _ = await house.known_guest()
    scan_id = (await house.access.scan(text, MAIN))["scan_id"]
    _, headers = await house.access.enrolled("hall-east")

    answer = await house.access.client.get(f"/v1/scans/{scan_id}", headers=headers)

    assert answer.json()["code"] == "not_yours"
    assert await displays(house.access, scan_id) == 0


async def test_whoever_is_erased_is_shown_no_more_from_the_moment_it_is_heard(house: House) -> None:
    _, text, person = await house.known_guest(family_name="Hồ", given_name="Yến")
    scan_id = uuid4()
    assert (await house.access.scan(text, MAIN, scan_id=scan_id))["holder"]["name"] == "Hồ Yến"

    await house.erase(person)
    await house.hear()

    assert house.access.holders.get(person) is None
    exit_ = await house.access.scan(text, MAIN, "out")
    again = await house.access.scan(text, MAIN, scan_id=scan_id)
    asked = await as_role(house.access, str(scan_id), "supervisor")
    assert (exit_["holder"], again["holder"], asked["holder"]) == (None, None, None)
    assert exit_["outcome"] == "exited"  # what they did stays; who they are does not matter to a door


async def test_whoever_was_erased_while_their_name_was_on_its_way_is_not_kept(house: House) -> None:
    _, _, person = await house.guest()
    house.access.holders.forget(person)
    house.access.holders.want([person])

    await eventually(lambda: not house.access.holders._wanted)

    assert house.access.holders.get(person) is None


async def test_after_a_restart_everybody_who_may_come_is_fetched(house: House) -> None:
    _, text, person = await house.known_guest(family_name="Tô", given_name="An")
    house.access.holders._known.clear()
    want_everybody = house.access.host.leading[3]

    await want_everybody()

    await eventually(lambda: house.access.holders.get(person))
    assert (await house.access.scan(text, MAIN))["holder"]["name"] == "Tô An"


async def test_whoever_was_erased_while_another_process_led_is_not_shown_when_this_one_leads_again(
    house: House, database: Database, people_issuer: Issuer, tmp_path: Path
) -> None:
    _, text, person = await house.known_guest(family_name="Lý", given_name="Thu")
    url = house.access.host.settings.accreditation_url
    async with access_on(database, people_issuer, tmp_path, accreditation_url=url) as this:
        async with this.leading():
            await this.lay_out()
            await replace(house, access=this).hear()
            await eventually(lambda: this.holders.get(person))

        async with access_on(database, people_issuer, tmp_path, accreditation_url=url) as other, other.leading():
            await house.erase(person)
            await replace(house, access=other).hear()

        async with this.leading():
            await eventually(lambda: not this.holders._wanted)
            assert (await this.scan(text, MAIN))["holder"] is None


# --- accreditation does not answer, or answers nonsense -------------------------------------------------------------


@asynccontextmanager
async def people_service(answer: Response, issuer: Issuer) -> AsyncIterator[tuple[str, list[str]]]:
    """Something that calls itself accreditation; and what it was asked for."""
    asked: list[str] = []

    async def people(request: Request) -> Response:
        asked.append(request.query_params["ids"])
        return answer

    app = Starlette(routes=[Route("/v1/people", people)])
    async with served(app, free_port()) as url:
        yield url, asked


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("<html>Welcome to the hotel's network</html>"),
        PlainTextResponse("[]", 500),
        PlainTextResponse("[{}]", media_type="application/json"),
        PlainTextResponse('[{"person_id": 7}]', media_type="application/json"),
        PlainTextResponse('{"code": "x"}', media_type="application/json"),
        PlainTextResponse("null", media_type="application/json"),
    ],
    ids=["a captive portal", "an error", "a person without anything", "a person of a number", "an object", "null"],
)
async def test_a_gate_decides_whatever_comes_instead_of_names(
    database: Database, people_issuer: Issuer, tmp_path: Path, answer: Response
) -> None:
    gate: Gate = MAIN
    async with (
        people_service(answer, people_issuer) as (url, asked),
        access_on(database, people_issuer, tmp_path, accreditation_url=url) as access,
        access.leading(),
    ):
        await access.lay_out()
        await access.hears(key_published())
        one = badge(uuid4())
        await access.knows(one)
        await eventually(lambda: asked)

        verdict = await access.scan_answer(scan_body(credential(one), gate))

        assert (verdict.json()["outcome"], verdict.json()["holder"]) == ("admitted", None)
        assert access.gatekeeper.started.is_set()
