"""Threats 24 and 36: silence, proxies of the environment, certificates that are always checked."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from auth0_widget.errors import InvalidSettingError, TenantDownError, TenantTimeoutError
from auth0_widget.oauth import transport as transport_module
from auth0_widget.oauth.transport import Transport, _authorities

from .hostile import drip, respond

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SWITCHES = {
    "PYTHONHTTPSVERIFY": "0",
    "CURL_CA_BUNDLE": "",
    "REQUESTS_CA_BUNDLE": "",
    "SSL_VERIFY": "false",
    "NODE_TLS_REJECT_UNAUTHORIZED": "0",
}


class Impostor:
    """A server that says it is the tenant, with a certificate that it made itself."""

    def __init__(self, signer: Any, folder: Path) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)

            def log_message(self, *_: Any) -> None:
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_certificate(signer, folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        # The handshake is the thread's that answers, where a failure of it is only printed.
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment]
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _certificate(signer: Any, folder: Path) -> Path:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.timezone.utc)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signer.private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(signer.private, hashes.SHA256())
    )
    key = signer.private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "impostor.pem"
    path.write_bytes(key + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def impostor(signer: Any, tmp_path: Path) -> Iterator[Impostor]:
    server = Impostor(signer, tmp_path)
    yield server
    server.close()


@pytest.mark.parametrize("switch", [None, *SWITCHES])
def test_threat_36_a_certificate_that_nobody_vouches_for(
    impostor: Impostor, monkeypatch: pytest.MonkeyPatch, refused: Any, switch: str | None
) -> None:
    if switch is not None:
        monkeypatch.setenv(switch, SWITCHES[switch])
    _authorities.cache_clear()  # as in a kernel that starts in this environment
    transport = Transport(impostor.url)
    with refused(TenantDownError) as refusal:
        transport.ask("GET", "/userinfo", headers={"Authorization": "Bearer at"})
    assert refusal.value.__context__ is None, "what httpx raised knows the header"
    assert impostor.asked == []
    transport.close()


def test_threat_36_the_environment_s_proxy_is_used(
    hostile: Any, monkeypatch: pytest.MonkeyPatch, shown: Any
) -> None:
    monkeypatch.setenv("HTTP_PROXY", hostile.url)
    monkeypatch.setenv("NO_PROXY", "")
    # Port 1 answers nobody; a proxy is asked for the whole address.
    tenant = "http://127.0.0.1:1"
    hostile.answers[f"{tenant}/userinfo"] = respond(200, "{}")
    transport = Transport(tenant)
    assert transport.ask("GET", "/userinfo") == (200, b"{}")
    transport.close()
    shown("asked through the proxy")


@pytest.mark.parametrize(
    "proxy",
    ["socks5://ada:secret@127.0.0.1:1", "htp://ada:secret@127.0.0.1", "http://h:x"],
)
def test_threat_36_a_proxy_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, refused: Any, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with refused(InvalidSettingError) as refusal:
        Transport("https://tenant.example")
    assert "secret" not in str(refusal.value)


def test_threat_24_a_server_that_says_nothing(
    hostile: Any, monkeypatch: pytest.MonkeyPatch, refused: Any
) -> None:
    monkeypatch.setattr(transport_module, "TIMEOUT", httpx.Timeout(0.2))
    hostile.answers["/userinfo"] = lambda _: hostile.stopping.wait(20)
    transport = Transport(hostile.url)
    begun = time.perf_counter()
    with refused(TenantTimeoutError):
        transport.ask("GET", "/userinfo")
    assert time.perf_counter() - begun < 10, "long before the request's deadline"
    transport.close()


def test_threat_24_a_request_that_is_given_up_leaves_no_thread(
    hostile: Any, monkeypatch: pytest.MonkeyPatch, refused: Any
) -> None:
    monkeypatch.setattr(transport_module, "DEADLINE", 0.2)
    hostile.answers["/userinfo"] = drip(hostile, b"HTTP/1.1 200 OK\r\n\r\n")
    monkeypatch.setattr(transport_module, "MAX_RESPONSE", 1 << 40)
    transport = Transport(hostile.url)
    before = set(threading.enumerate())
    with refused(TenantTimeoutError):
        transport.ask("GET", "/userinfo")
    for thread in set(threading.enumerate()) - before:
        if thread.name == "auth0-widget-request":
            thread.join(10)
            assert not thread.is_alive()
    transport.close()


def test_threat_24_a_request_that_is_given_up_ends_no_other(
    hostile: Any, monkeypatch: pytest.MonkeyPatch, refused: Any
) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def wait_and_answer(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        go_on.wait(20)
        respond(200, "{}")(handler)

    hostile.answers["/oauth/token"] = wait_and_answer
    hostile.answers["/userinfo"] = drip(hostile, b"HTTP/1.1 200 OK\r\n\r\n")
    transport = Transport(hostile.url)
    with ThreadPoolExecutor() as others:
        other = others.submit(transport.ask, "POST", "/oauth/token")
        assert asked.wait(20)
        monkeypatch.setattr(transport_module, "DEADLINE", 0.2)
        with refused(TenantTimeoutError):
            transport.ask("GET", "/userinfo")
        go_on.set()
        assert other.result(20) == (200, b"{}")
    transport.close()


def test_one_request_after_the_other_needs_one_connection(hostile: Any) -> None:
    ports: list[int] = []

    def answer_and_stay(handler: BaseHTTPRequestHandler) -> None:
        ports.append(handler.client_address[1])
        respond(200, "{}")(handler)
        handler.close_connection = False

    hostile.answers["/userinfo"] = answer_and_stay
    transport = Transport(hostile.url)
    for _ in range(3):
        transport.ask("GET", "/userinfo")
    transport.close()
    assert ports == ports[:1] * 3
