"""Personal data, marked by its type: it shows itself only when asked by name, never by being printed or serialised."""

from pydantic import Secret


class Personal(Secret[str]):
    """A name, an address, a title: anything that tells who somebody is.

    Printing, formatting, logging or dumping it gives ``[personal]``; ``reveal`` gives the text. A test walks contracts,
    events and spans and refuses fields of this type there.
    """

    def reveal(self) -> str:
        """The text itself, for the one place that needs it."""
        return self.get_secret_value()

    def _display(self) -> str:
        return "[personal]"
