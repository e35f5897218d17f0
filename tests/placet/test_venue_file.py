"""A venue as a file: shown, applied in one piece, written again; and whatever is wrong in it is said with its line."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from chassis.run.embedded.postgres import EmbeddedPostgres
from placet.cli import out
from placet.cli.venue import venue
from placet.venue_file import VenueFile, VenueFileError, _Loader, written
from services.access.http import plans
from tests.access.running import Access, access_on
from tests.conftest import Issuer, free_port, fresh_database, served

EXAMPLE = Path(__file__).parents[2] / "docs" / "venue.example.yaml"


@dataclass
class Terminal:
    """The command line of somebody who administers a running access service."""

    access: Access
    environment: dict[str, str]
    folder: Path

    async def run(self, *words: str, answers: str = "") -> tuple[int, str]:
        """Exit code, and what it prints. Foreseen errors are what it would print."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(out, "_width", 200)  # whoever printed first in this process has asked for the width before
            result = await asyncio.to_thread(CliRunner(env=self.environment).invoke, venue, words, input=answers)
        return result.exit_code, result.output if result.exception is None else f"{result.output}{result.exception}"

    async def ran(self, *words: str) -> str:
        code, said = await self.run(*words)
        assert code == 0, said
        return said

    def file(self, text: str) -> str:
        path = self.folder / "venue.yaml"
        path.write_text(text, "utf-8")
        return str(path)

    async def versions(self) -> list[str]:
        """Types of events so far, of the policy."""
        return [one["type"] for one in await self.access.recorded()]


@pytest.fixture(scope="module")
def issuer_of_people(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
async def terminal(
    postgres: EmbeddedPostgres, issuer_of_people: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Terminal]:
    folder = tmp_path_factory.mktemp("venue")
    async with (
        fresh_database(postgres) as database,
        access_on(database, issuer_of_people, folder) as access,
        access.leading(),
        served(access.app, free_port()) as url,
    ):
        token = issuer_of_people.token("admin", "auditor")
        yield Terminal(access, {"PLACET_ACCESS_URL": url, "PLACET_TOKEN": token, "PLACET_DATA": str(folder)}, folder)


@pytest.fixture
async def laid_out(terminal: Terminal) -> Terminal:
    """The venue of the example is in force."""
    await terminal.ran("apply", str(EXAMPLE), "--yes")
    return terminal


def edited(*changes: tuple[str, str]) -> str:
    """The example with some words otherwise."""
    text = EXAMPLE.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


async def test_a_file_is_applied_and_the_same_file_again_changes_nothing(terminal: Terminal) -> None:
    first = await terminal.ran("apply", str(EXAMPLE), "--yes")
    before = await terminal.versions()
    again = await terminal.ran("apply", str(EXAMPLE))

    assert re.search(r"Policy version \d+ is in force, digest [0-9a-f]{12}\.|Nothing to change", first)
    assert "Nothing to change" in again
    assert await terminal.versions() == before


async def test_what_is_exported_changes_nothing_when_it_is_applied(laid_out: Terminal) -> None:
    file = laid_out.folder / "exported.yaml"

    await laid_out.ran("export", str(file))

    assert "Nothing to change" in await laid_out.ran("apply", str(file))
    assert (await laid_out.ran("export")).startswith("# Policy version ")
    assert "null" not in file.read_text("utf-8")


async def test_the_changes_are_shown_and_made_once_somebody_says_yes(laid_out: Terminal) -> None:
    file = laid_out.file(
        edited(
            ("capacity: 2000", "capacity: 1800"),
            ('delegations: ["no", vn]', "delegations: [vn, fr]"),
            ("  - {zone_id: hall, delegation_id: vn, seats: 6}\n", "  []\n"),
        )
    )
    before = await laid_out.versions()

    shown = await laid_out.ran("apply", file, "--dry-run")
    refused, _ = await laid_out.run("apply", file, answers="n\n")
    assert await laid_out.versions() == before
    code, said = await laid_out.run("apply", file, answers="y\n")

    assert "~ zone hall\n    capacity: 2000 -> 1800\n" in shown
    assert "~ session signing\n    delegations: +fr -no\n" in shown
    assert "- seats hall/vn\n" in shown
    assert (refused, code) == (1, 0)
    assert (await laid_out.versions())[len(before) :] == [
        "ZoneDefined",
        "SessionScheduled",
        "SeatsAllocated",
        "PolicyApplied",
    ]
    assert "is in force" in said


async def test_json_is_one_object(laid_out: Terminal) -> None:
    file = laid_out.file(edited(("name: North gate", "name: Gate 1")))

    preview = json.loads(await laid_out.ran("apply", file, "--dry-run", "--json"))
    applied = json.loads(await laid_out.ran("apply", file, "--yes", "--json"))
    shown = json.loads(await laid_out.ran("show", "--json"))

    name = {"name": {"old": "North gate", "new": "Gate 1"}}
    assert preview["changes"] == [{"kind": "gate", "id": "gate-north", "change": "changed", "fields": name}]
    assert (preview["applied"], applied["applied"]) == (False, True)
    assert (applied["version"], applied["changes"]) == (preview["version"] + 1, preview["changes"])
    assert (shown["version"], shown["digest"]) == (applied["version"], applied["digest"])


async def test_the_venue_is_shown(laid_out: Terminal) -> None:
    await laid_out.access.did("/v1/gates/hall-east/state", {"state": "closed"}, "supervisor")

    shown = await laid_out.ran("show")

    assert re.search(r"    stage +│ sgn +│ exclusive +│ hard +│ 40 +│ stage-door", shown)
    assert "hall-east (closed)" in shown
    assert re.search(r"signing +│ stage .*1 people by name", shown)


async def test_what_moved_meanwhile_is_not_overwritten(laid_out: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the question and the answer somebody else changes the policy."""
    file = laid_out.file(edited(("name: Press gate", "name: Media gate")))
    loop = asyncio.get_running_loop()

    def meanwhile(*_: Any, **__: Any) -> bool:
        body = {**EXAMPLE_RULES, "override_budget": 3}
        asyncio.run_coroutine_threadsafe(laid_out.access.did("/v1/rules", body), loop).result(10)
        return True

    monkeypatch.setattr("typer.confirm", meanwhile)
    code, said = await laid_out.run("apply", file)

    assert code == 1
    assert "[policy_changed]" in said
    assert "Media gate" not in await laid_out.ran("export")


EXAMPLE_RULES = {"clearances": {"host-security": 7}}

WRONG = {
    "an unknown word": (("passback: hard ", "passbach: hard "), "zones.1.passbach: Extra inputs are not permitted"),
    "a word for a number": (("capacity: 2000", "capacity: many"), "zones.1.capacity: Input should be a valid integer"),
    "a zone that is not listed": (("parent_id: hall", "parent_id: attic"), "zones.2.parent_id: attic is not among"),
    "a door from elsewhere": (
        ("from_zone_id: hall, to_zone_id: stage", "from_zone_id: grounds, to_zone_id: stage"),
        "gates.3.from_zone_id: stage-door must come from hall",
    ),
    "a time without offset": (
        ("ends_at: 2025-10-25T12:00:00+07:00", "ends_at: 2025-10-25T12:00:00"),
        "sessions.0.ends_at: Input should have timezone info",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_wrong_is_said_with_its_line(laid_out: Terminal, wrong: str) -> None:
    change, complaint = WRONG[wrong]
    file = laid_out.file(edited(change))
    line = next(number for number, text in enumerate(Path(file).read_text().splitlines(), 1) if change[1] in text)

    code, said = await laid_out.run("apply", file, "--yes")

    assert code == 1
    assert f"venue.yaml, line {line}: {complaint}" in said


async def test_all_that_is_wrong_is_said_at_once(laid_out: Terminal) -> None:
    file = laid_out.file(edited(*(WRONG[one][0] for one in ("an unknown word", "a word for a number"))))

    _, said = await laid_out.run("apply", file, "--yes")

    assert len(re.findall(r"venue\.yaml, line \d+", said)) == 2


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("zones: [", "venue.yaml, line 1: not YAML"),
        ("zones: []\ngates: []\nzones: []", "venue.yaml, line 3: not YAML: zones is said twice"),
        ("- zones", "venue.yaml: not a policy"),
        ("", "venue.yaml: not a policy"),
        ("zones: !!python/object:os.system []", "venue.yaml, line 1: not YAML: could not determine a constructor"),
    ],
)
def test_what_is_no_such_file_is_said(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "venue.yaml"
    file.write_text(text, "utf-8")

    with pytest.raises(VenueFileError, match=re.escape(complaint)):
        VenueFile(file)


def test_a_file_of_another_encoding_is_said(tmp_path: Path) -> None:
    file = tmp_path / "venue.yaml"
    file.write_bytes("zones: {vi: Hội trường}".encode("utf-16"))

    with pytest.raises(VenueFileError, match="not UTF-8"):
        VenueFile(file)


def test_words_are_words() -> None:
    """Control: what other readers of YAML make of them."""
    text = "{delegations: [no, se], nightly_exit_at: 13:30, opens: 2025-10-25T08:00:00+07:00}"

    said = yaml.load(text, Loader=_Loader)

    assert said == {
        "delegations": ["no", "se"],
        "nightly_exit_at": "13:30",
        "opens": "2025-10-25T08:00:00+07:00",
    }
    assert yaml.safe_load(text) != said


texts = st.text(st.characters(exclude_categories=("Cc", "Cf", "Co", "Cs", "Zl", "Zp")), max_size=8)
"""As names may be: none that steers instead of being shown."""
plain = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
    | st.sampled_from(["no", "03:30", "13:30", "1e3", "0o7", "~", "<<", "null", "2025-10-25", "=", "1_000", ".5", "-"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=50)
@given(st.dictionaries(texts, plain, max_size=4))
def test_whatever_is_written_is_read_again(policy: dict[str, Any]) -> None:
    assert yaml.load(written(policy, "a comment"), Loader=_Loader) == policy


def test_the_example_explains_everything_that_can_be_said() -> None:
    text = EXAMPLE.read_text("utf-8")
    bodies = (
        plans.PolicyBody,
        plans.ZoneBody,
        plans.HoursBody,
        plans.GatePlanBody,
        plans.LaneBody,
        plans.InspectionBody,
        plans.SessionBody,
        plans.SeatsBody,
        plans.RulesBody,
    )

    unsaid = [name for body in bodies for name in body.model_fields if not re.search(rf"\b{name}:", text)]

    assert unsaid == []


def test_the_example_shows_the_usual_rules() -> None:
    """It says so of each value but the clearances."""
    shown = plans.RulesBody.model_validate(VenueFile(EXAMPLE).policy["rules"])

    assert shown.model_copy(update={"clearances": {}}) == plans.RulesBody()
