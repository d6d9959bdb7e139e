"""The socket at which the keeper listens. Only processes of this user can connect to it."""

from __future__ import annotations

import logging
import secrets
import shutil
import socket
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from auth0_widget.base.local_sockets import folder_prefix, private_socket
from auth0_widget.base.redaction import frames_without_values
from auth0_widget.errors import KeeperError
from auth0_widget.keeper.channel import KEY_BYTES, KeeperAddress, accept, somebody_listens

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.keeper.channel import Connection

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 256
"""Connections at the same time. Any more are closed at once."""

ACCEPT_PAUSE = 0.5
"""Seconds until the next try to accept a connection, after the system had no room for one."""

STARTING_SECONDS = 60.0
"""A newer folder is not removed: its server may be starting, and not yet listen."""

_SOCKET = "keeper"


class Listener:
    """Listens for connections of kernels, from its creation until it is closed.

    Args:
        serve: Called in a new thread with each connection whose other end knows the key. The
            connection is closed when it returns.
        folder: The folder in which the folder of the socket is made: Jupyter's runtime directory.

    Attributes:
        address_file: The file with the address and the key.

    Raises:
        OSError: The socket could not be made.
    """

    def __init__(self, serve: Callable[[Connection], object], folder: Path) -> None:
        self._serve = serve
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._open: set[socket.socket] = set()
        self._closed = threading.Event()
        if hasattr(socket, "AF_UNIX"):
            remove_stale(folder)
            self._socket, path = private_socket(_SOCKET, folder)
            self._folder, place = path.parent, str(path)
        else:
            self._folder = Path(tempfile.mkdtemp(prefix=folder_prefix(_SOCKET)))
            self._socket = socket.create_server(("127.0.0.1", 0))
            place = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._socket.listen(MAX_CONNECTIONS)
        self._key = secrets.token_bytes(KEY_BYTES)
        self.address_file = self._folder / "address"
        KeeperAddress(place, self._key).write(self.address_file)
        threading.Thread(target=self._accept_all, name="auth0-widget-keeper", daemon=True).start()

    def close(self) -> None:
        """Stop listening, close all connections, and remove the socket."""
        self._closed.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # makes `accept` return
        self._socket.close()
        for endpoint in tuple(self._open):
            with suppress(OSError):
                endpoint.shutdown(socket.SHUT_RDWR)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _accept_all(self) -> None:
        while not self._closed.is_set():
            try:
                endpoint, _ = self._socket.accept()
            except OSError:
                # It was closed, or this process has too many open files. That may pass.
                self._closed.wait(ACCEPT_PAUSE)
                continue
            if not self._slots.acquire(blocking=False):
                log.warning("more than %d kernels asked the keeper", MAX_CONNECTIONS)
                endpoint.close()
                continue
            try:
                threading.Thread(
                    target=self._serve_one,
                    args=(endpoint,),
                    name="auth0-widget-keeper",
                    daemon=True,
                ).start()
            except RuntimeError:  # this process has too many threads
                endpoint.close()
                self._slots.release()

    def _serve_one(self, endpoint: socket.socket) -> None:
        self._open.add(endpoint)
        try:
            self._serve(accept(endpoint, self._key))
        except KeeperError as error:
            log.info("closed the connection to a kernel: %s", error.message)
        except Exception as error:  # noqa: BLE001 - the other kernels must still be served
            log.error("unexpected: %s", frames_without_values(error))  # noqa: TRY400 - the text may hold secrets
        finally:
            self._open.discard(endpoint)
            endpoint.close()
            self._slots.release()


def remove_stale(folder: Path) -> None:
    """Remove the sockets that killed servers on this machine have left behind."""
    for old in folder.glob(f"{folder_prefix(_SOCKET)}*"):
        with suppress(OSError):
            if time.time() - old.stat().st_mtime < STARTING_SECONDS:
                continue
            if not somebody_listens(str(old / _SOCKET), seconds=1):
                shutil.rmtree(old, ignore_errors=True)
