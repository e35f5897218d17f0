"""What is promised to subscribers is written down, current, and true of the samples."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel, ValidationError

from chassis.personal import Personal
from contracts.event import SharedEvent, event_class
from contracts.schema import SAMPLES, schema_of
from contracts.subjects import stream_subjects
from contracts.topology import SERVICES
from tests.chassis.personal_fields import personal_fields

_ROOT = Path(__file__).parents[2]
EVENTS: dict[str, type[SharedEvent]] = {
    event.short_name(): event for service in SERVICES.values() for event in service.publishes
}


def _sample(name: str) -> str:
    return (SAMPLES / f"{name}.json").read_text("utf-8")


def _validator(event: type[SharedEvent]) -> Any:
    return jsonschema.Draft202012Validator(schema_of(event), format_checker=jsonschema.FormatChecker())


def test_schemas_and_documents_are_current() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "contracts", "check"], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_event_has_a_sample_and_every_sample_an_event() -> None:
    assert {file.stem for file in SAMPLES.glob("*.json")} == set(EVENTS)
    assert len(EVENTS) > 20


@pytest.mark.parametrize("name", EVENTS)
def test_a_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(EVENTS[name]))


@pytest.mark.parametrize("name", EVENTS)
def test_a_sample_is_what_its_schema_says(name: str) -> None:
    assert list(_validator(EVENTS[name]).iter_errors(json.loads(_sample(name)))) == []


@pytest.mark.parametrize("name", EVENTS)
def test_a_sample_without_one_of_its_fields_is_not(name: str) -> None:
    """Control: the schema asks for every field, but for those that came within the version."""
    sample, validator = json.loads(_sample(name)), _validator(EVENTS[name])
    assert set(sample) == EVENTS[name].model_fields.keys(), "a sample shows every field"
    for field in sample:
        lacking = {key: value for key, value in sample.items() if key != field}
        assert validator.is_valid(lacking) == (field not in validator.schema["required"]), field


@pytest.mark.parametrize("name", EVENTS)
def test_a_sample_is_read_and_written_back_as_it_was(name: str) -> None:
    event = EVENTS[name].model_validate_json(_sample(name))

    assert json.loads(event.model_dump_json()) == json.loads(_sample(name))
    assert EVENTS[name].model_validate_json(event.model_dump_json()) == event


@pytest.mark.parametrize("name", EVENTS)
def test_what_was_recorded_before_a_field_came_is_read(name: str) -> None:
    sample, needed = json.loads(_sample(name)), schema_of(EVENTS[name])["required"]

    event = EVENTS[name].model_validate({field: value for field, value in sample.items() if field in needed})

    assert event.model_fields_set == set(needed)


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_knows_where_it_goes_and_whom_it_is_about(name: str) -> None:
    event = EVENTS[name].model_validate_json(_sample(name))

    subject, about = event.subject(), event.about()

    assert subject.split(".")[:3] == name.split(".")
    assert len(subject.split(".")) == 3 + len(event.routing)
    assert all(token and set(token) <= _TOKEN for token in subject.split(".")[3:])
    assert set(about) <= _TOKEN
    assert event_class(event.type_name()) is EVENTS[name]


_TOKEN = set("abcdefghijklmnopqrstuvwxyz0123456789-")


@pytest.mark.parametrize("name", EVENTS)
def test_fields_of_a_later_release_are_passed_over(name: str) -> None:
    sample = json.loads(_sample(name)) | {"field_of_tomorrow": 1}

    assert EVENTS[name].model_validate(sample) == EVENTS[name].model_validate_json(_sample(name))


def test_a_name_with_a_dot_does_not_get_into_a_subject() -> None:
    sample = json.loads(_sample("access.BadgeScanned.v1"))
    for bad in ("pln.*", "PLN", "", "a b", ">", "x" * 41):
        with pytest.raises(ValidationError):
            EVENTS["access.BadgeScanned.v1"].model_validate(sample | {"zone_id": bad})


@pytest.mark.parametrize("major", [1, 2, 12])
@pytest.mark.parametrize("name", EVENTS)
def test_its_stream_captures_it_in_every_version(name: str, major: int) -> None:
    event = EVENTS[name].model_validate_json(_sample(name))
    subject = event.subject().replace(".v1", f".v{major}")

    assert sum(_captures(pattern, subject) for pattern in stream_subjects(event.service)) == 1


@pytest.mark.parametrize("subject", ["access", "access.BadgeScanned", "rpc.access.head", "accreditation.X.v1"])
def test_nothing_else_gets_into_a_stream(subject: str) -> None:
    assert not any(_captures(pattern, subject) for pattern in stream_subjects("access"))


def _captures(pattern: str, subject: str) -> bool:
    """As NATS matches: ``*`` is one token, ``>`` at the end one or more."""
    regex = re.escape(pattern).replace(r"\*", "[^.]+").removesuffix(">")
    return re.fullmatch(f"{regex}.+" if pattern.endswith(">") else regex, subject) is not None


@pytest.mark.parametrize("name", EVENTS)
def test_no_event_carries_personal_data(name: str) -> None:
    assert personal_fields(EVENTS[name]) == []


def test_personal_data_would_be_noticed_wherever_it_hides() -> None:
    """Control."""

    class Inner(BaseModel):
        names: dict[str, tuple[Personal | None, ...]]

    class Outer(BaseModel):
        fine: str
        guest: Personal
        party: list[Inner]

    assert personal_fields(Outer) == ["guest", "party.names"]
