"""Who may speak over the keeper's channel, and what becomes of what is malformed."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from auth0_widget.errors import KeeperError
from auth0_widget.keeper import channel
from auth0_widget.keeper.channel import Address, Connection, connect
from auth0_widget.keeper.listener import Listener, remove_stale

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _echo(connection: Connection) -> None:
    while True:
        connection.send(connection.receive())


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    made = Listener(_echo, tmp_path)
    yield made
    made.close()


def test_both_sides_know_the_key_and_talk(listener: Listener) -> None:
    connection = connect(Address.read(listener.address_file))
    connection.send({"type": "join", "name": "Ada Łukasiewicz"})
    assert connection.receive(5) == {"type": "join", "name": "Ada Łukasiewicz"}
    connection.close()


def test_sending_changes_nothing_for_the_thread_that_receives(listener: Listener) -> None:
    connection = connect(Address.read(listener.address_file))
    for number in range(3):
        connection.send({"number": number})
        assert connection.receive(5) == {"number": number}
        assert connection._endpoint.gettimeout() == 0, "each direction waits by itself"
    connection.close()


def test_a_listener_that_is_closed_leaves_nothing(listener: Listener) -> None:
    folder = listener.address_file.parent
    listener.close()
    assert not folder.exists()
    with pytest.raises(KeeperError):
        connect(Address.read(listener.address_file))


def test_a_long_path_makes_a_socket_all_the_same(tmp_path: Path) -> None:
    listener = Listener(_echo, tmp_path / ("x" * 120))
    connect(Address.read(listener.address_file)).close()
    listener.close()


def test_what_a_killed_server_left_is_removed_and_a_living_ones_kept(
    listener: Listener, tmp_path: Path
) -> None:
    left = tmp_path / "auth0-widget-left"
    left.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(left / "socket"))
    remove_stale(tmp_path)
    assert not left.exists()
    connect(Address.read(listener.address_file)).close()


def test_an_address_file_that_is_malformed_is_none(listener: Listener, tmp_path: Path) -> None:
    address = Address.read(listener.address_file)
    assert address.key.hex() not in repr(address)
    text = listener.address_file.read_text()
    for malformed in ("", "#", "/a/socket", "/a/socket#abc", "/a/socket#" + "z" * 64, text[:-1]):
        (tmp_path / "malformed").touch(0o600)
        (tmp_path / "malformed").write_text(malformed)
        with pytest.raises(KeeperError):
            Address.read(tmp_path / "malformed")


def test_who_proves_nothing_is_hung_up_on(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "HANDSHAKE_SECONDS", 0.05)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.settimeout(5)
        silent.connect(Address.read(listener.address_file).place)
        silent.recv(4 + 32)
        assert silent.recv(1) == b""


def test_a_message_that_is_too_large_is_not_sent(listener: Listener) -> None:
    connection = connect(Address.read(listener.address_file))
    with pytest.raises(KeeperError, match="too large"):
        connection.send({"record": "x" * channel.MAX_FRAME})
    connection.close()


def test_without_unix_sockets_the_key_alone_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")
    listener = Listener(_echo, tmp_path)
    place = Address.read(listener.address_file).place
    assert place.startswith("127.0.0.1:")
    connection = connect(Address.read(listener.address_file))
    connection.send({"type": "join"})
    assert connection.receive(5) == {"type": "join"}
    with pytest.raises(KeeperError):
        connect(Address(place, bytes(32)))
    connection.close()
    listener.close()
