"""The socket at which a kernel responds to its workers on the same machine.

It is a Unix socket in a folder that only this user may enter. There is no port, and nothing goes
over the network. Each side checks that the other process belongs to the same user. Python has no
Unix sockets on Windows.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import socket
import stat
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from auth0_widget.base.forks import close_after_fork, new_locks_after_fork
from auth0_widget.base.local_sockets import peer_is_this_user, private_socket
from auth0_widget.base.strict_json import json_object
from auth0_widget.errors import KernelGoneError
from auth0_widget.workers import token_requests

if TYPE_CHECKING:
    from auth0_widget.base.redaction import Secret

_MAX_REQUEST_BYTES = 1024
_MAX_RESPONSE_BYTES = 1 << 18
_CONNECT_TIMEOUT = 3.0  # seconds


class KernelSocket:
    """A socket that listens for as long as this process runs."""

    def __init__(self) -> None:
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        self._listener, path = private_socket("kernel", *([Path(runtime)] if runtime else []))
        close_after_fork(self._listener)  # or workers could connect after this process has ended
        self._folder, self.path = path.parent, str(path)
        self.pid = os.getpid()
        self._listener.listen(128)
        threading.Thread(target=self._accept, name="auth0-widget-workers", daemon=True).start()

    def close(self) -> None:
        """Stop listening. A forked child process does not remove the path."""
        self._listener.close()
        if self.pid == os.getpid():
            shutil.rmtree(self._folder, ignore_errors=True)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # raised when the socket is closed
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(
                    target=_respond, args=(connection,), name="auth0-widget", daemon=True
                ).start()


def _respond(connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        connection.settimeout(_CONNECT_TIMEOUT)
        if not peer_is_this_user(connection):
            return
        asked = json_object(_receive_line(connection, _MAX_REQUEST_BYTES), limit=_MAX_REQUEST_BYTES)
        if asked is not None:
            response = json.dumps(token_requests.response_to(asked))
            connection.sendall(f"{response}\n".encode())


def ask(path: str, name: str, rejected: Secret | None) -> token_requests.WorkerToken | None:
    """Ask a kernel for an access token, from a worker. None if it has to be asked again.

    Args:
        path: The path of the kernel's socket.
        name: The name of the session, see `token_requests.register`.
        rejected: An access token that an API has rejected, or None.

    Raises:
        KernelGoneError: No kernel of this user listens at the socket.
        Auth0WidgetError: The error that the kernel sent.
    """
    try:
        if not _is_private(path):
            raise KernelGoneError
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_CONNECT_TIMEOUT)
            connection.connect(path)
            if not peer_is_this_user(connection):
                raise KernelGoneError
            connection.sendall(f"{json.dumps(token_requests.request(name, rejected))}\n".encode())
            connection.settimeout(token_requests.RESPONSE_TIMEOUT)
            response = json_object(
                _receive_line(connection, _MAX_RESPONSE_BYTES), limit=_MAX_RESPONSE_BYTES
            )
    except OSError:
        raise KernelGoneError from None
    return token_requests.token_from_response(response or {})


def _receive_line(connection: socket.socket, limit: int) -> bytes:
    """Receive until the end of the line or of the connection, or until the limit is exceeded."""
    received = b""
    while len(received) <= limit and not received.endswith(b"\n"):
        part = connection.recv(65_536)
        if not part:
            break
        received += part
    return received


def _is_private(path: str) -> bool:
    """Whether the socket and its folder belong to this user, and nobody else may enter it."""
    folder, itself = os.lstat(Path(path).parent), os.lstat(path)
    ours = folder.st_uid == itself.st_uid == os.getuid()
    return ours and stat.S_ISDIR(folder.st_mode) and not folder.st_mode & 0o077


_sockets: list[KernelSocket] = []
_lock = threading.Lock()
new_locks_after_fork(sys.modules[__name__])


def path_of_this_kernel() -> str | None:
    """The path of this process's socket, which the first call creates. None if that fails."""
    if not hasattr(socket, "AF_UNIX"):
        return None
    with _lock:
        if not _sockets or _sockets[0].pid != os.getpid():
            try:
                _sockets[:] = [KernelSocket()]
            except OSError:
                return None
            atexit.register(_sockets[0].close)
        return _sockets[0].path
