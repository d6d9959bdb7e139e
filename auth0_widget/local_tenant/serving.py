"""A web server on the loopback interface, in a thread. Stopping it closes every connection."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from types import TracebackType

    from flask import Flask
    from typing_extensions import Self

HOST = "127.0.0.1"
log = logging.getLogger("auth0_widget.local_tenant")


class QuietHandler(WSGIRequestHandler):
    """Handles one request per connection, so that no client keeps one that ends with the tenant."""

    protocol_version = "HTTP/1.0"

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin the response without a date, because the application has its own clock."""
        self.send_response_only(code, message)

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - Werkzeug's signature
        """Do nothing: Werkzeug's line contains the query string, and so codes."""


class LoopbackServer(ThreadedWSGIServer):
    """Werkzeug's threaded server, with a list of its open connections."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, app: Flask, listener: socket.socket) -> None:
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(HOST, 0, app, QuietHandler, fd=listener.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's signature
        """Remember the connection, and handle its request in a thread."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - socketserver's signature
        """Forget the connection and close it."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Cut the open connections, then close the server and join its threads.

        Without that, a thread would wait for ever for the idle connection of a browser.
        """
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):  # the client has closed the connection first
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - socketserver's signature
        """Log one line in place of a traceback: mostly a browser has closed its connection."""
        log.debug("a connection ended early")


class RunningServer:
    """A running server."""

    def __init__(self, app: Flask, listener: socket.socket) -> None:
        self._server = LoopbackServer(app, listener)
        listener.close()  # the server holds a duplicate
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="auth0-widget local tenant",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Free the port and join every thread."""
        # This wakes serve_forever, which else notices the end only after its poll interval. Systems
        # other than Linux may refuse it.
        with contextlib.suppress(OSError):
            self._server.socket.shutdown(socket.SHUT_RDWR)
        # serve_forever closes the server when it ends, and closing joins the request threads.
        self._server.shutdown()
        self._thread.join()


class Service:
    """A web application that listens on loopback from `start` to `stop`, or in a ``with`` block."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._serving: RunningServer | None = None

    def start(self) -> Self:
        """Listen, and handle requests in threads.

        Raises:
            OSError: The port is taken.
        """
        if self._serving is None:
            listener = listen(self._port)
            self._port = listener.getsockname()[1]
            app = self._application(f"http://{HOST}:{self._port}")
            self._serving = RunningServer(app, listener)
        return self

    def stop(self) -> None:
        """Free the port and join the threads. The state is kept. A second call does nothing."""
        if self._serving is not None:
            self._serving.stop()
            self._serving = None

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def _application(self, url: str) -> Flask:
        """The application, whose URL is known once the server listens."""
        raise NotImplementedError


def listen(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1.

    Raises:
        OSError: The port is taken, or this user may not use it.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # on Windows, the option would share a port that is in use
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener
