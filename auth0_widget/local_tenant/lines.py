"""The line between the tenant and its client: cut, kept waiting, or let through byte by byte."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Request


class Line:
    """Keeps the clients of one failure waiting for as long as a test wants. It never sleeps.

    Attributes:
        arrived: Set as soon as somebody waits.
    """

    def __init__(self) -> None:
        self.arrived = threading.Event()
        self._changed = threading.Condition()
        self._allowed = 0
        self._open = self._hung_up = False

    def open(self) -> None:
        """Let everything through from now on."""
        with self._changed:
            self._open = True
            self._changed.notify_all()

    def hang_up(self) -> None:
        """Cut off everybody who waits, now or later."""
        with self._changed:
            self._hung_up = True
            self._changed.notify_all()

    def let_through(self, size: int) -> None:
        """Let this many more bytes through."""
        with self._changed:
            self._allowed += size
            self._changed.notify_all()

    def wait(self) -> bool:
        """Wait until the line opens: True; False if it was hung up."""
        self.arrived.set()
        with self._changed:
            self._changed.wait_for(lambda: self._open or self._hung_up)
            return not self._hung_up

    def drip(self, data: bytes) -> Iterator[bytes]:
        """The data in the portions that the test lets through; the headers go at once."""
        yield b""
        self.arrived.set()
        while data:
            with self._changed:
                self._changed.wait_for(lambda: self._open or self._allowed or self._hung_up)
                if self._hung_up:
                    return
                size = len(data) if self._open else self._allowed
                self._allowed = 0
            yield data[:size]
            data = data[size:]


def cut(request: Request) -> Response:
    """An answer of which no byte arrives: the connection ends before it."""
    # Read, so that the client sees an end and not a reset, which depends on the operating system.
    request.get_data(cache=True)
    # Taken now: when the answer is sent, Flask has forgotten the request.
    connection: socket.socket = request.environ["werkzeug.socket"]

    def end() -> Iterator[bytes]:
        with contextlib.suppress(OSError):  # the client was faster
            connection.shutdown(socket.SHUT_RDWR)
        yield b""

    return Response(end())


def half(data: bytes) -> bytes:
    """The first half of an answer's body; of an empty one, the beginning of an object."""
    return data[: len(data) // 2] or b"{"
