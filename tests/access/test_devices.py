"""A scanner is enrolled by a code that works once and for a while, and can be cut off."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from services.access.domain.devices import (
    CutOffDevice,
    DeviceUnknown,
    DeviceWasCutOff,
    EnrolDevice,
    EnrolmentCodeInvalid,
    IssueEnrolmentCode,
    MoveDevice,
    ReportDevice,
    ReportSilence,
)
from services.access.domain.layout import GateUnknown
from services.access.domain.record.devices import (
    Device,
    DeviceCutOff,
    DeviceEnrolled,
    DeviceFellSilent,
    DeviceMoved,
    DeviceReported,
    EnrolmentCodeIssued,
)
from tests.access.controls import DECIDER, LAYOUT, VENUE
from tests.controls import NOW, given

HANDHELD = UUID("018f0000-0000-7000-8000-00000000de1c")
OTHER = UUID("018f0000-0000-7000-8000-00000000de1d")
ISSUED = EnrolmentCodeIssued(code_hash="c0de", gate_id="main", expires_at=NOW + timedelta(minutes=10))
DEVICE = Device(
    device_id=HANDHELD, gate_id="main", public_key="ab" * 32, token_hash="70ce", expires_at=NOW + timedelta(days=30)
)
ENROLLED = DeviceEnrolled(device=DEVICE, code_hash="c0de")


def enrol(**changed: Any) -> EnrolDevice:
    usual = {
        "code_hash": "c0de",
        "device_id": HANDHELD,
        "public_key": "ab" * 32,
        "token_hash": "70ce",
        "now": NOW,
        "token_expires_at": NOW + timedelta(days=30),
    }
    return EnrolDevice(**{**usual, **changed})


def test_a_code_is_issued_for_a_gate() -> None:
    given(DECIDER, *LAYOUT).when(IssueEnrolmentCode(**ISSUED.model_dump())).then(ISSUED)


def test_no_code_is_issued_for_a_gate_that_is_not_there() -> None:
    given(DECIDER).when(IssueEnrolmentCode(**ISSUED.model_dump())).then_refused(GateUnknown)


def test_a_code_is_traded_for_a_device_at_its_gate() -> None:
    after = given(DECIDER, *LAYOUT, ISSUED).when(enrol()).then(ENROLLED)

    assert dict(after.devices.tokens) == {"70ce": HANDHELD}
    assert not after.devices.codes


def test_a_code_works_once() -> None:
    again = enrol(device_id=OTHER, token_hash="07e4")

    given(DECIDER, *LAYOUT, ISSUED, ENROLLED).when(again).then_refused(EnrolmentCodeInvalid)


def test_a_code_that_was_never_issued_does_not_work() -> None:
    given(DECIDER, *LAYOUT, ISSUED).when(enrol(code_hash="9e55")).then_refused(EnrolmentCodeInvalid)


def test_a_code_works_until_it_expires_and_not_at_that_moment() -> None:
    before = given(DECIDER, *LAYOUT, ISSUED)

    before.when(enrol(now=ISSUED.expires_at)).then_refused(EnrolmentCodeInvalid)
    before.when(enrol(now=ISSUED.expires_at - timedelta(microseconds=1))).then(ENROLLED)


def test_a_device_is_cut_off() -> None:
    after = given(DECIDER, *LAYOUT, ISSUED, ENROLLED).when(CutOffDevice(device_id=HANDHELD)).then(
        DeviceCutOff(device_id=HANDHELD)
    )  # fmt: skip

    assert after.devices.known[HANDHELD].cut_off


def test_a_device_that_was_cut_off_is_not_cut_off_again() -> None:
    given(DECIDER, *LAYOUT, ISSUED, ENROLLED, DeviceCutOff(device_id=HANDHELD)).when(
        CutOffDevice(device_id=HANDHELD)
    ).then()


def test_a_device_nobody_enrolled_cannot_be_cut_off() -> None:
    given(DECIDER, *LAYOUT, ISSUED, ENROLLED).when(CutOffDevice(device_id=OTHER)).then_refused(DeviceUnknown)


MOVED = DeviceMoved(device_id=HANDHELD, gate_id="hall-east", from_gate_id="main")
REPORT = ReportDevice(
    device_id=HANDHELD,
    battery=80,
    queue=0,
    skew_s=0,
    policy_version=1,
    revocation_version=0,
    software=None,
    heard_at=NOW,
)
REPORTED = DeviceReported(**REPORT.model_dump(), venue_id=VENUE, gate_id="main")
SILENCE = ReportSilence(device_id=HANDHELD, heard_at=NOW)
FELL_SILENT = DeviceFellSilent(device_id=HANDHELD, venue_id=VENUE, gate_id="main", heard_at=NOW)


def test_a_device_is_moved_and_where_it_stood_is_kept() -> None:
    to_east = MoveDevice(device_id=HANDHELD, gate_id="hall-east")
    east = given(DECIDER, *LAYOUT, ISSUED, ENROLLED).when(to_east).then(MOVED)

    back = DECIDER.fold([DeviceMoved(device_id=HANDHELD, gate_id="main", from_gate_id="hall-east")], east)

    assert (east.devices.known[HANDHELD].gate_id, east.devices.known[HANDHELD].former_gates) == ("hall-east", ("main",))
    assert back.devices.known[HANDHELD].former_gates == ("main", "hall-east")


def test_a_device_is_moved_to_a_gate_that_there_is() -> None:
    to_nowhere = MoveDevice(device_id=HANDHELD, gate_id="nowhere")

    given(DECIDER, *LAYOUT, ISSUED, ENROLLED).when(to_nowhere).then_refused(GateUnknown)


def test_a_device_that_was_cut_off_is_not_moved_and_has_nothing_to_say() -> None:
    cut_off = given(DECIDER, *LAYOUT, ISSUED, ENROLLED, REPORTED, DeviceCutOff(device_id=HANDHELD))

    cut_off.when(MoveDevice(device_id=HANDHELD, gate_id="hall-east")).then_refused(DeviceWasCutOff)
    cut_off.when(REPORT.model_copy(update={"battery": 5})).then()
    cut_off.when(SILENCE).then()


def test_a_device_nobody_enrolled_says_nothing() -> None:
    given(DECIDER, *LAYOUT).when(REPORT).then_refused(DeviceUnknown)
    given(DECIDER, *LAYOUT).when(SILENCE).then_refused(DeviceUnknown)


def test_how_a_device_is_goes_on_record_where_it_changed() -> None:
    enrolled = given(DECIDER, *LAYOUT, ISSUED, ENROLLED)

    after = enrolled.when(REPORT).then(REPORTED)

    assert after.devices.reports[HANDHELD] == REPORTED
    given(DECIDER, *LAYOUT, ISSUED, ENROLLED, REPORTED).when(REPORT.model_copy(update={"battery": 81})).then()


def test_a_device_falls_silent_once_until_it_is_heard_again() -> None:
    silent = given(DECIDER, *LAYOUT, ISSUED, ENROLLED, REPORTED).when(SILENCE).then(FELL_SILENT)

    assert silent.devices.silent == {HANDHELD}
    back = given(DECIDER, *LAYOUT, ISSUED, ENROLLED, REPORTED, FELL_SILENT).when(REPORT).then(REPORTED)
    assert not back.devices.silent
