"""Without an endpoint nothing is traced and nothing loaded; with one, a trace holds ids and codes, never a person."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from chassis.run import telemetry
from tests.controls import CANARY, eventually

_ROOT = Path(__file__).parents[3]
_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_off_it_costs_no_import() -> None:
    script = (
        "import sys; import chassis.run.host; from chassis.run import telemetry; telemetry.configure('access', None)\n"
        "with telemetry.span('scan', 'parent', gate_id='b') as handed_on: assert handed_on == 'parent'\n"
        "telemetry.shutdown(); print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=_ROOT, capture_output=True, text=True, check=False)

    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


class Collector(HTTPServer):
    """Takes what an exporter sends."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[bytes] = []

    @property
    def spans(self) -> list[Span]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [
            span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Says nothing."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    monkeypatch.setattr(telemetry, "_provider", None)
    monkeypatch.setattr(telemetry, "_tracer", None)
    server = Collector()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    telemetry.configure("access", f"http://127.0.0.1:{server.server_port}")
    yield server
    telemetry.shutdown()
    server.shutdown()
    thread.join()
    server.server_close()


async def test_on_a_step_continues_the_trace_it_was_given(collector: Collector) -> None:
    with (
        telemetry.span("scan", _TRACE, "server", gate_id="pln-east") as outer,
        telemetry.span("append", outer) as inner,
    ):
        assert outer is not None
        assert inner is not None
    spans = await eventually(lambda: collector.spans)

    assert {span.trace_id.hex() for span in spans} == {_TRACE.split("-")[1]}
    by_name = {span.name: span for span in spans}
    assert by_name["scan"].parent_span_id.hex() == _TRACE.split("-")[2]
    assert by_name["append"].parent_span_id == by_name["scan"].span_id
    assert inner.split("-")[2] == by_name["append"].span_id.hex()
    assert [(one.key, one.value.string_value) for one in by_name["scan"].attributes] == [("placet.gate_id", "pln-east")]


async def test_on_nothing_of_a_person_is_sent(collector: Collector) -> None:
    with pytest.raises(LookupError), telemetry.span("scan", None, email=CANARY, holder=CANARY, gate_id="b-1"):
        raise LookupError(CANARY)
    await eventually(lambda: collector.spans)

    (body,) = collector.bodies
    assert b"b-1" in body
    assert b"Hoa" not in body
    assert not collector.spans[0].events


@pytest.mark.parametrize("text", [None, "", "00-abc", _TRACE + "-x", _TRACE.upper(), CANARY])
def test_what_is_no_trace_is_none(text: str | None) -> None:
    assert telemetry.valid(text) is None
    assert telemetry.valid(_TRACE) == _TRACE
