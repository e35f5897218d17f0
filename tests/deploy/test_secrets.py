"""deploy/make_secrets.py makes everything once, for its owner alone, and says what is what."""

import os
import re
import stat
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from chassis.edge.identity import Identity, Principal
from contracts.topology import SERVICES
from placet.issuer import AUDIENCE
from tests.deploy.conftest import DEPLOY, Compose, make_secrets
from tests.deploy.test_compose import EXAMPLE


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_secret_that_compose_mounts_is_made(made: Path, compose: Compose) -> None:
    assert set(compose["secrets"]) - contents(made).keys() == set()
    assert "./secrets/nats:/etc/nats/users:ro" in compose["services"]["nats"]["volumes"]


def test_only_their_owner_reads_secrets(made: Path) -> None:
    public = {"jwks.json", "nats/users.conf"}
    for name in contents(made):
        assert stat.S_IMODE((made / name).stat().st_mode) == (0o644 if name in public else 0o600), name
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_they_belong_to_whom_the_containers_run_as(made: Path, compose: Compose) -> None:
    """Made by root they are given away; made by anybody else, compose is told who that is."""
    user = compose["services"]["access"]["user"]
    assert user == "${PLACET_UID:-10001}:${PLACET_GID:-10001}"
    owners = {(made / name).stat().st_uid for name in compose["secrets"]}
    assert owners == {10001 if os.geteuid() == 0 else os.geteuid()}


def test_a_second_time_changes_nothing(made: Path) -> None:
    before = contents(made)
    again = make_secrets(made)

    assert "nothing was changed" in (again.refusal or "")
    assert contents(made) == before
    assert [path for path in made.parent.iterdir() if path != made] == []


def test_no_two_are_the_same(made: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert make_secrets(other).refusal is None
    alike = {name for name, content in contents(made).items() if contents(other)[name] == content}

    assert alike == {".gitignore", "duty-contacts.json", "oidc-client-secret", "smtp-password"}
    passwords = [
        content for name, content in contents(made).items() if re.match("postgres|badge|vault|issuer-key", name)
    ]
    assert len(set(passwords)) == len(passwords) == 1 + 2 * len(SERVICES) + 3


def test_it_says_what_each_file_is(tmp_path: Path) -> None:
    said = make_secrets(tmp_path / "secrets").said
    patterns = re.findall(r"^  (\S+)  ", said, re.MULTILINE)
    names = contents(tmp_path / "secrets").keys() - {".gitignore"}

    assert [name for name in names if not any(fnmatch(name, pattern) for pattern in patterns)] == []
    assert [pattern for pattern in patterns if not any(fnmatch(name, pattern) for name in names)] == []


def test_git_ignores_them(made: Path) -> None:
    assert (made / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("service", SERVICES)
async def test_services_know_each_other_by_their_tokens(service: str, made: Path) -> None:
    principal = await _who(made, (made / f"{service}.token").read_text())

    assert (principal.kind, principal.id) == ("service", service)


async def test_a_token_for_trying_out(made: Path) -> None:
    principal = await _who(made, make_secrets(made, "--token", "desk").said.strip())

    assert principal.roles == {"desk"}


async def test_renewing_keeps_the_keys(made: Path) -> None:
    before = contents(made)
    assert make_secrets(made, "--renew").refusal is None
    after = contents(made)

    assert {name for name in before if not name.endswith(".token") and before[name] != after[name]} == set()
    assert (await _who(made, after["access.token"].decode())).id == "access"


def test_it_runs_from_anywhere(tmp_path: Path) -> None:
    """As the README says: a script, of a checkout that is installed in the interpreter's environment."""
    command = [sys.executable, str(DEPLOY / "make_secrets.py"), "here/secrets"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert "vault-key" in done.stdout
    assert (tmp_path / "here/secrets/vault-key").exists()


def test_there_is_nothing_to_renew_where_nothing_was_made(tmp_path: Path) -> None:
    assert make_secrets(tmp_path / "none", "--renew").refusal is not None
    assert not (tmp_path / "none").exists()


async def _who(made: Path, token: str) -> Principal:
    identity = Identity(str(made / "jwks.json"), EXAMPLE["PLACET_ISSUER"], AUDIENCE)
    return await identity.of(Headers({"Authorization": f"Bearer {token}"}))
