"""The keeper itself: the logins of one user, in the memory of their Jupyter Server.

It holds a `Login` for each application, the same that a kernel without a keeper has, and its
session renews here. Kernels get what browsers get, the record, and verify it in the same way.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.base.redaction import Secret
from auth0_widget.config import Settings
from auth0_widget.errors import Auth0WidgetError, InvalidRecordError, KeeperError, SessionEndedError
from auth0_widget.keeper import messages
from auth0_widget.keeper.failures import message_of_error
from auth0_widget.login.login import Login
from auth0_widget.session.api_session import session_for
from auth0_widget.session.factory import session_from_record
from auth0_widget.session.identity import LoginIdentity
from auth0_widget.session.record import (
    Record,
    Tombstone,
    dump_record,
    dump_tombstone,
    parse_record,
)
from auth0_widget.session.refresh_tokens import Resource
from auth0_widget.session.seal import seal_key

if TYPE_CHECKING:
    from auth0_widget.keeper.channel import Connection

log = logging.getLogger(__name__)

JOIN_SECONDS = 10.0
"""How long a kernel may take, once connected, to say which login it is about."""

MAX_LOGINS = 50
"""Applications of one user; people have a handful."""


class Keeper:
    """Keeps one user's logins for all of their kernels. Safe to use from several threads."""

    def __init__(self) -> None:
        self._logins: dict[str, Login] = {}
        self._lock = threading.Lock()
        self._seal_key = seal_key()

    def serve(self, connection: Connection) -> None:
        """Serve one kernel, until it hangs up.

        Raises:
            KeeperError: It has hung up, or said what no kernel of this version says.
        """
        join = messages.parse_to_keeper(connection.receive(JOIN_SECONDS))
        if not isinstance(join, messages.Join):
            raise KeeperError("A kernel did not say first which login it is about.")
        settings = Settings.checked(
            domain=join.domain,
            client_id=join.client_id,
            audience=join.audience,
            scope=join.scope,
            organization=join.organization,
        )
        kernel = _KernelConnection(connection, self.login_of(settings), self._seal_key)
        try:
            kernel.serve()
        finally:
            kernel.stop_listening()

    def revoke_all(self) -> None:
        """Revoke every refresh token (RFC 7009): the server ends, and somebody asked for this.

        Kernels are not told: their sessions go on until their access tokens end.
        """
        with self._lock:
            logins = tuple(self._logins.values())
        for login in logins:
            login.logout()

    def login_of(self, settings: Settings) -> Login:
        """The login of an application, made on first use.

        Raises:
            KeeperError: There are too many.
        """
        key = LoginIdentity.of(settings).record_key
        with self._lock:
            if key not in self._logins:
                if len(self._logins) >= MAX_LOGINS:
                    raise KeeperError("Kernels asked the keeper about too many applications.")
                self._logins[key] = Login(settings)
            return self._logins[key]


class _KernelConnection:
    """One kernel's end of a login."""

    def __init__(self, connection: Connection, login: Login, seal_key: bytes) -> None:
        self._connection, self._login, self._seal_key = connection, login, seal_key
        self._identity = LoginIdentity.of(login.settings)
        # Reading what the login holds and sending it are one step, or an older one could come last.
        self._sending = threading.Lock()
        self.stop_listening = login.listen(lambda: in_background(self._send_stored))

    def serve(self) -> None:
        """Tell it what is kept, and answer what it asks, until it hangs up."""
        self._renew_if_expired()
        self._send_stored()
        while True:
            message = messages.parse_to_keeper(self._connection.receive())
            if isinstance(message, messages.Join):
                raise KeeperError("A kernel named a second login on one connection.")
            self._handle_in_background(message)

    def _renew_if_expired(self) -> None:
        session = self._login.managed_session
        with suppress(Auth0WidgetError):  # it is told as it is
            if session is not None:
                session.valid_access_token()

    def _handle_in_background(
        self, message: messages.Keep | messages.Renew | messages.LogOut
    ) -> None:
        number = message.number
        in_background(
            lambda: self._send(messages.Done(number, self._handle(message))),
            lambda error: self._send(message_of_error(number, error)),
        )

    def _handle(self, message: messages.Keep | messages.Renew | messages.LogOut) -> str | None:
        match message:
            case messages.Keep():
                self._keep(message)
            case messages.Renew():
                return self._renew(message)
            case messages.LogOut(at=at):
                self._log_out(at)
        return None

    def _keep(self, message: messages.Keep) -> None:
        record = parse_record(message.record, self._identity, self._seal_key)
        if not isinstance(record, Record):
            raise InvalidRecordError
        # Whoever knows the channel's key runs as this user, which is all that a seal proves.
        session = session_from_record(
            self._login.tenant,
            self._login.jwks,
            replace(record, sealed=True),
            refresh_token=Secret(message.refresh_token),
        )
        self._login.adopt_restored(session, sealed=True)
        kept = self._login.managed_session
        if kept is None or kept.session_id != session.session_id:
            raise SessionEndedError("Meanwhile the person logged out, or has logged in anew.")

    def _renew(self, message: messages.Renew) -> str:
        session = self._login.managed_session
        if session is None or session.session_id != message.session_id:
            raise SessionEndedError
        if message.audience is not None:
            session = session_for(session, Resource(message.audience, message.scope))
        tokens = session.tokens
        if tokens.access_token.digest == message.digest:
            session.renew_unless_changed(tokens, retry=False)
        return dump_record(session.to_record(), self._identity, self._seal_key)

    def _log_out(self, at: float) -> None:
        began_at = self._login.began_at
        if began_at is not None and began_at <= at:
            self._login.logout(at=min(at, time.time()))

    def _send_stored(self) -> None:
        # A session that ends at this very moment is told by the next change.
        with self._sending, suppress(SessionEndedError):
            session, ended_at = self._login.managed_session, self._login.ended_at
            record = None
            if session is not None:
                record = dump_record(session.to_record(), self._identity, self._seal_key)
            elif ended_at is not None:
                record = dump_tombstone(Tombstone(ended_at), self._identity)
            self._send(messages.Stored(record, session is not None and session.renewable))

    def _send(self, message: messages.ToKernel) -> None:
        try:
            self._connection.send(messages.to_json(message))
        except KeeperError:
            self._connection.close()  # it has gone, or reads nothing: it may join anew
