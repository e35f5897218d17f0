"""Who may say what on NATS: one nkey user each, and the list of subjects it may publish and subscribe to.

Services publish their own events and heartbeat, and read others through durables of their own. An outside subscriber
never makes a consumer (a consumer could deliver to foreign subjects): we make its durable, it pulls and acknowledges.
An edge controller asks for the scans of its gates.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from chassis.stream.inboxes import CONTROLLER_INBOXES, controller_inbox_prefix, inbox_prefix
from contracts.subjects import durable_name, head_subject, scan_subject, stream_name, stream_subjects


@dataclass(frozen=True, slots=True)
class User:
    """A NATS user; ``public_key`` is the public half of its nkey."""

    name: str
    public_key: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def service_user(
    service: str,
    public_key: str,
    consumes: Iterable[str],
    answers: Iterable[str] = (),
    reads_as: Iterable[str] = (),
) -> User:
    """A service: its own stream to write, those it consumes to read, and the requests that it answers.

    ``reads_as``: further names in which it reads, each with durables of its own.

    Where it answers is a list, too. With ``allow_responses`` whoever asks names the subject to answer to, and might
    name another service's stream.
    """
    stream = stream_name(service)
    publish = [
        *stream_subjects(service),
        head_subject(service),
        *(f"$JS.API.STREAM.{verb}.{stream}" for verb in ("INFO", "CREATE", "MSG.GET")),
    ]
    for source, reader in product(consumes, (service, *reads_as)):
        name, durable = stream_name(source), durable_name(reader, source)
        verbs = ("CREATE", "DURABLE.CREATE", "INFO", "DELETE")
        publish += [f"$JS.API.CONSUMER.{verb}.{name}.{durable}" for verb in verbs]
        publish += _pulls(name, durable)
    hears = tuple(answers)
    if hears:
        publish.append(f"{CONTROLLER_INBOXES}.*.>")
    return User(service, public_key, tuple(publish), (_inbox(service), *map(head_subject, consumes), *hears))


def subscriber_user(name: str, public_key: str, streams: Sequence[str]) -> User:
    """An outside system: it pulls from the durables made for it, and can do nothing else."""
    publish = [subject for stream in streams for subject in _pulls(stream, name)]
    return User(name, public_key, tuple(publish), (_inbox(name),))


def controller_user(name: str, public_key: str, gates: Iterable[str]) -> User:
    """An edge controller: it asks for the scans of its gates, hears the answers, and can do nothing else."""
    return User(name, public_key, tuple(map(scan_subject, gates)), (f"{controller_inbox_prefix(name)}.>",))


def admin_user(public_key: str) -> User:
    """The operator's own: makes durables, recreates streams."""
    return User("admin", public_key, ("$JS.API.>", "$JS.ACK.>"), (_inbox("admin"),))


def authorization(users: Iterable[User]) -> str:
    """The ``authorization`` block of a nats-server configuration; everything not listed is denied."""
    entries = [
        {
            "nkey": user.public_key,
            "permissions": {"publish": {"allow": user.publish}, "subscribe": {"allow": user.subscribe}},
        }
        for user in users
    ]
    return f"authorization {{ users: {json.dumps(entries, indent=2)} }}\n"


def _pulls(stream: str, durable: str) -> list[str]:
    return [f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}", f"$JS.ACK.{stream}.{durable}.>"]


def _inbox(user: str) -> str:
    return f"{inbox_prefix(user)}.>"
