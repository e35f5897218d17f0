"""Traces with OpenTelemetry, from the scan to the notice. Without an endpoint nothing is loaded, and nothing traced.

A span's name is a constant, and its attributes are ids and codes by the same allow-list as the log's.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from chassis.run.logging import ALLOWED

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

Kind = Literal["server", "producer", "consumer", "client", "internal"]

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

_provider: "TracerProvider | None" = None
_tracer: "Tracer | None" = None


def configure(service: str, endpoint: str | None) -> None:
    """Starts exporting to an OTLP endpoint, in the background and in batches; None leaves tracing off."""
    global _provider, _tracer  # noqa: PLW0603  (one process, one exporter)
    if endpoint is None:
        return
    # Loaded here because most runs trace nothing, and these imports take longer than a small service's start.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    _provider = TracerProvider(resource=Resource.create({"service.name": f"placet-{service}"}))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    _provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
    _tracer = _provider.get_tracer("placet")


def shutdown() -> None:
    """Sends what is left."""
    if _provider is not None:
        _provider.shutdown()


def valid(traceparent: str | None) -> str | None:
    """A W3C traceparent as it came, or None for anything else."""
    return traceparent if traceparent and _TRACEPARENT.fullmatch(traceparent) else None


@contextmanager
def span(name: str, parent: str | None, kind: Kind = "internal", **attributes: object) -> Iterator[str | None]:
    """Traces a step under ``parent`` (a traceparent); yields the traceparent to hand on, or ``parent`` when off."""
    if _tracer is None:
        yield parent
        return
    from opentelemetry import trace  # noqa: PLC0415
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    propagator = TraceContextTextMapPropagator()
    context = propagator.extract({"traceparent": parent}) if parent else None
    known = {f"placet.{key}": str(value) for key, value in attributes.items() if key in ALLOWED}
    kinds = trace.SpanKind[kind.upper()]
    # An exception's text may quote what somebody typed: it stays out of the span's events and status.
    with _tracer.start_as_current_span(
        name, context, kinds, known, record_exception=False, set_status_on_exception=False
    ):
        carrier: dict[str, str] = {}
        propagator.inject(carrier)
        yield carrier.get("traceparent")
