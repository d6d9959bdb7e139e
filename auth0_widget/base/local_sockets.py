"""Unix sockets that only this user's processes can connect to. Python has none on Windows."""

from __future__ import annotations

import os
import socket
import struct
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path

_CREDENTIALS = struct.Struct("3i")  # pid, uid and gid (unix(7), SO_PEERCRED)
_PEER = getattr(socket, "SO_PEERCRED", None)  # Linux
_MAX_PATH = 100  # bytes; the address of a Unix socket has room for 104 on macOS (unix(4))


def folder_prefix(name: str) -> str:
    """How the folders of the sockets with this name begin that were made on this machine.

    Machines may share the folder that these are in, as a home directory on a cluster. Whether a
    process listens at a socket can be found out only on the machine where it was made.
    """
    return f"auth0-widget-{zlib.crc32(f'{name}@{socket.gethostname()}'.encode()):08x}-"


def private_socket(name: str, *preferred: Path) -> tuple[socket.socket, Path]:
    """Bind a socket in a new folder that only this user may enter.

    Args:
        name: The name of the socket in that folder.
        preferred: The folders in which to make the new folder, in this order. The system's folder
            for temporary files is used if a path would be too long in all of them.

    Returns:
        The socket and its path. The caller has to remove the folder after closing the socket.

    Raises:
        OSError: The socket could not be made in any of the folders.
    """
    failure = OSError("every path would be too long for a socket")
    for parent in (*preferred, Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - a new folder there is ours alone
        folder: Path | None = None
        endpoint = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=folder_prefix(name), dir=parent))
            path = folder / name
            if len(os.fsencode(path)) <= _MAX_PATH:
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
    """Whether the process at the other end belongs to this user. Only Linux can tell.

    On other systems this returns True: nobody else may enter the folder of the socket.
    """
    if _PEER is None or endpoint.family == socket.AF_INET:
        return True
    _, user, _ = _CREDENTIALS.unpack(
        endpoint.getsockopt(socket.SOL_SOCKET, _PEER, _CREDENTIALS.size)
    )
    return bool(user == os.getuid())
