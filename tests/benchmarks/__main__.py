"""``make bench``: prints figures and writes them to ``bench.json``. ``QUICK=1`` measures less, and less surely."""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks import processes, record, verdicts


def main() -> int:
    """0; 1 where something to measure with is missing."""
    quick = bool(os.environ.get("QUICK"))
    figures: dict[str, Any] = {"machine": processes.machine(), "at": datetime.now(UTC).isoformat(timespec="seconds")}
    print(figures["machine"])
    figures |= _say(
        asyncio.run(record.measure(appends=10_000 if quick else 40_000, scans=20_000 if quick else 100_000))
    )
    try:
        seconds = 5 if quick else 20
        figures |= _say(asyncio.run(verdicts.measure(2_000 if quick else 20_000, (1, 32), seconds)))
    except verdicts.NoLoadGeneratorError as error:
        print(error, file=sys.stderr)
        return 1
    Path("bench.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print("written to bench.json")
    return 0


def _say(figures: dict[str, Any]) -> dict[str, Any]:
    for name, value in figures.items():
        print(f"  {name:28} {value:>12,}")
    return figures


if __name__ == "__main__":
    sys.exit(main())
