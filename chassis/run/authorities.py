"""Certificates: whom a client of ours trusts."""


def authorities(url: str) -> bool:
    """What httpx is told to ``verify``: certificates, where any are shown.

    To check them it reads every authority of the web, 30 ms a client; over plain HTTP there is nothing to check.
    """
    return not url.startswith("http:")
