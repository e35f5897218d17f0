"""``python -m contracts write|check``: make the generated documents, or say which are not current.

``write`` refuses to overwrite a committed schema with one that breaks readers: that change needs a new version.
"""

import sys
import tomllib
from pathlib import Path

from contracts.asyncapi import documents
from contracts.compatibility import breaking_changes
from contracts.schema import SAMPLES, SCHEMAS, committed, render, schemas


def main() -> int:
    """0 if everything is current (or was made so), 1 with a line for each thing that is not."""
    if sys.argv[1:] not in (["write"], ["check"]):
        print(__doc__, file=sys.stderr)
        return 2
    problems = list(_breaking()) + list(_missing_samples())
    stale = {file: text for file, text in _generated().items() if not file.exists() or file.read_text("utf-8") != text}
    if sys.argv[1] == "write" and not problems:
        for file, text in stale.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    else:
        problems += [f"{file}: not current; run `make schemas`" for file in stale]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _generated() -> dict[Path, str]:
    release = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return {
        **{SCHEMAS / f"{name}.json": render(schema) for name, schema in schemas().items()},
        **{file: render(document) for file, document in documents(release).items()},
    }


def _breaking() -> list[str]:
    found = []
    for name, schema in schemas().items():
        if (old := committed(name)) is not None:
            found += [
                f"{name}: {change} (a breaking change needs a new version)" for change in breaking_changes(old, schema)
            ]
    gone = {file.stem for file in SCHEMAS.glob("*.json")} - schemas().keys()
    return found + [f"{name}: was removed; a published event stays for a release" for name in sorted(gone)]


def _missing_samples() -> list[str]:
    return [f"{name}: no golden sample in {SAMPLES}" for name in schemas() if not (SAMPLES / f"{name}.json").exists()]


if __name__ == "__main__":
    sys.exit(main())
