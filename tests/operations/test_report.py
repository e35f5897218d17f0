"""Reports on paper: every word in every language, times as the venue's clocks show them, and no text breaks a page."""

import json
import re
import subprocess
import sys
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest

from contracts.operations import IncidentKind, IncidentState
from services.operations.domain.incident_record import EVENTS, change
from services.operations.report.harmless import needs_shaping, printable
from services.operations.report.layout import layout
from services.operations.report.words import LANGUAGES, Words, catalogue
from tests.operations.reading_pdf import pages_of

HOSTILE = {
    "markup": "<b>**bold**</b> <script>alert(1)</script> &amp; [link](x) {0} {nb} %s ${x}",
    "three hundred wide letters": "W" * 300,
    "four thousand letters without a space": "x" * 4_000,
    "eight hundred lines": "a\n" * 800,
    "right to left": "تم إخلاء القاعة الرئيسية 12 דקות after",
    "turned round": "abc\u202egnp.exe\u2066",
    "combining": "Z" + "\u0301\u0302\u0323\u0330" * 500,
    "unknown to the font": "大会场 🎉 நமஸ்தே \U0001f469\u200d\U0001f680",
    "control": "\x00\x1b[31m\x07\u2028\ue000\ud800",
    "empty": " \n ",
}


def an_incident(**more: Any) -> dict[str, Any]:
    return {
        "incident_id": "018f0000-0000-7000-8000-0000000000b1", "number": 12, "kind": "medical", "severity": 2,
        "state": "closed", "escalated": 1, "about": None, "people": ["018f0000-0000-7000-8000-0000000000a1"],
        "badges": [], "assignee": "person:3f2a", "raised_by": "person", "repeats": 2, "discreet": False, "version": 8,
        "cause_over": False, "merged_into": None, "merged": [], "title": "Somebody collapsed",
        "place": {"zone_id": "pln", "gate_id": "pln-east"}, "opened_at": "2025-10-25T01:30:05+00:00",
        "changed_at": "2025-10-25T02:02:00+00:00", "due_at": None,
        "log": [
            an_entry("reported", text="Unconscious."),
            an_entry("triaged", text="Breathes.", **{"from": "3", "to": "2"}),
            an_entry("assigned", to="medical-1"),
            an_entry("noted", text="The east door stays open.", rationale="The lift is out of order."),
        ],
        **more,
    }  # fmt: skip


def an_entry(what: str, **more: Any) -> dict[str, Any]:
    return {
        "at": "2025-10-25T01:30:05+00:00", "actor": "person:3f2a", "what": what, "text": None, "rationale": None,
        "from": None, "to": None, **more,
    }  # fmt: skip


def an_order(*incidents: dict[str, Any], language: str = "en", **more: Any) -> dict[str, Any]:
    return {
        "language": language, "event": "hanoi-2025", "time_zone": "Asia/Ho_Chi_Minh",
        "printed_at": "2025-10-25T03:00:00+00:00", "printed_by": "person:77b1", "period": None,
        "incidents": list(incidents) or [an_incident()], "zones": {"pln": "Plenary hall"}, "gates": {},
        **more,
    }  # fmt: skip


def text_of(order: dict[str, Any]) -> str:
    return "\n".join(pages_of(layout(order)))


# --- words ----------------------------------------------------------------------------------------------------------


def keys_of(words: dict[str, Any], before: str = "") -> dict[str, set[str | None]]:
    """Every key of a catalogue, and which places its sentence has."""
    found: dict[str, set[str | None]] = {}
    for key, value in words.items():
        if isinstance(value, dict):
            found |= keys_of(value, f"{before}{key}.")
        else:
            assert value.strip(), key
            found[before + key] = {name for _, name, _, _ in Formatter().parse(value) if name}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_lacks_a_word_or_a_place_in_it(language: str) -> None:
    assert keys_of(catalogue(language)) == keys_of(catalogue("en"))


def test_there_is_a_word_for_every_code() -> None:
    words = catalogue("en")
    assert set(words["kind"]) == set(get_args(IncidentKind))
    assert set(words["state"]) == set(get_args(IncidentState))
    assert set(words["what"]) == {change(event) for event in EVENTS} | {"absorbed"}
    assert set(words["severity"]) == {"1", "2", "3", "4"}


def test_every_word_is_used() -> None:
    """And none is asked for that is not there."""
    source = "".join(file.read_text("utf-8") for file in Path(layout.__code__.co_filename).parent.glob("*.py"))
    asked = set(re.findall(r"say\(\s*[\"']([a-z_]+)[\"']", source)) | {"page", "period_report", "report"}
    sentences = {key for key, value in catalogue("en").items() if isinstance(value, str)}
    assert asked == sentences


def test_a_code_of_a_newer_release_is_shown_as_it_is() -> None:
    assert Words("vi").code("kind", "a_kind_of_tomorrow") == "a kind of tomorrow"


# --- what it says ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["Incident 12", "2, high", "Closed", "Medical", "Triaged: from 3, moderate to 2, high", "Page 1 of 1"]),
        ("fr", ["Incident n° 12", "2, élevée", "Clos", "Urgence médicale", "Journal des décisions", "Page 1 sur 1"]),
        ("vi", ["Sự cố số 12", "2, cao", "Đã đóng", "Nhật ký quyết định", "Ghi chú", "Trang 1/1"]),
    ],
)
def test_an_incident_with_its_decisions_in_each_language(language: str, expected: list[str]) -> None:
    text = text_of(an_order(language=language))
    always = [
        "Somebody collapsed", "Plenary hall (pln), pln-east", "person:3f2a", "medical-1", "The east door stays open.",
        "The lift is out of order.", "2025-10-25 08:30:05", "Asia/Ho_Chi_Minh (UTC+07:00)", "person:77b1",
    ]  # fmt: skip
    for sentence in (*expected, *always):
        assert sentence in text, sentence


def test_an_incident_that_a_rule_raised_is_called_by_its_kind() -> None:
    assert "Silent gate" in text_of(an_order(an_incident(title=None, kind="silent_gate", raised_by="rule")))


def test_what_is_discreet_says_so_on_its_first_page() -> None:
    order = an_order(an_incident(discreet=True, kind="duress"))
    assert "only for those who command" in pages_of(layout(order))[0]


def test_a_period_counts_lists_and_tells_each_incident() -> None:
    incidents = [an_incident(number=n, severity=1 + n % 2, title=f"Case {n}") for n in range(1, 8)]
    period = {"since": "2025-10-24T17:00:00+00:00", "until": "2025-10-25T17:00:00+00:00"}
    pages = pages_of(layout(an_order(*incidents, period=period)))
    assert "From 2025-10-25 00:00:00 until 2025-10-26 00:00:00" in pages[0]
    assert "7 in all" in pages[0]
    text = "\n".join(pages)
    assert all(text.count(f"Case {n}") >= 2 for n in range(1, 8)), "in the overview and in full"
    assert f"Page {len(pages)} of {len(pages)}" in pages[-1]


def test_a_period_without_incidents_says_so() -> None:
    period = {"since": "2025-10-24T17:00:00+00:00", "until": "2025-10-25T17:00:00+00:00"}
    assert "No incident was open" in text_of({**an_order(period=period), "incidents": []})


# --- what people typed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", HOSTILE)
def test_no_text_breaks_a_report(what: str) -> None:
    text = HOSTILE[what]
    log = [an_entry("noted", text=text, rationale=text), an_entry("closed", text="The end.")]
    one = an_incident(title=text, log=log, assignee=text[:100], people=["018f0000-0000-7000-8000-0000000000a1"] * 50)
    pages = pages_of(layout(an_order(one, an_incident(), event=text, printed_by=text[:100])))
    assert "The end." in "\n".join(pages)
    assert all(f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages, 1))


def test_markup_is_text_and_what_the_font_lacks_is_a_box() -> None:
    text = text_of(an_order(an_incident(log=[an_entry("noted", text="<b>**x**</b> 大会 {0}")])))
    assert "<b>**x**</b> □□ {0}" in text


def test_printable_keeps_what_is_language_and_drops_what_steers() -> None:
    assert printable("Nguye\u0302\u0303n Thi\u0323") == "Nguyễn Thị"
    assert printable("a\u202eb\u2066\ud800\ue000") == "ab"
    assert printable("a\x1b\tb\u2028c") == "a  b c"
    assert printable("a\n\n\n\n\nb") == "a\n\nb"
    assert len(printable("Z" + "\u0301\u0330" * 50)) <= 6


def test_only_what_joins_or_turns_is_laid_out_by_the_slow_rules() -> None:
    assert not needs_shaping("Nguyễn Thị Hoa, Éric, 12 %")
    assert needs_shaping("مرحبا")
    assert needs_shaping("Z\u0330")


def test_the_process_that_makes_it_writes_the_pdf_and_nothing_else() -> None:
    made = subprocess.run(
        [sys.executable, "-I", "-m", "services.operations.report"],
        input=json.dumps(an_order(an_incident(title=HOSTILE["unknown to the font"]))).encode(),
        capture_output=True,
        check=True,
        env={},
    )
    assert made.stdout.startswith(b"%PDF-")
    assert made.stderr == b""
