"""How streams, subjects and durables are named after a service. ``service`` is its name, ``access``."""

SERVICE_ERROR = "Nats-Service-Error"
SERVICE_ERROR_CODE = "Nats-Service-Error-Code"
"""Headers of a reply that is a problem: its code, and its HTTP status. All services on NATS say it so (NATS ADR-32)."""


def stream_name(service: str) -> str:
    """The JetStream stream that mirrors the service's log: ``ACCESS``."""
    return service.upper()


def stream_subjects(service: str) -> tuple[str, str]:
    """What that stream captures, and nothing wider: every version of every event, since all are numbered in one row."""
    return (f"{service}.*.*", f"{service}.*.*.>")


def head_subject(service: str) -> str:
    """Core NATS: ``{log_id, number}`` each second, so that readers notice what they missed."""
    return f"rpc.{service}.head"


def scan_subject(gate_id: str) -> str:
    """Core NATS, request and reply: a scan at this gate, for its verdict. ``*`` for any gate."""
    return f"rpc.access.scan.{gate_id}"


def durable_name(consumer: str, service: str) -> str:
    """The durable of ``consumer`` on the stream of ``service``: ``access-from-accreditation``."""
    return f"{consumer}-from-{service}"
