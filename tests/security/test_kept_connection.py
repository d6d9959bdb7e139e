"""The connection that a click opens, while the person types, and over which the code is exchanged.

The server keeps its connections, as Auth0 does and the local tenant does not.
"""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from lifetimes import end_in
from silent_logins import log_in, start

from auth0_widget.commands.demo import usable_port
from auth0_widget.errors import InvalidSettingError
from auth0_widget.flows.loopback import log_in_by_loopback
from auth0_widget.oauth import transport as transport_module
from auth0_widget.oauth.jwks import PREFETCH_PAUSE
from auth0_widget.oauth.transport import KEEPALIVE

from .hostile import respond

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler

    from kernel import Kernel

    from auth0_widget.local_tenant import LocalTenant
    from auth0_widget.local_tenant.person import Person

    from .hostile import HostileServer, Responder

JWKS = "/.well-known/jwks.json"
TOKEN = "/oauth/token"
REVOKE = "/oauth/revoke"


class Keeping:
    """A tenant that keeps its connections.

    Attributes:
        server: The server.
        used: (path, port of the connection) of each request.
        old: The ports of the connections on which it responds no more.
        respond_to_old: What it does on those instead. By default it closes them without a word.
        nonce: The nonce of the next ID token.
    """

    def __init__(self, server: HostileServer, signer: Any) -> None:
        self.server, self.nonce = server, ""
        self.used: list[tuple[str, int]] = []
        self.old: set[int] = set()
        self.respond_to_old: Callable[[], object] = lambda: None
        self._signer = signer
        server.responders[JWKS] = self.kept(respond(body={"keys": [signer.jwk]}))
        server.responders[TOKEN] = self.kept(self.send_tokens)
        server.responders["/userinfo"] = self.kept(respond(body={"sub": "auth0|ada"}))

    def kept(self, send: Responder) -> Responder:
        """A response after which the connection stays open."""

        def respond_and_stay(handler: BaseHTTPRequestHandler) -> None:
            port = handler.client_address[1]
            self.used.append((handler.path, port))
            if port in self.old:
                self.respond_to_old()
                handler.close_connection = True
                return
            send(handler)
            handler.close_connection = False

        return respond_and_stay

    def send_tokens(self, handler: BaseHTTPRequestHandler) -> None:
        """Send a token response."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": f"{self.server.url}/",
            "sub": "auth0|ada",
            "aud": "our-client",
        }
        claims |= {"iat": now, "exp": now + 36_000, "nonce": self.nonce}
        content: dict[str, Any] = {"id_token": self._signer.sign(claims), "access_token": "at"}
        content |= {"token_type": "Bearer", "expires_in": 86_400, "refresh_token": "rt"}
        respond(body=content)(handler)

    def response(self, url: str) -> dict[str, str]:
        """The response to the authorization request with this URL."""
        query = parse_qs(urlsplit(url).query)
        self.nonce = query["nonce"][0]
        return {"code": "the-code", "state": query["state"][0]}

    def open_two(self, kernel: Kernel) -> None:
        """Have the kernel open two connections."""
        both = threading.Barrier(2, timeout=60)

        def wait(handler: BaseHTTPRequestHandler) -> None:
            both.wait()
            respond()(handler)

        self.server.responders["/test"] = self.kept(wait)
        transport = kernel.login.tenant._transport
        with ThreadPoolExecutor() as threads:
            list(threads.map(lambda _: transport.request("GET", "/test"), range(2)))
        assert len(set(self.ports("/test"))) == 2

    def lose(self, *, processed: bool = False) -> None:
        """From now on, do not respond on the connections that are open.

        Args:
            processed: Whether the code counts as redeemed afterwards.
        """
        self.old.update(port for _, port in self.used)
        if processed:
            refusal = respond(403, {"error": "invalid_grant", "error_description": "Invalid code"})
            self.server.responders[TOKEN] = self.kept(refusal)

    def ports(self, path: str) -> list[int]:
        """The connections of the requests to this path, in their order."""
        return [port for asked, port in self.used if asked == path]


@pytest.fixture
def keeping(hostile: HostileServer, signer: Any) -> Keeping:
    return Keeping(hostile, signer)


@pytest.fixture
def remote(keeping: Keeping, new_kernel: Callable[..., Kernel]) -> Kernel:
    """A kernel whose tenant keeps its connections."""
    return new_kernel(domain=keeping.server.url, client_id="our-client")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Move the monotonic clock on by so many seconds."""
    passed, real = 0.0, time.monotonic

    def move(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    monkeypatch.setattr(time, "monotonic", lambda: real() + passed)
    return move


@pytest.mark.parametrize(("seconds", "connections"), [(0, 1), (40, 1), (KEEPALIVE + 1, 2)])
def test_the_code_is_exchanged_over_the_connection_that_the_click_opened(
    keeping: Keeping, remote: Kernel, later: Any, seconds: float, connections: int
) -> None:
    url = remote.open()
    assert len(keeping.ports(JWKS)) == 1, "before the response"
    later(seconds)
    remote.receive("authorization_response", response=keeping.response(url))
    assert remote.login.status == "authenticated"
    assert [path for path, _ in keeping.used] == [JWKS, TOKEN, "/userinfo"]
    assert len({port for _, port in keeping.used}) == connections


def test_cached_keys_are_fetched_at_a_click_all_the_same(
    keeping: Keeping, remote: Kernel, later: Any
) -> None:
    remote.receive("authorization_response", response=keeping.response(remote.open()))
    later(PREFETCH_PAUSE)
    url = remote.open()
    assert len(keeping.ports(JWKS)) == 2
    remote.receive("authorization_response", response=keeping.response(url))
    assert keeping.ports(TOKEN) == keeping.ports(JWKS)
    assert keeping.ports(TOKEN)[0] != keeping.ports(TOKEN)[1]


def test_clicks_within_ten_minutes_cost_one_request(
    keeping: Keeping, remote: Kernel, later: Any
) -> None:
    for _ in range(5):
        remote.open()
        later(PREFETCH_PAUSE / 6)
    assert len(keeping.ports(JWKS)) == 1


def test_a_link_opens_the_connection_too(
    keeping: Keeping, new_kernel: Callable[..., Kernel], later: Any
) -> None:
    port = usable_port(0)
    kernel = new_kernel(
        domain=keeping.server.url, client_id="our-client", flow="loopback", loopback_port=port
    )
    links: list[str] = []
    answered = threading.Event()

    def person() -> None:
        (uri,) = parse_qs(urlsplit(links[0]).query)["redirect_uri"]
        httpx.get(uri, params=keeping.response(links[0]))
        answered.set()

    def pause(_: float) -> bool:
        later(40)
        threading.Thread(target=person).start()
        return not answered.wait(60)

    assert log_in_by_loopback(kernel.login, pause, links.append)
    assert [path for path, _ in keeping.used] == [JWKS, TOKEN, "/userinfo"]
    assert len({port for _, port in keeping.used}) == 1


def test_neither_a_restore_nor_a_silent_login_sends_a_request_for_it(
    new_kernel: Callable[..., Kernel], ada: Person, tenant: LocalTenant, later: Any
) -> None:
    kernel = new_kernel()
    session = log_in(kernel, ada)
    record = kernel.stored()
    tenant.requests.clear()
    later(PREFETCH_PAUSE)
    restored = new_kernel()
    restored.find(record)
    assert restored.login.session is not None
    assert tenant.requests.total == 0
    session._managed._refresh_tokens.current = None
    end_in(session, -1)
    kernel.login.expire_if_over()
    url, _ = start(kernel)
    kernel.receive("authorization_response", response=ada.authorize(url))
    assert session.active
    assert tenant.requests[TOKEN] == 1
    assert tenant.requests[JWKS] == 0


@pytest.mark.parametrize(
    "kind",
    ["server_error", "rate_limited", "redirect", "captive_portal", "cut_json", "no_answer", "cut"],
)
def test_a_request_for_it_that_fails_changes_nothing(
    kernel: Kernel, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch, later: Any, kind: Any
) -> None:
    kernel.log_in()
    later(PREFETCH_PAUSE)
    kernel.sent.clear()
    monkeypatch.setattr(transport_module, "DEADLINE", 0.2)
    failure = tenant.fail("jwks", kind, times=None)
    url = kernel.open()
    monkeypatch.setattr(transport_module, "DEADLINE", 30)
    assert failure.requests > 0
    kernel.receive("authorization_response", response=tenant.sign_in(url))
    assert kernel.login.status == "authenticated"
    assert [m for m in kernel.sent if m["type"] == "state" and m["problem"]] == []


def test_a_proxy_that_cannot_be_used_at_the_click_changes_nothing(
    kernel: Kernel, tenant: LocalTenant, monkeypatch: pytest.MonkeyPatch, later: Any
) -> None:
    kernel.log_in()
    later(PREFETCH_PAUSE)
    tenant.requests.clear()
    kernel.sent.clear()
    asked: list[str] = []

    def unusable(origin: str) -> str:
        asked.append(origin)
        raise InvalidSettingError("no proxy")

    with monkeypatch.context() as cell:
        cell.setattr(transport_module, "proxy_for", unusable)
        url = kernel.open()
    assert asked
    kernel.receive("authorization_response", response=tenant.sign_in(url))
    assert kernel.login.status == "authenticated"
    assert [m for m in kernel.sent if m["type"] == "state" and m["problem"]] == []


def test_a_login_that_is_cancelled_meanwhile_stays_cancelled(
    keeping: Keeping, remote: Kernel
) -> None:
    respond_with_keys = keeping.server.responders[JWKS]

    def cancelled(handler: BaseHTTPRequestHandler) -> None:
        remote.receive("cancel_login")
        respond_with_keys(handler)

    keeping.server.responders[JWKS] = cancelled
    remote.open()
    assert keeping.ports(JWKS)
    assert remote.problem == "login_cancelled"
    assert remote.login.session is None


def test_a_connection_that_the_tenant_has_closed_is_not_used(
    keeping: Keeping, remote: Kernel, signer: Any
) -> None:
    keeping.server.responders[JWKS] = respond(body={"keys": [signer.jwk]})  # and it closes
    remote.receive("authorization_response", response=keeping.response(remote.open()))
    assert remote.login.status == "authenticated"
    assert keeping.server.counts[TOKEN] == 1


def test_a_connection_that_closes_at_the_exchange_does_not_fail_the_login(
    keeping: Keeping, remote: Kernel
) -> None:
    url = remote.open()
    keeping.open_two(remote)
    keeping.lose()
    remote.receive("authorization_response", response=keeping.response(url))
    assert remote.login.status == "authenticated"
    lost, new = keeping.ports(TOKEN)
    assert lost in keeping.old
    assert new not in keeping.old


def test_a_connection_over_which_nothing_comes_does_not_fail_the_login(
    keeping: Keeping, remote: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = remote.open()
    keeping.open_two(remote)
    keeping.lose()
    monkeypatch.setattr(transport_module, "DEADLINE", 0.2)

    def say_nothing() -> None:  # as a network does that this machine has left
        monkeypatch.setattr(transport_module, "DEADLINE", 30)
        keeping.server.stopping.wait(60)

    keeping.respond_to_old = say_nothing
    remote.receive("authorization_response", response=keeping.response(url))
    assert remote.login.status == "authenticated"
    lost, new = keeping.ports(TOKEN)
    assert lost in keeping.old
    assert new not in keeping.old


def test_a_code_whose_response_was_lost_is_told_as_that(keeping: Keeping, remote: Kernel) -> None:
    url = remote.open()
    keeping.lose(processed=True)
    remote.receive("authorization_response", response=keeping.response(url))
    assert remote.problem == "connection_cut"
    assert len(keeping.ports(TOKEN)) == 2


def test_another_refusal_of_the_second_request_is_told(keeping: Keeping, remote: Kernel) -> None:
    url = remote.open()
    keeping.lose()
    refusal = respond(403, {"error": "unauthorized_client", "error_description": "not allowed"})
    keeping.server.responders[TOKEN] = keeping.kept(refusal)
    remote.receive("authorization_response", response=keeping.response(url))
    assert remote.problem == "token_request_failed"
    assert len(keeping.ports(TOKEN)) == 2


def test_a_tenant_that_cuts_each_connection_is_asked_twice(
    keeping: Keeping, remote: Kernel
) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True

    url = remote.open()
    keeping.server.responders[TOKEN] = cut
    remote.receive("authorization_response", response=keeping.response(url))
    assert remote.problem == "connection_cut"
    assert keeping.server.counts[TOKEN] == 2


def test_a_connection_that_closes_at_a_renewal_does_not_fail_it(
    keeping: Keeping, remote: Kernel
) -> None:
    remote.receive("authorization_response", response=keeping.response(remote.open()))
    session = remote.login.session
    assert session is not None
    keeping.lose()
    keeping.nonce = ""
    session.renew()
    assert len(keeping.ports(TOKEN)) == 3


def test_a_connection_that_closes_at_a_logout_leaves_no_refresh_token(
    keeping: Keeping, remote: Kernel
) -> None:
    keeping.server.responders[REVOKE] = keeping.kept(respond(body=b""))
    remote.receive("authorization_response", response=keeping.response(remote.open()))
    assert remote.login.session is not None
    keeping.lose()
    remote.login.logout()
    assert len(keeping.ports(REVOKE)) == 2, "it is sent once more"
    assert keeping.ports(REVOKE)[1] not in keeping.old


@pytest.mark.parametrize("closes", [True, False])
def test_a_forked_child_neither_uses_nor_closes_the_connection(
    keeping: Keeping, remote: Kernel, monkeypatch: pytest.MonkeyPatch, *, closes: bool
) -> None:
    transport = remote.login.tenant._transport
    transport.request("GET", JWKS)
    parent, clients = os.getpid(), list(transport._idle_clients)
    with monkeypatch.context() as child:
        child.setattr(os, "getpid", lambda: parent + 1)
        child.setattr(transport, "_idle_clients", list(clients))
        if closes:
            transport.close()
        transport.request("GET", JWKS)
        transport.close()
    transport.request("GET", JWKS)
    first, second, third = keeping.ports(JWKS)
    assert first == third
    assert first != second
