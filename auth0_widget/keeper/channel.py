"""A channel between processes of one user on one machine: frames of JSON over a local socket.

The Jupyter Server listens. The environment of its kernels and terminals contains the path of a file
that only their user may read. The address and a key are in that file, and not in the environment,
because people print the environment into notebooks.

Before anything else is sent, each side proves to the other that it knows the key. So another
process that has replaced the socket, or a kernel of another server, learns nothing. On POSIX
systems the socket is in a folder that only its owner may enter, and Linux also tells which user the
other process belongs to. Windows has neither: there the socket is a port on the loopback interface,
and only the key protects it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import selectors
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auth0_widget.base.forks import close_after_fork, new_locks_after_fork
from auth0_widget.base.local_sockets import peer_is_this_user
from auth0_widget.base.private_files import read_private, write_private
from auth0_widget.base.strict_json import json_object
from auth0_widget.errors import KeeperError

if TYPE_CHECKING:
    from pathlib import Path

MAX_FRAME = 512 * 1024
"""Bytes of one message. A record in it has at most 256 KB."""

HANDSHAKE_SECONDS = 5.0
"""How long the other side may take to prove who it is."""

SEND_SECONDS = 10.0
"""How long the other side may take to read one message."""

# Not the default selector: on Linux and macOS, each wait would take a file descriptor, and there is
# none left in a process that has opened too many files.
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)

KEY_BYTES = 32
_NONCE_BYTES = 32
_KEY = re.compile(r"[0-9a-f]{64}")
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class KeeperAddress:
    """The address at which a keeper listens, and its key.

    Attributes:
        place: The path of a Unix socket, or ``127.0.0.1:PORT``.
        key: The key that both sides must know. It is of no use on another machine or to another
            user.
    """

    place: str
    key: bytes

    def write(self, path: Path) -> None:
        """Write the address into a file that only this user may read.

        Raises:
            OSError: The file cannot be written.
        """
        if not write_private(path, f"{self.place}#{self.key.hex()}".encode()):
            raise OSError("the keeper's address cannot be stored")

    @classmethod
    def read(cls, path: Path) -> KeeperAddress:
        """Read the address from a file.

        Raises:
            KeeperError: There is no such file, it is malformed, or others may read or write it.
        """
        place, _, key = (read_private(path) or b"").decode(errors="replace").rpartition("#")
        if not place or not _KEY.fullmatch(key):
            raise KeeperError
        return cls(place, bytes.fromhex(key))

    def __repr__(self) -> str:
        """Without the key: what is printed is saved with the notebook."""
        return f"<KeeperAddress {self.place}>"


class Connection:
    """One end of a connection whose other end has proven that it knows the key.

    Any thread may send. Only one thread may receive.
    """

    def __init__(self, endpoint: socket.socket) -> None:
        self._endpoint = endpoint
        self._sending = threading.Lock()
        new_locks_after_fork(self)
        close_after_fork(endpoint)  # or the other side would not notice that this process ends

    def send(self, message: dict[str, Any]) -> None:
        """Send one message.

        Raises:
            KeeperError: The other side has closed the connection, or reads too slowly.
        """
        with self._sending:
            _send_frame(self._endpoint, json.dumps(message, ensure_ascii=False).encode())

    def receive(self, seconds: float | None = None) -> dict[str, Any]:
        """The next message.

        Args:
            seconds: How long to wait for the message. None waits until the connection is closed.

        Raises:
            KeeperError: The other side has closed the connection, has sent nothing in that time, or
                has sent something other than a message.
        """
        message = json_object(_receive_frame(self._endpoint, seconds), limit=MAX_FRAME)
        if message is None:
            raise KeeperError("The data on the keeper's channel is not a message.")
        return message

    def close(self) -> None:
        """Close the connection. A `receive` that waits on either end raises `KeeperError`."""
        with suppress(OSError):  # the other side has closed it already
            self._endpoint.shutdown(socket.SHUT_RDWR)
        self._endpoint.close()


def somebody_listens(place: str, *, seconds: float = HANDSHAKE_SECONDS) -> bool:
    """Whether a process listens there. A server that was killed leaves its files behind.

    A process that does not respond, because it is busy, listens as well.

    Args:
        place: Where, see `KeeperAddress`.
        seconds: How long the process may take.
    """
    try:
        _connected(place, seconds).close()
    except (ConnectionRefusedError, FileNotFoundError):
        return False
    except OSError:
        return True
    return True


def connect(address: KeeperAddress) -> Connection:
    """Connect to a keeper.

    Raises:
        KeeperError: No process of this user listens there, or it does not know the key.
    """
    try:
        endpoint = _connected(address.place)
        endpoint.settimeout(0)  # see `_wait`
    except OSError as error:
        raise KeeperError from error
    try:
        _prove_both(endpoint, address.key)
    except BaseException:
        endpoint.close()
        raise
    return Connection(endpoint)


def _prove_both(endpoint: socket.socket, key: bytes) -> None:
    """Do the kernel's part of the handshake, see `accept`."""
    _check_peer(endpoint)
    challenge = _receive_frame(endpoint, HANDSHAKE_SECONDS)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    _send_frame(endpoint, nonce + _proof(key, b"kernel", challenge + nonce))
    proof = _receive_frame(endpoint, HANDSHAKE_SECONDS)
    if not hmac.compare_digest(proof, _proof(key, b"keeper", challenge + nonce)):
        raise KeeperError("The process that listens at the keeper's address is not the keeper.")


def accept(endpoint: socket.socket, key: bytes) -> Connection:
    """Do the keeper's part of the handshake, on a socket that a kernel has connected to.

    Both sides send a nonce, and an HMAC of both nonces with the key.

    Raises:
        KeeperError: The other process belongs to another user, or does not know the key.
    """
    endpoint.settimeout(0)  # see `_wait`
    _check_peer(endpoint)
    challenge = secrets.token_bytes(_NONCE_BYTES)
    _send_frame(endpoint, challenge)
    reply = _receive_frame(endpoint, HANDSHAKE_SECONDS)
    nonce, proof = reply[:_NONCE_BYTES], reply[_NONCE_BYTES:]
    if not hmac.compare_digest(proof, _proof(key, b"kernel", challenge + nonce)):
        raise KeeperError("A process that does not know the keeper's key has connected.")
    _send_frame(endpoint, _proof(key, b"keeper", challenge + nonce))
    return Connection(endpoint)


def _connected(place: str, seconds: float = HANDSHAKE_SECONDS) -> socket.socket:
    host, _, port = place.rpartition(":")
    if host == "127.0.0.1" and port.isdecimal():
        return socket.create_connection((host, int(port)), timeout=seconds)
    if not hasattr(socket, "AF_UNIX"):
        raise KeeperError("This system has no Unix sockets.")
    endpoint = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        endpoint.settimeout(seconds)
        endpoint.connect(place)
    except BaseException:
        endpoint.close()
        raise
    return endpoint


def _check_peer(endpoint: socket.socket) -> None:
    if not peer_is_this_user(endpoint):
        raise KeeperError("The other side of the keeper's channel is another user's process.")


def _proof(key: bytes, side: bytes, nonces: bytes) -> bytes:
    return hmac.new(key, side + nonces, hashlib.sha256).digest()


def _send_frame(endpoint: socket.socket, content: bytes) -> None:
    if len(content) > MAX_FRAME:
        raise KeeperError("A message for the keeper's channel is too large.")
    rest = memoryview(_LENGTH.pack(len(content)) + content)
    deadline = time.monotonic() + SEND_SECONDS
    try:
        while rest:
            _wait(endpoint, selectors.EVENT_WRITE, deadline)
            rest = rest[endpoint.send(rest) :]
    except (OSError, ValueError) as error:  # ValueError: this side has closed the socket
        raise KeeperError from error


def _receive_frame(endpoint: socket.socket, seconds: float | None) -> bytes:
    deadline = None if seconds is None else time.monotonic() + seconds
    (length,) = _LENGTH.unpack(_receive_exactly(endpoint, _LENGTH.size, deadline))
    if length > MAX_FRAME:
        raise KeeperError("A message on the keeper's channel is too large.")
    return _receive_exactly(endpoint, length, deadline)


def _receive_exactly(endpoint: socket.socket, size: int, deadline: float | None) -> bytes:
    content = bytearray()
    try:
        while len(content) < size:
            _wait(endpoint, selectors.EVENT_READ, deadline)
            part = endpoint.recv(size - len(content))
            if not part:
                raise KeeperError
            content += part
    except (OSError, ValueError) as error:  # ValueError: this side has closed the socket
        raise KeeperError from error
    return bytes(content)


def _wait(endpoint: socket.socket, event: int, deadline: float | None) -> None:
    """Wait until the socket can be read or written.

    The socket's own timeout cannot be used: it would apply to the thread that sends and to the one
    that receives.

    Raises:
        KeeperError: The deadline, by the monotonic clock, has passed.
    """
    with _Selector() as selector:
        selector.register(endpoint, event)
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not selector.select(left):
            raise KeeperError
