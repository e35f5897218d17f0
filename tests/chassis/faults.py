"""Faults on the way to a server: a proxy that cuts the line at the worst moment."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

_SOCKET = ".s.PGSQL.5432"


class Line:
    """The line between asyncpg and PostgreSQL. It hands everything on, until told to fail."""

    def __init__(self, server: Path, here: Path) -> None:
        self._server = server / _SOCKET
        self._here = here
        self._writers: set[asyncio.StreamWriter] = set()
        self._lose: bytes | None = None
        self._dead = False
        self.lost = 0
        """Answers that were swallowed."""

    def through(self, dsn: str) -> str:
        """``dsn``, but over this line."""
        return dsn.replace(parse_qs(urlsplit(dsn).query)["host"][0], str(self._here))

    def lose_answer(self, containing: bytes) -> None:
        """Swallows the next answer of the server that contains these bytes, and cuts the connection instead."""
        self._lose = containing

    def cut(self) -> None:
        """Ends every connection, and takes no new one."""
        self._dead = True
        for writer in self._writers:
            writer.close()

    def mend(self) -> None:
        self._dead = False

    async def serve(self) -> asyncio.Server:
        return await asyncio.start_unix_server(self._connected, self._here / _SOCKET)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._dead:
            writer.close()
            return
        server_reader, server_writer = await asyncio.open_unix_connection(self._server)
        self._writers |= {writer, server_writer}
        try:
            await asyncio.gather(self._hand_on(reader, server_writer), self._answer(server_reader, writer))
        finally:
            for each in (writer, server_writer):
                each.close()
                self._writers.discard(each)

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                if self._lose is not None and self._lose in data:
                    self._lose = None
                    self.lost += 1
                    break
                writer.write(data)
        writer.close()


@asynccontextmanager
async def line_to(dsn: str) -> AsyncIterator[Line]:
    """A line to the server of ``dsn``."""
    with tempfile.TemporaryDirectory(prefix="placet-", dir="/tmp") as here:  # a socket's path must be short
        line = Line(Path(parse_qs(urlsplit(dsn).query)["host"][0]), Path(here))
        listener = await line.serve()
        try:
            yield line
        finally:
            line.cut()
            listener.close()
