"""What one tier is sent: a snapshot, changes from then on, and for a while what somebody may have missed.

An id is ``<boot>-<n>``: this process and tier, and its n-th message. Who comes back within the last messages gets what
they missed; anybody else, and who cannot keep up or watched as somebody else before, gets a snapshot.
"""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from services.operations.parts.shape import Picture
from services.operations.picture import KEYED
from services.operations.tiers import Tier, seen

_REMEMBERED = 256  # messages
_WAITING = 32  # messages kept for a viewer who is slow, before it gets a snapshot instead

_NONE = object()

Entry = Mapping[str, Any]


class Viewer:
    """What waits for one viewer: never more than a few messages, whatever they do."""

    def __init__(self, last_event_id: str | None) -> None:
        self.last_event_id = last_event_id
        self.is_new = True
        self.lost = False
        """Whether messages were dropped, so that only a snapshot can help."""
        self._messages: deque[bytes] = deque()
        self._news = asyncio.Event()

    def offer(self, message: bytes) -> None:
        if len(self._messages) >= _WAITING:
            self._messages.clear()
            self.lost = True
        if not self.lost:
            self._messages.append(message)
        self.wake()

    def wake(self) -> None:
        self._news.set()

    async def news(self, patience_s: float) -> bool:
        """Whether something came before ``patience_s`` were over."""
        try:
            async with asyncio.timeout(patience_s):  # no task for it: there are hundreds who wait
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    def take(self) -> bytes:
        """All that waits, in one piece."""
        self._news.clear()
        taken = b"".join(self._messages)
        self._messages.clear()
        return taken


class Channel:
    """All viewers of one tier. What they are sent is encoded once."""

    def __init__(self, tier: Tier) -> None:
        self.viewers: set[Viewer] = set()
        self._tier = tier
        self._boot = secrets.token_hex(4)
        self._number = 0
        self._picture: Picture = {}
        self._snapshot: bytes | None = None
        self._sent: deque[tuple[int, bytes]] = deque(maxlen=_REMEMBERED)

    @property
    def somebody_is_new(self) -> bool:
        """Whether a viewer has nothing yet."""
        return any(viewer.is_new for viewer in self.viewers)

    def tell(self, picture: Picture) -> None:
        """What is different now, to everybody; what came before it, to those who are new. ``picture``: all of it."""
        if not self.viewers:
            return
        told, self._picture, self._snapshot = self._picture, seen(picture, self._tier), None
        self._number += 1
        is_change = has_all(self._picture, told)
        message = self._encoded("delta", changes(told, self._picture)) if is_change else self._as_snapshot()
        self._sent.append((self._number, message))
        for viewer in self.viewers:
            if viewer.is_new:
                viewer.is_new = False
                viewer.offer(self._missed(viewer.last_event_id) or self._as_snapshot())
            else:
                viewer.offer(message)

    def waiting_for(self, viewer: Viewer) -> bytes:
        """What waits for a viewer; a fresh snapshot, if that was more than could be kept."""
        waiting = viewer.take()
        if not viewer.lost:
            return waiting
        viewer.lost = False
        return self._as_snapshot()

    def _missed(self, last_event_id: str | None) -> bytes | None:
        """Everything since a message of ours that is still remembered; None for any other."""
        boot, _, number = (last_event_id or "").partition("-")
        if boot != self._boot or not number.isdecimal():
            return None
        if not self._sent[0][0] - 1 <= int(number) <= self._number:
            return None
        return b"".join(message for sent, message in self._sent if sent > int(number))

    def _as_snapshot(self) -> bytes:
        """Encoded once a picture, however many ask for it."""
        if self._snapshot is None:
            self._snapshot = self._encoded("snapshot", self._picture)
        return self._snapshot

    def _encoded(self, event: str, content: Picture) -> bytes:
        return f"id: {self._boot}-{self._number}\nevent: {event}\ndata: {encoded(content)}\n\n".encode()


def encoded(content: Picture) -> str:
    """JSON on one line."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def changes(before: Picture, after: Picture) -> Picture:
    """The parts of ``after`` that are not as in ``before``, of an entry its id and the fields that are not;
    ``updated_at`` always.
    """
    changed: dict[str, Any] = {"updated_at": after["updated_at"]}
    for part, content in after.items():
        if content == before.get(part):
            continue
        changed[part] = _news(before.get(part, ()), content, KEYED[part]) if part in KEYED else content
    return changed


def has_all(picture: Picture, before: Picture) -> bool:
    """Whether every part, entry and field of ``before`` is there. What is gone cannot be told as a change: a session
    that is over.
    """
    if not before.keys() <= picture.keys():
        return False
    for part, field in KEYED.items():
        entries = _by(field, picture.get(part, ()))
        if any(entry.keys() - entries.get(entry[field], {}).keys() for entry in before.get(part, ())):
            return False
    return True


def _news(before: Iterable[Entry], after: Iterable[Entry], field: str) -> list[Entry]:
    known = _by(field, before)
    news: list[Entry] = []
    for entry in after:
        was = known.get(entry[field], {})
        if entry != was:
            news.append({name: to for name, to in entry.items() if name == field or was.get(name, _NONE) != to})
    return news


def _by(field: str, entries: Iterable[Entry]) -> dict[str, Entry]:
    return {entry[field]: entry for entry in entries}
