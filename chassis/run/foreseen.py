"""Errors that a command foresees."""


class ForeseenError(Exception):
    """The text is a sentence for whoever gave the command: what is wrong and what to do. It needs no traceback."""
