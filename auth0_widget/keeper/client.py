"""A kernel's connection to the keeper: requests, and notifications of changes of the login."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING

from auth0_widget.base.forks import is_forked, new_locks_after_fork
from auth0_widget.errors import ForkedProcessError, KeeperError
from auth0_widget.keeper import messages
from auth0_widget.keeper.channel import KeeperAddress, connect
from auth0_widget.keeper.failures import error_from_message

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from auth0_widget.keeper.channel import Connection

REPLY_SECONDS = 60.0
"""How long the keeper may take for one reply: longer than a renewal at a slow tenant."""


class KeeperClient:
    """A kernel's connection for one login. Safe to use from several threads.

    Args:
        address_file: The file with the keeper's address.
        join: The message that names the login.
        on_stored: Called with each `Stored` message: after connecting and after each change.
        on_lost: Called when the connection has been lost, with the number of seconds for which it
            lasted, or with None if the keeper had sent nothing over it.
    """

    def __init__(
        self,
        address_file: Path,
        join: messages.Join,
        on_stored: Callable[[messages.Stored], object],
        on_lost: Callable[[float | None], object],
    ) -> None:
        self._address_file, self._join = address_file, join
        self._on_stored, self._on_lost = on_stored, on_lost
        self._connection: Connection | None = None
        self._pending: dict[int, Future[messages.Done]] = {}
        self._number = 0
        self._lock = threading.Lock()
        new_locks_after_fork(self)

    def connect(self) -> None:
        """Connect, if not yet connected.

        Raises:
            KeeperError: The keeper cannot be reached.
        """
        if is_forked(self):
            raise ForkedProcessError
        with self._lock:
            if self._connection is not None:
                return
            connection = connect(KeeperAddress.read(self._address_file))
            try:
                connection.send(messages.to_json(self._join))
            except KeeperError:
                connection.close()
                raise
            self._connection = connection
        threading.Thread(
            target=self._receive, args=(connection,), name="auth0-widget-keeper", daemon=True
        ).start()

    def ask(
        self, make_message: Callable[[int], messages.Keep | messages.Renew | messages.LogOut]
    ) -> messages.Done:
        """Send a request to the keeper, and wait for its reply.

        Args:
            make_message: Called with the number of the request. Returns the message.

        Raises:
            KeeperError: The keeper cannot be reached, or did not reply in time.
            Auth0WidgetError: The error that the keeper sent.
        """
        self.connect()
        reply: Future[messages.Done] = Future()
        with self._lock:
            self._number += 1
            number = self._number
            connection = self._connection
            self._pending[number] = reply
        try:
            if connection is None:
                raise KeeperError
            connection.send(messages.to_json(make_message(number)))
            return reply.result(REPLY_SECONDS)
        except FutureTimeoutError:
            raise KeeperError(
                f"The Jupyter Server, which keeps this login, has not replied for "
                f"{REPLY_SECONDS:.0f} seconds."
            ) from None
        finally:
            with self._lock:
                self._pending.pop(number, None)

    def _receive(self, connection: Connection) -> None:
        began_at, heard = time.monotonic(), False
        try:
            while True:
                self._receive_message(messages.parse_to_kernel(connection.receive()))
                heard = True
        except KeeperError as error:
            self._connection_lost(connection, error)
        self._on_lost(time.monotonic() - began_at if heard else None)

    def _receive_message(self, message: messages.ToKernel) -> None:
        if isinstance(message, messages.Stored):
            self._on_stored(message)
            return
        with self._lock:
            reply = self._pending.pop(message.number, None)
        if reply is None:
            return  # `ask` has stopped waiting
        if isinstance(message, messages.Done):
            reply.set_result(message)
        else:
            reply.set_exception(error_from_message(message))

    def _connection_lost(self, connection: Connection, error: KeeperError) -> None:
        connection.close()
        with self._lock:
            self._connection = None
            pending, self._pending = list(self._pending.values()), {}
        for reply in pending:
            reply.set_exception(error.with_traceback(None))
