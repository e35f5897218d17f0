"""A small real OTLP collector: takes traces over HTTP in protobuf, and keeps the spans."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from fastapi import FastAPI, Request
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.conftest import free_port


@dataclass(frozen=True)
class Span:
    service: str
    name: str
    trace_id: str
    attributes: dict[str, str]
    whole: str
    """Everything that was sent of it, events and status too, as text."""


@dataclass
class Collector:
    port: int
    spans: list[Span] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def of_trace(self, trace_id: str) -> set[tuple[str, str]]:
        """(service, span name) of a trace."""
        return {(span.service, span.name) for span in self.spans if span.trace_id == trace_id}

    @classmethod
    @asynccontextmanager
    async def started(cls) -> AsyncIterator["Collector"]:
        collector = cls(free_port())
        server = uvicorn.Server(
            uvicorn.Config(collector._app(), port=collector.port, log_level="warning", lifespan="off")
        )
        serving = asyncio.create_task(server.serve())
        yield collector
        server.should_exit = True
        await serving

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/v1/traces")
        async def take(request: Request) -> None:
            for resource in ExportTraceServiceRequest.FromString(await request.body()).resource_spans:
                service = {attribute.key: attribute.value.string_value for attribute in resource.resource.attributes}
                for span in (span for scope in resource.scope_spans for span in scope.spans):
                    attributes = {attribute.key: attribute.value.string_value for attribute in span.attributes}
                    whole = str(span)
                    self.spans.append(Span(service["service.name"], span.name, span.trace_id.hex(), attributes, whole))

        return app
