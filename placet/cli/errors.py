"""Errors that commands foresee: a sentence that says what to do, not a traceback."""


def expected() -> tuple[type[Exception], ...]:
    """Loaded when a command has failed: most do not."""
    from chassis.run.embedded.folder import FolderError
    from chassis.run.embedded.process import ChildFailedError
    from placet.installation import NotFoundError, RefusedError
    from placet.rehearsal.layout import NotLaidOutError
    from placet.rehearsal.outsider import GaveUpError
    from placet.rehearsal.rehearse import NotSettledError
    from placet.republishing import RelayDoesNotMoveError
    from placet.scenario import ScenarioError
    from placet.serving import NotConfiguredError

    return (
        ChildFailedError,
        FolderError,
        GaveUpError,
        NotConfiguredError,
        NotFoundError,
        NotLaidOutError,
        NotSettledError,
        RefusedError,
        RelayDoesNotMoveError,
        ScenarioError,
    )
