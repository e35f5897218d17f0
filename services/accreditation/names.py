"""Names as they are looked for: case, diacritics, hyphens and the order of family and given name tell nobody apart."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import filterfalse

_LETTERS = str.maketrans({
    "đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ŧ": "t", "ɨ": "i", "\u0131": "i", "ƶ": "z", "æ": "ae", "œ": "oe",
    "þ": "th",
})  # fmt: skip
"""Letters that do not come apart into a letter and a mark."""
_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """Without case, marks and strokes: ``Đặng`` and ``DANG`` are ``dang``. Folding again changes nothing."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    # Compatibility forms (a bold capital, a ligature) show their case only when they have come apart.
    return "".join(filterfalse(unicodedata.combining, decomposed.casefold().translate(_LETTERS)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody typed. It finds whose name has, for each word of it, a word that begins so."""

    words: Sequence[str]

    @classmethod
    def typed(cls, text: str) -> "Wanted":
        return cls(_WORD.findall(folded(text)))

    def finds(self, family_name: str, given_name: str) -> bool:
        """Words typed in one (``obrien``, ``thihoa``) find those apart, and the other way round."""
        beginnings = _beginnings(folded(family_name), folded(given_name))

        def some_begin(with_: str) -> bool:
            return any(one.startswith(with_) for one in beginnings)

        return bool(self.words) and (all(map(some_begin, self.words)) or some_begin("".join(self.words)))


def _beginnings(family_name: str, given_name: str) -> list[str]:
    """From each word on, all that follows it in one; the whole name in both its orders."""
    family, given = _WORD.findall(family_name), _WORD.findall(given_name)
    return ["".join(words[start:]) for words in (family + given, given + family) for start in range(len(words))]
