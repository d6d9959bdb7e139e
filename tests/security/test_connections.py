"""Threats 24 and 36: a silent tenant, proxies of the environment, and certificate checks."""

from __future__ import annotations

import gzip
import threading
import time
import traceback
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from auth0_widget.doctor.machine import connection
from auth0_widget.errors import (
    CertificateError,
    ConnectionCutError,
    InvalidResponseError,
    InvalidSettingError,
    TenantDownError,
    TenantTimeoutError,
)
from auth0_widget.oauth import transport as transport_module
from auth0_widget.oauth.transport import Transport

from .hostile import drip, respond

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from impostor import Impostor
    from kernel import Kernel

SWITCHES = {
    "PYTHONHTTPSVERIFY": "0",
    "CURL_CA_BUNDLE": "",
    "REQUESTS_CA_BUNDLE": "",
    "SSL_VERIFY": "false",
    "NODE_TLS_REJECT_UNAUTHORIZED": "0",
}


@pytest.mark.parametrize("switch", [None, *SWITCHES])
def test_threat_36_a_certificate_that_nobody_vouches_for(
    impostor: Impostor, monkeypatch: pytest.MonkeyPatch, refused: Any, switch: str | None
) -> None:
    if switch is not None:
        monkeypatch.setenv(switch, SWITCHES[switch])
    transport = Transport(impostor.url)
    with refused(CertificateError) as refusal:
        transport.request("GET", "/userinfo", headers={"Authorization": "Bearer at"})
    assert refusal.value.__context__ is None, "what httpx raised knows the header"
    assert impostor.asked == []
    assert "which '127.0.0.1' issued" in refusal.value.message
    assert "SSL_CERT_FILE" in refusal.value.next_step
    transport.close()


def test_threat_36_a_certificate_file_that_is_named_in_a_later_cell(
    impostor: Impostor, monkeypatch: pytest.MonkeyPatch, shown: Any
) -> None:
    transport = Transport(impostor.url)
    with pytest.raises(CertificateError):
        transport.request("GET", "/userinfo")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(impostor.certificate))
    transport.request("GET", "/userinfo")
    assert impostor.asked == ["/userinfo"]
    transport.close()
    shown("trusted from then on")


@pytest.mark.parametrize(
    ("impostor", "said"),
    [({"days": -1}, "has expired"), ({"host": "127.0.0.2"}, "has the certificate of another host")],
    indirect=["impostor"],
)
def test_threat_36_a_certificate_that_is_old_or_another_host_s(
    impostor: Impostor, monkeypatch: pytest.MonkeyPatch, refused: Any, said: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(impostor.certificate))
    transport = Transport(impostor.url)
    with refused(CertificateError) as refusal:
        transport.request("GET", "/userinfo")
    assert said in refusal.value.message
    assert impostor.asked == []
    transport.close()


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"])
@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_threat_36_a_certificate_file_that_cannot_be_used(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Any,
    variable: str,
    content: str | None,
) -> None:
    path = tmp_path / "certificates.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv(variable, str(path))
    with refused(InvalidSettingError) as refusal:
        Transport("https://tenant.example")
    named = "folder" if variable == "SSL_CERT_DIR" else "file"
    assert refusal.value.message.startswith(f"{variable} names a {named} of certificates")
    assert ("folder" in refusal.value.next_step) == (named == "folder")


def test_threat_37_a_setting_that_is_broken_in_a_later_cell_removes_no_stored_session(
    new_kernel: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch, private_home: Path
) -> None:
    first = new_kernel()
    first.log_in()
    stored = first.stored()
    for cached in (private_home / "cache").rglob("keys-*.json"):
        cached.unlink()
    kernel = new_kernel()
    with monkeypatch.context() as broken:
        broken.setenv("SSL_CERT_FILE", str(private_home / "gone.pem"))
        kernel.find(stored)
    assert (kernel.problem, kernel.last("store")) == ("invalid_setting", None)
    assert "SSL_CERT_FILE" in kernel.last("state")["problem"]["message"]
    kernel.find(stored)
    assert kernel.login.session is not None


def test_a_user_without_a_home_directory_logs_in_and_nothing_is_written_elsewhere(
    new_kernel: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As the user of a container who is in no password database."""
    here = tmp_path / "notebooks"
    here.mkdir()
    monkeypatch.chdir(here)
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    pwd = pytest.importorskip("pwd")
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    kernel = new_kernel()
    kernel.log_in()
    kernel.find(kernel.stored())
    assert kernel.login.session is not None
    assert list(here.iterdir()) == []


def test_a_log_of_keys_that_cannot_be_written_is_no_reason_to_refuse(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "gone" / "keys.log"))
    Transport("https://tenant.example").close()


@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY"])
def test_a_tenant_on_this_machine_is_asked_past_every_proxy(
    hostile: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    hostile.responders["/userinfo"] = respond(200, "{}")
    transport = Transport(hostile.url)
    assert transport.request("GET", "/userinfo").body == b"{}"
    transport.close()


@pytest.mark.parametrize("addresses", ["::1", "fe80::/10", "[::1]", "*.corp.example,10.0.0.0/8"])
def test_addresses_in_no_proxy_are_no_reason_to_refuse(
    monkeypatch: pytest.MonkeyPatch, addresses: str
) -> None:
    monkeypatch.setenv("NO_PROXY", addresses)
    Transport("https://tenant.example").close()


def test_a_proxy_that_is_set_in_a_later_cell_is_used(
    hostile: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = "http://tenant.example"
    hostile.responders[f"{tenant}/userinfo"] = respond(200, "{}")
    transport = Transport(tenant)
    monkeypatch.setenv("HTTP_PROXY", hostile.url)
    assert transport.request("GET", "/userinfo").body == b"{}"
    transport.close()


def _cut(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True  # without a word


def _cut_in_the_middle(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")
    handler.close_connection = True


@pytest.mark.parametrize("cut", [_cut, _cut_in_the_middle])
@pytest.mark.parametrize(("method", "asked"), [("GET", 2), ("POST", 1)])
def test_threat_37_a_connection_that_ends_early_is_no_dishonesty(
    hostile: Any, refused: Any, cut: Any, method: str, asked: int
) -> None:
    hostile.responders["/userinfo"] = cut
    transport = Transport(hostile.url)
    with refused(ConnectionCutError) as refusal:
        transport.request(method, "/userinfo")
    assert "ended the connection early" in refusal.value.message
    assert hostile.counts["/userinfo"] == asked, "what may be repeated is, once"
    transport.close()


_PROFILE = b'{"sub": "a"}'  # below, mtime=0: the bytes are in the tests' names


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(_PROFILE, mtime=0)),
        ("X-GZip", gzip.compress(_PROFILE, mtime=0)),
        ("deflate", zlib.compress(_PROFILE)),
        ("deflate", zlib.compress(_PROFILE)[2:-4]),  # without zlib's header, as some send it
        ("deflate, gzip", gzip.compress(zlib.compress(_PROFILE), mtime=0)),
        ("identity", _PROFILE),
    ],
)
def test_a_response_that_an_intermediary_compressed_is_read(
    hostile: Any, encoding: str, body: bytes
) -> None:
    hostile.responders["/userinfo"] = respond(body=body, headers={"Content-Encoding": encoding})
    transport = Transport(hostile.url)
    assert transport.request("GET", "/userinfo").body == _PROFILE
    transport.close()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("br", b"x"),
        ("zstd", b"x"),
        ("gzip", b"{}"),
        ("deflate", b"{}"),
        ("gzip", gzip.compress(_PROFILE, mtime=0)[:-10]),
        ("gzip, br", gzip.compress(_PROFILE, mtime=0)),
    ],
)
def test_a_compression_that_cannot_be_undone_is_named(
    hostile: Any, refused: Any, encoding: str, body: bytes
) -> None:
    hostile.responders["/userinfo"] = respond(body=body, headers={"Content-Encoding": encoding})
    transport = Transport(hostile.url)
    with refused(InvalidResponseError) as refusal:
        transport.request("GET", "/userinfo")
    assert f"a response that cannot be decompressed (/userinfo): {encoding}." in str(refusal.value)
    transport.close()


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip"])
def test_threat_26_a_response_that_grows_when_it_is_decompressed(
    hostile: Any, refused: Any, encoding: str
) -> None:
    body = gzip.compress(b" " * (1 << 26))
    if encoding != "gzip":
        body = gzip.compress(body)
    hostile.responders["/userinfo"] = respond(body=body, headers={"Content-Encoding": encoding})
    transport = Transport(hostile.url)
    tracemalloc.start()
    with refused(InvalidResponseError):
        transport.request("GET", "/userinfo")
    assert tracemalloc.get_traced_memory()[1] < 1 << 24, "far less than it would be"
    tracemalloc.stop()
    transport.close()


def test_threat_36_a_proxy_that_lets_nobody_through_is_named(
    monkeypatch: pytest.MonkeyPatch, refused: Any
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", " http://ada:secret@127.0.0.1:1\n")  # as a file leaves it
    transport = Transport("https://tenant.example")
    with refused(TenantDownError) as refusal:
        transport.request("GET", "/userinfo")
    assert "through the proxy at 127.0.0.1." in refusal.value.message
    assert "secret" not in str(refusal.value)
    transport.close()


def test_threat_36_the_environment_s_proxy_is_used(
    hostile: Any, monkeypatch: pytest.MonkeyPatch, shown: Any
) -> None:
    monkeypatch.setenv("HTTP_PROXY", hostile.url)
    monkeypatch.setenv("NO_PROXY", "")
    # Nobody has this name; a proxy is asked for the whole address.
    tenant = "http://tenant.example"
    hostile.responders[f"{tenant}/userinfo"] = respond(200, "{}")
    transport = Transport(tenant)
    assert transport.request("GET", "/userinfo").body == b"{}"
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


@pytest.mark.parametrize(
    "proxy",
    [
        "http://corp:P@ssw0rd#1@proxy.example:3128",
        "corp:P@ssw0rd@proxy.example:3128",
        "http://corp:1#ssw0rd@proxy.example:3128",
        "http://corp:1?ssw0rd@proxy.example:3128",
        "http://ssw0rd/1@proxy.example:3128",
        "http://corp:1\\ssw0rd@proxy.example:3128",
        "http://corp:1 ssw0rd@proxy.example:3128",
        "http://corp:x://ssw0rd@proxy.example:3128",
        "http://ssw0rd@",
        "http://",
    ],
)
def test_threat_36_a_password_that_is_not_encoded_is_not_taken_for_the_proxy_s_host(
    monkeypatch: pytest.MonkeyPatch, refused: Any, proxy: str
) -> None:
    monkeypatch.delenv("https_proxy", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: pytest.fail("looked up"))
    with refused(InvalidSettingError) as refusal:
        Transport("https://tenant.example").request("GET", "/userinfo")
    assert refusal.value.message.startswith("HTTPS_PROXY is not the address of a proxy")
    assert "encode @, #, ? and / in the password" in refusal.value.next_step
    finding = connection("https://tenant.example")
    frames = traceback.StackSummary.extract(traceback.walk_tb(refusal.tb), capture_locals=True)
    ours = [frame.locals for frame in frames if frame.filename != __file__]
    for text in (str(refusal.value), repr(finding), repr(ours)):
        assert "ssw0rd" not in text
        assert "corp" not in text


def test_threat_24_a_server_that_says_nothing(
    hostile: Any, monkeypatch: pytest.MonkeyPatch, refused: Any
) -> None:
    monkeypatch.setattr(transport_module, "TIMEOUT", httpx.Timeout(0.2))
    hostile.responders["/userinfo"] = lambda _: hostile.stopping.wait(20)
    transport = Transport(hostile.url)
    begun = time.perf_counter()
    with refused(TenantTimeoutError):
        transport.request("GET", "/userinfo")
    assert time.perf_counter() - begun < 10, "long before the request's deadline"
    transport.close()


def test_threat_24_a_request_that_is_given_up_leaves_no_thread(
    hostile: Any, monkeypatch: pytest.MonkeyPatch, refused: Any
) -> None:
    monkeypatch.setattr(transport_module, "DEADLINE", 0.2)
    hostile.responders["/userinfo"] = drip(hostile, b"HTTP/1.1 200 OK\r\n\r\n")
    monkeypatch.setattr(transport_module, "MAX_RESPONSE", 1 << 40)
    transport = Transport(hostile.url)
    before = set(threading.enumerate())
    with refused(TenantTimeoutError):
        transport.request("GET", "/userinfo")
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

    hostile.responders["/oauth/token"] = wait_and_answer
    hostile.responders["/userinfo"] = drip(hostile, b"HTTP/1.1 200 OK\r\n\r\n")
    transport = Transport(hostile.url)
    with ThreadPoolExecutor() as others:
        other = others.submit(transport.request, "POST", "/oauth/token")
        assert asked.wait(20)
        monkeypatch.setattr(transport_module, "DEADLINE", 0.2)
        with refused(TenantTimeoutError):
            transport.request("GET", "/userinfo")
        go_on.set()
        assert other.result(20).body == b"{}"
    transport.close()


@pytest.mark.parametrize(("keepalive", "connections"), [(transport_module.KEEPALIVE, 1), (0.0, 3)])
def test_a_connection_is_used_again_unless_it_was_idle_for_too_long(
    hostile: Any, monkeypatch: pytest.MonkeyPatch, keepalive: float, connections: int
) -> None:
    monkeypatch.setattr(transport_module, "KEEPALIVE", keepalive)
    ports: list[int] = []

    def answer_and_stay(handler: BaseHTTPRequestHandler) -> None:
        ports.append(handler.client_address[1])
        respond(200, "{}")(handler)
        handler.close_connection = False

    hostile.responders["/userinfo"] = answer_and_stay
    transport = Transport(hostile.url)
    for _ in range(3):
        transport.request("GET", "/userinfo")
    transport.close()
    assert len(set(ports)) == connections
