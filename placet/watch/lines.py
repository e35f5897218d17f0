"""What a terminal's screen is made of: lines of cells, and sections of lines that share the height."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

_SPARKS = " ▁▂▃▄▅▆▇█"
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the screen. Where there is no room for all of a section, those of the lowest ``rank`` stay."""

    text: Text
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a title; of a section without lines nothing is shown."""

    title: str
    lines: Sequence[Line]
    at_least: int

    def shown(self, width: int, rows: int) -> list[Text]:
        """The section in ``rows`` rows, its title among them; what did not fit is counted on the last one."""
        title = Text(f"─ {self.title} ".ljust(width, "─"), style="bright_black")
        room = rows - 1
        if len(self.lines) <= room:
            return [title, *(line.text for line in self.lines)]
        by_rank = sorted(range(len(self.lines)), key=lambda place: (self.lines[place].rank, place))
        kept = sorted(by_rank[: room - 1])
        more = Text(f"  and {len(self.lines) - len(kept)} more; a taller window shows them", style="bright_black")
        return [title, *(self.lines[place].text for place in kept), more]


def arranged(sections: Sequence[Section], width: int, rows: int) -> list[Text]:
    """Sections one under the other: each what it needs least, then what is left from the first to the last.

    Where even that is too much, the last ones are left out.
    """
    given: list[tuple[Section, int]] = []
    left = rows
    for section in sections:
        room = min(left, 1 + min(len(section.lines), section.at_least))
        if section.lines and room > 1:
            given.append((section, room))
            left -= room
    lines = []
    for section, least in given:
        room = min(len(section.lines) + 1, least + left)
        left -= room - least
        lines += section.shown(width, room)
    return lines


def row(*cells: Text) -> Text:
    """Cells side by side, a space between them."""
    return Text(" ").join(cells)


def cell(text: str, width: int, style: str = "", *, right: bool = False) -> Text:
    """``text`` in exactly ``width`` columns of the terminal, whatever is in it."""
    made = Text(shown(text), style=style, no_wrap=True)
    made.truncate(width, overflow="ellipsis")
    made.align("right" if right else "left", width)
    return made


def shown(text: str) -> str:
    """``text`` without what would steer a terminal or turn its text round."""
    return "".join(char if char.isprintable() else " " for char in text)


def bar(part: float, width: int) -> str:
    """A bar of which ``part`` (0..1) is full."""
    eighths = round(min(max(part, 0.0), 1.0) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width, "·")


def sparkline(numbers: Sequence[int], width: int) -> str:
    """The last ``width`` numbers as a curve; what is not nothing can be seen."""
    last = list(numbers)[-width:]
    top = max(last, default=0) or 1
    return "".join(_SPARKS[-(-number * 8 // top)] for number in last).rjust(width)
