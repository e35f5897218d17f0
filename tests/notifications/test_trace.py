"""One trace from what happened to the message about it."""

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis.run import telemetry
from chassis.run.logging import ALLOWED
from tests.notifications.conftest import TRACE, House, Station
from tests.notifications.test_audiences import sample

TRACE_ID, CAUSE = int(TRACE.split("-")[1], 16), int(TRACE.split("-")[2], 16)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("placet"))
    return exporter


async def test_event_notice_and_message_are_one_trace(station: Station, spans: InMemorySpanExporter) -> None:
    async with station.notifications() as notifications:
        await station.access.says(sample("access.LockdownDeclared.v1"), TRACE)
        await notifications.hear_and_send()
        published = await notifications.host.log.read_shared(0, 10)

    finished = spans.get_finished_spans()
    by_name = {name: [span for span in finished if span.name == name] for name in ("queue_notices", "send_notice")}
    assert {span.context.trace_id for span in finished if span.context} == {TRACE_ID}
    (queueing,) = by_name["queue_notices"]
    assert queueing.parent is not None
    assert queueing.parent.span_id == CAUSE
    assert len(by_name["send_notice"]) == 2
    assert queueing.context is not None
    for sending in by_name["send_notice"]:
        assert sending.parent is not None
        assert sending.parent.span_id == queueing.context.span_id
    assert [event.metadata.traceparent and event.metadata.traceparent.split("-")[1] for event in published] == [
        TRACE.split("-")[1]
    ] * 2


async def test_spans_carry_ids_and_nothing_else(house: House, spans: InMemorySpanExporter) -> None:
    async with house.notifications() as notifications:
        await house.accreditation.invite()
        await house.accreditation.confirm()
        await notifications.hear_and_send()

    for span in spans.get_finished_spans():
        assert {key.removeprefix("placet.") for key in span.attributes or {}} <= ALLOWED
        assert "dao@" not in span.to_json()
        assert "Martin" not in span.to_json()


async def test_without_tracing_the_trace_is_handed_on_as_it_came(station: Station) -> None:
    async with station.notifications() as notifications:
        await station.access.says(sample("access.LockdownDeclared.v1"), TRACE)
        await notifications.hear_and_send()
        recorded = await notifications.host.log.read(0, 100)

    assert {event.metadata.traceparent for event in recorded} == {TRACE}
