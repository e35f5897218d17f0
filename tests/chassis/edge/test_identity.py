"""Who shows a token of ours is who it says, and does what its roles allow; nobody else does anything."""

import base64
import json
import time
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from chassis.edge import keys
from chassis.run.settings import Settings
from tests.chassis.edge.example import client_of, example
from tests.conftest import ISSUER, Issuer
from tests.controls import CANARY, eventually

_FR = "/v1/delegations/fr"


async def _code(client: httpx.AsyncClient, token: str, path: str = _FR) -> str:
    response = await client.get(path, headers={"Authorization": f"Bearer {token}"})
    code: str = "ok" if response.status_code == 200 else response.json()["code"]
    if response.status_code == 401:
        assert response.headers["www-authenticate"] == "Bearer"
    return code


async def test_a_good_token_opens(client: httpx.AsyncClient, issuer: Issuer) -> None:
    response = await client.get(_FR, headers=issuer.headers("desk", "auditor", sub="u-17"))

    assert response.json() == {"actor": "person:u-17", "roles": ["auditor", "desk"]}


async def test_a_service_is_known_as_one(client: httpx.AsyncClient, issuer: Issuer) -> None:
    response = await client.get(_FR, headers=issuer.headers("service", "desk", sub="access"))

    assert response.json()["actor"] == "service:access"


async def test_an_address_as_subject_does_not_get_into_the_log(client: httpx.AsyncClient, issuer: Issuer) -> None:
    response = await client.get(_FR, headers=issuer.headers("desk", sub=CANARY))

    assert "hoa" not in response.text.lower()
    again = await client.get(_FR, headers=issuer.headers("desk", sub=CANARY))
    assert again.json() == response.json()


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic ZGVzazpkZXNr", "desk", "bearer\t"], ids=repr)
async def test_without_a_bearer_token_nobody_is_anybody(client: httpx.AsyncClient, header: str) -> None:
    response = await client.get(_FR, headers={"Authorization": header})

    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"ttl_s": -1}, "token_expired"),
        ({"aud": "another"}, "token_invalid"),
        ({"iss": "https://elsewhere.test"}, "token_invalid"),
        ({"nbf": time.time() + 3_600}, "token_invalid"),
        ({"sub": 17}, "token_invalid"),
    ],
    ids=["expired", "for others", "by another issuer", "not valid yet", "of a number"],
)
async def test_a_token_for_another_time_place_or_reader(
    client: httpx.AsyncClient, issuer: Issuer, claims: dict[str, Any], code: str
) -> None:
    assert await _code(client, issuer.token("desk", **claims)) == code


@pytest.mark.parametrize("lacking", ["exp", "sub", "iss", "aud"])
async def test_a_token_that_lacks_what_it_must_say(client: httpx.AsyncClient, issuer: Issuer, lacking: str) -> None:
    content = {"sub": "u", "iss": ISSUER, "aud": "placet", "exp": time.time() + 60, "roles": ["desk"]}
    del content[lacking]
    token = jwt.encode(content, issuer.keys["first"], algorithm="EdDSA", headers={"kid": "first"})

    assert await _code(client, token) == "token_invalid"


async def test_a_signature_that_is_not_ours(client: httpx.AsyncClient, issuer: Issuer) -> None:
    head, content, signature = issuer.token("desk").split(".")
    forged = json.loads(base64.urlsafe_b64decode(content + "=="))
    forged["roles"] = ["admin"]
    other = base64.urlsafe_b64encode(json.dumps(forged).encode()).rstrip(b"=").decode()

    assert await _code(client, f"{head}.{other}.{signature}") == "token_invalid"
    assert await _code(client, f"{head}.{content}.") == "token_invalid"
    assert await _code(client, f"{head}.{content}.{signature}") == "ok"


async def test_an_algorithm_that_asks_for_no_key_or_for_one_everybody_has(
    client: httpx.AsyncClient, issuer: Issuer
) -> None:
    content = {"sub": "u", "iss": ISSUER, "aud": "placet", "exp": time.time() + 60, "roles": ["desk"]}
    public = json.loads(issuer.jwks.read_text())["keys"][0]["x"]
    rsa_key = rsa.generate_private_key(65537, 2048)
    keys: list[tuple[Any, str]] = [(None, "none"), (public * 2, "HS256"), (rsa_key, "RS256")]
    for key, algorithm in keys:
        token = jwt.encode(content, key, algorithm=algorithm, headers={"kid": "first"})
        assert await _code(client, token) == "token_invalid", algorithm


async def test_a_key_we_do_not_know(client: httpx.AsyncClient, issuer: Issuer) -> None:
    content = {"sub": "u", "iss": ISSUER, "aud": "placet", "exp": time.time() + 60, "roles": ["desk"]}
    key = Ed25519PrivateKey.generate()
    for headers in ({"kid": "second"}, {}):
        token = jwt.encode(content, key, algorithm="EdDSA", headers=headers)
        assert await _code(client, token) == "token_invalid"


async def test_a_new_key_of_the_provider_is_learned(
    client: httpx.AsyncClient, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await _code(client, issuer.token("desk")) == "ok"
    issuer.add_key("second")
    assert await _code(client, issuer.token("desk", key_id="second")) == "token_invalid", "asked again too soon"

    monkeypatch.setattr(keys, "_ASK_AGAIN_S", -1.0)
    assert await _code(client, issuer.token("desk", key_id="second")) == "ok"


async def test_a_key_that_the_provider_withdrew_opens_nothing_even_to_a_token_that_was_seen_before(
    client: httpx.AsyncClient, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer.add_key("second")
    of_first, of_second = issuer.token("desk"), issuer.token("desk", key_id="second")
    assert await _code(client, of_first) == await _code(client, of_second) == "ok"
    del issuer.keys["first"]
    issuer.add_key("third")
    assert await _code(client, of_first) == "ok", "it was not asked again yet"

    monkeypatch.setattr(keys, "_RENEW_S", -1.0)
    await eventually(lambda: _is(client, of_first, "token_invalid"))
    assert await _code(client, of_second) == "ok"


async def _is(client: httpx.AsyncClient, token: str, code: str) -> bool:
    return await _code(client, token) == code


async def test_nonsense_is_no_token(client: httpx.AsyncClient) -> None:
    for nonsense in ("x", "a.b.c", "....", "e30.e30.e30", "A" * 5_000, "dev_unknown", "\u00e9"):
        response = await client.get(_FR, headers={b"authorization": f"Bearer {nonsense}".encode()})
        assert (response.status_code, response.json()["code"]) == (401, "token_invalid"), nonsense


async def test_a_provider_out_of_reach_is_not_the_callers_fault(settings: Settings, issuer: Issuer) -> None:
    away = settings.model_copy(update={"jwks": f"http://127.0.0.1:{settings.port}/jwks"})
    async with client_of(example(away)) as client:
        assert await _code(client, issuer.token("desk")) == "unavailable"


async def test_a_token_remembered_still_expires(
    client: httpx.AsyncClient, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.token("desk", ttl_s=60)
    assert await _code(client, token) == "ok"
    assert await _code(client, token) == "ok"

    later = time.time() + 61
    monkeypatch.setattr("chassis.edge.identity.time.time", lambda: later)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jwt.api_jwt.datetime", _Later)
        assert await _code(client, token) == "token_expired"


class _Later:
    """The clock of the library that checks tokens, a minute ahead."""

    @staticmethod
    def now(tz: Any = None) -> Any:  # noqa: ARG004  (the library's signature)
        from datetime import UTC, datetime, timedelta

        return datetime.now(UTC) + timedelta(seconds=61)


async def test_roles_decide(client: httpx.AsyncClient, issuer: Issuer) -> None:
    assert await _code(client, issuer.token("vetting")) == "forbidden"
    assert await _code(client, issuer.token()) == "forbidden"


@pytest.mark.parametrize("odd", [None, 5, "desk", {"desk": 1}, [["desk"]]], ids=repr)
async def test_roles_of_an_odd_form_are_none(client: httpx.AsyncClient, issuer: Issuer, odd: object) -> None:
    content = {"sub": "u", "iss": ISSUER, "aud": "placet", "exp": time.time() + 60, "roles": odd}
    token = jwt.encode(content, issuer.keys["first"], algorithm="EdDSA", headers={"kid": "first"})

    assert await _code(client, token) == "forbidden"


async def test_a_focal_point_sees_its_own_delegation_only(client: httpx.AsyncClient, issuer: Issuer) -> None:
    token = issuer.token("focal_point", delegation="fr")

    assert await _code(client, token) == "ok"
    assert await _code(client, token, "/v1/delegations/vn") == "not_yours"
    assert await _code(client, issuer.token("desk"), "/v1/delegations/vn") == "ok"


async def test_a_focal_point_of_no_delegation_is_none(client: httpx.AsyncClient, issuer: Issuer) -> None:
    assert await _code(client, issuer.token("focal_point")) == "forbidden"
    assert await _code(client, issuer.token("focal_point", delegation="")) == "forbidden"


async def test_a_token_of_the_provider_makes_nobody_a_device(client: httpx.AsyncClient, issuer: Issuer) -> None:
    """A device is bound to its gate; whoever had the role without one might scan at every gate."""
    response = await client.get(_FR, headers=issuer.headers("device", "desk", gate="pln"))

    assert response.json()["roles"] == ["desk"]


async def test_a_device_is_known_by_its_own_kind_of_token(client: httpx.AsyncClient) -> None:
    assert await _code(client, "dev_good") == "ok"
    assert await _code(client, "dev_bad") == "token_invalid"


@pytest.mark.parametrize(
    ("embedded", "host", "caller", "opens"),
    [
        (True, "127.0.0.1", "127.0.0.1", True),
        (True, "localhost:8080", "127.0.0.1", True),
        (True, "localhost", "::1", True),
        (True, "LOCALHOST", "127.0.0.1", True),
        (False, "127.0.0.1", "127.0.0.1", False),
        (True, "evil.example", "127.0.0.1", False),
        (True, "127.0.0.1.evil.example", "127.0.0.1", False),
        (True, "localhost@evil.example", "127.0.0.1", False),
        (True, "localhost", "192.0.2.7", False),
        (True, "localhost", "not-an-address", False),
        (True, "[", "127.0.0.1", False),
        (True, "", "127.0.0.1", False),
    ],
)
async def test_without_sign_in_only_at_this_machine_and_under_its_own_name(
    settings: Settings, embedded: bool, host: str, caller: str, opens: bool
) -> None:
    app: FastAPI = example(settings.model_copy(update={"embedded": embedded}))
    async with client_of(app, caller=caller) as client:
        response = await client.get("/v1/totals", headers={"Host": host})
        elsewhere = await client.get(_FR, headers={"Host": host})

    assert response.status_code == (200 if opens else 401), response.text
    assert elsewhere.status_code == 401, "only what is shown without sign-in is"


async def test_whoever_shows_a_token_is_judged_by_it_even_at_this_machine(settings: Settings, issuer: Issuer) -> None:
    async with client_of(example(settings.model_copy(update={"embedded": True}))) as client:
        assert await _code(client, issuer.token("vetting"), "/v1/totals") == "forbidden"
        assert await _code(client, issuer.token("operations"), "/v1/totals") == "ok"
        assert await _code(client, "nonsense", "/v1/totals") == "token_invalid"
