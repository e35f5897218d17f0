"""The catalogue as pages: one for whoever briefs the guards or reads our codes, one a language to print for a gate."""

from collections.abc import Iterable, Iterator

from services.access.catalogue import LANGUAGES, Saying, Words, standards, words
from services.access.domain.checks import CODES, SHOWN

_UNNAMED = frozenset({"watchlist_block"})
"""What goes without its name on paper that a guest may see."""
_RIGHT_TO_LEFT = frozenset({"ar"})

_MADE = "<!-- Made by `make schemas` from services/access/catalogue. -->"
_VERDICTS = """\
Every scan has one `outcome`: `admitted`, `refused` or `exited`. A refusal has one `reason`, the first check that
failed, in the order below; all failed checks stand in `checks`. Exits are never refused, and medical zones admit
everybody: what is wrong then stands in `warnings`."""
_STANDARDS = """\
Beside our codes stand those of building systems; the nearest, where none is the same. BACnet: the number of the
access event (ASHRAE 135). ONVIF: the reason of a denied access. Nobody at a gate is told `watchlist_hold`: gate, guest
and event stream get `identity_check_required`, word for word, with its codes."""
_WARNINGS = """\
Nobody is kept out, or in, for a warning. Every reason above can be one: where somebody leaves, enters a medical zone,
is let in by a supervisor, or is counted elsewhere under a rule that forgives it. These are warnings only:"""


def pages() -> dict[str, str]:
    """Every page, by its path in docs/."""
    catalogue = {language: words(language) for language in LANGUAGES}
    return {
        "refusals.md": _reference(catalogue),
        **{f"refusals/{language}.md": _for_a_gate(language, said) for language, said in catalogue.items()},
    }


def _reference(catalogue: dict[str, Words]) -> str:
    english, codes = catalogue["en"], standards()
    languages = " · ".join(f"[{said.name}](refusals/{language}.md)" for language, said in catalogue.items())
    refusals = (
        (f"`{code}`", codes.codes[code].bacnet, codes.codes[code].onvif, english.refusals[code].guard, codes.do[code])
        for code in CODES
    )
    warnings = ((f"`{code}`", english.warnings[code], means) for code, means in codes.warnings.items())
    elsewhere = ((f"`{code}`", why) for code, why in codes.elsewhere.items())
    return "\n".join(
        (
            _MADE,
            "# What a gate says",
            "",
            _VERDICTS,
            "",
            f"What is said to guard and guest, to print for a gate: {languages}.",
            "",
            _STANDARDS,
            "",
            *_table(("reason", "BACnet", "ONVIF", "the guard reads", "what to do"), refusals),
            "",
            "## Warnings",
            "",
            _WARNINGS,
            "",
            *_table(("warning", "the guard reads", "means"), warnings),
            "",
            "## Codes of other systems that no gate here says",
            "",
            *_table(("code", "because"), elsewhere),
            "",
        )
    )


def _for_a_gate(language: str, said: Words) -> str:
    page = said.page
    sayings: list[tuple[str, Saying]] = [("admitted", said.admitted), ("exited", said.exited)]
    sayings += [("" if code in _UNNAMED else code, said.refusals[code]) for code in SHOWN]
    rows = ((f"`{code}`" if code else "", saying.guard, saying.guest) for code, saying in sayings)
    warnings = ((f"`{code}`", text) for code, text in said.warnings.items())
    aligned = language in _RIGHT_TO_LEFT
    return "\n".join(
        (
            _MADE,
            *(('<div dir="rtl">', "") if aligned else ()),
            f"# {page['title']}",
            "",
            *_table((page["code"], page["guard"], page["guest"]), rows),
            "",
            f"## {page['warnings']}",
            "",
            *_table((page["code"], page["guard"]), warnings),
            "",
            *(("</div>", "") if aligned else ()),
        )
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(str(cell) for cell in row)} |"
