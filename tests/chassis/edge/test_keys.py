"""Keys are asked of their provider seldom, by one at a time, and a provider that is away takes nothing from anybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jwt
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis.edge import keys
from chassis.edge.keys import KeySet
from chassis.edge.problems import Problem
from tests.conftest import Issuer, free_port, served
from tests.controls import eventually


class Provider:
    """Serves a key set, or not; counts who asks, and lets them wait while ``slow``."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self.away = False
        self.asked = 0
        self.answers = asyncio.Event()
        self.answers.set()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        async with served(Starlette(routes=[Route("/jwks", self._answer)]), free_port()) as url:
            yield f"{url}/jwks"

    async def _answer(self, _request: Request) -> Response:
        self.asked += 1
        await self.answers.wait()
        return Response(status_code=503) if self.away else Response(self._issuer.jwks.read_text())


@pytest.fixture
async def provider(issuer: Issuer) -> Provider:
    return Provider(issuer)


@pytest.fixture
async def known(provider: Provider) -> AsyncIterator[KeySet]:
    async with provider.serving() as url:
        yield KeySet(url, on_change=lambda: None)


async def _tries(known: KeySet, key_id: str) -> str:
    try:
        await known.key(key_id)
    except Problem as problem:
        return problem.code
    except jwt.InvalidTokenError:
        return "unknown"
    return "known"


async def test_those_who_come_at_once_ask_once(known: KeySet, provider: Provider) -> None:
    provider.answers.clear()
    tries = asyncio.gather(*(_tries(known, key_id) for key_id in ("first", "none", "other") for _ in range(10)))
    await eventually(lambda: provider.asked)
    provider.answers.set()

    assert await tries == ["known"] * 10 + ["unknown"] * 20
    assert provider.asked == 1


async def test_keys_that_are_made_up_ask_nobody_again_whether_he_answers_or_not(
    known: KeySet, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.away = True
    assert {await _tries(known, f"made-up-{i}") for i in range(10)} == {"unavailable"}
    assert provider.asked == 1

    monkeypatch.setattr(keys, "_ASK_AGAIN_S", -1.0)
    provider.away = False
    assert await _tries(known, "made-up") == "unknown"
    monkeypatch.undo()
    assert {await _tries(known, f"made-up-{i}") for i in range(10)} == {"unknown"}
    assert provider.asked == 2


async def test_while_the_provider_is_away_the_keys_it_named_last_are_good(
    known: KeySet, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await _tries(known, "first") == "known"
    provider.away = True
    monkeypatch.setattr(keys, "_RENEW_S", -1.0)
    known.renew()
    await eventually(lambda: not known._answered)

    assert await _tries(known, "first") == "known"
    assert await _tries(known, "second") == "unavailable", "it may be a new one"


async def test_after_no_answer_it_is_asked_again_soon(
    known: KeySet, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.away = True
    assert await _tries(known, "first") == "unavailable"
    provider.away = False
    monkeypatch.setattr(keys, "_ASK_AGAIN_S", -1.0)
    known.renew()
    monkeypatch.undo()

    assert await _tries(known, "first") == "known"


async def test_a_change_is_told_and_the_same_set_again_is_none(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[None] = []
    known = KeySet(str(issuer.jwks), on_change=lambda: told.append(None))
    monkeypatch.setattr(keys, "_ASK_AGAIN_S", -1.0)
    for _ in range(3):
        await _tries(known, "second")
    assert len(told) == 1
    issuer.add_key("second")
    await _tries(known, "second")
    assert len(told) == 2


@pytest.mark.parametrize("keys", [[], [7], [{"kty": "unheard-of", "kid": "first"}]], ids=str)
async def test_a_set_without_a_usable_key_is_trust_in_nobody(tmp_path: Path, keys: list[Any]) -> None:
    assert await _tries(_in_a_file(tmp_path, {"keys": keys}), "first") == "unknown"


@pytest.mark.parametrize("published", [[], {}, "keys", None, {"keys": None}, {"keys": {"first": {}}}], ids=str)
async def test_what_is_no_set_is_as_good_as_no_answer(tmp_path: Path, published: Any) -> None:
    assert await _tries(_in_a_file(tmp_path, published), "first") == "unavailable"


async def test_a_file_that_is_not_there_is_no_answer(tmp_path: Path) -> None:
    assert await _tries(KeySet(str(tmp_path / "jwks.json"), on_change=lambda: None), "first") == "unavailable"


def _in_a_file(folder: Path, published: Any) -> KeySet:
    file = folder / "jwks.json"
    file.write_bytes(JSONResponse(published).body)
    return KeySet(str(file), on_change=lambda: None)
