"""Threat 31: the listener on this machine, and requests that are not the response it waits for."""

from __future__ import annotations

import contextlib
import http.client
import logging
import queue
import socket
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import time_machine

from auth0_widget.base.redaction import Secret
from auth0_widget.commands.demo import usable_port
from auth0_widget.errors import LoopbackPortError
from auth0_widget.flows.loopback_listener import LoopbackListener, _Handler
from auth0_widget.oauth.loopback_address import ADDRESSES, PATH, redirect_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

STATE = "the-state-of-this-login"
GOOD = {"code": "the-code", "state": STATE}


class Responses(queue.SimpleQueue["Mapping[str, str]"]):
    """What the listener gave, and whether it said that the time was over."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = threading.Event()

    def expect(self, response: Mapping[str, str]) -> None:
        """It comes once the browser has its page; and no other."""
        assert self.get(timeout=60) == response
        assert self.empty()


@pytest.fixture
def responses() -> Responses:
    return Responses()


@pytest.fixture
def free() -> int:
    """A free port."""
    return usable_port(0)


@pytest.fixture
def listener(free: int, responses: Responses) -> Iterator[LoopbackListener]:
    with LoopbackListener(free, Secret(STATE), responses.put, responses.ended.set) as listening:
        yield listening


@pytest.fixture
def port(listener: LoopbackListener) -> int:
    """The port at which the listener listens."""
    port: int = listener._servers[0].server_address[1]
    return port


def ask(
    port: int,
    response: Mapping[str, str] | str = GOOD,
    *,
    method: str = "GET",
    path: str = PATH,
    host: str | None = None,
    address: str = "127.0.0.1",
    headers: Mapping[str, str] | None = None,
) -> tuple[int, str, Mapping[str, str]]:
    """Send a request as a browser does. Returns the status, the page and the headers."""
    query = response if isinstance(response, str) else urlencode(response)
    connection = http.client.HTTPConnection(address, port, timeout=60)
    try:
        connection.putrequest(method, f"{path}?{query}", skip_host=True)
        for name, value in {"Host": host or f"127.0.0.1:{port}", **(headers or {})}.items():
            connection.putheader(name, value)
        connection.endheaders()
        reply = connection.getresponse()
        return reply.status, reply.read().decode(), dict(reply.getheaders())
    finally:
        connection.close()


def is_gone(port: int) -> bool:
    """Whether nobody listens any more, and another program may."""
    with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        return False
    return usable_port(port) == port


REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "another host": ({"host": "evil.example.com"}, 421),
    "another host that leads here": ({"host": "127.0.0.1.evil.example.com:{port}"}, 421),
    "the name localhost": ({"host": "localhost:{port}"}, 421),
    "another port": ({"host": "127.0.0.1:1"}, 421),
    "no port": ({"host": "127.0.0.1"}, 421),
    "two hosts": ({"headers": {"host": "evil.example.com"}}, 421),
    "the root": ({"path": "/"}, 404),
    "a path below": ({"path": f"{PATH}/"}, 404),
    "a path around": ({"path": f"/x/..{PATH}"}, 404),
    "two slashes": ({"path": f"/{PATH}"}, 404),
    "a whole URL": ({"path": f"http://127.0.0.1{PATH}"}, 404),
    "POST": ({"method": "POST"}, 405),
    "HEAD": ({"method": "HEAD"}, 405),
    "OPTIONS": ({"method": "OPTIONS"}, 405),
    "a method nobody knows": ({"method": "BREW"}, 405),
    "no state": ({"response": {"code": "c"}}, 400),
    "another state": ({"response": GOOD | {"state": "another"}}, 400),
    "an empty state": ({"response": GOOD | {"state": ""}}, 400),
    "a state in other letters": ({"response": GOOD | {"state": "\u0441tate"}}, 400),
    "the state twice": ({"response": f"{urlencode(GOOD)}&state={STATE}"}, 400),
    "a thousand parameters": ({"response": f"{urlencode(GOOD)}{'&a=1' * 1000}"}, 400),
    "nothing": ({"response": ""}, 400),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_threat_31_what_is_not_the_response_is_refused_and_ends_nothing(
    port: int, responses: Responses, shown: Any, kind: str
) -> None:
    asked, status = REFUSED[kind]
    if "host" in asked:
        asked = asked | {"host": asked["host"].format(port=port)}
    assert ask(port, **asked)[0] == status
    assert responses.empty()
    assert ask(port)[0] == 200
    responses.expect(GOOD)
    shown(f"HTTP {status}, the login goes on")


def test_threat_31_one_response_and_the_listener_is_gone(
    listener: LoopbackListener, port: int, responses: Responses, shown: Any
) -> None:
    assert ask(port)[0] == 200
    responses.expect(GOOD)
    listener.close()
    assert is_gone(port)
    assert not responses.ended.is_set()
    shown("gone after the response")


def test_threat_31_the_browser_receives_its_page_from_a_listener_that_has_closed(
    listener: LoopbackListener, port: int, monkeypatch: pytest.MonkeyPatch, shown: Any
) -> None:
    send = _Handler._send

    def send_later(handler: _Handler, status: int, html: str) -> None:
        listener.close()
        send(handler, status, html)

    monkeypatch.setattr(_Handler, "_send", send_later)
    assert ask(port)[0] == 200
    shown("gone after the response")


def test_threat_31_a_second_response_in_the_same_moment_is_refused(
    listener: LoopbackListener, port: int, responses: Responses, shown: Any
) -> None:
    # As when two connections have been accepted before either gets a response.
    assert listener.take(urlencode(GOOD)) == GOOD
    assert listener.take(urlencode(GOOD)) is None
    assert responses.empty()
    listener.close()
    assert is_gone(port)
    shown("refused")


def test_threat_31_ten_minutes_and_the_listener_is_gone(
    free: int, responses: Responses, shown: Any
) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        listener = LoopbackListener(free, Secret(STATE), responses.put, responses.ended.set)
        clock.shift(599)
        assert ask(free, GOOD | {"state": "another"})[0] == 400
        clock.shift(1)
        assert responses.ended.wait(60)
    listener.close()
    assert is_gone(free)
    assert responses.empty()
    shown("gone after ten minutes")


def test_threat_31_a_listener_that_nobody_needs_any_more_is_gone(
    free: int, responses: Responses, shown: Any
) -> None:
    LoopbackListener(free, Secret(STATE), responses.put, responses.ended.set).close()
    assert is_gone(free)
    assert not responses.ended.is_set()
    shown("gone with the login")


def test_threat_31_a_port_that_another_program_has_is_an_error(
    free: int, refused: Callable[..., Any]
) -> None:
    with socket.create_server(("127.0.0.1", free)), refused(LoopbackPortError) as refusal:
        LoopbackListener(free, Secret(STATE), lambda _: None)
    assert str(free) in refusal.value.message


def test_threat_31_nobody_has_the_port_while_it_listens(port: int, shown: Any) -> None:
    with pytest.raises(OSError, match="in use"):
        socket.create_server(("127.0.0.1", port))  # which sets SO_REUSEADDR
    shown("the port is its own")


def test_threat_31_it_listens_on_no_other_interface(
    listener: LoopbackListener, port: int, shown: Any
) -> None:
    names = [server.socket.getsockname()[0] for server in listener._servers]
    assert names == [host for host, _ in ADDRESSES][: len(names)]
    assert redirect_uri(port).startswith(f"http://127.0.0.1:{port}/")
    shown("127.0.0.1 and ::1 only")


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_threat_31_ipv6_has_a_host_of_its_own(
    listener: LoopbackListener, port: int, responses: Responses, shown: Any
) -> None:
    if len(listener._servers) < len(ADDRESSES):
        pytest.skip("this machine has no [::1]")
    assert ask(port, address="::1", host=f"127.0.0.1:{port}")[0] == 421
    assert ask(port, address="::1", host=f"[::1]:{port}")[0] == 200
    responses.expect(GOOD)
    shown("`[::1]` and its port")


def begin(port: int) -> socket.socket:
    """A connection that the listener has accepted, with half a request."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(b"GET ")
    assert ask(port, "")[0] == 400  # it is accepted after the first one
    return connection


def is_ended(connection: socket.socket) -> bool:
    """Whether the listener ends a connection within 20 seconds."""
    try:
        while connection.recv(1024):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets for how many seconds a connection may stay open."""
    return lambda seconds: monkeypatch.setattr(
        "auth0_widget.flows.loopback_listener._PATIENCE", seconds
    )


def test_threat_31_a_connection_that_says_nothing_holds_up_no_response(
    port: int, responses: Responses, patience: Callable[[float], None], shown: Any
) -> None:
    patience(3600)
    with socket.create_connection(("127.0.0.1", port)):
        assert ask(port)[0] == 200
    responses.expect(GOOD)
    shown("served beside it")


@pytest.mark.parametrize("more", [b"", b"x"], ids=["silent", "dripping"])
def test_threat_31_a_connection_that_goes_on_for_too_long_is_ended(
    port: int, patience: Callable[[float], None], shown: Any, more: bytes
) -> None:
    patience(0.5)
    gone = threading.Event()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:

        def drip() -> None:
            with contextlib.suppress(OSError):
                while not gone.wait(0.05):
                    connection.sendall(more)

        dripping = threading.Thread(target=drip)
        dripping.start()
        ended = is_ended(connection)
        gone.set()
        dripping.join()
    assert ended
    assert ask(port)[0] == 200
    shown("ended after ten seconds")


def test_threat_31_no_connection_outlives_the_listener(
    listener: LoopbackListener, port: int, patience: Callable[[float], None], shown: Any
) -> None:
    patience(3600)
    with begin(port) as connection:
        listener.close()
        assert is_ended(connection)
    shown("ended with the listener")


def test_threat_31_a_connection_too_many_ends_the_oldest(
    port: int, responses: Responses, patience: Callable[[float], None], shown: Any
) -> None:
    patience(3600)
    with contextlib.ExitStack() as open_ones:
        oldest, *_, newest = [open_ones.enter_context(begin(port)) for _ in range(17)]
        assert is_ended(oldest)
        newest.sendall(f"{PATH}?{urlencode(GOOD)} HTTP/1.1\r\n".encode())
        newest.sendall(f"Host: 127.0.0.1:{port}\r\n\r\n".encode())
        assert newest.recv(1024).startswith(b"HTTP/1.0 200")
    responses.expect(GOOD)
    shown("the oldest ended, the response was received")


def test_threat_31_the_page_repeats_nothing_and_passes_nothing_on(port: int, shown: Any) -> None:
    script = "<script>alert(1)</script>"
    status, page, headers = ask(port, GOOD | {"error_description": script, "other": script})
    assert (status, script in page, "the-code" in page) == (200, False, False)
    assert "Back to your notebook" in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Server"] == "auth0-widget"
    shown("a fixed page")


@pytest.mark.parametrize("path", ["/<script>", f"{PATH}<script>"])
def test_threat_31_a_refusal_repeats_nothing_either(port: int, shown: Any, path: str) -> None:
    status, page, _ = ask(port, path=path)
    assert status == 404
    assert "script" not in page
    shown("a fixed page")


def test_threat_31_nothing_of_the_request_is_logged(
    listener: LoopbackListener,
    port: int,
    shown: Any,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(port, GOOD | {"state": "another"})
        ask(port, method="POST")
        with socket.create_connection(("127.0.0.1", port)) as broken:
            broken.sendall(b"GET /the-code HTTP/9.9\r\n\r\n")
            broken.recv(1024)
        ask(port)
    listener.close()
    assert caplog.text == ""
    assert "".join(capfd.readouterr()) == ""
    shown("nothing")
