"""Sheets of paper: what a report is made of, whatever it says. A4, page after page, each with its number."""

from collections.abc import Sequence
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import TTFFont

from services.operations.report.harmless import needs_shaping, printable

_FONTS = Path(__file__).parent / "fonts"
_FONT = "DejaVu"
_MARGIN = 18.0  # mm, as every length here
_LABEL = 42.0
_INDENT = 5.0
_LINE = 1.42  # of the size of the letters
_POINT = 25.4 / 72
_BOX = "\u25a1"
_PAGES = "\ue000" * 3
"""Stands for the number of pages until it is known; no printable text has it."""

Colour = tuple[int, int, int]
INK: Colour = (20, 24, 32)
GREY: Colour = (96, 104, 116)
RULE: Colour = (200, 204, 210)
_SEVERITIES: dict[int, Colour] = {1: (176, 0, 32), 2: (186, 84, 0), 3: (122, 98, 0), 4: (70, 92, 120)}


class Sheets(FPDF):
    """A report in the making. What is put on it may be as long as it likes, and say what it likes."""

    def __init__(self, head: tuple[str, str], foot: str, page: str) -> None:
        """``head``: what stands above each page, left and right; ``page``: how pages are counted, ``{page}`` of
        ``{pages}``.
        """
        super().__init__(format="A4")
        self._head, self._foot, self._page = head, foot, page
        self.add_font(_FONT, "", _FONTS / "DejaVuSansCondensed.ttf")
        self.add_font(_FONT, "B", _FONTS / "DejaVuSansCondensed-Bold.ttf")
        font = self.fonts[_FONT.lower()]
        assert isinstance(font, TTFFont)
        self._letters = font.cmap
        self.set_margins(_MARGIN, _MARGIN + 4)
        self.set_auto_page_break(auto=True, margin=_MARGIN + 4)
        self.alias_nb_pages(_PAGES)
        self.add_page()

    def header(self) -> None:
        width = self.w - 2 * _MARGIN  # whatever indents what goes on over this page
        self.set_xy(_MARGIN, 10)
        self._in_one_line(self._head[0], 8, GREY, width / 2)
        self._in_one_line(self._head[1], 8, GREY, width / 2, align="R")
        self.set_draw_color(*RULE)
        self.line(_MARGIN, 16, self.w - _MARGIN, 16)
        self.set_xy(self.l_margin, self.t_margin)

    def footer(self) -> None:
        width = self.w - 2 * _MARGIN
        self.set_xy(_MARGIN, -14)
        self._in_one_line(self._foot, 8, GREY, width * 0.75)
        page = self._page.format(page=self.page_no(), pages=_PAGES)
        self._use(page, 8, GREY)
        self.cell(width * 0.25, 4, page, align="R")

    def text_block(self, text: str, size: float = 9.5, colour: Colour = INK, *, bold: bool = False) -> None:
        """From the left margin, over as many lines and pages as it takes."""
        clean = self._clean(text)
        if clean:
            self._use(clean, size, colour, bold=bold)
            self.multi_cell(0, size * _POINT * _LINE, clean, align="L", new_x="LMARGIN", new_y="NEXT")

    def gap(self, height: float) -> None:
        """Room, unless the page begins here."""
        if self.get_y() > self.t_margin:
            self.ln(height)

    def keep_together(self, height: float) -> None:
        """On the next page, if less than ``height`` is left of this one."""
        if self.get_y() + height > self.page_break_trigger:
            self.add_page()

    def heading(self, text: str, size: float = 11) -> None:
        """Above what follows, and on one page with it."""
        self.keep_together(30)
        self.gap(4)
        self.text_block(text, size, bold=True)
        self.ln(1)

    def severity_title(self, severity: int, text: str, size: float = 15) -> None:
        """A title, and before it how bad it is: a number on a colour."""
        self.keep_together(40)
        side, top = size * _POINT * _LINE, self.get_y()
        self.set_fill_color(*_SEVERITIES.get(severity, GREY))
        self.rect(_MARGIN, top, side, side, style="F", round_corners=True, corner_radius=1)
        self._use("0", size * 0.8, (255, 255, 255), bold=True)
        self.cell(side, side, str(severity), align="C")
        self.set_left_margin(_MARGIN + side + 3)
        self.set_xy(self.l_margin, top)
        self.text_block(text, size, bold=True)
        self.set_left_margin(_MARGIN)
        self.set_x(_MARGIN)
        self.ln(2)

    def facts(self, pairs: Sequence[tuple[str, str]]) -> None:
        """What is so: a name and a value a line."""
        for label, value in pairs:
            self.keep_together(8)
            top = self.get_y()
            self._in_one_line(label, 9, GREY, _LABEL)
            self.set_left_margin(_MARGIN + _LABEL)
            self.set_xy(self.l_margin, top)
            self.text_block(value, 9)
            self.set_left_margin(_MARGIN)
            self.set_x(_MARGIN)
            self.ln(0.6)

    def entry(self, when: str, what: str, who: str, texts: Sequence[str]) -> None:
        """Of a log: when, what and by whom; below it what was written."""
        self.keep_together(14)
        self.gap(1.6)
        self.set_draw_color(*RULE)
        self.line(_MARGIN, self.get_y(), self.w - _MARGIN, self.get_y())
        self.ln(1.2)
        self._in_one_line(when, 9, GREY, 36)
        self._in_one_line(what, 9, INK, self.epw - 36 - 60, bold=True)
        self._in_one_line(who, 9, GREY, 60, align="R")
        self.ln(9 * _POINT * _LINE)
        self.set_left_margin(_MARGIN + _INDENT)
        self.set_x(self.l_margin)
        for text in texts:
            self.text_block(text)
        self.set_left_margin(_MARGIN)
        self.set_x(_MARGIN)

    def row(self, cells: Sequence[str], widths: Sequence[float], *, bold: bool = False) -> None:
        """Of an overview: a line of cells, each cut to its share of the width."""
        self.keep_together(7)
        for text, width in zip(cells, widths, strict=True):
            self._in_one_line(text, 8.5, GREY if bold else INK, width * self.epw, bold=bold)
        self.ln(5)
        self.set_draw_color(*RULE)
        self.line(_MARGIN, self.get_y() - 0.4, self.w - _MARGIN, self.get_y() - 0.4)

    def _in_one_line(
        self, text: str, size: float, colour: Colour, width: float, *, align: str = "L", bold: bool = False
    ) -> None:
        clean = " ".join(self._clean(text).split())
        self._use(clean, size, colour, bold=bold)
        self.cell(width, size * _POINT * _LINE, self._cut(clean, width - 2 * self.c_margin), align=align)

    def _clean(self, text: str) -> str:
        """As it can be printed; what the font has no letter for is shown as a box, rather than not at all."""
        return "".join(char if char == "\n" or ord(char) in self._letters else _BOX for char in printable(text))

    def _cut(self, text: str, width: float) -> str:
        """As much of ``text`` as fits, by halving: it is measured a dozen times, however long it is."""
        if self.get_string_width(text) <= width:
            return text
        fits, too_long = 0, len(text)
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            if self.get_string_width(text[:middle] + "…") <= width:
                fits = middle
            else:
                too_long = middle
        return text[:fits] + "…"

    def _use(self, text: str, size: float, colour: Colour, *, bold: bool = False) -> None:
        """Letters that join or run from right to left are laid out by their rules; it takes ten times as long."""
        self.set_font(_FONT, "B" if bold else "", size)
        self.set_text_color(*colour)
        self.set_text_shaping(needs_shaping(text))
