"""A request asked twice is one command; a key used for something else is noticed."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.edge.idempotency import derived
from tests.conftest import Issuer
from tests.controls import metadata

ROOM = {"seats": 1}


@pytest.fixture
def ask(client: httpx.AsyncClient, issuer: Issuer) -> Any:
    async def ask(path: str = "/v1/rooms", body: Any = ROOM, key: str = "one", sub: str = "u", **more: str) -> Any:
        headers = {**issuer.headers("desk", sub=sub), "Idempotency-Key": key, **more}
        response = await client.post(path, json=body, headers=headers)
        assert response.status_code == 200, response.text
        return response.json()

    return ask


async def test_the_same_request_is_the_same_command(ask: Any) -> None:
    first, again = await ask(), await ask()

    assert first == again
    assert UUID(first["command_id"]).version == 5


async def test_another_caller_route_or_key_is_another_command(ask: Any) -> None:
    asked = [await ask(), await ask(sub="v"), await ask(key="two"), await ask("/v1/rooms/1/keys", body=None)]

    assert len({one["command_id"] for one in asked}) == 4


async def test_the_same_key_for_something_else_is_the_same_command_with_another_content(ask: Any) -> None:
    one, other = await ask(), await ask(body={"seats": 2})
    door, other_door = await ask("/v1/rooms/1/keys", body=None), await ask("/v1/rooms/2/keys", body=None)

    assert one["command_id"] == other["command_id"]
    assert one["body_hash"] != other["body_hash"]
    assert door["command_id"] == other_door["command_id"]
    assert door["body_hash"] != other_door["body_hash"]


async def test_the_hash_does_not_betray_the_content(ask: Any) -> None:
    """The same content under another key has another hash: nobody can look for bodies in the log."""
    assert (await ask())["body_hash"] != (await ask(key="two"))["body_hash"]


@pytest.mark.parametrize("key", [None, "", "x" * 201])
async def test_without_a_key_nothing_is_done(client: httpx.AsyncClient, issuer: Issuer, key: str | None) -> None:
    headers = issuer.headers("desk") | ({} if key is None else {"Idempotency-Key": key})

    response = await client.post("/v1/rooms", json=ROOM, headers=headers)

    assert response.status_code in {400, 422}
    assert response.json()["code"] == ("invalid_request" if key else "idempotency_key_required")


async def test_a_trace_is_followed_when_it_is_one(ask: Any) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    assert (await ask(traceparent=trace))["traceparent"] == trace
    assert (await ask(traceparent="<script>"))["traceparent"] is None


def test_parts_of_a_command_have_ids_of_their_own_and_one_correlation() -> None:
    whole = metadata(uuid4())
    rows = [derived(whole, f"row-{number}") for number in (1, 2, 1)]

    assert rows[0] == rows[2]
    assert len({row.command_id for row in (*rows, whole)}) == 3
    assert {row.correlation_id for row in rows} == {str(whole.command_id)}
