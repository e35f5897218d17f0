"""Which test file comes when, and which worker gets it."""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

_ONE_RUN = (
    "system/test_dead_letters.py",
    "system/test_outsiders_path.py",
    "system/test_running.py",
    "system/test_restored_log.py",  # the last: the run then has another history than it had
)
"""All on the one ``launched`` run, so that it is started once."""
_LONGEST = (
    *_ONE_RUN,
    "system/test_up.py",
    "chassis/stream/test_consumer.py",  # waits most of the time, beside runs that do not
    "system/test_ledger.py",
    "chassis/stream/test_relay.py",
    "system/test_rehearsing.py",
    "operations/test_fleet_and_people_pages.py",
    "operations/test_orders_and_record_pages.py",
    "operations/test_overview_page.py",
    "operations/test_incident_pages.py",
    "system/test_operations_room.py",
    "operations/test_past.py",
    "operations/test_live.py",
    "operations/test_incidents_over_http.py",
    "system/test_two_gatekeepers.py",
    "contracts/test_asyncapi.py",  # in a fresh clone it installs its parser
)


class Sharing(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """A file at a time to each worker; those on one run go to one worker together."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "one run" if file.endswith(_ONE_RUN) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing | None:
    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # it would put files of many tests first, which are none of the long ones
    return Sharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: workers that share the files then end at about the same time."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    return next(
        (turn for turn, file in enumerate(_LONGEST) if item.nodeid.split("::")[0].endswith(file)), len(_LONGEST)
    )
