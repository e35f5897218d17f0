"""What those who look after notices see of them."""

from collections.abc import AsyncIterator

import httpx
import pytest

import services.notifications.app as notifications_app
from contracts.roles import ROLES
from tests.conftest import Issuer
from tests.notifications.conftest import Notifications, Station
from tests.notifications.test_audiences import sample


@pytest.fixture
async def notifications(station: Station) -> AsyncIterator[Notifications]:
    async with station.notifications() as service:
        yield service


@pytest.fixture
async def client(notifications: Notifications, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(notifications.app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://notifications", headers=issuer.headers("operations")
    ) as http:
        yield http


async def test_notices_are_listed_as_they_stand_without_an_address(
    station: Station, notifications: Notifications, client: httpx.AsyncClient
) -> None:
    station.post_office.to_recipient = lambda address: "550 never" if address.startswith("liaison") else "250 OK"
    event = await station.access.says(sample("access.LockdownDeclared.v1"))
    await notifications.hear_and_send()

    listed = (await client.get("/v1/notices")).json()

    assert sorted(one.pop("place") for one in listed) == [1, 2]
    common = {"source_event_id": str(event), "template": "lockdown_declared", "channel": "email", "attempts": 1}
    by_duty = {one["recipient"]["id"]: one for one in listed}
    assert by_duty["operations"] == {
        **common,
        "notice_id": by_duty["operations"]["notice_id"],
        "recipient": {"kind": "duty", "id": "operations"},
        "status": "sent",
        "reason": None,
        "language": "vi",
    }
    assert (by_duty["liaison"]["status"], by_duty["liaison"]["reason"]) == ("failed", "recipient_refused")
    assert "example" not in str(listed)


async def test_the_notices_are_folded_anew_as_they_stood(
    station: Station, notifications: Notifications, client: httpx.AsyncClient
) -> None:
    """By ``views``, where ``placet views rebuild`` looks for them."""
    await station.access.says(sample("access.LockdownDeclared.v1"))
    await notifications.hear_and_send()
    before = (await client.get("/v1/notices")).json()
    await station.database.pool.execute("UPDATE notices.notices SET status = 'failed'")

    (view,) = notifications_app.views(notifications.host)
    await view.rebuild()

    assert len(before) == 2
    assert (await client.get("/v1/notices")).json() == before


async def test_notices_are_paged_and_filtered(
    station: Station, notifications: Notifications, client: httpx.AsyncClient
) -> None:
    await station.access.says(sample("access.LockdownDeclared.v1"))
    await station.access.says(sample("access.ZoneCapacityReached.v1"))
    await notifications.hear_and_send()

    first = (await client.get("/v1/notices", params={"limit": 2})).json()
    rest = (await client.get("/v1/notices", params={"after": first[-1]["place"], "limit": 2})).json()

    assert [one["place"] for one in first + rest] == [1, 2, 3, 4]
    assert len((await client.get("/v1/notices", params={"status": "sent"})).json()) == 4
    assert (await client.get("/v1/notices", params={"status": "queued"})).json() == []


async def test_what_waits_for_a_server_that_is_down_counts_as_queued(
    station: Station, notifications: Notifications, client: httpx.AsyncClient
) -> None:
    await station.post_office.close()
    await station.access.says(sample("access.LockdownDeclared.v1"))
    await notifications.hear()

    assert len((await client.get("/v1/notices", params={"status": "queued"})).json()) == 2


async def test_only_those_who_look_after_them_see_notices(client: httpx.AsyncClient, issuer: Issuer) -> None:
    for role in ROLES:
        answer = await client.get("/v1/notices", headers=issuer.headers(role))
        assert answer.status_code == (200 if role in {"operations", "auditor", "admin"} else 403), role
    assert (await client.get("/v1/notices", headers={"Authorization": ""})).status_code == 401


async def test_the_others_read_what_became_of_notices_from_the_feed(
    station: Station, notifications: Notifications, client: httpx.AsyncClient, issuer: Issuer
) -> None:
    await station.access.says(sample("access.LockdownDeclared.v1"))
    await notifications.hear_and_send()

    page = (await client.get("/v1/log", headers=issuer.headers("service"))).json()

    assert [event["type"] for event in page["events"]] == ["placet.notifications.NoticeSent.v1"] * 2


async def test_the_service_says_how_far_it_has_read(
    station: Station, notifications: Notifications, client: httpx.AsyncClient
) -> None:
    await station.access.says(sample("access.LockdownDeclared.v1"))
    await notifications.hear()

    assert (await client.get("/ready")).json()["reads"]["access"] == 1


async def test_no_metric_names_a_notice(
    station: Station, notifications: Notifications, client: httpx.AsyncClient
) -> None:
    await station.access.says(sample("access.LockdownDeclared.v1"))
    await notifications.hear_and_send()

    metrics = (await client.get("/metrics")).text

    assert "placet_notices_sent_total" in metrics
    for notice in await notifications.events("NoticeQueued"):
        assert notice["notice_id"] not in metrics
