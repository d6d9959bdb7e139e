"""Keeping and closing connections; hostile and broken ones: tests/security."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from auth0_widget.oauth.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Hasty:
    """A server that promises to keep each connection, and closes it after one response."""

    def __init__(self) -> None:
        self.closed = threading.Semaphore(0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                received = connection.recv(1 << 16)
                if received:
                    connection.sendall(_RESPONSE)
            self.closed.release()
            if not received:
                return

    def close(self) -> None:
        socket.create_connection(self._listener.getsockname()).close()
        self._thread.join()
        self._listener.close()


@pytest.fixture
def hasty() -> Iterator[Hasty]:
    server = Hasty()
    yield server
    server.close()


@pytest.fixture
def transport_to() -> Iterator[Callable[[str], Transport]]:
    made: list[Transport] = []

    def make(origin: str) -> Transport:
        made.append(Transport(origin))
        return made[-1]

    yield make
    for transport in made:
        transport.close()


def test_a_connection_that_the_tenant_closed_while_it_was_idle_is_no_trouble(
    hasty: Hasty, transport_to: Callable[[str], Transport]
) -> None:
    transport = transport_to(hasty.url)
    for _ in range(3):
        # A POST, which is not repeated by itself.
        assert transport.request("POST", "/oauth/token", data={"code": "c"}).body == b"{}"
        assert hasty.closed.acquire(timeout=20)


def test_where_python_starts_no_thread_any_more_a_request_is_sent_all_the_same(
    hasty: Hasty, transport_to: Callable[[str], Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    transport = transport_to(hasty.url)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert transport.request("POST", "/oauth/revoke", data={"token": "t"}).body == b"{}"
