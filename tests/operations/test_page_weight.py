"""How much JavaScript the overview asks for: a phone on a crowded network gets it too."""

import pytest

from chassis.run.settings import Settings
from tests.benchmarks.painting import painted
from tests.operations.browser import launched
from tests.operations.stage import Stage

_MOST_KB = 200


@pytest.mark.soak  # what all pages may ask for together is tested each time
async def test_the_overview_asks_for_little_javascript(settings: Settings) -> None:
    async with Stage(settings.model_copy(update={"embedded": True})).on() as stage, launched() as browser:
        page = await painted(browser, stage.url)
    assert 10 < page.javascript_kb <= _MOST_KB
