"""A local SMTP server that keeps every message as a file: the mail of an embedded run can be read, and goes no further.

``python -m chassis.run.embedded.mailbox HOST PORT FOLDER``. A file a delivery, ``<arrival>-<id>.eml``: a message
delivered twice is seen twice.
"""

import asyncio
import os
import re
import signal
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """aiosmtpd's handler: a message is accepted once it is on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        message_id = str(message_from_bytes(content, policy=policy.default).get("Message-ID", "none"))
        name = f"{time.time_ns()}-{re.sub(r'[^A-Za-z0-9.-]', '', message_id)[:80]}.eml"
        unfinished = self._folder / f".{name}"
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self._folder / name)
        return "250 kept"


async def main(host: str, port: int, folder: Path) -> None:
    """Serves until SIGTERM."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    server = await loop.create_server(
        lambda: SMTP(Mailbox(folder), hostname="localhost", enable_SMTPUTF8=True, loop=loop), host, port
    )
    async with server:
        await stopping.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
