"""One process, one connection to NATS. It keeps itself up; the service works on without it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from faststream.nats import NatsBroker
from faststream.nats.security import NatsNKey
from nats.aio.client import Client
from nats.js import JetStreamContext

from chassis.run.logging import Logger
from chassis.run.tasks import still_wanted
from chassis.stream.inboxes import inbox_prefix

log = Logger(__name__)


class BusClosedError(Exception):
    """The client gave the connection up for good, which it does on some errors of the server: start anew."""


class Bus:
    """Connects in the background, for ever. ``connected`` is set while the connection is up.

    ``broken`` is set when the connection of the moment breaks, and stays set: the next one has an event of its own.
    """

    def __init__(self, service: str, url: str, seed_file: Path | None) -> None:
        self.connected = asyncio.Event()
        self.broken = asyncio.Event()
        self.broker = _Broker(
            url,
            name=f"placet-{service}",
            security=None if seed_file is None else NatsNKey.from_file(seed_file),
            inbox_prefix=inbox_prefix(service),
            connect_timeout=2,
            reconnect_time_wait=0.2,  # type: ignore[arg-type]  # seconds, and the client takes parts of them
            max_reconnect_attempts=-1,
            ping_interval=5,
            error_cb=self._on_error,
            disconnected_cb=self._on_disconnected,
            reconnected_cb=self._on_reconnected,
            closed_cb=self._on_closed,
            graceful_timeout=5,
            logger=None,
        )
        self._client: Client | None = None
        self._closed = asyncio.Event()

    @property
    def client(self) -> Client:
        """The nats-py client; only once ``connected`` was set."""
        assert self._client is not None
        return self._client

    @property
    def jetstream(self) -> JetStreamContext:
        return self.client.jetstream(timeout=2)

    async def run(self) -> None:
        """Connects, and stays until cancelled. Raises BusClosedError."""
        try:
            self._client = await self.broker.connect()
            _unshaken(self._client)
            await self.broker.start()
            still_wanted()
            self.broken = asyncio.Event()
            self.connected.set()
            log.info("nats_connected")
            await self._closed.wait()
            raise BusClosedError
        finally:
            self.connected.clear()
            if self._client is not None:
                await self._client.close()

    async def _on_error(self, error: Exception) -> None:
        denied = "permissions violation" in str(error).lower()  # a caller only sees that its time ran out
        log.warning("nats_error", error=type(error).__name__, code="permission_denied" if denied else None)
        still_wanted()  # the client asks us in each round of connecting, and would go on connecting for ever

    async def _on_disconnected(self) -> None:
        if self.connected.is_set():
            log.warning("nats_disconnected")
        self.connected.clear()
        self.broken.set()

    async def _on_reconnected(self) -> None:
        log.info("nats_connected")
        self.broken = asyncio.Event()
        self.connected.set()

    async def _on_closed(self) -> None:
        self._closed.set()


class _Broker(NatsBroker):
    """FastStream raises authorization errors out of its error callback, which ends nats-py's reconnecting for good.

    A broker that did not know us for a moment is asked again, like one that was away.
    """

    def _log_connection_broken(
        self, error_cb: Callable[[Exception], Awaitable[None]] | None = None
    ) -> Callable[[Exception], Awaitable[None]]:
        assert error_cb is not None
        return error_cb


def _unshaken(client: Client) -> None:
    """Headers that nats-py cannot parse are none.

    Version 2.16 would stop reading at them, and hear nothing more from anybody until it missed its pings, 15 s later;
    whoever may publish anything to us could send such.
    """
    parse = client._process_headers  # noqa: SLF001

    async def parse_or_none(headers: bytes) -> dict[str, str] | None:
        try:
            return await parse(headers)
        except (IndexError, UnicodeDecodeError):
            return None

    client._process_headers = parse_or_none  # type: ignore[method-assign]  # noqa: SLF001
