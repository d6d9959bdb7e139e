"""Who may speak over the keeper's channel, and what becomes of what is malformed."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from auth0_widget.base.local_sockets import private_socket
from auth0_widget.errors import KeeperError
from auth0_widget.keeper import channel
from auth0_widget.keeper.channel import Connection, KeeperAddress, connect
from auth0_widget.keeper.listener import Listener, remove_stale

if TYPE_CHECKING:
    from collections.abc import Iterator


def _echo(connection: Connection) -> None:
    while True:
        connection.send(connection.receive())


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    made = Listener(_echo, tmp_path)
    yield made
    made.close()


def test_both_sides_know_the_key_and_talk(listener: Listener) -> None:
    connection = connect(KeeperAddress.read(listener.address_file))
    connection.send({"type": "join", "name": "Ada Łukasiewicz"})
    assert connection.receive(5) == {"type": "join", "name": "Ada Łukasiewicz"}
    connection.close()


def test_sending_changes_nothing_for_the_thread_that_receives(listener: Listener) -> None:
    connection = connect(KeeperAddress.read(listener.address_file))
    for number in range(3):
        connection.send({"number": number})
        assert connection.receive(5) == {"number": number}
        assert connection._endpoint.gettimeout() == 0, "each direction waits by itself"
    connection.close()


def test_who_does_not_read_holds_nobody_up_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "SEND_SECONDS", 0.05)
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    outcome: Future[None] = Future()

    def send() -> None:
        try:
            Connection(ours).send({"record": "x" * 500_000})
        except KeeperError as error:
            outcome.set_exception(error)

    threading.Thread(target=send, daemon=True).start()
    with pytest.raises(KeeperError):
        outcome.result(10)
    theirs.close()
    ours.close()


def test_a_listener_that_is_closed_leaves_nothing(listener: Listener) -> None:
    folder = listener.address_file.parent
    listener.close()
    assert not folder.exists()
    with pytest.raises(KeeperError):
        connect(KeeperAddress.read(listener.address_file))


def test_a_long_path_makes_a_socket_all_the_same(tmp_path: Path) -> None:
    listener = Listener(_echo, tmp_path / ("x" * 120))
    connect(KeeperAddress.read(listener.address_file)).close()
    listener.close()


class TestWhatAnotherServerOfThisUserFinds:
    """In Jupyter's runtime directory, which some share with other machines."""

    @pytest.fixture
    def left(self) -> Iterator[Path]:
        """The folder of a server that was killed, long enough ago."""
        folder = Path(tempfile.mkdtemp())  # pytest's own paths are too long
        dead, path = private_socket("keeper", folder)
        dead.close()
        yield _aged(path.parent)
        shutil.rmtree(folder)

    def test_a_killed_servers_is_removed(self, left: Path) -> None:
        Listener(_echo, left.parent).close()
        assert not left.exists()

    def test_a_living_servers_is_kept(self, listener: Listener, tmp_path: Path) -> None:
        _aged(listener.address_file.parent)
        remove_stale(tmp_path)
        connect(KeeperAddress.read(listener.address_file)).close()

    def test_a_starting_servers_is_kept(self, left: Path) -> None:
        os.utime(left)
        remove_stale(left.parent)
        assert left.exists()

    def test_another_machines_is_kept(self, left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(socket, "gethostname", lambda: "another-node")
        remove_stale(left.parent)
        assert left.exists()

    def test_that_of_a_kernels_workers_is_kept(self, left: Path) -> None:
        endpoint, path = private_socket("kernel", left.parent)
        endpoint.close()
        remove_stale(_aged(path.parent).parent)
        assert path.exists()


def _aged(folder: Path) -> Path:
    """The folder, as if nothing had been made in it for an hour."""
    os.utime(folder, (time.time() - 3600,) * 2)
    return folder


class TestInAProcessWithTooManyOpenFiles:
    @pytest.fixture
    def files(self) -> Iterator[Files]:
        files = Files()
        yield files
        files.close_some()

    def test_those_who_are_connected_still_talk(self, listener: Listener, files: Files) -> None:
        connection = connect(KeeperAddress.read(listener.address_file))
        files.open_as_many_as_possible()
        connection.send({"number": 1})
        assert connection.receive(5) == {"number": 1}
        connection.close()

    def test_who_comes_then_is_served_once_some_are_closed(
        self, listener: Listener, files: Files, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refused = threading.Event()
        monkeypatch.setattr(listener._closed, "wait", lambda _: refused.set())
        place = KeeperAddress.read(listener.address_file).place
        with socket.socket(socket.AF_UNIX) as early:
            early.settimeout(5)
            files.open_as_many_as_possible()
            early.connect(place)
            assert refused.wait(5)
            files.close_some()
            assert len(early.recv(36)) == 36, "the first message of the handshake"


class Files:
    """Files that this process may have open."""

    def __init__(self) -> None:
        self._resource: Any = pytest.importorskip("resource")
        self._before = self._resource.getrlimit(self._resource.RLIMIT_NOFILE)

    def open_as_many_as_possible(self) -> None:
        """Let this process open no other file."""
        free = os.open(os.devnull, os.O_RDONLY)
        os.close(free)
        self._resource.setrlimit(self._resource.RLIMIT_NOFILE, (free, self._before[1]))

    def close_some(self) -> None:
        """Let it open files again."""
        self._resource.setrlimit(self._resource.RLIMIT_NOFILE, self._before)


def test_an_address_file_that_is_malformed_is_none(listener: Listener, tmp_path: Path) -> None:
    address = KeeperAddress.read(listener.address_file)
    assert address.key.hex() not in repr(address)
    text = listener.address_file.read_text()
    for malformed in ("", "#", "/a/socket", "/a/socket#abc", "/a/socket#" + "z" * 64, text[:-1]):
        (tmp_path / "malformed").touch(0o600)
        (tmp_path / "malformed").write_text(malformed)
        with pytest.raises(KeeperError):
            KeeperAddress.read(tmp_path / "malformed")


def test_who_proves_nothing_is_hung_up_on(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "HANDSHAKE_SECONDS", 0.05)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.settimeout(5)
        silent.connect(KeeperAddress.read(listener.address_file).place)
        silent.recv(4 + 32)
        assert silent.recv(1) == b""


def test_a_message_that_is_too_large_is_not_sent(listener: Listener) -> None:
    connection = connect(KeeperAddress.read(listener.address_file))
    with pytest.raises(KeeperError, match="too large"):
        connection.send({"record": "x" * channel.MAX_FRAME})
    connection.close()


def test_without_unix_sockets_the_key_alone_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")
    listener = Listener(_echo, tmp_path)
    place = KeeperAddress.read(listener.address_file).place
    assert place.startswith("127.0.0.1:")
    connection = connect(KeeperAddress.read(listener.address_file))
    connection.send({"type": "join"})
    assert connection.receive(5) == {"type": "join"}
    with pytest.raises(KeeperError):
        connect(KeeperAddress(place, bytes(32)))
    connection.close()
    listener.close()
