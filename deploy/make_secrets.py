#!/usr/bin/env python3
"""Makes every secret that docker-compose.yml names, once: ``python deploy/make_secrets.py secrets``.

``--renew`` writes anew what may change: NATS permissions (after an upgrade) and the local issuer's service tokens.
``--token ROLE`` prints a token of the local issuer, for trying out.
"""

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import nkeys

from chassis.run.embedded.folder import DataFolder
from chassis.stream.permissions import admin_user, authorization, service_user
from contracts.roles import ROLES
from contracts.topology import SERVICES
from placet.issuer import LocalIssuer

USER = 10001
"""Whom the images run as (deploy/Dockerfile): made by root, the files are given to them."""

_PUBLIC = ("jwks.json", "nats/users.conf")
"""No secrets. NATS, which may run as another user, reads its own from a folder of its own."""
_TOKEN_LIFETIME = timedelta(days=90)

_EXPLANATION = """\
{folder} now holds, readable for one user alone:

  postgres-*           passwords of PostgreSQL: the superuser's, and two roles' a service
  nats-*.nk            nkey seeds of the services and of the operator (admin), who is not mounted anywhere
  nats/users.conf      their public keys, and what each may say on NATS
  badge-key            signs badges. Whoever has it makes valid badges
  vault-key            opens the vault. Without it every name is lost: keep a copy where the database's is not
  smtp-password        empty: your mail server's, if it asks for one (with PLACET_SMTP_USERNAME)
  oidc-client-secret   empty: what your OIDC provider calls the secret of the operations room, if it gave one
  grafana-admin        password of Grafana's user admin (--profile telemetry)
  duty-contacts.json   nobody yet: [{{"duty": "operations-room", "email": "...", "language": "en"}}]
  issuer-key           signs tokens, for trying out
  jwks.json            the public half of it
  *.token              by which services show themselves to each other, for {days} days

In production an OIDC provider signs the tokens: PLACET_JWKS and PLACET_ISSUER name it, *.token are kept current with
tokens it gives each service (role "service"), and issuer-key is deleted. Certificates are not here: docker-compose.yml
has no TLS, your reverse proxy has (deploy/README.md, "Not covered yet").
"""


class _Folder(DataFolder):
    """A data folder that is nothing but its secrets: what embedded runs keep theirs with, keeps these."""

    def __init__(self, root: Path) -> None:
        # The parent's makes the servers' folders, too.
        self.root = self.secrets = root


def make(target: Path, venues: Sequence[str] = ()) -> None:
    """All or nothing. Raises SystemExit where there is something already."""
    if target.exists():
        sys.exit(f"{target} exists: nothing was changed. To renew permissions and tokens say --renew.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".secrets-", dir=target.parent) as unfinished:
        root = Path(unfinished) / target.name
        root.mkdir(mode=0o700)
        _fill(root, venues)
        root.rename(target)


def _fill(root: Path, venues: Sequence[str]) -> None:
    folder = _Folder(root)
    folder.secret("postgres-superuser")
    for service in SERVICES:
        folder.secret(f"postgres-{service}")
        folder.secret(f"postgres-{service}_owner")
    for key in ("badge-key", "vault-key"):
        folder.secret_file(key, lambda: secrets.token_bytes(32).hex().encode())
    folder.secret_file("smtp-password", lambda: b"")
    folder.secret_file("duty-contacts.json", lambda: b"[]\n")
    folder.secret_file(".gitignore", lambda: b"*\n")
    LocalIssuer(folder)
    (root / "nats").mkdir()
    renew(root, venues)
    (root / "nats").chmod(0o755)
    for name in _PUBLIC:
        (root / name).chmod(0o644)


def renew(root: Path, venues: Sequence[str] = ()) -> None:
    """NATS permissions from the contracts, for the keys there are; service tokens, while there is a local issuer; and
    what older installations do not have yet.
    """
    folder = _Folder(root)
    folder.secret("grafana-admin")
    folder.secret_file("oidc-client-secret", lambda: b"")
    reads_as = {"access": [f"access-{venue}" for venue in venues]}
    users = [
        service_user(name, _public_key(folder, name), contract.consumes, contract.listens_to, reads_as.get(name, ()))
        for name, contract in SERVICES.items()
    ]
    users.append(admin_user(_public_key(folder, "admin")))
    _write(root / "nats/users.conf", authorization(users))
    if (root / "issuer-key").exists():
        issuer = LocalIssuer(folder)
        for service in SERVICES:
            _write(root / f"{service}.token", issuer.token(["service"], _TOKEN_LIFETIME, subject=service))
    if os.geteuid() == 0:
        for path in root.iterdir():
            os.chown(path, USER, USER)


def _public_key(folder: DataFolder, user: str) -> str:
    seed = folder.secret_file(
        f"nats-{user}.nk", lambda: nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
    )
    key: bytes = nkeys.from_seed(seed.read_bytes()).public_key
    return key.decode()


def _write(file: Path, text: str) -> None:
    """In place: containers that run see a mounted file's new content, but not a new file of its name."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--renew", action="store_true")
    parser.add_argument("--token", choices=[role for role in ROLES if role != "focal_point"], metavar="ROLE")
    parser.add_argument("--venue", action="append", default=[], help="one of several on one database of access")
    arguments = parser.parse_args(argv)
    folder: Path = arguments.folder
    os.umask(0o077)
    if arguments.token:
        _want(folder / "issuer-key")
        sys.stdout.write(LocalIssuer(_Folder(folder)).token([arguments.token], timedelta(hours=8)) + "\n")
    elif arguments.renew:
        _want(folder / "nats")
        renew(folder, arguments.venue)
    else:
        make(folder, arguments.venue)
        sys.stdout.write(_EXPLANATION.format(folder=folder, days=_TOKEN_LIFETIME.days))
        if os.geteuid() != 0:
            sys.stdout.write(
                f"\nContainers must run as you, whose files these are. Into .env: PLACET_UID={os.geteuid()}\n"
            )


def _want(path: Path) -> None:
    if not path.exists():
        sys.exit(f"There is no {path}.")


if __name__ == "__main__":
    main()
