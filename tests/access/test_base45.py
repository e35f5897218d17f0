"""Our base45 is the one of RFC 9285: it agrees with the reference package, in what it writes and in what it refuses."""

import base45
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.credential import NotBase45, base45_decode, base45_encode

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def reference(text: str) -> bytes | None:
    """What the reference reads; None where it refuses."""
    try:
        return bytes(base45.b45decode(text))
    except ValueError:
        return None


def ours(text: str) -> bytes | None:
    try:
        return base45_decode(text)
    except NotBase45:
        return None


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"", ""), (b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0")],
)
def test_the_examples_of_the_standard_hold(data: bytes, text: str) -> None:
    assert base45_encode(data) == text
    assert base45_decode(text) == data


@given(st.binary(max_size=400))
def test_it_writes_what_the_reference_writes_and_reads_it_back(data: bytes) -> None:
    written = base45_encode(data)

    assert written == base45.b45encode(data).decode()
    assert base45_decode(written) == data


@settings(max_examples=300)
@given(st.text(ALPHABET, max_size=60))
def test_it_reads_what_the_reference_reads_and_refuses_what_the_reference_refuses(text: str) -> None:
    assert ours(text) == reference(text)


@given(st.text(max_size=30))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    read = ours(text)

    assert read is None or base45_encode(read) == text


@pytest.mark.parametrize("text", ["A", "AAAA", ":::", "GGW", "::", "aa", "BB8 b", "BB8\n", "\uff22\uff22\uff18"])
def test_what_nobody_would_have_written_is_refused(text: str) -> None:
    assert ours(text) is None
