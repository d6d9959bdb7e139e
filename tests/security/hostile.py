"""A server on loopback that responds as a test says, and counts requests."""

from __future__ import annotations

import contextlib
import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    Responder = Callable[[BaseHTTPRequestHandler], None]


class HostileServer:
    """A server for one test.

    Attributes:
        responders: Path → the function that responds. The response to other paths is 404.
        requests: (method, path, Authorization header or None) of each request.
        stopping: Set at the end, for responses that never end by themselves.
    """

    def __init__(self) -> None:
        self.responders: dict[str, Responder] = {}
        self.requests: list[tuple[str, str, str | None]] = []
        self.stopping = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _respond(self) -> None:
                path = self.path.partition("?")[0]
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.requests.append((self.command, path, self.headers.get("Authorization")))
                server.responders.get(path, respond(404))(self)

            do_GET = do_POST = _respond  # noqa: N815 - the names that http.server looks for

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """The server's origin."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def counts(self) -> Counter[str]:
        """Path → number of requests."""
        return Counter(path for _, path, _ in self.requests)

    @property
    def tokens(self) -> list[str]:
        """The Authorization headers of the requests."""
        return [header for _, _, header in self.requests if header is not None]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def respond(
    status: int = 200,
    body: bytes | str | dict[str, Any] | list[Any] = b"",
    headers: dict[str, str] | None = None,
) -> Responder:
    """An ordinary response."""
    content = json.dumps(body) if isinstance(body, (dict, list)) else body
    raw = content.encode() if isinstance(content, str) else content

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(raw)))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.close_connection = True
        with contextlib.suppress(OSError):  # the other side may have had enough
            handler.wfile.write(raw)

    return send


def drip(server: HostileServer, start: bytes) -> Responder:
    """A response that never ends, with one byte now and then, so that no read times out."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        with contextlib.suppress(OSError):
            handler.wfile.write(start)
            while not server.stopping.wait(0.02):
                handler.wfile.write(b"x")

    return send
