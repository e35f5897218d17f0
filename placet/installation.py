"""Which installation the command line talks to: the embedded run of a data folder, or one named by the environment."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from chassis.run.authorities import authorities
from chassis.run.embedded.folder import DataFolder, FolderError, default_folder
from chassis.run.foreseen import ForeseenError
from contracts.words import ServiceName
from placet.issuer import LocalIssuer
from placet.ports import Ports

if TYPE_CHECKING:
    from placet.broker import Broker
    from placet.system import EmbeddedSystem

_RUN_FILE = "run.json"
_ANSWERS_WITHIN = httpx.Timeout(600, connect=5)  # seconds; a roster of thousands takes minutes


class NotFoundError(ForeseenError):
    """There is no installation to talk to, or it does not answer; the text says what to do."""


class RefusedError(ForeseenError):
    """The service refused: ``problem`` is its problem+json."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(
            f"{problem.get('title', 'Refused.')} {problem.get('detail', '')} [{problem.get('code', status)}]"
        )
        self.status = status
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Run:
    """What an embedded run writes down about itself, for the commands that come after it."""

    port_base: int
    event: str
    venue: str
    scenario: str
    time_zone: str = "UTC"

    def write(self, folder: DataFolder) -> None:
        (folder.root / _RUN_FILE).write_text(json.dumps(asdict(self), indent=2))

    @classmethod
    def read(cls, root: Path) -> "Run | None":
        file = root / _RUN_FILE
        return cls(**json.loads(file.read_text())) if file.exists() else None


class Installation:
    """An installation as its operator sees it: addresses, tokens, and what embedded runs keep in their folder."""

    def __init__(self, data: Path | None) -> None:
        root = (data or default_folder(Path.cwd())).resolve()
        self.run = Run.read(root)
        self._root = root
        self._token = os.environ.get("PLACET_TOKEN")

    def knows(self, service: ServiceName) -> bool:
        """Whether anything says where the service listens."""
        return self.run is not None or _named(service) is not None

    def url(self, service: ServiceName) -> str:
        """Where a service listens: ``PLACET_<SERVICE>_URL``, else the embedded run's port. Raises NotFoundError."""
        return _named(service) or Ports(self._embedded().port_base).url(service)

    def token(self, *roles: str) -> str:
        """A bearer token: ``PLACET_TOKEN``, else one of the embedded run's own issuer."""
        if self._token:
            return self._token
        self._embedded()
        return LocalIssuer(self.folder()).token(roles, timedelta(minutes=10), subject="command-line")

    def folder(self) -> DataFolder:
        """The data folder of the embedded run. Raises NotFoundError."""
        self._embedded()
        return DataFolder(self._root)

    def system(self) -> "EmbeddedSystem":
        """The embedded system as it is set up, for its names, files and credentials; it is not started."""
        from placet.system import EmbeddedSystem

        run = self._embedded()
        return EmbeddedSystem(self.folder(), Ports(run.port_base), run.event, run.venue, run.time_zone)

    def broker(self) -> "Broker":
        """NATS as its operator reaches it: ``PLACET_NATS_URL`` and ``PLACET_NATS_ADMIN_SEED_FILE``, else the run's."""
        from placet.broker import Broker

        url, seed = os.environ.get("PLACET_NATS_URL"), os.environ.get("PLACET_NATS_ADMIN_SEED_FILE")
        if url and seed:
            return Broker(url, Path(seed))
        return self.system().broker

    def get(self, service: ServiceName, path: str, *roles: str, language: str = "en", **params: object) -> Any:
        """Raises RefusedError and NotFoundError."""
        given = {name: value for name, value in params.items() if value is not None}
        return self._ask("GET", service, path, roles, headers={"Accept-Language": language}, params=given)

    def post(
        self,
        service: ServiceName,
        path: str,
        *roles: str,
        body: object = None,
        key: str | None = None,
        **params: object,
    ) -> Any:
        """Raises RefusedError and NotFoundError. ``key``: of the intention, made up if absent."""
        content: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        headers = {"Idempotency-Key": key or uuid4().hex}
        return self._ask("POST", service, path, roles, headers=headers, params=params, **content)

    def _ask(self, method: str, service: ServiceName, path: str, roles: tuple[str, ...], **content: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token(*roles)}", **content.pop("headers", {})}
        url = self.url(service)
        try:
            # Without the environment: our services are reached directly, whatever proxy is set for the web.
            response = httpx.request(
                method,
                url + path,
                headers=headers,
                timeout=_ANSWERS_WITHIN,
                trust_env=False,
                verify=authorities(url),
                **content,
            )
        except httpx.TransportError as error:
            raise NotFoundError(f"{service} does not answer at {url}. Is it running? Try: placet doctor") from error
        if response.is_error:
            problem = response.json() if "json" in response.headers.get("content-type", "") else {}
            raise RefusedError(response.status_code, problem)
        return response.json() if response.content else None

    def _embedded(self) -> Run:
        if self.run is None:
            raise NotFoundError(
                f"There is no Placet data in {self._root}. Start one with: placet up\n"
                "For another installation set PLACET_TOKEN and PLACET_ACCREDITATION_URL, PLACET_ACCESS_URL, "
                "PLACET_NOTIFICATIONS_URL, PLACET_OPERATIONS_URL; for its streams PLACET_NATS_URL and "
                "PLACET_NATS_ADMIN_SEED_FILE."
            )
        return self.run


def _named(service: ServiceName) -> str | None:
    return os.environ.get(f"PLACET_{service.upper()}_URL")


@contextmanager
def service_environment(installation: Installation, service: ServiceName) -> Iterator[None]:
    """The variables of a service, for a command that works on its store: those set, else the embedded run's."""
    if "PLACET_DATABASE_URL" in os.environ:
        yield
        return
    before = dict(os.environ)
    os.environ.update(installation.system().environment(service))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


__all__ = ["FolderError", "Installation", "NotFoundError", "RefusedError", "Run", "service_environment"]
