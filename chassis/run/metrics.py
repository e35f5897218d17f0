"""What Prometheus sees of every service: whether it leads, how far its log, stream and sources are. Never an id."""

from functools import partial
from typing import TYPE_CHECKING

import jwt
from prometheus_client import Counter, Gauge

if TYPE_CHECKING:
    from chassis.run.host import Host

READY = Gauge("placet_ready", "1 while the service can do its job, as /ready says, else 0.")
DEGRADED = Gauge("placet_degraded", "1 for each thing the process does without, as /ready says.", ["code"])
LEADING = Gauge("placet_leading", "1 while this process holds the lease of its work, else 0.")
BROKER = Gauge("placet_nats_connected", "1 while there is a connection to NATS, else 0.")
TOKEN_ENDS = Gauge(
    "placet_service_token_expiry_timestamp_seconds",
    "When the token expires that the service shows to the others; 0: it cannot be read.",
)
TOKEN_LASTS = Gauge("placet_service_token_lifetime_seconds", "From that token's issue to its end; 0: it does not say.")

FAILED_APPENDS = Counter(
    "placet_log_failed_appends", "Appends that the database did not take, or did not answer.", ["cause"]
)
HEAD = Gauge("placet_log_shared_number", "The last shared event of the log, as this process last saw it.")
RELAYING = Gauge("placet_relay_running", "1 while this process copies the log to the stream, else 0.")
RELAYED = Gauge("placet_relay_published_number", "The last shared event that this process knows to be in the stream.")

READ = Gauge("placet_consumer_applied_number", "The last event applied.", ["source"])
LAG = Gauge("placet_consumer_lag_events", "Events known to exist and not applied yet.", ["source"])
SILENCE = Gauge("placet_consumer_silent_seconds", "Since the source was last heard of.", ["source"])
PARKED = Gauge("placet_consumer_parked_entities", "Entities whose events wait among the dead letters.", ["source"])
HOLES = Counter("placet_consumer_holes", "Holes met in a stream, and filled from the source's own log.", ["source"])

for _cause in ("storage_full", "unanswered"):
    FAILED_APPENDS.labels(_cause)  # from 0 on: of a series that begins with 1 nobody sees that it grew


def watch(host: "Host") -> None:
    """Lets the metrics tell of ``host`` from now on, each time they are asked."""
    LEADING.set_function(host.lease.held.is_set)
    BROKER.set_function(host.bus.connected.is_set)
    TOKEN_ENDS.set_function(lambda: _token(host).get("exp", 0))
    TOKEN_LASTS.set_function(lambda: (token := _token(host)).get("exp", 0) - token.get("iat", token.get("exp", 0)))
    HEAD.set_function(lambda: host.log.known_number)
    RELAYING.set_function(lambda: host.relay.running)
    RELAYED.set_function(lambda: host.relay.published)
    for consumer in host.consumers:
        source = consumer.reader.source
        HOLES.labels(source)
        READ.labels(source).set_function(partial(getattr, consumer.reader, "number"))
        LAG.labels(source).set_function(partial(getattr, consumer, "lag"))
        SILENCE.labels(source).set_function(partial(getattr, consumer, "silent_s"))
        PARKED.labels(source).set_function(partial(getattr, consumer, "parked"))


def _token(host: "Host") -> dict[str, float]:
    """The times in our own token. Nobody is admitted by this: it is only looked at."""
    try:
        token = host.settings.read_secret(host.settings.service_token_file)
        claims = jwt.decode(token, options={"verify_signature": False})
    except (OSError, ValueError, jwt.InvalidTokenError):
        return {}
    return {name: claims[name] for name in ("exp", "iat") if isinstance(claims.get(name), int | float)}
