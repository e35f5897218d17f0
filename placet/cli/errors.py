"""Errors that commands foresee: a sentence that says what to do, not a traceback."""

from contextlib import suppress


def expected() -> tuple[type[Exception], ...]:
    """Loaded when a command has failed: most do not."""
    from chassis.run.embedded.folder import FolderError
    from chassis.run.embedded.process import ChildFailedError
    from placet.installation import NotFoundError, RefusedError
    from placet.republishing import RelayDoesNotMoveError
    from placet.serving import NotConfiguredError
    from placet.subscribing import NameTakenError

    errors: tuple[type[Exception], ...] = (
        ChildFailedError,
        FolderError,
        NameTakenError,
        NotConfiguredError,
        NotFoundError,
        RefusedError,
        RelayDoesNotMoveError,
    )
    with suppress(ImportError):  # there are no rehearsals in the image of a service
        from placet.rehearsal.layout import NotLaidOutError
        from placet.rehearsal.outsider import GaveUpError
        from placet.rehearsal.rehearse import NotSettledError
        from placet.scenario import ScenarioError

        errors += (GaveUpError, NotLaidOutError, NotSettledError, ScenarioError)
    return errors
