"""Looking for a name: whatever the spelling, the order and how much of it is typed, the person is found."""

import unicodedata
from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accreditation.names import Wanted, folded

NAMES = [
    ("Nguyễn", "Thị Hoa"),
    ("Đặng", "Trần Côn"),
    ("Lương", "Cường"),
    ("O'Brien", "Máire"),
    ("Müller-Weiß", "Jürgen"),
    ("Łukasiewicz", "Żaneta"),
    ("Sørensen", "Bjørn"),
    ("Þórðardóttir", "Æsa"),
    ("Y\u0131lmaz", "İpek"),
    ("de la Cruz", "José María"),
    ("Παπαδόπουλος", "Γιώργος"),
    ("Щербаков", "Фёдор"),
    ("محمّد", "عائشة"),
    ("김", "민수"),
    ("हिन्दी", "शर्मा"),
    ("A", "B"),
]
Spelling = Callable[[str], str]
_SPELLINGS: Sequence[Spelling] = (
    str, str.upper, str.lower, str.title, folded,
    lambda text: unicodedata.normalize("NFC", text), lambda text: unicodedata.normalize("NFD", text),
    lambda text: text.replace("-", " ").replace("'", " "), lambda text: text.replace("-", "").replace("'", ""),
    lambda text: text.replace(" ", ""), lambda text: text.replace(" ", "  "), lambda text: f" {text}, ",
)  # fmt: skip
_WRITTEN = st.sampled_from(_SPELLINGS)


@given(name=st.sampled_from(NAMES), family_first=st.booleans(), kept=_WRITTEN, typed=_WRITTEN)
def test_any_spelling_in_any_order_finds_the_person(
    name: tuple[str, str], family_first: bool, kept: Spelling, typed: Spelling
) -> None:
    family, given_name = name
    text = f"{family} {given_name}" if family_first else f"{given_name} {family}"

    assert Wanted.typed(typed(text)).finds(kept(family), kept(given_name))


@given(name=st.sampled_from(NAMES), seed=st.integers(0, 1_000))
def test_the_beginnings_of_some_words_in_any_order_are_enough(name: tuple[str, str], seed: int) -> None:
    chance, words = Random(seed), Wanted.typed(" ".join(name)).words
    some = chance.sample(list(words), chance.randint(1, len(words)))
    beginnings = [word[: chance.randint(1, len(word))] for word in some]

    assert Wanted.typed(" ".join(beginnings)).finds(*name)


@pytest.mark.parametrize(
    ("family", "given_name", "typed"),
    [
        ("Nguyễn", "Thị Hoa", "hoa nguyen"),
        ("Nguyễn", "Thị Hoa", "NGUYỄN T"),
        ("Nguyễn", "Thị Hoa", "thihoa"),
        ("Thihoa", "Nguyen", "Nguyễn Thị Hoa"),
        ("Đặng", "Trần Côn", "dang con"),
        ("Ðặng", "Trần", "đặng"),  # the letter of Icelandic, which looks the same
        ("O'Brien", "Máire", "obrien"),
        ("OBrien", "Máire", "o\u2019brien"),
        ("Sørensen", "Bjørn", "bjorn soren"),
        ("Weiß", "Jürgen", "WEISS"),
        ("Y\u0131lmaz", "İpek", "ipek yilmaz"),
        ("\U0001d403\U0001d41a\U0001d427\U0001d420", "Con", "dang"),  # a copy from a decorated document
    ],
)
def test_found(family: str, given_name: str, typed: str) -> None:
    assert Wanted.typed(typed).finds(family, given_name)


@pytest.mark.parametrize(
    ("family", "given_name", "typed"),
    [
        ("Nguyễn", "Thị Hoa", "guyen"),  # not the beginning of a word
        ("Nguyễn", "Thị Hoa", "nguyen van"),
        ("Nguyễn", "Thị Hoa", "hoa binh"),
        ("Nguyễn", "Thị Hoa", "nguyenn"),
        ("Nguyễn", "Thị Hoa", "hoathi"),
        ("Nguyễn", "Thị Hoa", ""),
        ("Nguyễn", "Thị Hoa", " - ' … "),
        ("", "", "a"),
    ],
)
def test_not_found(family: str, given_name: str, typed: str) -> None:
    """Control: not everybody is found by everything."""
    assert not Wanted.typed(typed).finds(family, given_name)


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text())
def test_case_and_composition_are_folded_away(text: str) -> None:
    for same in (text.casefold(), unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)):
        assert folded(same) == folded(text)
