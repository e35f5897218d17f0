"""An event arrives as it left, its body byte for byte, by headers and by JSON."""

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.access import BadgeScanned
from contracts.envelope import Envelope, MalformedEnvelope
from contracts.schema import SAMPLES

_words = st.text(st.sampled_from("abcxyz019-"), min_size=1, max_size=40)
_offsets = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
_bodies = st.dictionaries(_words, _json, max_size=5).map(
    lambda body: json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
)
ENVELOPES = st.builds(
    Envelope,
    id=st.uuids(),
    type=_words.map(lambda name: f"placet.access.{name}.v1"),
    source=_words.map(lambda name: f"/placet/{name}"),
    subject=_words,
    time=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=_offsets | st.just(UTC)),  # noqa: DTZ001
    number=st.integers(1, 2**53),
    log_id=st.uuids(),
    data=_bodies,
    traceparent=st.none() | st.just("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
)


@given(ENVELOPES)
def test_headers_and_back(envelope: Envelope) -> None:
    assert Envelope.from_headers(envelope.headers(), envelope.data) == envelope
    assert all(value.isascii() for value in envelope.headers().values())


@given(ENVELOPES)
def test_json_and_back(envelope: Envelope) -> None:
    assert Envelope.from_json(envelope.to_json()) == envelope


@pytest.mark.parametrize("body", [b'{ "b": 1.50,\n "a": "\\u00e9" }', b'{"a": 1e999, "a": 12345678901234567890123}'])
def test_the_body_in_json_is_the_very_bytes(body: bytes) -> None:
    """A reader that got it over HTTP holds what one has that got it from the stream, and makes the same of it."""
    assert Envelope.from_json(_envelope(data=body).to_json()).data == body


def test_what_pydantic_writes_survives_the_way_over_json() -> None:
    body = BadgeScanned.model_validate_json((SAMPLES / "access.BadgeScanned.v1.json").read_bytes())
    data = body.model_copy(update={"reason": 'é 🎫 \\ " \x01 \x7f \u2028'}).model_dump_json().encode()

    assert Envelope.from_json(_envelope(data=data).to_json()).data == data
    assert json.loads(_envelope(data=data).to_json())["data"] == json.loads(data)


@pytest.mark.parametrize("lacking", ["ce-id", "ce-type", "ce-source", "ce-subject", "ce-time", "ce-placetnumber"])
def test_without_a_header_it_is_none_of_ours(lacking: str) -> None:
    headers = _envelope().headers()
    del headers[lacking]

    with pytest.raises(MalformedEnvelope):
        Envelope.from_headers(headers, b"{}")


@pytest.mark.parametrize(
    ("name", "value"),
    [("ce-id", "7"), ("ce-placetnumber", "seven"), ("ce-placetlog", ""), ("ce-time", "today"),
     ("ce-time", "2025-10-25T08:30:00")],
)  # fmt: skip
def test_with_nonsense_in_a_header_it_is_none_of_ours(name: str, value: str) -> None:
    with pytest.raises(MalformedEnvelope):
        Envelope.from_headers(_envelope().headers() | {name: value}, b"{}")


@pytest.mark.parametrize("event", [{}, {"id": "7"}, {"data": None}, [], "text", None], ids=repr)
def test_json_that_is_no_event_is_none_of_ours(event: object) -> None:
    with pytest.raises(MalformedEnvelope):
        Envelope.from_json(json.dumps(event))


@pytest.mark.parametrize("value", [7, 7.5, True, None, ["x"], {"x": 1}], ids=repr)
@pytest.mark.parametrize("name", ["id", "type", "source", "subject", "time", "placetlog", "traceparent"])
def test_json_with_another_value_where_a_text_belongs_is_none_of_ours(name: str, value: object) -> None:
    with pytest.raises(MalformedEnvelope):
        Envelope.from_json(json.dumps({**json.loads(_envelope().to_json()), name: value}))


@pytest.mark.parametrize("value", ["7", 7.5, float("inf"), True, None], ids=repr)
def test_json_without_a_whole_number_is_none_of_ours(value: object) -> None:
    with pytest.raises(MalformedEnvelope):
        Envelope.from_json(json.dumps({**json.loads(_envelope().to_json()), "placetnumber": value}))


def _envelope(data: bytes = b"{}") -> Envelope:
    return Envelope(
        id=UUID(int=1), type="placet.access.BadgeScanned.v1", source="/placet/access", subject="badge-1",
        time=datetime(2025, 10, 25, tzinfo=UTC), number=7, log_id=UUID(int=2), data=data,
    )  # fmt: skip
