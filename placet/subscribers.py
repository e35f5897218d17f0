"""Outside subscribers of an embedded run: who they are is kept in the data folder, so that NATS knows them again."""

import json
from collections.abc import Iterable, Sequence

from chassis.run.embedded.folder import DataFolder
from chassis.stream.permissions import User, subscriber_user


class Subscribers:
    """The list of subscribers: a name, a public key, the streams they read."""

    def __init__(self, folder: DataFolder) -> None:
        self._file = folder.root / "subscribers.json"

    def add(self, name: str, public_key: str, streams: Sequence[str]) -> None:
        """Remembers a subscriber; the same name again replaces it."""
        known = {**self._known(), name: {"public_key": public_key, "streams": list(streams)}}
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(json.dumps(known, indent=2))
        unfinished.rename(self._file)

    def users(self) -> Iterable[User]:
        """As NATS must know them."""
        for name, entry in self._known().items():
            yield subscriber_user(name, entry["public_key"], entry["streams"])

    def streams(self) -> dict[str, list[str]]:
        """What each reads, by name; its durables are named after it."""
        return {name: list(entry["streams"]) for name, entry in self._known().items()}

    def _known(self) -> dict[str, dict[str, str]]:
        return json.loads(self._file.read_text()) if self._file.exists() else {}
