"""The README's page for integrators, run as it stands."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path

from tests.system.launcher import Launched

README = Path(__file__).parents[2] / "README.md"


def page(port_base: int, data: Path) -> str:
    """The page's commands, on the ports of this run."""
    blocks = re.findall(r"<!-- outsider -->\n```bash\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 6
    script = "\n".join(blocks)
    for offset in (0, 1, 2):
        script = script.replace(f"808{offset}", str(port_base + offset))
    script = script.replace(". .venv/bin/activate", f"PATH={Path(sys.executable).parent}:$PATH")
    return "set -euo pipefail\n" + script.replace("/tmp/utopia", str(data))


async def test_an_outsider_follows_the_readme_from_an_invitation_to_an_event(
    launched: Launched, tmp_path: Path
) -> None:
    before = await people_inside(launched)
    shell = await asyncio.create_subprocess_exec(
        "bash", "-c", page(launched.port_base, launched.data),
        cwd=tmp_path, env=dict(os.environ), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(shell.communicate(), 90)
    printed = out.decode()

    assert shell.returncode == 0, err.decode()
    scans = [json.JSONDecoder().raw_decode(printed, at.start())[0] for at in re.finditer(r'\{"scan_id"', printed)]
    verdicts = [scan for scan in scans if "replayed" in scan]
    assert [(one["outcome"], one["replayed"]) for one in verdicts] == [("admitted", False), ("admitted", True)]
    assert verdicts[0]["position"] == verdicts[1]["position"]
    events = re.findall(r"(?:^|\})(\d+) (placet\.access\.\w+\.v1) ", printed, re.MULTILINE)
    assert events[-1][1] == "placet.access.BadgeScanned.v1"
    assert [int(number) for number, _ in events] == list(range(1, len(events) + 1))
    assert printed.splitlines()[-1] == str(before + 1)


async def people_inside(launched: Launched) -> int:
    """As the dashboard shows it."""
    outsider = launched.outsider()
    try:
        shown: int = (await outsider.get("operations", "/v1/snapshot", "operations")).body["people"]["inside"]
    finally:
        await outsider.close()
    return shown
