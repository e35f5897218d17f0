"""Access over NATS: edge controllers ask ``rpc.access.scan.<gate_id>`` what handhelds post to ``/v1/scans``.

Same body, same rights, same answer. A problem is the document that HTTP would give, and is marked by the headers with
which all services on NATS say so (ADR-32): a header of our own called status would look like the broker's.

Only whoever leads listens, so one process answers. They listen in no queue group: to the broker a leader that froze
belongs to it for minutes, and its share of the scans would go unanswered. Two who both believe to lead both answer, and
harm nobody: the log takes a scan once.

The controller names the subject to answer to. It may name any, the stream of access among them: only the inboxes of
controllers are answered to, and no other subject.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import nats.errors
from nats.aio.msg import Msg

from chassis.edge.identity import Identity
from chassis.edge.limits import DEFAULT_LIMIT, too_large
from chassis.edge.problems import Problem, of_error, unavailable
from chassis.stream.bus import Bus
from chassis.stream.inboxes import CONTROLLER_INBOXES
from contracts.envelope import CONTENT_TYPE
from contracts.subjects import SERVICE_ERROR, SERVICE_ERROR_CODE, scan_subject
from services.access.domain.record.layout import Gate
from services.access.gatekeeper import Gatekeeper, StandingBy
from services.access.scan_port import ADMITTED, parse, verdict_on
from services.access.scanning import Scanning

_UNDER_WAY = 512  # requests at a time; each holds its body
_LAST_ANSWERS_WITHIN_S = 1.0


class ScanRequests:
    """Answers the requests for scans at the gates of one venue."""

    def __init__(self, bus: Bus, gatekeeper: Gatekeeper, scanning: Scanning, identity: Identity) -> None:
        self._bus = bus
        self._gatekeeper = gatekeeper
        self._scanning = scanning
        self._identity = identity
        self._under_way: set[asyncio.Task[None]] = set()
        self._gates: Mapping[str, Gate] = {}

    async def run(self) -> None:
        """Answers until cancelled; a client that reconnects listens again."""
        await self._gatekeeper.started.wait()
        await self._bus.connected.wait()
        subscription = await self._bus.client.subscribe(scan_subject("*"), cb=self._take)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            with suppress(nats.errors.Error):
                await subscription.unsubscribe()
            if self._under_way:  # they end with the gatekeeper, which tells those that wait to ask again
                await asyncio.wait(self._under_way, timeout=_LAST_ANSWERS_WITHIN_S)

    async def _take(self, message: Msg) -> None:
        gate_id = message.subject.rpartition(".")[2]
        if not (message.reply.startswith(f"{CONTROLLER_INBOXES}.") and self._is_ours(gate_id)):
            return
        if len(message.data) > DEFAULT_LIMIT:
            await self._refuse(message, too_large(DEFAULT_LIMIT))
        elif len(self._under_way) >= _UNDER_WAY:
            await self._refuse(message, unavailable("Too many scans are under way; ask again."))
        else:
            task = asyncio.create_task(self._answer(message, gate_id))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    def _is_ours(self, gate_id: str) -> bool:
        """Every venue hears all requests. A gate stays known while the gatekeeper reads its log again."""
        with suppress(StandingBy):
            self._gates = self._gatekeeper.venue.layout.gates
        return gate_id in self._gates

    async def _answer(self, message: Msg, gate_id: str) -> None:
        try:
            verdict = await self._verdict(message, gate_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the gate is told
            await self._refuse(message, of_error(error, "NATS", scan_subject("{gate_id}")))
        else:
            await self._reply(message, verdict, {"content-type": CONTENT_TYPE})

    async def _verdict(self, message: Msg, gate_id: str) -> bytes:
        headers = {name.lower(): value for name, value in (message.headers or {}).items()}
        principal = await ADMITTED.of(self._identity, headers)
        scan = parse(message.data)
        if scan.gate_id != gate_id:
            raise Problem(403, "not_yours", "The scan is of another gate than the subject.")
        return await verdict_on(scan, self._scanning, principal, headers)

    async def _refuse(self, message: Msg, problem: Problem) -> None:
        response = problem.response()
        headers = {"content-type": str(response.media_type), **problem.headers}
        marks = {SERVICE_ERROR: problem.code, SERVICE_ERROR_CODE: str(problem.status)}
        await self._reply(message, bytes(response.body), {**headers, **marks})

    async def _reply(self, message: Msg, body: bytes, headers: Mapping[str, str]) -> None:
        with suppress(nats.errors.Error, OSError):  # NATS is away: the gate hears nothing, and asks again
            await self._bus.client.publish(message.reply, body, headers=dict(headers))
