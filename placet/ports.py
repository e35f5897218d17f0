"""The ports of an embedded run."""

import random
import socket
from dataclasses import dataclass

from chassis.run.embedded.folder import FolderError

_OFFSETS = {"operations": 0, "accreditation": 1, "access": 2, "notifications": 3, "nats": 4, "mailbox": 5}
"""From the base: where what listens."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Consecutive ports from a base, one for each that listens."""

    base: int

    def of(self, name: str) -> int:
        return self.base + _OFFSETS[name]

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.of(service)}"

    def require_free(self) -> None:
        """Raises FolderError naming the first port that somebody else has."""
        for name in _OFFSETS:
            if not _is_free(self.of(name)):
                raise FolderError(
                    f"Port {self.of(name)}, for {name}, is taken by another program. "
                    f"Stop it, or choose another base: --port-base {self.base + 100}"
                )


def free_ports() -> Ports:
    """Ports nobody has at the moment, for a run of its own; at random, as other runs may be choosing just now."""
    bases = range(20_000, 32_000, 10)  # below those that systems give to outgoing connections
    for base in random.sample(bases, len(bases)):
        ports = Ports(base)
        if all(_is_free(ports.of(name)) for name in _OFFSETS):
            return ports
    raise FolderError("No six free ports in a row between 20000 and 32000.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
