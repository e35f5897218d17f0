"""Reports as somebody prints them: in their language, and only of what they may know."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.roles import ROLES
from services.operations import printing
from tests.operations.conftest import Operations
from tests.operations.reading_pdf import pages_of
from tests.operations.told import gate, zone

PERIOD = {"since": "2025-10-25T00:00:00+07:00", "until": "2025-10-26T00:00:00+07:00"}


class Desk:
    """Somebody who reports and prints."""

    def __init__(self, operations: Operations, client: httpx.AsyncClient) -> None:
        self._operations = operations
        self._client = client

    def _headers(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._operations.issuer.token(role)}", "Idempotency-Key": uuid4().hex}

    async def report(self, **fields: Any) -> Any:
        body = {"kind": "medical", "severity": 2, "title": "Somebody collapsed", "zone_id": "pln", **fields}
        answer = await self._client.post("/v1/incidents", headers=self._headers("operations"), json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def prints(self, path: str, role: str = "operations", language: str = "en", **params: str) -> httpx.Response:
        headers = {**self._headers(role), "Accept-Language": language}
        return await self._client.get(f"/v1/incidents/{path}", headers=headers, params=params)


@pytest.fixture
async def desk(at_work: Operations) -> AsyncIterator[Desk]:
    await at_work.told.tell(zone("pln", capacity=1), gate("hall", "pln", "Hall door"))
    await at_work.knows_all()
    async with httpx.AsyncClient(base_url=at_work.url, timeout=30) as client:
        yield Desk(at_work, client)


async def test_an_incident_is_printed_in_the_language_of_who_asks(desk: Desk) -> None:
    incident = await desk.report(note="A delegate of row 4.")
    answer = await desk.prints(f"{incident['incident_id']}.pdf", language="vi-VN,vi;q=0.9,en;q=0.5")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-language"] == "vi"
    assert answer.headers["cache-control"] == "no-store"
    assert "incident-1.pdf" in answer.headers["content-disposition"]
    text = "\n".join(pages_of(answer.content))
    assert "Sự cố số 1" in text
    assert "A delegate of row 4." in text
    assert "2025-10-25 15:30:00" in text, "as the venue's clocks show it"


async def test_a_period_tells_what_was_open_in_it(desk: Desk) -> None:
    for title in ("First", "Second"):
        await desk.report(title=title)
    answer = await desk.prints("report.pdf", **PERIOD)
    assert answer.status_code == 200, answer.text
    text = "\n".join(pages_of(answer.content))
    assert "First" in text
    assert "Second" in text
    before = await desk.prints("report.pdf", since="2025-10-20T00:00:00Z", until="2025-10-21T00:00:00Z")
    assert "No incident was open" in "\n".join(pages_of(before.content))


async def test_what_is_discreet_is_printed_only_for_those_who_command(desk: Desk) -> None:
    incident = await desk.report(kind="duress", title="Secret")
    assert (await desk.prints(f"{incident['incident_id']}.pdf", "supervisor")).status_code == 404
    assert "Secret" not in "\n".join(pages_of((await desk.prints("report.pdf", "supervisor", **PERIOD)).content))
    commander = await desk.prints(f"{incident['incident_id']}.pdf", "commander")
    assert "Secret" in "\n".join(pages_of(commander.content))


async def test_only_those_who_may_read_incidents_print_them(desk: Desk) -> None:
    path = f"{uuid4()}.pdf"
    may = {role for role in ROLES if (await desk.prints(path, role)).status_code != 403}
    assert may == {"operations", "commander", "supervisor", "admin", "auditor", "protocol"}
    assert (await desk.prints(path)).json()["code"] == "incident_unknown"


@pytest.mark.parametrize(
    "period",
    [
        {"since": PERIOD["until"], "until": PERIOD["since"]},
        {"since": "2020-01-01T00:00:00Z", "until": "2025-01-01T00:00:00Z"},
        {"since": "2025-10-25T00:00:00", "until": "2025-10-26T00:00:00"},
    ],
)
async def test_a_period_that_makes_no_sense_is_refused(desk: Desk, period: dict[str, str]) -> None:
    assert (await desk.prints("report.pdf", **period)).status_code == 422


async def test_a_report_has_an_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "MOST_INCIDENTS", 1)
    for _ in range(2):
        await desk.report()
    assert (await desk.prints("report.pdf", **PERIOD)).json()["code"] == "too_many_incidents"


async def test_a_process_that_fails_or_hangs_costs_one_report_and_nothing_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = await desk.report()
    for worker in (("-c", "raise SystemExit('no')"), ("-c", "import time; time.sleep(60)")):
        monkeypatch.setattr(printing, "_WORKER", worker)
        monkeypatch.setattr(printing, "_PATIENCE_S", 0.5)
        assert (await desk.prints(f"{incident['incident_id']}.pdf")).status_code == 503
    monkeypatch.undo()
    assert (await desk.prints(f"{incident['incident_id']}.pdf")).status_code == 200
