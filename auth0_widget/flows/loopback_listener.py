"""A web server for one answer, on the loopback interface of the kernel's machine (RFC 8252, 7.3).

It exists for one login only: it is there before the browser is sent away, and gone with the first
answer that bears the login's state, with the login, or after ten minutes. Whatever else it is
asked, it refuses, and goes on waiting. It writes no log: what it is asked holds a code.
"""

from __future__ import annotations

import contextlib
import hmac
import socket
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from auth0_widget.base.fixed_pages import headers_for
from auth0_widget.config import CALLBACK_PAGE
from auth0_widget.errors import LoopbackPortError
from auth0_widget.oauth.authorization_request import LIFETIME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Self

    from auth0_widget.base.redaction import Secret

ADDRESSES = (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6))
"""Where it listens. The name localhost is not used: it may mean anything (RFC 8252, 8.3)."""

PATH = f"/{CALLBACK_PAGE}"

TICK = 0.1
"""Seconds between two looks at whether the login is over."""

_LONGEST_FIELD = 4096
_MOST_FIELDS = 20
_SILENCE = 10  # seconds; a browser opens connections in advance, and may say nothing on them
_ANSWER_FIELDS = ("code", "state", "iss", "error", "error_description")

_ANSWERED = (Path(__file__).parent / "loopback.html").read_text(encoding="utf-8")
_REFUSED = "<!doctype html><title>Refused</title><p>No login waits for this answer.</p>"


def redirect_uri(port: int) -> str:
    """The redirect URI to register in Auth0, which compares it as a whole."""
    return f"http://{ADDRESSES[0][0]}:{port}{PATH}"


class LoopbackListener:
    """Waits for the answer to one authorization request.

    Args:
        port: Where it listens, at 127.0.0.1 and, where the machine has it, at [::1].
        state: The request's; nothing without it is an answer.
        answered: Called once, in another thread, with the authorization response.
        ended: Called in another thread when the ten minutes are over without an answer.

    Raises:
        LoopbackPortError: Another program has the port.
    """

    def __init__(
        self,
        port: int,
        state: Secret,
        answered: Callable[[Mapping[str, str]], object],
        ended: Callable[[], object] = lambda: None,
    ) -> None:
        self._state, self._answered, self._ended = state, answered, ended
        self._ends_at = time.time() + LIFETIME
        self._lock = threading.Lock()
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
        """The listener, which is closed in the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self.close()

    def close(self) -> None:
        """Stop listening; the port is free when this returns."""
        self._over.set()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()

    def take(self, query: str) -> Mapping[str, str] | None:
        """The authorization response in a query, if it is the one that is waited for; once."""
        try:
            given = parse_qs(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError:
            return None
        # A parameter that comes twice is none (RFC 6749, 3.1).
        response = {
            name: given[name][0][:_LONGEST_FIELD]
            for name in _ANSWER_FIELDS
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
        """Hand over what `take` gave, once the browser has its page."""
        self._answered(response)

    def _serve(self, server: _Server) -> None:
        with server:
            while not self._over.is_set():
                if time.time() >= self._ends_at:
                    self._run_out()
                    return
                server.handle_request()

    def _run_out(self) -> None:
        with self._lock:
            first = not self._over.is_set()
            self._over.set()
        if first:
            self._ended()


class _Handler(BaseHTTPRequestHandler):
    """One connection: an answer, or anything else."""

    server: _Server
    timeout = _SILENCE

    def do_GET(self) -> None:
        """Take the answer, if it is asked for by our own address and bears the login's state."""
        path, _, query = self.path.partition("?")
        if path != PATH:
            self.send_error(HTTPStatus.NOT_FOUND)
        # Another name for this machine is another site's, which has its name lead here.
        elif self.headers.get_all("Host") != [self.server.host]:
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
        elif (response := self.server.listener.take(query)) is None:
            self.send_error(HTTPStatus.BAD_REQUEST)
        else:
            try:
                self._send(HTTPStatus.OK, _ANSWERED)
            finally:  # a browser that has hung up has logged in all the same
                self.server.listener.deliver(response)

    def send_error(
        self,
        code: int,
        message: str | None = None,  # noqa: ARG002 - as http.server has it; it may repeat the request
        explain: str | None = None,  # noqa: ARG002 - as well
    ) -> None:
        """Refuse, in the same words whatever was asked."""
        # http.server says that a method is not implemented; here it is not allowed.
        status = HTTPStatus.METHOD_NOT_ALLOWED if code == HTTPStatus.NOT_IMPLEMENTED else code
        self._send(status, _REFUSED)

    def version_string(self) -> str:
        """Nothing of what this machine runs."""
        return "auth0-widget"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server has it
        """Nothing: the line would hold the code."""

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
    """One address. Each connection has a thread of its own: a silent one holds up no other."""

    block_on_close = False
    timeout = TICK
    # We may have the port again right after the last login, and nobody may have it meanwhile. This
    # is what SO_REUSEADDR means everywhere but on Windows, where it lets another program share it.
    allow_reuse_address = sys.platform != "win32"

    def __init__(self, listener: LoopbackListener, host: str, family: int, port: int) -> None:
        self.listener, self.address_family = listener, family
        super().__init__((host, port), _Handler)
        self.host = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def server_bind(self) -> None:
        """Bind, without asking the network for this machine's name."""
        if sys.platform == "win32":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        TCPServer.server_bind(self)

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: the traceback would hold the request."""


def _bound(listener: LoopbackListener, port: int) -> list[_Server]:
    try:
        servers = [_Server(listener, *ADDRESSES[0], port)]
    except OSError:
        raise LoopbackPortError(
            f"Another program has the port 127.0.0.1:{port}, where the login's answer was to come."
        ) from None
    # The browser is sent to the first address: without the second we lose nothing.
    with contextlib.suppress(OSError):
        servers.append(_Server(listener, *ADDRESSES[1], port))
    return servers
