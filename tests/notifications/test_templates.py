"""The words: all there in every language, saying the same things, filled in without a hole."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chassis.personal import Personal
from contracts.words import LANGUAGES
from services.notifications.addresses import mailbox
from services.notifications.audiences import AUDIENCES
from services.notifications.directory import Contact, Name, Names
from services.notifications.domain.notice import NoticeQueued, QueueNotice
from services.notifications.settings import SECRETARIAT
from services.notifications.words import moment, salutation
from services.notifications.writing import TEMPLATES, UnwritableError, Writer, template
from tests.notifications.test_audiences import reaction

TEMPLATE_NAMES = [name for name, _ in AUDIENCES.values()]
HOA = Name(Personal("Nguyễn"), Personal("Hoa"))
NAMES = Names({"fr": {"en": "France", "fr": "France", "vi": "Pháp"}}, {"delegate": dict.fromkeys(LANGUAGES, "Délégué")})


def writer(zone: str = "Asia/Ho_Chi_Minh") -> Writer:
    return Writer(mailbox("", "no-reply@hanoi.example"), SECRETARIAT, ZoneInfo(zone))


def queued(command: QueueNotice) -> NoticeQueued:
    return NoticeQueued(**command.model_dump())


def places(name: str, language: str) -> set[str]:
    subject, body = template(name, language)
    return {*subject.get_identifiers(), *body.get_identifiers()}


def test_every_template_is_somebodys_and_no_stray_one() -> None:
    expected = {f"{name}.{language}.txt" for name in TEMPLATE_NAMES for language in LANGUAGES}

    assert len(expected) == 39
    assert {file.name for file in TEMPLATES.iterdir()} == expected


@pytest.mark.parametrize("name", TEMPLATE_NAMES)
def test_a_template_says_the_same_in_every_language(name: str) -> None:
    assert places(name, "en") == places(name, "fr") == places(name, "vi")


@pytest.mark.parametrize("name", TEMPLATE_NAMES)
def test_a_template_begins_with_a_subject_and_a_blank_line(name: str) -> None:
    for language in LANGUAGES:
        lines = (Path(TEMPLATES) / f"{name}.{language}.txt").read_text("utf-8").splitlines()
        assert lines[0].strip()
        assert lines[1] == ""
        assert lines[2] == "${salutation}"


@pytest.mark.parametrize("event", [event.short_name() for event in AUDIENCES])
def test_every_place_is_filled_in_and_every_fact_is_told(event: str) -> None:
    notice = queued(reaction(event)[0])
    for language in LANGUAGES:
        letter = writer().write(notice, Contact(HOA, Personal("hoa@x.example"), language), NAMES)

        assert "$" not in letter.message.get_content() + letter.message["Subject"]
        assert letter.message["Content-Language"] == language
        assert places(notice.template, language) == {*notice.facts, "salutation", "signature"}


def test_a_message_has_the_headers_of_an_automatic_one() -> None:
    notice = queued(reaction("accreditation.BadgeIssued.v1")[0])
    message = writer().write(notice, Contact(HOA, Personal("hoa@x.example"), "vi"), NAMES).message

    assert message["Message-ID"] == f"<{notice.notice_id}@hanoi.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert message["From"].addresses[0].addr_spec == "no-reply@hanoi.example"
    sent_at = message["Date"].datetime
    assert abs((datetime.now(sent_at.tzinfo) - sent_at).total_seconds()) < 5, "the real time, not the gathering's"
    assert "Placet-Possible-Repeat" not in message


def test_codes_are_called_by_their_names_where_those_are_known() -> None:
    notice = queued(reaction("accreditation.AccreditationGranted.v1")[0])
    contact = Contact(HOA, Personal("hoa@x.example"), "vi")

    assert "Đoàn: Pháp" in writer().write(notice, contact, NAMES).message.get_content()
    assert "Đoàn: fr" in writer().write(notice, contact, Names()).message.get_content()


def test_times_are_told_as_each_language_tells_them() -> None:
    first = datetime.fromisoformat("2025-11-01T09:05:00+07:00")

    assert moment(first, "en") == "1 November 2025, 09:05 (UTC+7)"
    assert moment(first, "fr") == "1er novembre 2025 à 9 h 05 (UTC+7)"
    assert moment(first, "vi") == "09:05 ngày 1 tháng 11 năm 2025 (UTC+7)"
    assert moment(datetime.fromisoformat("2025-11-02T09:05:00-03:30"), "en").endswith("(UTC-3:30)")
    assert moment(datetime.fromisoformat("2025-11-02T09:05:00Z"), "en").endswith("(UTC)")


def test_a_message_tells_the_time_of_the_venue() -> None:
    lockdown = queued(reaction("access.LockdownDeclared.v1")[0])  # at 08:30 UTC
    desk = Contact(None, Personal("ops@x.example"), "en")

    assert "15:30 (UTC+7)" in writer().write(lockdown, desk, Names()).message.get_content()
    assert "08:30 (UTC)" in writer("UTC").write(lockdown, desk, Names()).message.get_content()


def test_people_are_addressed_in_the_order_of_their_language_and_desks_without_a_name() -> None:
    assert salutation(HOA, "en") == "Dear Hoa Nguyễn,"
    assert salutation(HOA, "vi") == "Kính gửi Ông/Bà Nguyễn Hoa,"
    assert salutation(None, "en") == "Dear colleagues,"


def test_whose_language_nobody_knows_is_written_to_in_english() -> None:
    notice = queued(reaction("accreditation.BadgeIssued.v1")[0])

    letter = writer().write(notice, Contact(HOA, Personal("hoa@x.example"), "tlh"), NAMES)

    assert letter.message["Content-Language"] == "en"


def test_a_template_that_only_another_release_had_cannot_be_written() -> None:
    notice = queued(reaction("accreditation.BadgeIssued.v1")[0])
    desk = Contact(None, Personal("ops@x.example"), "en")

    changes: tuple[dict[str, object], ...] = (
        {"template": "motorcade_arriving"},
        {"facts": {}},
        {"facts": {**notice.facts, "valid_from": "soon"}},
    )
    for strange in changes:
        with pytest.raises(UnwritableError, match="template_unusable"):
            writer().write(notice.model_copy(update=strange), desk, Names())


def test_no_text_is_a_copy_that_was_never_translated() -> None:
    texts = [
        (TEMPLATES / f"{name}.{language}.txt").read_text("utf-8") for name in TEMPLATE_NAMES for language in LANGUAGES
    ]

    assert len(set(texts)) == 39
    assert len({text.splitlines()[4] for text in texts}) == 39
