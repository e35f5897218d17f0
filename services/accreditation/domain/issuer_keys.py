"""The keys that sign badges: published once each, so that gates know whom to believe."""

from dataclasses import dataclass

from chassis.log.decider import Command, Decider, Decision, Event


class PublishIssuerKey(Command):
    key_id: str
    public_key: str  # 32 raw bytes of Ed25519, in hex


class IssuerKeyPublished(Event):
    key_id: str
    public_key: str


@dataclass(frozen=True)
class State:
    """The ids of the keys published so far."""

    published: frozenset[str] = frozenset()


def decide(command: PublishIssuerKey, state: State) -> Decision[IssuerKeyPublished]:
    """Events that make ``command`` true; none if it already is."""
    return [] if command.key_id in state.published else [IssuerKeyPublished(**command.model_dump())]


def evolve(state: State, event: IssuerKeyPublished) -> State:
    """State after ``event``."""
    return State(state.published | {event.key_id})


ISSUER_KEYS: Decider[PublishIssuerKey, State, IssuerKeyPublished] = Decider(
    decide, evolve, State(), (IssuerKeyPublished,)
)
