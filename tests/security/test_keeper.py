"""Threat 40: who may use the keeper's channel, and what is sent over it."""

from __future__ import annotations

import os
import socket
import stat
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from auth0_widget.base import background
from auth0_widget.config import KEEPER_VARIABLE
from auth0_widget.errors import IdTokenSubjectError, KeeperError
from auth0_widget.keeper import channel, keeper
from auth0_widget.keeper.channel import Connection, KeeperAddress, connect
from auth0_widget.keeper.keeper import Keeper
from auth0_widget.keeper.kept_login import KeptLogin
from auth0_widget.keeper.listener import Listener
from auth0_widget.keeper.messages import Done, Renew, to_json
from auth0_widget.notebook.remembering import keep_refresh_token
from auth0_widget.session.record import RecordFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel import Kernel


_START = background._start


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    made = Listener(Keeper().serve, tmp_path)
    yield made
    made.close()


@pytest.fixture
def address(listener: Listener) -> KeeperAddress:
    return KeeperAddress.read(listener.address_file)


def _join(kernel: Kernel, **changed: Any) -> dict[str, Any]:
    settings = kernel.settings
    return {
        "type": "join",
        "domain": settings.origin,
        "client_id": settings.client_id,
        "audience": None,
        "organization": None,
        "scope": settings.scope,
    } | changed


def _keep(kernel: Kernel, **changed: Any) -> dict[str, Any]:
    """The message with which a kernel sends its refresh token."""
    session = kernel.login.managed_session
    assert session is not None
    assert session.refresh_token is not None
    return {
        "type": "keep",
        "number": 1,
        "record": RecordFormat(kernel.login.record_identity, bytes(32)).dump(session.to_record()),
        "refresh_token": session.refresh_token.reveal(),
    } | changed


def _told(connection: Connection, kind: str) -> dict[str, Any]:
    """The next message of this type."""
    while True:
        message = connection.receive(10)
        if message["type"] == kind:
            return message


@pytest.fixture
def joined(address: KeeperAddress, kernel: Kernel) -> Iterator[Connection]:
    connection = connect(address)
    connection.send(_join(kernel))
    assert _told(connection, "stored")["record"] is None
    yield connection
    connection.close()


def test_threat_40_a_kernel_of_another_server(address: KeeperAddress, refused: Any) -> None:
    with refused(KeeperError):
        connect(KeeperAddress(address.place, bytes(32)))
    connect(address).close()  # and the next one is served


def test_threat_40_a_socket_in_the_place_of_the_keepers_learns_nothing(
    tmp_path: Path, refused: Any
) -> None:
    place, key = str(tmp_path / "impostor"), os.urandom(32)
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as impostor:
        impostor.bind(place)
        impostor.listen()

        def pretend() -> None:
            endpoint, _ = impostor.accept()
            with endpoint:
                channel._send_frame(endpoint, bytes(32))
                heard.append(channel._receive_frame(endpoint, 5))
                channel._send_frame(endpoint, bytes(32))
                heard.append(endpoint.recv(1))

        thread = threading.Thread(target=pretend)
        thread.start()
        with refused(KeeperError):
            connect(KeeperAddress(place, key))
        thread.join()
    assert heard[1] == b""
    assert key not in heard[0]


def test_threat_40_another_users_process(
    address: KeeperAddress, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    with refused(KeeperError):
        connect(address)


def test_threat_40_the_listener_looks_at_the_peers_user_as_well(
    address: KeeperAddress, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "_check_peer", _only_the_first(channel._check_peer))
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    with refused(KeeperError):
        connect(address)


def _only_the_first(check: Callable[..., None]) -> Callable[..., None]:
    """Spare the connecting side its own check: which comes first is no matter."""
    main = threading.current_thread()
    return lambda endpoint: None if threading.current_thread() is main else check(endpoint)


def test_threat_40_the_socket_and_the_key_are_for_their_owner_alone(
    listener: Listener, shown: Any
) -> None:
    folder = listener.address_file.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(listener.address_file.stat().st_mode) == 0o600
    shown("owner only")


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o606])
def test_threat_40_an_address_file_that_others_may_touch(
    listener: Listener, refused: Any, mode: int
) -> None:
    listener.address_file.chmod(mode)
    with refused(KeeperError):
        KeeperAddress.read(listener.address_file)


def test_threat_40_a_link_in_the_place_of_the_address_file(
    listener: Listener, tmp_path: Path, refused: Any
) -> None:
    (tmp_path / "link").symlink_to(listener.address_file)
    with refused(KeeperError):
        KeeperAddress.read(tmp_path / "link")


def test_threat_40_nothing_listens_on_the_network(address: KeeperAddress, shown: Any) -> None:
    assert stat.S_ISSOCK(Path(address.place).stat().st_mode)
    shown("a Unix socket")


@pytest.mark.parametrize(
    "sent",
    [
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x02[]",
        b"\x00\x00\x00\x02{]",
        b"\x00\x00\x00\x09" + b'{"a":NaN}',
        b"\x00\x00\xff\xff" + b"[" * 65535,
        b"\x00\x00",
    ],
    ids=["huge", "list", "malformed", "nan", "nested", "cut"],
)
def test_threat_40_frames_that_are_no_messages(
    address: KeeperAddress, kernel: Kernel, refused: Any, sent: bytes
) -> None:
    connection = connect(address)
    connection._endpoint.sendall(sent)
    connection._endpoint.shutdown(socket.SHUT_WR)
    with refused(KeeperError):
        connection.receive(10)
    connection.close()
    other = connect(address)  # it serves the others
    other.send(_join(kernel))
    assert _told(other, "stored")["record"] is None
    other.close()


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "keep"},
        {"type": ["join"]},
        {"domain": 7},
        {"domain": None},
        {"domain": "evil.example/#"},
        {"client_id": "x" * 5000},
        {"more": 1},
    ],
    ids=str,
)
def test_threat_40_a_first_message_that_is_malformed(
    address: KeeperAddress,
    kernel: Kernel,
    refused: Any,
    changed: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    connection = connect(address)
    connection.send(_join(kernel, **changed))
    with refused(KeeperError):
        connection.receive(10)
    connection.close()
    assert "unexpected" not in caplog.text, "it is no fault of the server"


def test_threat_40_who_connects_and_says_nothing(
    address: KeeperAddress, monkeypatch: pytest.MonkeyPatch, shown: Any
) -> None:
    monkeypatch.setattr(keeper, "JOIN_SECONDS", 0.05)
    connection = connect(address)
    connection._endpoint.settimeout(10)
    assert connection._endpoint.recv(1) == b""
    connection.close()
    shown("hangs up")


def test_threat_40_a_renewal_that_brings_another_person(
    listener: Listener,
    new_kernel: Callable[..., Kernel],
    refused: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    others, kernel = new_kernel(), new_kernel()
    record = others.seal(others.log_in("grace@example.com"))
    session = kernel.log_in()
    kept = KeptLogin(kernel.login, listener.address_file)
    monkeypatch.setattr(kept._client, "ask", lambda _: Done(1, record))
    session._managed.set_holder(kept, session._managed.refresh_token)
    with refused(IdTokenSubjectError):
        session.renew()
    assert session.user.email == "ada@example.com"


@pytest.mark.parametrize("kind", ["renew", "keep", "log_out", "stored", "done"])
def test_threat_40_who_has_not_said_which_login_it_is_about(
    address: KeeperAddress, refused: Any, kind: str
) -> None:
    connection = connect(address)
    connection.send({"type": kind, "number": 1})
    with refused(KeeperError):
        connection.receive(10)
    connection.close()


def test_threat_40_a_session_that_is_not_there(joined: Connection, shown: Any) -> None:
    joined.send(to_json(Renew(1, "x", "x")))
    code = _told(joined, "failed")["code"]
    assert code == "session_ended"
    shown(f"`{code}`")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"id_token": "a.b.c"}, "id_token_malformed"),
        ({"issuer": "https://evil.example/"}, "record_invalid"),
        ({"audience": "https://api.example"}, "record_invalid"),
        ({"profile": {"sub": "somebody else"}}, "userinfo_failed"),
    ],
    ids=str,
)
def test_threat_40_a_record_that_proves_nothing_is_not_kept(
    joined: Connection, kernel: Kernel, shown: Any, changed: dict[str, Any], expected: str
) -> None:
    kernel.log_in()
    message = _keep(kernel)
    joined.send(message | {"record": kernel.tamper(message["record"], **changed)})
    assert _told(joined, "failed")["code"] == expected
    shown(f"`{expected}`")


def test_threat_40_no_kernel_is_given_a_refresh_token(
    joined: Connection, address: KeeperAddress, kernel: Kernel, shown: Any
) -> None:
    kernel.log_in()
    message = _keep(kernel)
    joined.send(message)
    _told(joined, "done")
    other = connect(address)
    other.send(_join(kernel))
    stored = _told(other, "stored")
    assert stored["renewable"] is True
    session = kernel.login.managed_session
    assert session is not None
    digest = session.tokens.access_token.digest
    other.send(to_json(Renew(2, session.session_id, digest)))
    done = _told(other, "done")
    for said in (stored, done):
        assert message["refresh_token"] not in str(said)
        assert "refresh_token" not in said["record"]
    other.close()
    shown("never in a message")


def test_threat_40_another_application_is_another_login(
    joined: Connection, address: KeeperAddress, kernel: Kernel, shown: Any
) -> None:
    kernel.log_in()
    joined.send(_keep(kernel))
    _told(joined, "done")
    for changed in ({"client_id": "another"}, {"audience": "https://api.example"}):
        other = connect(address)
        other.send(_join(kernel, **changed))
        assert _told(other, "stored")["record"] is None
        other.close()
    shown("nothing is told")


@pytest.mark.parametrize("app", ["voila", "marimo run"])
def test_threat_40_a_visitor_of_an_app_that_was_started_in_a_terminal(
    *,
    joined: Connection,
    listener: Listener,
    kernel: Kernel,
    new_kernel: Callable[..., Kernel],
    monkeypatch: pytest.MonkeyPatch,
    shown: Any,
    app: str,
) -> None:
    kernel.log_in()
    joined.send(_keep(kernel))
    _told(joined, "done")
    visitor, author = new_kernel(), new_kernel()
    with monkeypatch.context() as terminal:
        terminal.setattr(background, "_start", _START)
        terminal.setenv(KEEPER_VARIABLE, str(listener.address_file))
        terminal.delitem(sys.modules, "marimo", raising=False)  # other tests import it
        keep_refresh_token(author.login)
        if app == "voila":
            terminal.setenv("VOILA_BASE_URL", "/")
        else:
            meta = SimpleNamespace(mode="run")
            terminal.setitem(sys.modules, "marimo", SimpleNamespace(app_meta=lambda: meta))
        keep_refresh_token(visitor.login)
    assert author.login.session is not None, "a kernel that serves its author gets the session"
    assert visitor.login.session is None
    visitor.log_in("grace@example.com")
    session = visitor.login.managed_session
    assert session is not None
    assert session.refresh_token is not None, "nor does the server get a visitor's"
    shown("nothing is told")


def test_threat_40_no_file_holds_a_token(
    listener: Listener,
    new_kernel: Callable[..., Kernel],
    private_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    shown: Any,
) -> None:
    monkeypatch.setattr(background, "_start", _START)
    monkeypatch.setenv(KEEPER_VARIABLE, str(listener.address_file))
    kernel = new_kernel()
    kept = KeptLogin(kernel.login, listener.address_file)
    assert kept.settled.wait(10)
    response = kernel.tenant.sign_in(kernel.open())
    kernel.receive("authorization_response", response=response)
    session = None
    while session is None or session.refresh_token is not None:
        threading.Event().wait(0.005)
        session = kernel.login.managed_session
    session.renew()
    ledger = kernel.tenant._context.ledger
    secrets = [*ledger.access_tokens, *ledger.refresh_tokens, session.tokens.id_token.reveal()]
    assert len(ledger.refresh_tokens) == 2, "the first one, and the one after the renewal"
    folders = (private_home, listener.address_file.parent)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"address", "seal.key"}, "it looks in the right place"
    for path in files:
        content = path.read_bytes().decode(errors="replace")
        assert not any(secret in content for secret in secrets), path
    shown("memory only")
