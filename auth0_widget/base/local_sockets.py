"""Unix sockets that only processes of this user reach. Windows has none in Python."""

from __future__ import annotations

import os
import socket
import struct
import tempfile
from contextlib import suppress
from pathlib import Path

FOLDER_PREFIX = "auth0-widget-"
_CREDENTIALS = struct.Struct("3i")  # pid, uid and gid (unix(7), SO_PEERCRED)
_PEER = getattr(socket, "SO_PEERCRED", None)  # Linux
_LONGEST_PATH = 100  # bytes; the address of a Unix socket has room for 104 on macOS (unix(4))


def private_socket(name: str, *preferred: Path) -> tuple[socket.socket, Path]:
    """A socket that is bound in a new folder, which only this user may enter.

    Args:
        name: The socket's name in that folder.
        preferred: Where the folder is made, if the path is short enough there; else among the
            system's temporary files.

    Returns:
        The socket, and its path. Whoever closes it removes the folder.

    Raises:
        OSError: It cannot be made anywhere.
    """
    failure = OSError("no folder is short enough for a socket")
    for parent in (*preferred, Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - a new folder there is ours alone
        folder: Path | None = None
        endpoint = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=parent))
            path = folder / name
            if len(os.fsencode(path)) <= _LONGEST_PATH:
                endpoint.bind(str(path))
                return endpoint, path
        except OSError as error:
            failure = error
        endpoint.close()
        if folder is not None:
            with suppress(OSError):
                folder.rmdir()
    raise failure


def peer_is_this_user(endpoint: socket.socket) -> bool:
    """Whether this user's process is at the other end, where the system tells (Linux).

    Elsewhere the folder decides, which nobody else may enter.
    """
    if _PEER is None or endpoint.family == socket.AF_INET:
        return True
    _, user, _ = _CREDENTIALS.unpack(
        endpoint.getsockopt(socket.SOL_SOCKET, _PEER, _CREDENTIALS.size)
    )
    return bool(user == os.getuid())
