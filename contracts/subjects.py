"""How streams, subjects and durables are named after a service. ``service`` is its name, ``access``."""


def stream_name(service: str) -> str:
    """The JetStream stream that mirrors the service's log: ``ACCESS``."""
    return service.upper()


def stream_subjects(service: str) -> tuple[str, str]:
    """What that stream captures, and nothing wider: every version of every event, since all are numbered in one row."""
    return (f"{service}.*.*", f"{service}.*.*.>")


def head_subject(service: str) -> str:
    """Core NATS: ``{log_id, number}`` each second, so that readers notice what they missed."""
    return f"rpc.{service}.head"


def durable_name(consumer: str, service: str) -> str:
    """The durable of ``consumer`` on the stream of ``service``: ``access-from-accreditation``."""
    return f"{consumer}-from-{service}"
