"""The keeper: the logins of one user, in the memory of their Jupyter Server.

It has a `Login` for each application, of the same class as in a kernel, whose session it renews.
Kernels get the record of the session and verify it, as they do with the record from a browser.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.base.redaction import Secret
from auth0_widget.config import Settings
from auth0_widget.errors import (
    Auth0WidgetError,
    ConfigurationError,
    InvalidRecordError,
    KeeperError,
    SessionEndedError,
)
from auth0_widget.keeper import messages
from auth0_widget.keeper.failures import message_of_error
from auth0_widget.login.login import Login
from auth0_widget.session.api_session import session_for
from auth0_widget.session.factory import session_from_own_record
from auth0_widget.session.identity import RecordIdentity
from auth0_widget.session.record import Record, Tombstone
from auth0_widget.session.refresh_tokens import Resource

if TYPE_CHECKING:
    from auth0_widget.keeper.channel import Connection

log = logging.getLogger(__name__)

JOIN_SECONDS = 10.0
"""How long a kernel may take after connecting to send `Join`."""

MAX_LOGINS = 50
"""The maximum number of applications of one user. People use a handful."""


class Keeper:
    """Keeps one user's logins for all of their kernels. Safe to use from several threads."""

    def __init__(self) -> None:
        self._logins: dict[str, Login] = {}
        self._lock = threading.Lock()

    def serve(self, connection: Connection) -> None:
        """Serve one kernel, until it closes the connection.

        Raises:
            KeeperError: It has closed the connection, or sent a message of another version.
        """
        join = messages.parse_to_keeper(connection.receive(JOIN_SECONDS))
        if not isinstance(join, messages.Join):
            raise KeeperError("The first message of a kernel did not name a login.")
        kernel = _KernelConnection(connection, self.login_of(_settings_of(join)))
        try:
            kernel.serve()
        finally:
            kernel.stop_listening()

    def revoke_all(self) -> None:
        """Revoke all refresh tokens (RFC 7009), because the server ends.

        Kernels are not notified. Their sessions last until their access tokens expire.
        """
        with self._lock:
            logins = tuple(self._logins.values())
        for login in logins:
            login.logout()

    def login_of(self, settings: Settings) -> Login:
        """The login whose record has the same key. The settings of the first caller apply.

        Raises:
            KeeperError: There are too many logins.
        """
        key = RecordIdentity.of(settings).record_key
        with self._lock:
            if key not in self._logins:
                if len(self._logins) >= MAX_LOGINS:
                    raise KeeperError("Kernels asked the keeper about too many applications.")
                self._logins[key] = Login(settings)
            return self._logins[key]


def _settings_of(join: messages.Join) -> Settings:
    try:
        return Settings.checked(
            domain=join.domain,
            client_id=join.client_id,
            audience=join.audience,
            scope=join.scope,
            organization=join.organization,
        )
    except ConfigurationError as error:
        # Kernels of this version check their settings first.
        raise KeeperError("A kernel named a login whose settings are malformed.") from error


class _KernelConnection:
    """The connection to one kernel, for one login."""

    def __init__(self, connection: Connection, login: Login) -> None:
        self._connection, self._login = connection, login
        # Held while the state is read and sent, so that an older state is not sent last.
        self._sending = threading.Lock()
        self.stop_listening = login.listen(lambda: in_background(self._send_stored))

    def serve(self) -> None:
        """Send the stored record, then handle requests, until the kernel closes the connection."""
        self._renew_if_expired()
        self._send_stored()
        while True:
            message = messages.parse_to_keeper(self._connection.receive())
            if isinstance(message, messages.Join):
                raise KeeperError("A kernel named a second login on one connection.")
            self._handle_in_background(message)

    def _renew_if_expired(self) -> None:
        session = self._login.managed_session
        with suppress(Auth0WidgetError):  # then the kernel gets the expired session
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
                self._login.apply_logout(at)
        return None

    def _keep(self, message: messages.Keep) -> None:
        record = self._login.record_format.parse(message.record)
        if not isinstance(record, Record):
            raise InvalidRecordError
        session = session_from_own_record(
            self._login.tenant,
            self._login.jwks,
            record,
            refresh_token=Secret(message.refresh_token),
        )
        self._login.adopt_restored(session, sealed=True)
        kept = self._login.managed_session
        if kept is None or kept.session_id != session.session_id:
            raise SessionEndedError("Meanwhile the person has logged out or logged in again.")

    def _renew(self, message: messages.Renew) -> str:
        session = self._login.managed_session
        if session is None or session.session_id != message.session_id:
            raise SessionEndedError
        if message.audience is not None:
            session = session_for(session, Resource(message.audience, message.scope))
        tokens = session.tokens
        # A kernel that was stopped for a while may ask with a token that is older than these.
        if tokens.access_token.digest == message.digest or tokens.nearly_expired:
            session.renew_unless_changed(tokens, retry=False)
        return self._login.record_format.dump(session.to_record())

    def _send_stored(self) -> None:
        # If the session ends at this moment, the next change sends the tombstone.
        with self._sending, suppress(SessionEndedError):
            session, ended_at = self._login.managed_session, self._login.ended_at
            record = None
            if session is not None:
                record = self._login.record_format.dump(session.to_record())
            elif ended_at is not None:
                record = self._login.record_format.dump(Tombstone(ended_at))
            self._send(messages.Stored(record, session is not None and session.renewable))

    def _send(self, message: messages.ToKernel) -> None:
        try:
            self._connection.send(messages.to_json(message))
        except KeeperError:
            self._connection.close()  # the kernel may connect again
