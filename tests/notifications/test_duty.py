"""The file of those on duty: read anew when it changes, never half, never quoted."""

import json
import logging
from pathlib import Path

import pytest

from services.notifications.duty import DutyContacts, DutyContactsUnreadableError

OPERATIONS = {"duty": "operations", "email": "operations@host.example", "language": "vi"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "duty.json"
    file.write_text(json.dumps([OPERATIONS]))
    return file


def test_whoever_stands_in_the_file_is_on_duty(file: Path) -> None:
    contacts = DutyContacts(file)

    assert contacts.duties() == ("operations",)
    contact = contacts.contact("operations")
    assert contact is not None
    assert (contact.email.reveal(), contact.language, contact.name) == ("operations@host.example", "vi", None)
    assert contacts.contact("liaison") is None


def test_a_language_that_is_not_given_is_english(file: Path) -> None:
    file.write_text('[{"duty": "liaison", "email": "liaison@un.example"}]')

    contact = DutyContacts(file).contact("liaison")

    assert contact is not None
    assert contact.language == "en"


def test_a_change_of_shifts_counts_at_once(file: Path) -> None:
    contacts = DutyContacts(file)

    file.write_text(json.dumps([OPERATIONS, {**OPERATIONS, "duty": "gate-chief"}]))

    assert contacts.duties() == ("operations", "gate-chief")


def test_a_change_that_cannot_be_read_does_not_count_until_it_can(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    contacts = DutyContacts(file)

    file.write_text("[{")
    with caplog.at_level(logging.ERROR):
        assert contacts.duties() == ("operations",)
    assert "duty_contacts_unreadable" in caplog.messages
    file.unlink()
    assert contacts.duties() == ("operations",)
    file.write_text("[]")
    assert contacts.duties() == ()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('[{"duty": "operations", "email": "secret@host.example", "lang": "vi"}]', "0.lang: extra_forbidden"),
        ('[{"duty": "The Boss", "email": "secret@host.example"}]', "0.duty: string_pattern_mismatch"),
        ('{"duty": "secret@host.example"}', "list_type"),
        (json.dumps([OPERATIONS, OPERATIONS]), "names a duty twice"),
    ],
)
def test_a_file_that_is_no_list_of_contacts_is_said_to_be_so_without_quoting_it(
    file: Path, content: str, says: str
) -> None:
    file.write_text(content)

    with pytest.raises(DutyContactsUnreadableError, match=says) as raised:
        DutyContacts(file)
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(DutyContactsUnreadableError, match="cannot be read"):
        DutyContacts(tmp_path / "nowhere.json")


def test_without_a_file_nobody_is_on_duty() -> None:
    assert DutyContacts(None).duties() == ()
