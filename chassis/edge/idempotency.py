"""A request repeated stays one command: the caller's ``Idempotency-Key`` becomes the command's id."""

import hashlib
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import Header, Request

from chassis.edge.identity import Principal
from chassis.edge.problems import Problem
from chassis.log.log import Metadata
from chassis.run import telemetry
from chassis.run.clock import Clock

_NAMESPACE = UUID("9d2a7c1e-6f0b-5c86-9d1c-2f3b5a1e7b54")


@dataclass(frozen=True, slots=True)
class Cause:
    """What a route needs to make a command's metadata: the clock, the request, its key."""

    clock: Clock
    route: str
    key: str
    content: bytes
    traceparent: str | None

    def metadata(self, principal: Principal) -> Metadata:
        """Its id is derived from who asks, the route and the key; its hash tells whether it is the same again.

        The key salts the hash, so whoever reads the log cannot try out bodies against it.
        """
        return Metadata(
            actor=principal.actor,
            command_id=uuid5(_NAMESPACE, f"{principal.actor}\n{self.route}\n{self.key}"),
            occurred_at=self.clock.now(),
            body_hash=hashlib.sha256(self.key.encode() + b"\n" + self.content).hexdigest(),
            traceparent=self.traceparent,
        )


async def cause(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(max_length=200, description="Chosen by you, once an intention; the same key is obeyed once."),
    ] = None,
) -> Cause:
    """A route's dependency. Raises Problem 400 for a request without a key."""
    if not idempotency_key:
        raise Problem(
            400,
            "idempotency_key_required",
            "Every POST carries an Idempotency-Key.",
            "Choose one, a UUID for example, for each thing you want done, and repeat it when you ask again.",
        )
    return Cause(
        clock=request.app.state.clock,
        route=request.scope["route"].path,
        key=idempotency_key,
        content=request.url.path.encode() + b"\n" + await request.body(),
        traceparent=telemetry.valid(request.headers.get("traceparent")),
    )


def derived(metadata: Metadata, part: str) -> Metadata:
    """The metadata of one part of a command that is carried out as several: ``part`` names it, ``row-17``."""
    return Metadata(
        actor=metadata.actor,
        command_id=uuid5(metadata.command_id, part),
        occurred_at=metadata.occurred_at,
        body_hash=metadata.body_hash,
        correlation_id=str(metadata.command_id),
        causation_id=metadata.causation_id,
        traceparent=metadata.traceparent,
    )
