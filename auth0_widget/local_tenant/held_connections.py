"""Connections that a test holds: cut, kept waiting, or served a few bytes at a time."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Request


class HeldConnection:
    """Keeps the clients of one failure waiting for as long as a test wants. It never sleeps.

    Attributes:
        arrived: Set as soon as a client waits.
    """

    def __init__(self) -> None:
        self.arrived = threading.Event()
        self._changed = threading.Condition()
        self._allowed = 0
        self._open = self._cut_off = False

    def open(self) -> None:
        """Send everything without delay from now on."""
        with self._changed:
            self._open = True
            self._changed.notify_all()

    def cut_off(self) -> None:
        """Cut the connections of all clients that wait, now or later."""
        with self._changed:
            self._cut_off = True
            self._changed.notify_all()

    def let_through(self, size: int) -> None:
        """Send this many more bytes."""
        with self._changed:
            self._allowed += size
            self._changed.notify_all()

    def wait(self) -> bool:
        """Wait for `open` (True) or `cut_off` (False)."""
        self.arrived.set()
        with self._changed:
            self._changed.wait_for(lambda: self._open or self._cut_off)
            return not self._cut_off

    def drip(self, data: bytes) -> Iterator[bytes]:
        """The data in the portions that the test allows. The headers are sent at once."""
        yield b""
        self.arrived.set()
        while data:
            with self._changed:
                self._changed.wait_for(lambda: self._open or self._allowed or self._cut_off)
                if self._cut_off:
                    return
                size = len(data) if self._open else self._allowed
                self._allowed = 0
            yield data[:size]
            data = data[size:]


def cut(request: Request) -> Response:
    """A response that ends the connection before its first byte."""
    # With unread data, some operating systems would send a reset in place of an end.
    request.get_data(cache=True)
    # Looked up here, because Flask has no request any more when the response is sent.
    connection: socket.socket = request.environ["werkzeug.socket"]

    def end() -> Iterator[bytes]:
        with contextlib.suppress(OSError):  # the client has closed the connection first
            connection.shutdown(socket.SHUT_RDWR)
        yield b""

    return Response(end())


def half(data: bytes) -> bytes:
    """The first half of a body; for an empty body, the beginning of a JSON object."""
    return data[: len(data) // 2] or b"{"
