"""``python -m services.access.catalogue write|check``: make its pages, or say which are not current."""

import sys
from pathlib import Path

from services.access.catalogue.pages import pages

DOCS = Path(__file__).parents[3] / "docs"


def main() -> int:
    """0 if every page is current (or was made so), 1 with a line for each that is not."""
    if sys.argv[1:] not in (["write"], ["check"]):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    made = {DOCS / name: text for name, text in pages().items()}
    stale = {file: text for file, text in made.items() if not file.exists() or file.read_text("utf-8") != text}
    if sys.argv[1] == "write":
        for file, text in stale.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return 0
    sys.stderr.writelines(f"{file}: not current; run `make schemas`\n" for file in stale)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
