"""Folding a service's views anew, and letting it read another service again; on its own store, beside its process."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any, Protocol
from uuid import UUID

from chassis.log import cursors
from chassis.log.views import Progress, View
from chassis.run.database import connect
from chassis.run.host import Host
from chassis.stream.feedview import FeedView
from contracts.words import ServiceName
from placet.serving import settings_of


class Rebuildable(Protocol):
    """A view, whatever it is folded from."""

    @property
    def view(self) -> View[Any]: ...

    async def rebuild(self, progress: Progress) -> None: ...


async def rebuild(service: ServiceName, progress: Progress) -> list[str]:
    """Rebuilds every view of the service; their names."""
    async with _host(service) as host:
        views = _views(service, host)
        for one in views:
            await one.rebuild(progress)
        return [one.view.name for one in views]


async def reset(service: ServiceName, source: ServiceName, log_id: str, progress: Progress) -> None:
    """Lets ``service`` accept ``log_id`` as the log of ``source``, and read it from its beginning.

    Views folded from other services are folded anew; whoever follows such a view looks again for what still stands. Any
    other service that reacts to events repeats its commands, which its log knows by their ids.
    """
    async with _host(service) as host:
        views = [one for one in _views(service, host) if isinstance(one, FeedView)]
        for view in views:
            await view.rebuild(progress)
        folded = {one.view.name for one in views}
        async with host.pool.acquire() as connection:
            for reader in await cursors.readers(connection, source):
                if not folded:
                    await cursors.reset(connection, reader, source, UUID(log_id))
                elif reader not in folded:
                    await cursors.forget(connection, reader, source)


def _views(service: ServiceName, host: Host) -> Sequence[Rebuildable]:
    made: Sequence[Rebuildable] = import_module(f"services.{service}.app").views(host)
    return made


@asynccontextmanager
async def _host(service: ServiceName) -> AsyncIterator[Host]:
    settings = settings_of(service)
    password = settings.read_secret(settings.database_password_file)
    pool = await connect(settings.database_url, password, size=4, application=f"placet-{service}-care")
    try:
        yield Host(service, settings, pool)
    finally:
        await pool.close()
