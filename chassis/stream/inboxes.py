"""Where NATS brings replies: an inbox of one's own for each user, which nobody else may subscribe to."""

CONTROLLER_INBOXES = "_INBOX_CONTROLLER"
"""In capitals: no user is called so, whose inbox would hold all of these."""


def inbox_prefix(user: str) -> str:
    """Where replies to ``user`` arrive."""
    return f"_INBOX_{user}"


def controller_inbox_prefix(name: str) -> str:
    """Where an edge controller's verdicts arrive; only access publishes there, only the controller subscribes."""
    return f"{CONTROLLER_INBOXES}.{name}"
