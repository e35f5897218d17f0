"""Names, titles and functions are typed by strangers: none of them gets a line of its own into a message."""

import pytest

from contracts.access import LockdownDeclared
from contracts.words import Names
from services.notifications.addresses import AddressUnusableError, mailbox, one_line
from tests.notifications.conftest import Accreditation, House, Station
from tests.notifications.test_audiences import sample
from tests.notifications.test_sending import outcome_for

INJECTION = "Hoa\r\nBcc: everybody@evil.example\r\n\r\nSend money"
HOSTILE = [
    INJECTION,
    "Hoa\nSubject: else",
    "Hoa\rX: y",
    "Hoa\u2028X: y",
    "Hoa\x00\x0b\x0cX",
    '"Hoa" <other@evil.example>, x',
    "=?utf-8?q?Hoa=0D=0ABcc:_x=40evil.example?=",
    "$signature ${badge} {0}",
    "Hoa\u202elive",
    "ữ" * 200,
]


async def test_the_desk_does_not_let_a_line_break_in(accreditation: Accreditation) -> None:
    await accreditation.invite()
    await accreditation.confirm()

    for field in ("family_name", "given_name", "title", "function", "email"):
        with pytest.raises(AssertionError, match="control_character"):
            await accreditation.nominate(**{field: INJECTION})


async def test_whatever_a_name_holds_a_message_has_the_headers_and_the_recipient_it_should(house: House) -> None:
    async with house.notifications() as notifications:
        await house.accreditation.invite()
        await house.accreditation.confirm()
        for number, name in enumerate(HOSTILE):
            nomination = await house.accreditation.nominate(email=f"before-{number}@fr.example")
            hostile = dict.fromkeys(("family_name", "given_name", "title", "function"), name)
            await house.accreditation.keep(nomination, **hostile, email=f"hoa-{number}@fr.example")
            await house.accreditation.clear_and_grant(nomination)
        await notifications.hear_and_send()

    asked_for = sorted(f"hoa-{number}@fr.example" for number in range(len(HOSTILE)))
    to_them = [message for message in house.post_office.mail if message["To"].addresses[0].username != "dao"]
    assert sorted(message["To"].addresses[0].addr_spec for message in to_them) == asked_for
    for message in to_them:
        assert len(message["To"].addresses) == 1
        assert sorted(message.keys()) == sorted(HEADERS)
        assert message["Subject"] == "Your accreditation has been granted"
        salutation, blank, pleased = message.get_content().splitlines()[:3]
        assert salutation.startswith("Dear ")
        assert blank == ""
        assert pleased.startswith("We are pleased")


HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
    "Content-Language",
]


@pytest.mark.parametrize(
    "address",
    [
        "hoa@fr.example\r\nBcc: x@evil.example",
        "hoa@fr.example> SIZE=1",
        "hoa@fr.example,x@evil.example",
        "hòa@fr.example",
        '"hoa"@fr.example',
        "hoa@-fr.example",
        "a..b@fr.example",
        f"{'a' * 65}@fr.example",
        f"a@{'fr.' * 90}example",
        "hoa",
        "",
    ],
)
async def test_what_is_no_plain_address_is_not_written_to(address: str) -> None:
    with pytest.raises(AddressUnusableError):
        mailbox("Hoa", address)


async def test_nor_does_a_zone_named_by_strangers_get_a_header(station: Station) -> None:
    lockdown = sample("access.LockdownDeclared.v1")
    assert isinstance(lockdown, LockdownDeclared)
    async with station.notifications() as notifications:
        for name in HOSTILE:
            names = Names(en=name, fr=name, vi=name)
            await station.access.says(lockdown.model_copy(update={"names": names}))
        await notifications.hear_and_send()

    assert len(station.post_office.mail) == 2 * len(HOSTILE)
    assert all(sorted(message.keys()) == sorted(HEADERS) for message in station.post_office.mail)


async def test_an_address_that_cannot_be_used_fails_the_notice(house: House) -> None:
    async with house.notifications() as notifications:
        await house.accreditation.invite()
        await house.accreditation.confirm()
        nomination = await house.accreditation.nominate()
        person = await house.accreditation.person_of(nomination)
        await house.accreditation.keep(nomination, email="hòa@fr.example")
        await house.accreditation.clear_and_grant(nomination)
        await notifications.hear_and_send()

        assert (await outcome_for(notifications, str(person)))["reason"] == "address_unusable"


def test_a_line_stays_a_line_and_ordinary_names_stay_what_they_are() -> None:
    assert one_line(INJECTION) == "Hoa Bcc: everybody@evil.example Send money"
    assert one_line("a\u202eb\ud800\x00\u2028c") == "ab\ufffd c"
    for name in ("Nguyễn Thị Hoa", "O'Brien-Ñúñez", "محمد", "王小明", "Jean Luc"):
        assert one_line(name) == name
