"""The vault keeps who people are: encrypted, one key each, looked at for a purpose and on record, gone when erased."""

import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args
from uuid import UUID, uuid4

import asyncpg
import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from chassis.personal import Personal
from contracts.words import RoomPage
from services.accreditation.vault import FIELDS, Person, Purpose, Vault
from tests.accreditation.running import Desk, desk_on
from tests.conftest import Database, Issuer

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
HOA = {"family_name": "Nguyễn", "given_name": "Thị Hoa", "title": "Professor", "function": "Legal adviser",
       "email": "hoa@mofa.example"}  # fmt: skip


def person(**changed: str) -> Person:
    fields = {**HOA, **changed}
    language = fields.pop("language", "vi")
    return Person(**{name: Personal(text) for name, text in fields.items()}, language=language)


@pytest.fixture
def vault(vault_database: Database, tmp_path: Path) -> Vault:
    return Vault(vault_database.pool, KEY, tmp_path / "erasures")


@asynccontextmanager
async def as_owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """Whoever may change rows that stand: the service itself may not."""
    connection = await database.connect(owner=True)
    try:
        yield connection
    finally:
        await connection.close()


async def everything_in(database: Database) -> str:
    """The whole table as a thief would read it; bytes as they are."""
    rows = await database.pool.fetch("SELECT * FROM vault.people")
    return " ".join(
        value.decode("latin-1") if isinstance(value, bytes) else str(value) for row in rows for value in row
    )


def as_bytes_are_read(text: str) -> str:
    return text.encode().decode("latin-1")


async def test_whoever_is_kept_is_read_again(vault: Vault) -> None:
    await vault.put(id_ := uuid4(), person())

    assert await vault.read([id_], "desk", "person:desk-1") == {id_: {**HOA, "language": "vi"}}


async def test_nothing_of_a_person_stands_in_the_table(vault: Vault, vault_database: Database) -> None:
    await vault.put(uuid4(), person())

    stored = await everything_in(vault_database)

    assert len(stored) > 200
    for text in HOA.values():
        for form in (text, text.lower(), text.encode().hex(), as_bytes_are_read(text)):
            assert form not in stored


async def test_what_is_looked_for_would_be_found(vault: Vault, vault_database: Database) -> None:
    """Control: the same, of a table that keeps names as they are."""
    await vault.put(id_ := uuid4(), person())
    async with as_owner(vault_database) as owner:
        await owner.execute(
            "UPDATE vault.people SET sealed = $2 WHERE person_id = $1", id_, HOA["family_name"].encode()
        )

    assert as_bytes_are_read(HOA["family_name"]) in await everything_in(vault_database)


async def test_two_who_are_alike_do_not_look_alike(vault: Vault, vault_database: Database) -> None:
    for number in range(2):
        await vault.put(uuid4(), person(email=f"{number}@mofa.example"))

    rows = await vault_database.pool.fetch("SELECT wrapped_key, sealed, match_key FROM vault.people")

    assert all(len({row[column] for row in rows}) == 2 for column in ("wrapped_key", "sealed", "match_key"))


async def test_without_the_master_key_nobody_reads_anything(
    vault: Vault, vault_database: Database, tmp_path: Path
) -> None:
    await vault.put(id_ := uuid4(), person())
    thief = Vault(vault_database.pool, OTHER_KEY, tmp_path / "erasures")

    with pytest.raises(InvalidTag):
        await thief.read([id_], "desk", "person:thief")
    assert await thief.find(person()) is None


async def test_one_persons_row_does_not_open_in_anothers_place(vault: Vault, vault_database: Database) -> None:
    first, second = uuid4(), uuid4()
    await vault.put(first, person())
    await vault.put(second, person(email="other@mofa.example"))
    for columns in ("sealed", "wrapped_key", "sealed, wrapped_key"):
        swap = ", ".join(f"{one} = theirs.{one}" for one in columns.split(", "))
        async with as_owner(vault_database) as owner:
            await owner.execute(
                f"UPDATE vault.people SET {swap} FROM vault.people AS theirs"
                " WHERE people.person_id = $1 AND theirs.person_id = $2",
                first,
                second,
            )
        with pytest.raises(InvalidTag):
            await vault.read([first], "desk", "person:desk-1")


async def test_the_same_person_is_kept_once(vault: Vault) -> None:
    first, second = uuid4(), uuid4()

    assert await vault.put(first, person()) == first
    assert await vault.put(second, person(title="Ms", function="", language="fr")) == first
    assert await vault.read([second], "desk", "person:desk-1") == {}


async def test_an_id_that_is_somebody_elses_keeps_nobody_new(vault: Vault) -> None:
    id_ = uuid4()
    await vault.put(id_, person())

    assert await vault.put(id_, person(email="other@mofa.example")) is None
    assert (await vault.read([id_], "desk", "person:desk-1"))[id_]["email"] == HOA["email"]


@pytest.mark.parametrize(
    "as_typed",
    [
        {"family_name": "NGUYỄN", "given_name": "THỊ HOA"},
        {"family_name": "nguyen", "given_name": "thi hoa"},
        {"family_name": " Nguyê\u0303n", "given_name": "Thị  Hoa "},
        {"family_name": "Nguyễn", "given_name": "Thi\u0323Hoa"},
        {"email": "HOA@MOFA.EXAMPLE"},
    ],
)
async def test_a_person_is_found_again_however_they_are_typed(vault: Vault, as_typed: dict[str, str]) -> None:
    await vault.put(id_ := uuid4(), person())

    assert await vault.find(person(**as_typed)) == id_


@pytest.mark.parametrize(
    "other", [{"family_name": "Trần"}, {"given_name": "Thị Hòa Bình"}, {"email": "hoa2@mofa.example"}]
)
async def test_somebody_else_is_somebody_else(vault: Vault, other: dict[str, str]) -> None:
    await vault.put(uuid4(), person())

    assert await vault.find(person(**other)) is None


@given(st.text(), st.text())
def test_what_tells_nobody_apart_is_taken_away_whatever_the_script(family_name: str, given_name: str) -> None:
    plain = person(family_name=family_name, given_name=given_name).match_text()

    assert person(family_name=family_name + " ", given_name="\t" + given_name).match_text() == plain
    assert person(family_name=family_name + "\u0301", given_name=given_name).match_text() == plain
    assert not any(char.isspace() for char in plain)


# --- purposes -------------------------------------------------------------------------------------------------------


def test_each_purpose_sees_what_it_needs() -> None:
    assert {purpose: FIELDS[purpose] for purpose in get_args(Purpose)} == {
        "gate_display": ("family_name", "given_name", "title", "language"),
        "notice": ("family_name", "given_name", "email", "language"),
        "desk": ("family_name", "given_name", "title", "function", "email", "language"),
    }
    assert {*get_args(Purpose), *get_args(RoomPage)} == set(FIELDS)


@pytest.mark.parametrize("purpose", get_args(Purpose))
async def test_a_purpose_is_given_its_fields_and_the_look_is_on_record(
    vault: Vault, vault_database: Database, purpose: Purpose
) -> None:
    ids = [uuid4() for _ in range(3)]
    for number, id_ in enumerate(ids):
        await vault.put(id_, person(email=f"{number}@mofa.example"))

    found = await vault.read([*ids, uuid4()], purpose, "service:access")

    assert set(found) == set(ids)
    assert all(tuple(fields) == FIELDS[purpose] for fields in found.values())
    (look,) = await vault_database.pool.fetch("SELECT * FROM vault.reads")
    assert (look["actor"], look["purpose"], look["count"]) == ("service:access", purpose, 3)
    assert set(look["people"]) == set(ids)


async def test_a_look_that_finds_nobody_is_on_record_too(vault: Vault, vault_database: Database) -> None:
    assert await vault.read([uuid4()], "desk", "person:curious") == {}

    (look,) = await vault_database.pool.fetch("SELECT * FROM vault.reads")
    assert (look["actor"], look["count"], look["people"]) == ("person:curious", 0, [])


async def test_the_record_of_looks_cannot_be_changed(vault: Vault, vault_database: Database) -> None:
    await vault.read([uuid4()], "desk", "person:curious")
    for statement in ("DELETE FROM vault.reads", "UPDATE vault.reads SET count = 9", "TRUNCATE vault.reads"):
        with pytest.raises(Exception, match="permission denied"):
            await vault_database.pool.execute(statement)


async def ask(desk: Desk, purpose: str, ids: str, *roles: str, sub: str = "desk-1") -> Any:
    return await desk.get(f"/v1/people?purpose={purpose}&ids={ids}", desk.headers(*roles, sub=sub))


@pytest.mark.parametrize(
    ("role", "sub", "purpose"),
    [("service", "access", "gate_display"), ("service", "notifications", "notice"), ("desk", "desk-1", "desk")],
)
async def test_over_http_each_reads_for_its_own_purpose(desk: Desk, role: str, sub: str, purpose: Purpose) -> None:
    nomination = await desk.nominated(await desk.welcome(), family_name="Trần", given_name="Bình")
    id_ = await desk.person_of(nomination)

    (told,) = (await ask(desk, purpose, f"{id_},{uuid4()}", role, sub=sub)).json()

    assert set(told) == {"person_id", *FIELDS[purpose]}
    assert (told["person_id"], told["family_name"]) == (str(id_), "Trần")
    look = await desk.database.pool.fetchrow("SELECT * FROM vault.reads ORDER BY read_id DESC LIMIT 1")
    assert (look["purpose"], look["count"], look["people"]) == (purpose, 1, [id_])
    assert look["actor"] == f"{'service' if role == 'service' else 'person'}:{sub}"


@pytest.mark.parametrize(
    ("service", "purpose"),
    [
        ("access", "notice"),
        ("access", "desk"),
        ("notifications", "gate_display"),
        ("notifications", "desk"),
        *((service, purpose) for service in ("operations", "accreditation", "guest") for purpose in get_args(Purpose)),
    ],
)
async def test_over_http_no_service_reads_for_anothers_purpose(desk: Desk, service: str, purpose: str) -> None:
    id_ = await desk.person_of(await desk.nominated(await desk.welcome(), family_name="Trần"))
    before = await desk.database.pool.fetchval("SELECT count(*) FROM vault.reads")

    answer = await ask(desk, purpose, str(id_), "service", sub=service)

    assert (answer.status_code, answer.json()["code"]) == (403, "purpose_not_yours")
    assert "Trần" not in answer.text
    assert await desk.database.pool.fetchval("SELECT count(*) FROM vault.reads") == before


async def test_a_person_called_as_a_service_is_no_service(desk: Desk) -> None:
    answer = await ask(desk, "notice", str(uuid4()), "desk", sub="notifications")

    assert (answer.status_code, answer.json()["code"]) == (403, "purpose_not_yours")


@pytest.mark.parametrize(
    ("roles", "purpose", "code"),
    [
        (("desk",), "gate_display", "purpose_not_yours"),
        (("desk",), "notice", "purpose_not_yours"),
        (("desk", "service"), "desk", "purpose_not_yours"),
        (("auditor",), "desk", "forbidden"),
        (("admin",), "desk", "forbidden"),
        (("vetting",), "desk", "forbidden"),
        (("protocol",), "desk", "forbidden"),
        (("operations",), "gate_display", "forbidden"),
        (("supervisor",), "gate_display", "forbidden"),
    ],
)
async def test_over_http_nobody_reads_for_another_purpose(
    desk: Desk, roles: tuple[str, ...], purpose: str, code: str
) -> None:
    id_ = await desk.person_of(await desk.nominated(await desk.welcome(), family_name="Trần"))
    before = await desk.database.pool.fetchval("SELECT count(*) FROM vault.reads")

    answer = await ask(desk, purpose, str(id_), *roles)

    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert "Trần" not in answer.text
    assert await desk.database.pool.fetchval("SELECT count(*) FROM vault.reads") == before


@pytest.mark.parametrize(
    ("purpose", "ids"),
    [
        ("curiosity", str(uuid4())),
        ("desk", "x"),
        ("desk", ""),
        ("desk", f"{uuid4()},"),
        ("desk", ",".join(["0" * 32] * 130)),
    ],
    ids=["no such purpose", "not an id", "nobody", "an empty id", "too many"],
)
async def test_what_cannot_be_asked_is_invalid(desk: Desk, purpose: str, ids: str) -> None:
    answer = await ask(desk, purpose, ids, "desk")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_an_auditor_sees_who_looked_at_whom_page_by_page(desk: Desk) -> None:
    ids = [await desk.person_of(await desk.nominated(await desk.welcome(), family_name="Trần")) for _ in range(2)]
    (last,) = await desk.database.pool.fetchrow("SELECT coalesce(max(read_id), 0) FROM vault.reads")
    await ask(desk, "desk", f"{ids[0]},{ids[1]}", "desk", sub="curious")
    await ask(desk, "gate_display", str(ids[0]), "service", sub="access")

    pages, after = [], last
    while page := (await desk.get(f"/v1/people/reads?limit=1&after={after}", desk.headers("auditor"))).json():
        pages += page
        after = page[-1]["read_id"]

    assert [(one["actor"], one["purpose"], one["count"]) for one in pages] == [
        ("person:curious", "desk", 2),
        ("service:access", "gate_display", 1),
    ]
    assert [set(one["people"]) for one in pages] == [{str(id_) for id_ in ids}, {str(ids[0])}]
    assert all(one["at"] and set(one) == {"read_id", "at", "actor", "purpose", "count", "people"} for one in pages)
    assert "Trần" not in str(pages)


async def test_the_service_itself_cannot_change_who_somebody_is(vault: Vault, vault_database: Database) -> None:
    await vault.put(uuid4(), person())

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await vault_database.pool.execute("UPDATE vault.people SET sealed = ''")


# --- erasing --------------------------------------------------------------------------------------------------------


async def erase(desk: Desk, person_id: UUID, *roles: str) -> Any:
    headers = {"Idempotency-Key": str(uuid4()), **desk.headers(*(roles or ("admin",)))}
    return await desk.client.delete(f"/v1/people/{person_id}", headers=headers)


async def told_of_erasure(desk: Desk, person_id: UUID) -> int:
    return sum(
        event["type"] == "placet.accreditation.PersonalDataErased.v1" and event["data"]["person_id"] == str(person_id)
        for event in await desk.told()
    )


async def test_whoever_is_erased_is_gone_listed_and_told_of(desk: Desk) -> None:
    nomination = await desk.nominated(await desk.welcome())
    id_ = await desk.person_of(nomination)

    answer = await erase(desk, id_)

    assert answer.status_code == 204
    assert id_ not in await desk.kept()
    assert (await ask(desk, "desk", str(id_), "desk")).json() == []
    assert str(id_) in desk.settings.erasures_file.read_text().splitlines()
    assert await told_of_erasure(desk, id_) == 1
    assert (await desk.get(f"/v1/nominations?after={UUID(int=UUID(nomination).int - 1)}&limit=1")).json() != []


async def test_an_erasure_asked_for_again_is_told_of_once(desk: Desk) -> None:
    id_ = await desk.person_of(await desk.nominated(await desk.welcome()))

    assert [(await erase(desk, id_)).status_code for _ in range(2)] == [204, 204]

    assert await told_of_erasure(desk, id_) == 1


async def test_an_erasure_is_listed_before_it_is_done(
    vault: Vault, vault_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a restore of an older database can be told of it, whatever happens in between."""
    await vault.put(id_ := uuid4(), person())

    def fails(_descriptor: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="disk full"):
        await vault.erase(id_)
    assert await vault.find(person()) == id_
    monkeypatch.undo()

    for _ in range(2):
        await vault.erase(id_)
    assert (tmp_path / "erasures").read_text() == f"{id_}\n"
    assert await vault_database.pool.fetchval("SELECT count(*) FROM vault.people") == 0


async def test_only_its_owner_reads_the_list_of_erasures(vault: Vault, tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        await vault.erase(uuid4())
    finally:
        os.umask(umask)

    assert stat.filemode((tmp_path / "erasures").stat().st_mode) == "-rw-------"


async def test_a_line_that_a_full_disk_cut_short_harms_no_other(vault: Vault, tmp_path: Path) -> None:
    first, second = uuid4(), uuid4()
    await vault.erase(first)
    with (tmp_path / "erasures").open("a") as out:
        out.write(str(second)[:9])

    await vault.erase(second)
    for number, id_ in enumerate((first, second)):
        await vault.put(id_, person(email=f"{number}@mofa.example"))

    assert set(await vault.brought_back()) == {first, second}


async def test_an_id_nobody_has_is_said_to_be_unknown_rather_than_erased(desk: Desk) -> None:
    await erase(desk, await desk.person_of(await desk.nominated(await desk.welcome())))
    before = await desk.host.log.head(), desk.settings.erasures_file.read_text()

    answer = await erase(desk, uuid4())

    assert (answer.status_code, answer.json()["code"]) == (404, "person_unknown")
    assert (await desk.host.log.head(), desk.settings.erasures_file.read_text()) == before


async def test_an_erasure_that_a_crash_cut_short_is_ended_by_asking_again(desk: Desk) -> None:
    id_ = await desk.person_of(await desk.nominated(await desk.welcome()))
    await desk.vault.erase(id_)  # and nobody was told

    assert (await erase(desk, id_)).status_code == 204
    assert await told_of_erasure(desk, id_) == 1


async def test_whom_a_restored_database_brings_back_is_erased_before_anybody_asks(
    vault_database: Database, people_issuer: Issuer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with desk_on(vault_database, people_issuer, tmp_path, leads=False) as desk:
        erased, kept = uuid4(), uuid4()
        await desk.vault.put(erased, person())
        await erase(desk, erased)
    # As in a backup from before: the data are there again, and the log knows nothing of their end.
    async with as_owner(vault_database) as owner:
        await owner.execute("DELETE FROM log.events")
        await owner.execute("UPDATE log.head SET position = 0, number = 0")
    await desk.vault.put(erased, person())
    await desk.vault.put(kept, person(email="other@mofa.example"))

    for _ in range(2):  # the second start finds nobody
        async with desk_on(vault_database, people_issuer, tmp_path, leads=False) as desk:
            assert await desk.kept() == {kept}
            assert [one["person_id"] for one in await desk.events("PersonalDataErased")] == [str(erased)]
    said = [record for record in caplog.records if record.getMessage() == "people_erased_again"]
    assert [record.__dict__["placet"] for record in said] == [{"count": 1}]


async def test_a_desk_that_names_an_erased_person_again_names_somebody_new(desk: Desk) -> None:
    delegation = await desk.welcome()
    who = {"family_name": "Trần", "given_name": "Bình", "email": f"{uuid4().hex}@example.org"}
    before = await desk.person_of(await desk.nominated(delegation, **who))
    await erase(desk, before)

    assert await desk.person_of(await desk.nominated(delegation, **who)) != before


async def test_a_request_repeated_after_an_erasure_brings_nobody_back(desk: Desk) -> None:
    delegation, key = await desk.welcome(), str(uuid4())
    who = {"family_name": "Trần", "given_name": "Bình", "email": f"{uuid4().hex}@example.org", "language": "vi"}
    body = {"delegation_id": delegation, "category": "delegate", **who}
    nomination = (await desk.ask("/v1/nominations", body, key=key)).json()["nomination_id"]
    await erase(desk, await desk.person_of(nomination))
    before = await desk.kept()

    again = await desk.ask("/v1/nominations", body, key=key)

    assert (again.status_code, again.json()["nomination_id"]) == (201, nomination)
    assert await desk.kept() == before


@pytest.mark.parametrize("role", ["desk", "protocol", "auditor", "service"])
async def test_only_an_admin_erases(desk: Desk, role: str) -> None:
    id_ = await desk.person_of(await desk.nominated(await desk.welcome()))

    assert (await erase(desk, id_, role)).status_code == 403
    assert id_ in await desk.kept()
