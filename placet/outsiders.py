"""Outside systems of an embedded run: who they are is kept in the data folder, so that NATS knows them again."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from chassis.run.embedded.folder import DataFolder
from chassis.stream.permissions import User, controller_user, subscriber_user


class Subscribers:
    """Those that read event streams: a name, a public key, the streams."""

    def __init__(self, folder: DataFolder) -> None:
        self._list = _List(folder.root / "subscribers.json")

    def add(self, name: str, public_key: str, streams: Sequence[str]) -> None:
        """Remembers a subscriber; the same name again replaces it."""
        self._list.add(name, public_key=public_key, streams=list(streams))

    def users(self) -> Iterable[User]:
        """As NATS must know them."""
        for name, entry in self._list.entries().items():
            yield subscriber_user(name, entry["public_key"], entry["streams"])

    def streams(self) -> dict[str, list[str]]:
        """What each reads, by name; its durables are named after it."""
        return {name: list(entry["streams"]) for name, entry in self._list.entries().items()}


class Controllers:
    """Edge controllers: a name, a public key, the gates whose scans they may send."""

    def __init__(self, folder: DataFolder) -> None:
        self._list = _List(folder.root / "controllers.json")

    def add(self, name: str, public_key: str, gates: Sequence[str]) -> None:
        """Remembers a controller; the same name again replaces it."""
        self._list.add(name, public_key=public_key, gates=list(gates))

    def users(self) -> Iterable[User]:
        """As NATS must know them."""
        for name, entry in self._list.entries().items():
            yield controller_user(name, entry["public_key"], entry["gates"])


class _List:
    """Entries by name in a file that is never half written."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, name: str, **entry: object) -> None:
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(json.dumps({**self.entries(), name: entry}, indent=2))
        unfinished.rename(self._file)

    def entries(self) -> Mapping[str, Mapping[str, Any]]:
        return json.loads(self._file.read_text()) if self._file.exists() else {}
