"""What a gate says is there for every reason, in every language, and is fit to be said."""

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from itertools import chain

import pytest

from services.access import messages
from services.access.catalogue import LANGUAGES, Refusal, Words, __main__, standards, words
from services.access.catalogue.pages import pages
from services.access.domain import brought, capacity, checks, passing, scan, together

CATALOGUE = {language: words(language) for language in LANGUAGES}
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
WARNINGS = {
    passing.NOT_INSIDE,
    passing.TOO_FEW_STAY,
    capacity.NEARLY_FULL,
    scan.CLOCK_SKEWED,
    together.PARTY_MISSING,
    together.PARTY_EXTRA,
    brought.OVERTAKEN,
}
LONGEST = {"guard": 90, "guest": 140, "remedy": 100, "note": 50, "warning": 90}
DENIED_BY_BACNET = {10, 15, *range(128, 165)}
DENIED_BY_ONVIF = {
    "CredentialNotEnabled",
    "CredentialNotActive",
    "CredentialExpired",
    "InvalidPIN",
    "NotPermittedAtThisTime",
    "Unauthorized",
    "Other",
}
SCRIPTS = {"ru": "CYRILLIC", "zh": "CJK", "ar": "ARABIC"}
PLACEHOLDERS = re.compile(r"[{}<>$%|*_`]|TODO|FIXME|XXX|[Ll]orem|\.\.\.|…")
ACCUSING = {
    "en": (
        "watchlist",
        "forge",
        "fake",
        "fraud",
        "suspect",
        "stolen",
        "thief",
        "illegal",
        "denied",
        "refuse",
        "vetting",
    ),
    "fr": ("liste de", "faux", "falsifi", "fraude", "suspect", "volé", "illégal", "refus", "enquête"),
    "es": ("lista de", "falso", "falsific", "fraude", "sospech", "robad", "ilegal", "denegad", "rechaz"),
    "ru": ("списк", "поддел", "фальш", "мошен", "подозр", "краж", "украд", "отказ"),
    "zh": ("名单", "伪造", "假", "诈", "嫌", "盗", "窃", "拒"),
    "ar": ("قائمة", "مزور", "مزيف", "احتيال", "مشتبه", "سرق", "مرفوض", "رُفض"),
    "vi": ("danh sách", "giả mạo", "thẻ giả", "gian lận", "nghi ngờ", "lấy cắp", "trộm", "từ chối"),
}
"""Words that neither guard nor guest hears of a badge or its bearer."""


def texts(said: Words) -> Iterator[tuple[str, str, str]]:
    """Every text: kind, code, text."""
    for code, refusal in said.refusals.items():
        yield from ((kind, code, text) for kind, text in asdict(refusal).items())
    for outcome, saying in (("admitted", said.admitted), ("exited", said.exited)):
        yield from ((kind, outcome, text) for kind, text in asdict(saying).items())
    yield from (("warning", code, text) for code, text in said.warnings.items())


def unfit(language: str, said: Words) -> list[str]:
    """What could not be said as it stands."""
    found = []
    for kind, code, text in texts(said):
        where = f"{language} {code} {kind}: {text!r}"
        if not text.strip() or text != text.strip() or "  " in text:
            found.append(f"empty or ragged: {where}")
        if len(text) > LONGEST[kind]:
            found.append(f"too long: {where}")
        if PLACEHOLDERS.search(text) or unicodedata.normalize("NFC", text) != text:
            found.append(f"not a text: {where}")
        if kind != "note" and text[-1:] not in (".", "?", "。", "\uff1f", "؟"):
            found.append(f"not a sentence: {where}")
        if kind in ("guard", "guest") and any(word in text.lower() for word in ACCUSING[language]):
            found.append(f"accuses: {where}")
    return found


def untranslated(language: str, said: Words) -> list[str]:
    """Texts that are English still, or another language's."""
    others = {text for other in LANGUAGES if other != language for _, _, text in texts(CATALOGUE[other])}
    return [text for _, _, text in texts(said) if text in others]


def wrongly_written(language: str, said: Words) -> list[str]:
    """Texts that are not written as the language is."""
    return [text for _, _, text in texts(said) if not WRITTEN_WELL[language](text)]


def letters(text: str) -> list[str]:
    return [letter for letter in text if letter.isalpha()]


def in_script(language: str) -> Callable[[str], bool]:
    return lambda text: all(unicodedata.name(letter).startswith(SCRIPTS[language]) for letter in letters(text))


def latin(text: str) -> bool:
    return all(unicodedata.name(letter).startswith("LATIN") for letter in letters(text))


def english(text: str) -> bool:
    return text.isascii()


def french(text: str) -> bool:
    """A no-break space before what French sets one before, and the apostrophe that is one."""
    return latin(text) and not re.search(r"[^\u00a0][;:?!]|'", text)


def spanish(text: str) -> bool:
    return latin(text) and text.count("¿") == text.count("?") and text.count("¡") == text.count("!")


def russian(text: str) -> bool:
    """Courteous: the guest is written with a capital."""
    return in_script("ru")(text) and not re.search(r"\b(вы|вас|вам|ваш\w*)\b", text)


def chinese(text: str) -> bool:
    return in_script("zh")(text) and not re.search(r"[,.;:?!() ]", text)


def arabic(text: str) -> bool:
    return in_script("ar")(text.replace("ـ", "")) and not re.search(r"[,;?]|\u0627\u064b", text)


def vietnamese(text: str) -> bool:
    """Hardly five words go without a letter that only Vietnamese has, or a tone."""
    toned = sum(not letter.isascii() for letter in text)
    return latin(text) and toned >= max(1, len(text.split()) // 5)


WRITTEN_WELL: dict[str, Callable[[str], bool]] = {
    "en": english,
    "fr": french,
    "es": spanish,
    "ru": russian,
    "zh": chinese,
    "ar": arabic,
    "vi": vietnamese,
}


def but(said: Words, code: str, **changed: str) -> Words:
    """The same words with one refusal said otherwise."""
    return replace(said, refusals={**said.refusals, code: replace(said.refusals[code], **changed)})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_every_warning_is_said_in_every_language_and_no_other(language: str) -> None:
    said = CATALOGUE[language]

    assert set(said.refusals) == set(checks.CODES)
    assert set(said.warnings) == WARNINGS
    assert set(said.page) == {"title", "code", "guard", "guest", "warnings"}
    assert len(said.name) > 1
    assert len(set(said.page.values())) == len(said.page)


def test_the_languages_are_those_of_the_united_nations_and_vietnamese() -> None:
    assert set(LANGUAGES) == {"ar", "en", "es", "fr", "ru", "vi", "zh"}
    assert messages.LANGUAGES == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_can_be_said(language: str) -> None:
    assert unfit(language, CATALOGUE[language]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_written_as_its_language_is(language: str) -> None:
    assert wrongly_written(language, CATALOGUE[language]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_the_same_in_two_languages(language: str) -> None:
    assert untranslated(language, CATALOGUE[language]) == []


@pytest.mark.parametrize("kind", ["guard", "guest", "remedy", "note"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_reasons_are_said_alike_but_the_one_that_must_be(language: str, kind: str) -> None:
    said = CATALOGUE[language].refusals
    ordinary = [getattr(said[code], kind) for code in checks.SHOWN]

    assert len(set(ordinary)) == len(ordinary)


@pytest.mark.parametrize("language", LANGUAGES)
def test_somebody_held_is_told_word_for_word_what_anybody_is_whose_identity_is_checked(language: str) -> None:
    held, checked = "watchlist_hold", "identity_check_required"

    assert CATALOGUE[language].refusals[held] == CATALOGUE[language].refusals[checked]
    for say in (messages.guard, messages.guest):
        assert say(language, "refused", held) == say(language, "refused", checked)
    for tell in (messages.remedy, messages.warning):
        assert tell(language, held) == tell(language, checked)


def test_a_check_that_an_alteration_passes_would_check_nothing() -> None:
    """Control: each way a text can be wrong is found."""
    english, french = CATALOGUE["en"], CATALOGUE["fr"]
    for fault, wrong in (
        ("empty or ragged", {"guard": ""}),
        ("empty or ragged", {"guard": "Wait. "}),
        ("too long", {"guard": "Wait a moment, " * 10 + "please."}),
        ("too long", {"guest": "Please wait, " * 20 + "thank you."}),
        ("not a text", {"remedy": "TODO."}),
        ("not a text", {"guest": "Welcome, {name}."}),
        ("not a sentence", {"guest": "Please wait"}),
        ("accuses", {"guard": "This badge is a fake. Call the supervisor."}),
        ("accuses", {"guest": "You are on a watchlist."}),
    ):
        assert any(found.startswith(fault) for found in unfit("en", but(english, "zone_full", **wrong))), wrong
    assert untranslated("fr", but(french, "zone_full", guest=english.refusals["zone_full"].guest))
    assert untranslated("vi", but(CATALOGUE["vi"], "zone_full", note=french.refusals["zone_full"].note))
    for language, text in (
        ("en", "Un café."),
        ("fr", "Un instant: merci."),
        ("fr", "Un instant : merci."),
        ("fr", "L'entrée."),
        ("es", "Sería tan amable?"),
        ("ru", "Please wait."),
        ("ru", "Мы рады видеть вас."),
        ("zh", "请稍候."),
        ("zh", "Please wait。"),
        ("ar", "نرجو الانتظار, شكراً."),
        ("ar", "Please wait."),
        ("vi", "Xin vui long cho trong giay lat, chung toi se giup."),
    ):
        assert wrongly_written(language, but(CATALOGUE[language], "zone_full", guest=text)) == [text]


def test_every_reason_has_the_codes_of_other_systems_and_something_to_do() -> None:
    codes = standards()

    assert set(codes.codes) == set(codes.do) == set(checks.CODES)
    assert {code.bacnet for code in codes.codes.values()} <= DENIED_BY_BACNET
    assert {code.onvif for code in codes.codes.values()} <= DENIED_BY_ONVIF
    assert all(codes.do.values())
    assert set(codes.warnings) == WARNINGS
    assert not set(codes.elsewhere) & {*checks.CODES, *WARNINGS}


@pytest.mark.parametrize(
    ("code", "bacnet", "onvif"),
    [
        ("credential_unknown", 129, "Other"),
        ("credential_revoked", 153, "CredentialNotEnabled"),
        ("credential_stolen", 144, "CredentialNotEnabled"),
        ("credential_lost", 143, "CredentialNotEnabled"),
        ("credential_not_activated", 150, "CredentialNotActive"),
        ("credential_expired", 152, "CredentialExpired"),
        ("zone_not_granted", 133, "Unauthorized"),
        ("session_not_open", 136, "NotPermittedAtThisTime"),
        ("already_inside", 138, "Other"),
        ("zone_full", 142, "Other"),
        ("screening_required", 15, "Other"),
    ],
)
def test_building_systems_are_told_in_their_own_codes(code: str, bacnet: int, onvif: str) -> None:
    told = messages.standard_codes(code)

    assert (told.bacnet, told.onvif) == (bacnet, onvif)


def test_a_verdict_is_told_to_guard_and_guest_in_their_languages() -> None:
    assert messages.guard("en", "admitted", None) == "Welcome."
    assert messages.guard("fr", "exited", None) == "Au revoir."
    assert messages.guest("vi", "admitted", None) == "Trân trọng chào mừng Quý vị."
    assert messages.guard("es", "refused", "wrong_direction") == "Es solo salida. Indique la entrada."
    assert messages.guest("zh", "refused", "wrong_direction") == "此门仅供离场使用。我们乐意为您指引入口。"
    assert messages.remedy("ru", "wrong_event") == "Пропуск, выданный для этого мероприятия."
    assert messages.warning("ar", "zone_nearly_full") == "المنطقة على وشك الامتلاء."


def test_a_check_that_kept_nobody_out_is_a_warning_in_a_few_words() -> None:
    for code in (*checks.CODES, *WARNINGS):
        for language in LANGUAGES:
            assert messages.warning(language, code)
    assert messages.warning("en", "credential_revoked") == "Badge withdrawn"


def test_who_speaks_a_language_we_lack_is_told_in_english() -> None:
    for code in checks.CODES:
        assert messages.guard("sw", "refused", code) == messages.guard("en", "refused", code)
        assert messages.guest("sw", "refused", code) == messages.guest("en", "refused", code)
        assert messages.remedy("sw", code) == messages.remedy("en", code)
        assert messages.warning("sw", code) == messages.warning("en", code)


def test_the_pages_are_current() -> None:
    for name, text in pages().items():
        assert (__main__.DOCS / name).read_text("utf-8") == text, f"{name}: run `make schemas`"
    assert {f"{language}.md" for language in LANGUAGES} == {
        file.name for file in (__main__.DOCS / "refusals").iterdir()
    }


def test_a_page_that_is_not_current_is_named_and_made(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "DOCS", tmp_path)

    def run(what: str) -> int:
        monkeypatch.setattr(sys, "argv", ["catalogue", what])
        return __main__.main()

    assert run("check") == 1
    assert capsys.readouterr().err.count("not current") == len(LANGUAGES) + 1
    assert run("write") == 0
    assert run("check") == 0
    altered = __main__.DOCS / "refusals" / "ar.md"
    altered.write_text(altered.read_text("utf-8") + "\n", "utf-8")
    assert run("check") == 1
    assert "ar.md: not current" in capsys.readouterr().err
    assert run("delete") == 2


def test_the_reference_lists_every_code_once() -> None:
    reference = pages()["refusals.md"]

    for code in chain(checks.CODES, WARNINGS, standards().elsewhere):
        assert reference.count(f"\n| `{code}` |") == 1, code


@pytest.mark.parametrize("language", LANGUAGES)
def test_paper_at_a_gate_has_every_text_and_names_no_list(language: str) -> None:
    page = pages()[f"refusals/{language}.md"]

    for code in checks.SHOWN:
        refusal: Refusal = CATALOGUE[language].refusals[code]
        assert page.count(f"| {refusal.guard} | {refusal.guest} |") == 1, code
    assert "watch" not in page
    assert ('<div dir="rtl">' in page) == (language == "ar")
