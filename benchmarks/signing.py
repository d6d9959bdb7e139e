"""What `session.auth` adds to a request, beside a header that never changes."""

from __future__ import annotations

import asyncio
import socket
import socketserver
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import requests
from measure import Row, Table

from auth0_widget.config import Settings
from auth0_widget.local_tenant import LocalTenant
from auth0_widget.login.registry import shared_login
from auth0_widget.oauth.authorization_request import AuthorizationRequest
from auth0_widget.session.factory import session_from_response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.session.session import Session

RUN, BLOCK = 300, 20
"""Requests of one run, and how many of a kind follow one another in it."""

_ORIGIN = "http://127.0.0.1:8888"
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok"


class _Api(socketserver.BaseRequestHandler):
    """Responds to each request with the same bytes: what is measured is the client."""

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = b""
        while more := self.request.recv(65536):
            received += more
            while b"\r\n\r\n" in received:
                received = received.partition(b"\r\n\r\n")[2]
                self.request.sendall(_ANSWER)


@contextmanager
def _api() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Api) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@contextmanager
def _session() -> Iterator[Session]:
    with LocalTenant(origins=[_ORIGIN]) as tenant:
        settings = Settings.resolve(domain=tenant.url, client_id=tenant.client_id)
        login = shared_login(settings, None)
        request = AuthorizationRequest(_ORIGIN, response_mode="web_message")
        response = tenant.sign_in(request.url(login.tenant), "ada@example.com")
        managed = session_from_response(login.tenant, login.jwks, request, response)
        yield managed.public
        managed.end()
        login.tenant.close()


def measure(runs: int) -> Table:
    """Requests to an API on this machine that responds at once, by turns."""
    rows: list[Row] = []
    with _api() as url, _session() as session:
        header = {"Authorization": f"Bearer {session.access_token}"}
        auth = session.auth_for(url)
        with httpx.Client(trust_env=False) as client:
            rows += _compare(
                "httpx",
                lambda: client.get(url, headers=header),
                lambda: client.get(url, auth=auth),
                runs,
            )
        with requests.Session() as http:
            http.trust_env = False
            rows += _compare(
                "requests",
                lambda: http.get(url, headers=header),
                lambda: http.get(url, auth=auth),
                runs,
            )
        rows += asyncio.run(_compare_async(url, header, auth, runs))
    return Table(
        "Signing requests",
        f"To an API on this machine that responds at once, over one connection: {RUN} requests a "
        f"run, by turns of {BLOCK}. Over a network each takes a hundred times as long, and what "
        "signing adds is the same.",
        rows,
    )


def _compare(
    name: str, plain: Callable[[], object], signed: Callable[[], object], runs: int
) -> list[Row]:
    def cost(send: Callable[[], object]) -> float:
        begun = time.thread_time()
        for _ in range(BLOCK):
            send()
        return time.thread_time() - begun

    both = []
    for _ in range(runs + 1):
        pairs = [(cost(plain), cost(signed)) for _ in range(RUN // BLOCK)]
        both.append((sum(one for one, _ in pairs), sum(other for _, other in pairs)))
    return _rows(name, both[1:])


async def _compare_async(
    url: str, header: dict[str, str], auth: httpx.Auth, runs: int
) -> list[Row]:
    async with httpx.AsyncClient(trust_env=False) as client:

        async def cost(**options: object) -> float:
            begun = time.thread_time()
            for _ in range(BLOCK):
                await client.get(url, **options)  # type: ignore[arg-type] # either of the two
            return time.thread_time() - begun

        both = []
        for _ in range(runs + 1):
            pairs = [
                (await cost(headers=header), await cost(auth=auth)) for _ in range(RUN // BLOCK)
            ]
            both.append((sum(one for one, _ in pairs), sum(other for _, other in pairs)))
    return _rows("httpx, async", both[1:])


def _rows(name: str, both: list[tuple[float, float]]) -> list[Row]:
    return [
        Row(f"{name}, a static header", [1e6 * plain / RUN for plain, _ in both], "µs a request"),
        Row(f"{name}, `session.auth`", [1e6 * signed / RUN for _, signed in both], "µs a request"),
        Row("… ratio", [signed / plain for plain, signed in both], at_most=1.03),
    ]
