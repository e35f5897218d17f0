"""What a process tells the others of its service about where it is reached."""

import socket

import pytest

from chassis.run.settings import Settings


@pytest.mark.parametrize(
    ("host", "address", "reached_at"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:8082"),
        ("::1", None, "http://[::1]:8082"),
        ("0.0.0.0", None, f"http://{socket.gethostname()}:8082"),
        ("::", None, f"http://{socket.gethostname()}:8082"),
        ("0.0.0.0", "https://access-1.example", "https://access-1.example"),
    ],
)
def test_a_process_is_reached_where_it_listens_or_where_it_is_told(
    settings: Settings, host: str, address: str | None, reached_at: str
) -> None:
    mine = settings.model_copy(update={"host": host, "address": address, "port": 8082})

    assert mine.reached_at == reached_at
