"""A login of this kernel whose refresh token is in the Jupyter Server.

After a login, the kernel sends its refresh token to the keeper and forgets it. It uses the session
that the keeper has, and each side notifies the other of a logout. Which session wins is the same as
with the record of a browser: see docs/lifecycle.md, "Which session wins".
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.base.private_files import read_private
from auth0_widget.config import FLOW_FACTS, KEEPER_VARIABLE
from auth0_widget.errors import Auth0WidgetError, IdTokenSubjectError, KeeperError
from auth0_widget.keeper import messages
from auth0_widget.keeper.channel import KeeperAddress, somebody_listens
from auth0_widget.keeper.client import KeeperClient
from auth0_widget.session.record import Tombstone
from auth0_widget.session.refresh_tokens import RefreshTokenHolder

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.login.login import Login
    from auth0_widget.session.managed_session import ManagedSession
    from auth0_widget.session.record import Record
    from auth0_widget.session.refresh_tokens import Resource
    from auth0_widget.session.tokens import Tokens

log = logging.getLogger(__name__)

JOIN_WAIT_SECONDS = 3.0
"""How long a new login waits for the keeper's session, so that no cell asks for a click.

The first login of a process imports its libraries meanwhile. Only a keeper that hangs makes a login
wait for the whole time.
"""

RETRY_SECONDS = tuple(2.0**n for n in range(10))
"""The pauses between the tries to connect to a keeper: 17 minutes in all."""

MAX_PAUSE_SECONDS = 60.0
"""The longest pause before connecting again to a keeper that has closed the connection."""

STABLE_SECONDS = 60.0
"""After a connection that has lasted for this long, the next pause is the shortest again."""


def keep_in_server(login: Login) -> bool:
    """Have the Jupyter Server that started this process keep the refresh token, if it keeps any.

    This is for logins of a person only. An application that logs in as itself, or the user of a
    hub, must not get the session of a person who has logged in with the same settings.

    Returns:
        Whether a server was asked to keep it.
    """
    address_file = os.environ.get(KEEPER_VARIABLE)
    if not FLOW_FACTS[login.settings.flow].needs_person:
        return False
    # A server removes the file when it ends. After `su`, the file belongs to another user.
    if not address_file or read_private(Path(address_file)) is None:
        return False
    # If the server was killed, the file is still there. Then this machine remembers the login.
    if login.settings.remember is not None and not _is_served(Path(address_file)):
        return False
    KeptLogin(login, Path(address_file)).settled.wait(JOIN_WAIT_SECONDS)
    return True


def _is_served(address_file: Path) -> bool:
    try:
        return somebody_listens(KeeperAddress.read(address_file).place)
    except KeeperError:
        return False


class KeptLogin(RefreshTokenHolder):
    """Connects a login to the keeper, for as long as the login exists.

    Args:
        login: The login.
        address_file: The file with the keeper's address.

    Attributes:
        settled: Set when the keeper's session has been used, or the keeper cannot be reached.
    """

    place = "server"

    def __init__(self, login: Login, address_file: Path) -> None:
        settings = login.settings
        self._login, self._address_file = login, address_file
        self.settled = threading.Event()
        self._sent_logout_at: float | None = None
        self._next_pause = RETRY_SECONDS[0]
        self._received: deque[messages.Stored] = deque()
        self._applying, self._handing_over = threading.Lock(), threading.Lock()
        new_locks_after_fork(self)
        self._client = KeeperClient(
            address_file,
            messages.Join(
                domain=settings.origin,
                client_id=settings.client_id,
                audience=settings.audience,
                organization=settings.organization,
                scope=settings.scope,
            ),
            on_stored=self._receive_stored,
            on_lost=self._connection_lost,
        )
        login.listen(self._login_changed)
        self._connect(self._keeping_failed)

    def renew(self, session_id: str, before: Tokens, resource: Resource | None = None) -> Tokens:
        """Verified tokens from the keeper, see `RefreshTokenHolder.renew`."""
        digest = before.access_token.digest
        audience, scope = (resource.audience, resource.scope) if resource else (None, None)
        done = self._client.ask(
            lambda number: messages.Renew(number, session_id, digest, audience, scope)
        )
        record = self._record(done.record)
        if record is None or isinstance(record, Tombstone):
            raise KeeperError
        renewed = self._verified(record)
        if renewed.subject != before.claims["sub"]:
            raise IdTokenSubjectError
        return renewed.tokens

    def _receive_stored(self, message: messages.Stored) -> None:
        self._received.append(message)
        in_background(self._apply_next, self._applying_failed)

    def _apply_next(self) -> None:
        with self._applying:  # the threads may come here in another order than the messages
            self._apply_stored(self._received.popleft())
        self.settled.set()

    def _apply_stored(self, message: messages.Stored) -> None:
        """Use the session or the logout that the keeper has, if it is newer than this kernel's."""
        stored = self._record(message.record)
        match stored:
            case None:
                self._login_changed()
            case Tombstone(ended_at=ended_at):
                if not self._login.apply_logout(ended_at):
                    self._login_changed()
            case _:
                self._apply_record(stored, renewable=message.renewable)

    def _apply_record(self, record: Record, *, renewable: bool) -> None:
        verdict, ended_at = self._login.judge(record), self._login.ended_at
        if verdict == "ended" and ended_at is not None:
            self._send_logout(ended_at)
            return
        if verdict == "older":
            self._login_changed()
            return
        session = self._verified(record)
        if renewable:
            session.set_holder(self)
        self._login.adopt_restored(session, sealed=True)
        kept = self._login.managed_session
        if not renewable and kept is not None and kept.session_id == record.session_id:
            kept.set_holder(None)

    def _login_changed(self) -> None:
        """After a login here, send the refresh token to the keeper; after a logout, notify it."""
        session, ended_at = self._login.managed_session, self._login.ended_at
        if session is not None and session.refresh_token is not None:
            in_background(self._hand_over, self._keeping_failed)
        elif session is None and ended_at is not None and ended_at != self._sent_logout_at:
            in_background(lambda: self._send_logout(ended_at), self._keeping_failed)

    def _hand_over(self) -> None:
        with self._handing_over:
            session = self._login.managed_session
            refresh_token = session.refresh_token if session is not None else None
            if session is None or refresh_token is None:
                return
            record = self._login.record_format.dump(session.to_record())
            self._client.ask(lambda number: messages.Keep(number, record, refresh_token.reveal()))
            session.set_holder(self, refresh_token)

    def _send_logout(self, ended_at: float) -> None:
        # Wait until the login has been handed over: before that, the logout would end nothing at
        # the keeper.
        with self._handing_over:
            self._client.ask(lambda number: messages.LogOut(number, ended_at))
        self._sent_logout_at = ended_at  # it is not sent again at the next change

    def _connection_lost(self, lasted: float | None) -> None:
        """Connect again: the keeper has closed the connection if this kernel read too slowly.

        If the keeper had sent nothing that this version understands, this does not try again.
        """
        if lasted is None:
            self._keeper_gone(KeeperError())
            return
        # A keeper of another version may close each connection in which it gets a message that it
        # does not understand.
        pause = self._next_pause if lasted < STABLE_SECONDS else RETRY_SECONDS[0]
        self._next_pause = min(2 * pause, MAX_PAUSE_SECONDS)
        self._connect(self._keeper_gone, after=pause)

    def _connect(self, failed: Callable[[Auth0WidgetError], object], *, after: float = 0.0) -> None:
        """Connect in the background. If that fails, call ``failed``, and try again.

        The server may only be busy. Then this kernel gets the keeper's session later.
        """

        def connect() -> None:
            time.sleep(after)
            self._client.connect()

        def failed_at_first(error: Auth0WidgetError) -> None:
            failed(error)
            in_background(self._connect_again)

        in_background(connect, failed_at_first)

    def _connect_again(self) -> None:
        for seconds in RETRY_SECONDS:
            time.sleep(seconds)
            if read_private(self._address_file) is None:
                return  # the server has ended
            with suppress(KeeperError):
                self._client.connect()
                return

    def _keeper_gone(self, error: Auth0WidgetError) -> None:
        """The keeper cannot be reached, so nothing renews the session any more."""
        log.info("the Jupyter Server no longer keeps this login: %s", error.code)
        session = self._login.managed_session
        if session is not None and session.refresh_token is None:
            session.set_holder(None)
            session.notify_changed()

    def _verified(self, record: Record) -> ManagedSession:
        # Imported here, so that creating a widget does not import the libraries of a login.
        from auth0_widget.session.factory import session_from_own_record  # noqa: PLC0415

        return session_from_own_record(self._login.tenant, self._login.jwks, record)

    def _record(self, text: str | None) -> Record | Tombstone | None:
        return None if text is None else self._login.record_format.parse(text)

    def _keeping_failed(self, error: Auth0WidgetError) -> None:
        self.settled.set()
        log.info("this kernel keeps its refresh token itself: %s", error.code)

    def _applying_failed(self, error: Auth0WidgetError) -> None:
        self.settled.set()
        log.warning("the keeper's session was not used: %s", error.code)
