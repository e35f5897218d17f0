"""A badge's credential reads as what was signed, in the encoding an issuer writes; anything else reads as nothing."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import cbor2
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.credential import MAX_LENGTH, PREFIX, base45_decode
from services.access.credential import Verifier, read
from services.access.domain.rules.entry import Reading
from tests.access.controls import CLOSES, EVENT, OPENS, SIGNER
from tests.access.forging import BADGE_ID, CLAIMS, HEADER, KEY, KEYS, OTHER_KEY, cbor, message, text

GOOD = text(message())
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def problem(shown: str, keys: Mapping[str, str] = KEYS) -> str | None:
    return read(shown, EVENT, keys).problem


# --- what an issuer writes ------------------------------------------------------------------------------------------


def test_what_is_issued_reads_as_what_was_signed() -> None:
    issued = SIGNER.credential(BADGE_ID, 3, OPENS, CLOSES)

    assert read(issued, EVENT, KEYS) == Reading(None, BADGE_ID, 3, OPENS, CLOSES)


def test_the_issuer_writes_the_credential_we_make_by_hand() -> None:
    """So that every forgery below differs from a true one in what its name says, and in nothing else."""
    assert SIGNER.credential(BADGE_ID, 1, OPENS, CLOSES) == GOOD
    assert problem(GOOD) is None


@given(
    badge_id=st.uuids(),
    version=st.integers(1, 2**32),
    begins=st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    hours=st.integers(0, 10_000),
)
def test_any_badge_reads_as_it_was_issued_to_the_second(
    badge_id: UUID, version: int, begins: datetime, hours: int
) -> None:
    begins = begins.replace(microsecond=0)
    ends = begins + timedelta(hours=hours)

    issued = SIGNER.credential(badge_id, version, begins, ends)

    assert read(issued, EVENT, KEYS) == Reading(None, badge_id, version, begins, ends)


def test_the_same_badge_always_has_the_same_text() -> None:
    assert SIGNER.credential(BADGE_ID, 1, OPENS, CLOSES) == SIGNER.credential(BADGE_ID, 1, OPENS, CLOSES)


@pytest.mark.parametrize("version", [1, 23, 255])
def test_it_fits_a_code_that_a_scanner_reads_at_arms_length(version: int) -> None:
    issued = SIGNER.credential(BADGE_ID, version, OPENS, CLOSES)
    code = segno.make(issued, error="q", boost_error=False, micro=False)

    assert len(issued) <= 210
    assert (code.mode, code.error) == ("alphanumeric", "Q")
    assert isinstance(code.version, int)
    assert code.version <= 10


def test_nothing_in_it_is_about_the_holder() -> None:
    claims = cbor2.loads(cbor2.loads(base45_decode(GOOD.removeprefix(PREFIX))).value[2])

    assert set(claims) == {1, 4, 5, 7, -70001}


# --- what a scanner may see besides ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "AC1:",
        "AC1",
        GOOD.removeprefix(PREFIX),
        GOOD.replace("AC1:", "AC2:"),
        GOOD.replace("AC1:", "HC1:"),
        GOOD.replace("AC1:", "ac1:"),
        GOOD.lower(),
        " " + GOOD,
        GOOD + " ",
        GOOD + "\n",
        GOOD + GOOD,
        "https://example.org/" + GOOD,
        "AC1:" + "A" * (MAX_LENGTH - 3),
        "AC1:" + "0" * 100_000,
        "12345678901234567890",
        "M1HOA/NGUYEN THI      E0ABCDE HANCDGVN 0012 298Y012A0001 147",
        "AC1:\x00\x00\x00",
        "AC1:\ud800",
        "AC1:é",
        "\uff21\uff23\uff11\uff1a",
    ],
)
def test_what_is_no_credential_is_malformed(shown: str) -> None:
    assert problem(shown) == "credential_malformed"


def test_a_credential_cut_off_anywhere_is_none() -> None:
    assert {problem(GOOD[:length]) for length in range(len(GOOD))} == {"credential_malformed"}


def test_a_credential_with_any_one_character_changed_is_none() -> None:
    verdicts = set()
    for place, was in enumerate(GOOD):
        for char in ALPHABET + "aé\x00":
            if char != was:
                verdicts.add(problem(GOOD[:place] + char + GOOD[place + 1 :]))

    assert verdicts == {"credential_malformed", "signature_invalid", "signing_key_unknown"}


def test_a_badge_signed_by_somebody_else_under_our_keys_name_is_a_forgery() -> None:
    assert problem(text(message(key=OTHER_KEY))) == "signature_invalid"


def test_a_badge_signed_by_a_key_we_were_not_told_of_is_not_ours() -> None:
    assert problem(GOOD, {}) == "signing_key_unknown"
    assert problem(text(message(header={1: -8, 4: bytes(8)}))) == "signing_key_unknown"


def test_claims_changed_after_they_were_signed_are_a_forgery() -> None:
    decoded = cbor2.loads(message())
    protected, unprotected, _, signature = decoded.value
    for claim, value in ((7, bytes(16)), (-70001, 2), (4, CLAIMS[4] + 1), (5, CLAIMS[5] - 1), (1, "hanoi-2026")):
        changed = cbor2.CBORTag(18, [protected, unprotected, cbor({**CLAIMS, claim: value}), signature])
        assert problem(text(cbor(changed))) == "signature_invalid"


def without(fields: Mapping[Any, Any], claim: int) -> dict[Any, Any]:
    return {key: value for key, value in fields.items() if key != claim}


def otherwise_claimed() -> Iterator[tuple[str, Mapping[Any, Any] | bytes]]:
    """Claims that our own key signed, and that are not those of a badge."""
    for claim in CLAIMS:
        yield f"without {claim}", without(CLAIMS, claim)
        values: list[Any] = [None, True, "1", b"1", 1.5, [], {}, -1, 2**63, 2**70, 0]
        for value in values:
            if type(value) is not type(CLAIMS[claim]) or value in (-1, 0, 2**63, 2**70):
                yield f"{claim} is {value!r}", {**CLAIMS, claim: value}
    yield "one more", {**CLAIMS, 2: "subject"}
    yield "a name", {**CLAIMS, "name": "Hoa"}
    yield "none", {}
    yield "a list", cbor(list(CLAIMS))
    yield "a list of pairs", cbor([list(pair) for pair in CLAIMS.items()])
    yield "a number", cbor(7)
    yield "nothing", b""
    yield "a text", cbor("hanoi-2025")
    yield "version zero", {**CLAIMS, -70001: 0}
    yield "a short badge id", {**CLAIMS, 7: bytes(15)}
    yield "a long badge id", {**CLAIMS, 7: bytes(17)}
    yield "an end beyond all calendars", {**CLAIMS, 4: 2**60}
    yield "a beginning before all calendars", {**CLAIMS, 5: -(2**60)}
    yield "keys that are numbers otherwise", {1.0 if key == 1 else key: value for key, value in CLAIMS.items()}
    yield "keys that are true", {True if key == 1 else key: value for key, value in CLAIMS.items()}


MEANS_SOMETHING = {f"{claim} is {value!r}" for claim in (4, 5) for value in (-1, 0)} | {
    f"-70001 is {value!r}" for value in (2**63, 2**70)
}
"""Moments all the same, long ago: the badge has expired, or has long begun. And versions of which nobody has heard."""


@pytest.mark.parametrize(
    "claims", [pytest.param(claims, id=name) for name, claims in otherwise_claimed() if name not in MEANS_SOMETHING]
)
def test_claims_that_are_not_those_of_a_badge_are_malformed_though_truly_signed(
    claims: Mapping[Any, Any] | bytes,
) -> None:
    assert problem(text(message(claims=claims))) == "credential_malformed"


def test_a_badge_of_another_gathering_is_told_from_a_forgery() -> None:
    assert problem(text(message(claims={**CLAIMS, 1: "unga-80"}))) == "wrong_event"


def test_a_version_of_any_size_is_read_for_what_it_is() -> None:
    """An issuer that counts that far would be mad, but its badge is its badge: it is not activated here."""
    assert read(text(message(claims={**CLAIMS, -70001: 2**70})), EVENT, KEYS).version == 2**70


def encoded_otherwise() -> Iterator[tuple[str, bytes]]:
    """The same claims, truly signed, in encodings that an issuer of ours does not write."""
    plain = cbor(CLAIMS)
    yield "keys in another order", cbor2.dumps(dict(reversed(list(CLAIMS.items()))))
    yield "a number in two bytes", plain.replace(cbor(-70001) + b"\x01", cbor(-70001) + b"\x18\x01")
    yield "a number as a float", plain.replace(cbor(-70001) + b"\x01", cbor(-70001) + b"\xf9\x3c\x00")
    yield "a number as a bignum", plain.replace(cbor(-70001) + b"\x01", cbor(-70001) + b"\xc2\x41\x01")
    yield "a map of indefinite length", b"\xbf" + plain[1:] + b"\xff"
    yield "a text of indefinite length", plain.replace(cbor(EVENT), b"\x7f" + cbor(EVENT) + b"\xff")
    yield "bytes of indefinite length", plain.replace(cbor(BADGE_ID.bytes), b"\x5f" + cbor(BADGE_ID.bytes) + b"\xff")
    yield "a length in two bytes", plain.replace(cbor(BADGE_ID.bytes), b"\x58\x10" + BADGE_ID.bytes)
    yield "the id as a uuid", plain.replace(cbor(BADGE_ID.bytes), b"\xd8\x25" + cbor(BADGE_ID.bytes))
    yield "a key twice", b"\xa6" + plain[1:] + cbor(7) + cbor(bytes(16))
    yield "something behind it", plain + b"\x00"
    yield "wrapped once more", b"\xd8\x3d" + plain


@pytest.mark.parametrize("claims", [pytest.param(claims, id=name) for name, claims in encoded_otherwise()])
def test_claims_in_another_encoding_are_malformed_though_truly_signed(claims: bytes) -> None:
    assert claims != cbor(CLAIMS)
    assert problem(text(message(claims=claims))) == "credential_malformed"


def headed_otherwise() -> Iterator[tuple[str, Mapping[Any, Any] | bytes]]:
    key_id = HEADER[4]
    for algorithm in (-7, -37, -257, 5, 0, None, "EdDSA", -8.0):
        yield f"algorithm {algorithm!r}", {1: algorithm, 4: key_id}
    yield "no algorithm", {4: key_id}
    yield "no key", {1: -8}
    keys: list[Any] = [7, "0123456789abcdef", [1], None, 1.5, True, {}, key_id.hex()]
    for key in keys:
        yield f"key {key!r}", {1: -8, 4: key}
    yield "critical", {**HEADER, 2: [4]}
    yield "a content type", {**HEADER, 3: "application/cwt"}
    yield "a nested one", {**HEADER, 33: b"certificate"}
    yield "other keys of the same worth", {1.0: -8, 4: key_id}
    yield "nothing", b""
    yield "an empty map", b"\xa0"
    yield "a list", cbor([1, 4])
    yield "a number", cbor(1)
    yield "indefinite", b"\xbf" + cbor(HEADER)[1:] + b"\xff"
    yield "in another order", cbor2.dumps({4: key_id, 1: -8})
    yield "with something behind it", cbor(HEADER) + b"\xf6"


@pytest.mark.parametrize("header", [pytest.param(header, id=name) for name, header in headed_otherwise()])
def test_a_header_that_is_not_ours_is_malformed_though_truly_signed(header: Mapping[Any, Any] | bytes) -> None:
    assert problem(text(message(header=header))) == "credential_malformed"


@pytest.mark.parametrize(
    "unprotected",
    [{4: b"12345678"}, {1: -8}, {"": 0}, [], [0], 0, 1, False, "", b"", 0.0, cbor2.undefined, cbor2.CBORTag(1, 0)],
    ids=repr,
)
def test_a_header_that_nobody_signed_holds_nothing(unprotected: object) -> None:
    """Not even an empty something else: two texts never mean the same badge."""
    assert problem(text(message(unprotected=unprotected))) == "credential_malformed"


def test_null_is_no_empty_header_either() -> None:
    empty = message()
    assert empty.count(b"\xa0\x58") == 1

    assert problem(text(empty.replace(b"\xa0\x58", b"\xf6\x58"))) == "credential_malformed"


def enclosed_otherwise() -> Iterator[tuple[str, bytes]]:
    good = message()
    parts = cbor2.loads(good).value
    yield "no tag", good[1:]
    yield "another tag", message(tag=98)
    yield "a tag in two bytes", b"\xd8\x12" + good[1:]
    yield "tagged twice", b"\xd2" + good
    yield "tagged as a token", b"\xd8\x3d" + good
    yield "of indefinite length", b"\xd2\x9f" + good[2:] + b"\xff"
    yield "three parts", cbor(cbor2.CBORTag(18, list(parts)[:3]))
    yield "five parts", cbor(cbor2.CBORTag(18, [*parts, 0]))
    yield "no parts", cbor(cbor2.CBORTag(18, []))
    yield "a map", cbor(cbor2.CBORTag(18, {1: 2}))
    yield "a text", cbor(cbor2.CBORTag(18, "abcd"))
    yield "a number", cbor(cbor2.CBORTag(18, 4))
    yield "nothing", cbor(None)
    yield "something behind it", good + b"\x00"
    yield "the same twice", good + good
    values: list[Any] = [None, "", 0, [], {}]
    for index, name in ((0, "header"), (2, "claims"), (3, "signature")):
        for value in values:
            changed = [*parts]
            changed[index] = value
            yield f"{name} is {value!r}", cbor(cbor2.CBORTag(18, changed))


@pytest.mark.parametrize("encoded", [pytest.param(encoded, id=name) for name, encoded in enclosed_otherwise()])
def test_an_envelope_that_is_not_ours_is_malformed(encoded: bytes) -> None:
    assert problem(text(encoded)) == "credential_malformed"


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(65), bytes(64)], ids=len)
def test_a_signature_of_any_other_kind_is_none(signature: bytes) -> None:
    protected, unprotected, claims, _ = cbor2.loads(message()).value

    assert problem(text(cbor(cbor2.CBORTag(18, [protected, unprotected, claims, signature])))) == "signature_invalid"


@pytest.mark.parametrize(
    "encoded",
    [
        b"\x81" * 330,
        b"\xc1" * 330,
        b"\xa1\x00" * 165,
        b"\xd8\x1c\x81\xd8\x1d\x00",
        b"\x9b\x7f" + b"\xff" * 7,
        b"\x5b\x7f" + b"\xff" * 7,
        b"\xbb\x7f" + b"\xff" * 7,
        b"\x5a\xff\xff\xff\xff",
        b"\xc2\x58\xff" + b"\xff" * 255,
        b"\xc4\x82\x3b\x7f" + b"\xff" * 7 + b"\x01",
        b"\xc5\x82\x1b\x7f" + b"\xff" * 7 + b"\x01",
        b"\xd8\x1e\x82\x01\x00",
        b"\xd8\x23\x61(",
        b"\xd8\x24\x61x",
        b"\xc1\xfb\x7f\xef" + b"\xff" * 6,
        b"\xf8\x10",
        b"\xff",
    ],
    ids=bytes.hex,
)
def test_cbor_made_to_do_harm_is_malformed(encoded: bytes) -> None:
    """Deep, endless, cyclic, huge, or of a kind that a decoder turns into more than data."""
    for place in (encoded, cbor([encoded]), message(header=encoded), message(claims=encoded)):
        assert problem(text(place)) == "credential_malformed"


# --- whatever there is in the world ---------------------------------------------------------------------------------


@settings(max_examples=300)
@given(st.text(max_size=600))
def test_no_text_at_all_raises_or_reads_as_a_badge(shown: str) -> None:
    assert problem(shown) is not None
    assert problem(PREFIX + shown) is not None


@settings(max_examples=300)
@given(st.binary(max_size=340))
def test_no_bytes_at_all_raise_or_read_as_a_badge(encoded: bytes) -> None:
    assert problem(text(encoded)) is not None


def cbor_values() -> st.SearchStrategy[Any]:
    of_ours: list[Any] = [0, {}, [], b"", -8, HEADER[4], EVENT]
    plain: st.SearchStrategy[Any] = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**64), 2**64),
        st.floats(),
        st.text(max_size=9),
        st.binary(max_size=9),
        st.sampled_from(of_ours),
    )
    return st.recursive(
        plain,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.integers(0, 8) | st.text(max_size=2), inner, max_size=4)
            | st.builds(cbor2.CBORTag, st.integers(0, 300), inner)
        ),
        max_leaves=8,
    )


def encodable(value: object) -> bytes | None:
    try:
        return cbor(value)
    except cbor2.CBOREncodeError:
        return None


@settings(max_examples=400)
@given(header=cbor_values(), unprotected=cbor_values(), claims=cbor_values(), shape=st.integers(0, 3))
def test_nothing_of_the_right_shape_raises_or_reads_as_a_badge(
    header: object, unprotected: object, claims: object, shape: int
) -> None:
    """Signed by ourselves, so that the decoder looks at everything there is."""
    makers: list[Callable[[bytes], bytes]] = [
        lambda one: message(header=one),
        lambda one: message(claims=one),
        lambda one: message(header=cbor({1: -8, 4: cbor2.loads(one)})),
        lambda one: message(unprotected=cbor2.loads(one)),
    ]
    inner = encodable((header, claims, header, unprotected)[shape])
    if inner is None:
        return
    try:
        encoded = makers[shape](inner)
    except (cbor2.CBORError, ValueError):
        return  # not to be had, by a scanner either
    assert problem(text(encoded)) is not None or encoded == message()


@settings(max_examples=300)
@given(st.integers(0, len(message()) - 1), st.integers(0, 8), st.binary(max_size=8))
def test_no_true_badge_with_anything_replaced_reads_as_a_badge(place: int, gone: int, instead: bytes) -> None:
    good = message()
    changed = good[:place] + instead + good[place + gone :]

    assert (problem(text(changed)) is None) == (changed == good)


# --- remembering ----------------------------------------------------------------------------------------------------


def test_a_text_once_verified_is_verified_again_when_the_keys_are_others() -> None:
    verifier = Verifier(EVENT)

    assert verifier.read(GOOD, KEYS).problem is None
    assert verifier.read(GOOD, {}).problem == "signing_key_unknown"
    assert verifier.read(GOOD, {SIGNER.key_id: KEY.public_key().public_bytes_raw().hex()}).problem is None
    assert (
        verifier.read(GOOD, {SIGNER.key_id: OTHER_KEY.public_key().public_bytes_raw().hex()}).problem
        == "signature_invalid"
    )


def test_a_text_that_was_not_believed_is_looked_at_again() -> None:
    verifier = Verifier(EVENT)

    assert verifier.read(text(message(key=OTHER_KEY)), KEYS).problem == "signature_invalid"
    assert verifier.read(text(message(key=OTHER_KEY)), KEYS).problem == "signature_invalid"
    assert not verifier._verified


def test_a_text_is_verified_once_however_often_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = Verifier(EVENT)
    first = verifier.read(GOOD, KEYS)
    monkeypatch.setattr("services.access.credential.read", None)  # whoever calls it now fails

    assert verifier.read(GOOD, KEYS) is first


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.access.credential._REMEMBERED", 3)
    verifier = Verifier(EVENT)

    for version in range(1, 12):
        assert verifier.read(SIGNER.credential(BADGE_ID, version, OPENS, CLOSES), KEYS).version == version
        assert len(verifier._verified) <= 3
