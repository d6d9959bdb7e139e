"""A web server for one authorization response, on the loopback interface (RFC 8252, 7.3).

It serves one login. It listens before a link is printed; in a card, as soon as the kernel has
handled the click. It stops after the first response with the login's state, when the login ends, or
after ten minutes. It refuses every other request. It writes no log, because the URL of a request
contains a code.
"""

from __future__ import annotations

import contextlib
import errno
import hmac
import socket
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from auth0_widget.base.fixed_pages import headers_for
from auth0_widget.base.forks import close_after_fork, new_locks_after_fork
from auth0_widget.base.origins import bracketed
from auth0_widget.errors import LoopbackPortError
from auth0_widget.oauth.authorization_request import (
    LIFETIME,
    MAX_PARAMETER,
    RESPONSE_PARAMETERS,
)
from auth0_widget.oauth.loopback_address import ADDRESSES, PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Self

    from auth0_widget.base.redaction import Secret

TICK = 0.1
"""Seconds between two checks whether the login has ended."""

_MAX_PARAMETERS = 20
_PATIENCE = 10
"""Seconds for which a connection may stay open: browsers open some that they never use."""

_MAX_CONNECTIONS = 16
"""How many connections one address may have open. A further one ends the oldest."""


_RECEIVED_PAGE = (Path(__file__).parent / "loopback.html").read_text(encoding="utf-8")
_REFUSED_PAGE = "<!doctype html><title>Refused</title><p>No login waits for this response.</p>"


class LoopbackListener:
    """Waits for the response to one authorization request.

    Args:
        port: The port at 127.0.0.1 and, where the machine has it, at [::1].
        state: The state of the request, which the response must have.
        received: Called once, in another thread, with the authorization response.
        timed_out: Called in another thread when ten minutes are over without a response.

    Raises:
        LoopbackPortError: The kernel cannot listen there; mostly, another program uses the port.
    """

    def __init__(
        self,
        port: int,
        state: Secret,
        received: Callable[[Mapping[str, str]], object],
        timed_out: Callable[[], object] = lambda: None,
    ) -> None:
        self._state, self._received, self._timed_out = state, received, timed_out
        self._ends_at = time.time() + LIFETIME
        self._lock = threading.Lock()
        new_locks_after_fork(self)
        self._over = threading.Event()
        self._servers = _bound(self, port)
        self._threads = [
            threading.Thread(
                target=self._serve, args=(server,), name="auth0-widget-loopback", daemon=True
            )
            for server in self._servers
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        """Return the listener."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self.close()

    def close(self) -> None:
        """Stop listening, and end the open connections. The port is free when this returns."""
        self._over.set()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()

    def take(self, query: str) -> Mapping[str, str] | None:
        """The response in a query string, the first time that it has the state, else None."""
        try:
            given = parse_qs(query, keep_blank_values=True, max_num_fields=_MAX_PARAMETERS)
        except ValueError:
            return None
        # A parameter must not be repeated (RFC 6749, 3.1).
        response = {
            name: given[name][0][:MAX_PARAMETER]
            for name in RESPONSE_PARAMETERS
            if len(given.get(name, ())) == 1
        }
        state = response.get("state", "")
        if not state.isascii() or not hmac.compare_digest(state, self._state.reveal()):
            return None
        with self._lock:
            if self._over.is_set():
                return None
            self._over.set()
        return response

    def deliver(self, response: Mapping[str, str]) -> None:
        """Pass the result of `take` on, after the browser has received its page."""
        self._received(response)

    def _serve(self, server: _Server) -> None:
        with server:
            while not self._over.is_set():
                if time.time() >= self._ends_at:
                    self._time_out()
                    return
                server.handle_request()
                server.end_overdue_connections()

    def _time_out(self) -> None:
        with self._lock:
            first = not self._over.is_set()
            self._over.set()
        if first:
            self._timed_out()


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: _Server

    def do_GET(self) -> None:
        """Take the response, if host and path are ours and the state is the login's."""
        # http.server makes one slash of several at the beginning of self.path.
        path, _, query = self.requestline.split()[1].partition("?")
        if path != PATH:
            self.send_error(HTTPStatus.NOT_FOUND)
        # Another site may have its own host name resolve to this machine (DNS rebinding).
        elif self.headers.get_all("Host") != [self.server.host]:
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
        elif (response := self.server.listener.take(query)) is None:
            self.send_error(HTTPStatus.BAD_REQUEST)
        else:
            self.server.keep_open(self.connection)
            try:
                self._send(HTTPStatus.OK, _RECEIVED_PAGE)
            finally:  # the login succeeds also where the browser has closed the connection
                self.server.listener.deliver(response)

    def send_error(
        self,
        code: int,
        message: str | None = None,  # noqa: ARG002 - as http.server has it; it may repeat the request
        explain: str | None = None,  # noqa: ARG002 - as well
    ) -> None:
        """Refuse with the same page for every request."""
        # http.server says that a method is not implemented; here it is not allowed.
        status = HTTPStatus.METHOD_NOT_ALLOWED if code == HTTPStatus.NOT_IMPLEMENTED else code
        self._send(status, _REFUSED_PAGE)

    def version_string(self) -> str:
        """The Server header, without versions."""
        return "auth0-widget"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server has it
        """Log nothing: the line would contain the code."""

    def _send(self, status: int, html: str) -> None:
        body = html.encode()
        self.close_connection = True
        self.send_response(status)
        for name, value in headers_for(html).items():
            self.send_header(name, value)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    """The server at one address. Each connection has a thread, so that none blocks another."""

    block_on_close = False
    timeout = TICK
    # The next login may use the port at once, and no other program may share it. SO_REUSEADDR means
    # this except on Windows, where it lets another program share the port.
    allow_reuse_address = sys.platform != "win32"

    def __init__(self, listener: LoopbackListener, host: str, family: int, port: int) -> None:
        self.listener, self.address_family = listener, family
        self._open: dict[socket.socket, float] = {}  # connection → when it has to end
        super().__init__((host, port), _Handler)
        close_after_fork(self.socket)  # or the port would stay taken as long as the child runs
        self.host = f"{bracketed(host)}:{port}"

    def server_bind(self) -> None:
        """Bind the socket, without a look-up of this machine's name."""
        if sys.platform == "win32":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        TCPServer.server_bind(self)

    def process_request(
        self,
        request: Any,  # noqa: ANN401 - as socketserver has it
        client_address: Any,  # noqa: ANN401 - as well
    ) -> None:
        """Serve a connection in a thread of its own."""
        if len(self._open) >= _MAX_CONNECTIONS:
            self._end(next(iter(self._open)))
        self._open[request] = time.monotonic() + _PATIENCE
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Close a connection that has been served."""
        self._open.pop(request, None)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening, and end the open connections."""
        super().server_close()
        for connection in list(self._open):
            self._end(connection)

    def end_overdue_connections(self) -> None:
        """End the connections that have been open for too long, also those that still send."""
        for connection, end in list(self._open.items()):
            if time.monotonic() >= end:
                self._end(connection)

    def keep_open(self, connection: socket.socket) -> None:
        """Let a connection outlive the server, so that the browser receives its page."""
        self._open.pop(connection, None)

    def _end(self, connection: socket.socket) -> None:
        self._open.pop(connection, None)
        with contextlib.suppress(OSError):  # it has been closed in this moment
            connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Log nothing: the traceback would contain the request."""


def _bound(listener: LoopbackListener, port: int) -> list[_Server]:
    try:
        servers = [_Server(listener, *ADDRESSES[0], port)]
    except OSError as error:
        where = f"127.0.0.1:{port}, the port for the response of the login"
        raise LoopbackPortError(
            f"Another program uses {where}."
            if error.errno == errno.EADDRINUSE
            else f"The kernel cannot listen at {where}: {error.strerror}."
        ) from None
    # The redirect URI has the first address, so the second one is not needed.
    with contextlib.suppress(OSError):
        servers.append(_Server(listener, *ADDRESSES[1], port))
    return servers
