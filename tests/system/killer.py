"""Everything of a system is killed once, one process after the other, while a gathering is played."""

from placet.system import EmbeddedSystem

KILLED = ("accreditation", "notifications", "access", "nats", "operations", "postgres", "access")
"""In this order, evenly over what is played."""


class Killer:
    """Kills as a power cut of that process alone would."""

    def __init__(self) -> None:
        self.killed: list[str] = []

    async def between(self, system: EmbeddedSystem, done: float) -> None:
        """``done``: the share of the play that is over."""
        turn = len(self.killed)
        if turn < len(KILLED) and done >= (turn + 1) / (len(KILLED) + 1):
            self.killed.append(KILLED[turn])
            system.children[KILLED[turn]].process.kill()
