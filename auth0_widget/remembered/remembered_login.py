"""A login of this process that this machine remembers and other processes share.

After a login, the process stores its refresh token in the vault and forgets it. To renew, a process
takes the lock of the vault. If another process has renewed the tokens meanwhile, it uses those and
does not ask the tenant. Which session wins is the same as with the record of a browser: see
docs/lifecycle.md, "Which session wins".
"""

from __future__ import annotations

import logging
import threading
import weakref
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from auth0_widget.base.background import in_background
from auth0_widget.base.forks import is_forked, new_locks_after_fork
from auth0_widget.errors import (
    Auth0WidgetError,
    InvalidRecordError,
    RememberingError,
    SessionEndedError,
    SessionExpiredError,
    TokenRequestError,
)
from auth0_widget.login.precedence import compare
from auth0_widget.oauth.revocation import revoke_in_background
from auth0_widget.remembered.entry import Entry, dump_entry, parse_entry
from auth0_widget.session.factory import session_from_own_record
from auth0_widget.session.record import Tombstone
from auth0_widget.session.refresh_tokens import RefreshTokenHolder, concerns_only, exchange

if TYPE_CHECKING:
    from auth0_widget.login.login import Login
    from auth0_widget.remembered.vault import Vault
    from auth0_widget.session.managed_session import ManagedSession
    from auth0_widget.session.record import Record
    from auth0_widget.session.refresh_tokens import Refreshed, Resource
    from auth0_widget.session.tokens import Tokens

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
"""How often a process checks whether another process has logged in or out."""


class RememberedLogin(RefreshTokenHolder):
    """Connects a login to a vault, for as long as the login exists.

    Args:
        login: The login. If the vault has a session for it, the login gets that session.
        vault: The vault.

    Raises:
        RememberingError: The vault cannot be read.
    """

    place = "machine"

    def __init__(self, login: Login, vault: Vault) -> None:
        self._login, self._vault = login, vault
        self._stored_logout_at: float | None = None
        self._applied_state: tuple[int, ...] | None = None
        self._applying = threading.Lock()
        new_locks_after_fork(self)
        self._apply_stored()
        self._renew_if_expired()
        login.listen(self._login_changed)
        threading.Thread(
            target=_check_regularly,
            args=(weakref.ref(self),),
            name="auth0-widget-machine",
            daemon=True,
        ).start()

    def renew(self, session_id: str, before: Tokens, resource: Resource | None = None) -> Tokens:
        """Verified tokens, from the vault or from the tenant, see `RefreshTokenHolder.renew`."""
        with self._vault.locked():
            entry = self._entry_for(session_id, before)
            if resource is None and entry.record.access_token != before.access_token:
                stored = self._verified(entry.record).tokens
                if not stored.due_for_renewal:
                    return stored
                before = stored
            # Before the request: a refresh token that was redeemed must not stay in the file.
            self._vault.check_replaceable()
            tenant, jwks = self._login.tenant, self._login.jwks
            try:
                refreshed = exchange(tenant, jwks, entry.refresh_token, before, resource)
            except TokenRequestError as refusal:
                if not concerns_only(resource, refusal):
                    self._vault.remove()  # the refusal proves that the refresh token is useless
                raise
            self._store_renewed(entry, refreshed, resource)
        if refreshed.tokens is None:
            raise refreshed.error or RememberingError
        return refreshed.tokens

    def check(self) -> None:
        """Use the session or the logout that another process has stored since the last check."""
        if not is_forked(self) and self._vault.state != self._applied_state:
            self._apply_stored()

    def _apply_stored(self) -> None:
        with self._applying:
            self._applied_state = self._vault.state  # first, so that no later change is missed
            stored = self._read()
            if isinstance(stored, Tombstone):
                self._apply_logout(stored)
            elif stored is not None:
                self._apply_entry(stored)

    def _apply_logout(self, tombstone: Tombstone) -> None:
        self._stored_logout_at = tombstone.ended_at
        self._login.apply_logout(tombstone.ended_at)

    def _apply_entry(self, entry: Entry) -> None:
        """Offer the session to the login, which decides whether it is newer than its own."""
        record, ours = entry.record, self._login.managed_session
        if ours is not None and ours.tokens.access_token == record.access_token:
            return
        try:
            session = self._verified(record)
        except Auth0WidgetError as error:
            log.warning("the session that this machine remembers was not used: %s", error.code)
            return
        session.set_holder(self)
        self._login.adopt_restored(session, sealed=True)

    def _renew_if_expired(self) -> None:
        session = self._login.managed_session
        if session is not None and session.tokens.expired:
            with suppress(Auth0WidgetError):  # the login's status shows the result
                session.renew()

    def _entry_for(self, session_id: str, before: Tokens) -> Entry:
        """The stored entry of the same person.

        Raises:
            SessionExpiredError: Nothing is stored any more.
            SessionEndedError: The person logged out, or another person logged in.
        """
        entry = self._read()
        if entry is None:
            self._lost()
        if isinstance(entry, Tombstone):
            self._apply_logout(entry)
            if self._login.managed_session is not None:
                self._lost()  # the session is newer than the logout, and is not in the file
            raise SessionEndedError
        if entry.record.session_id != session_id:
            self._apply_entry(entry)
        if entry.subject != before.claims["sub"]:
            raise SessionEndedError("Another person has logged in on this machine.")
        return entry

    def _lost(self) -> NoReturn:
        session = self._login.managed_session
        if session is not None:
            session.set_holder(None)
            session.notify_changed()
        raise SessionExpiredError(
            "This session cannot be renewed, because this machine no longer remembers it."
        )

    def _store_renewed(self, entry: Entry, refreshed: Refreshed, resource: Resource | None) -> None:
        record = entry.record
        if refreshed.tokens is not None and resource is None:
            tokens = refreshed.tokens
            record = replace(
                record,
                saved_at=tokens.saved_at,
                id_token=tokens.id_token,
                access_token=tokens.access_token,
                access_token_expires_at=tokens.expires_at,
                scope=tokens.scope,
            )
        renewed = replace(entry, record=record, refresh_token=refreshed.refresh_token)
        try:
            self._write(renewed)
        except RememberingError as error:
            if renewed.refresh_token == entry.refresh_token:
                return
            # The stored refresh token was redeemed. If another process used it, the tenant would
            # revoke the new one, too.
            self._vault.remove()
            self._storing_failed(error)
            session = self._login.managed_session
            if session is not None:
                session.return_refresh_token(renewed.refresh_token)

    def _login_changed(self) -> None:
        """After a login here, store its refresh token; after a logout, store a tombstone."""
        if is_forked(self):
            return
        session, ended_at = self._login.managed_session, self._login.ended_at
        if session is not None and session.refresh_token is not None:
            in_background(self._store, self._storing_failed, at_exit="finish")
        elif session is None and ended_at is not None and ended_at != self._stored_logout_at:
            self._stored_logout_at = ended_at  # it is not stored again at the next change
            in_background(
                lambda: self._store_logout(ended_at), self._storing_logout_failed, at_exit="finish"
            )

    def _store(self) -> None:
        """Store the session of this process, unless a newer one or a logout is stored."""
        with self._vault.locked():
            before = self._read()
            if isinstance(before, Tombstone):
                self._apply_logout(before)
            session = self._login.managed_session
            refresh_token = session.refresh_token if session is not None else None
            if session is None or refresh_token is None:
                return
            entry = Entry(session.to_record(), refresh_token)
            if isinstance(before, Entry):
                if compare(before.record, session, None) == "newer":
                    self._apply_entry(before)
                    return
                if before.subject == entry.subject:
                    entry = entry.superseding(before)
            self._write(entry)
            session.set_holder(self, refresh_token)
        if isinstance(before, Entry) and before.subject != entry.subject:
            self._revoke(before)  # no process can use another person's session any more

    def _store_logout(self, ended_at: float) -> None:
        entry: Entry | Tombstone | None = None
        with self._vault.locked():
            try:
                entry = self._read()
            except RememberingError as error:
                log.warning("the remembered refresh token could not be revoked: %s", error)
            if isinstance(entry, Entry) and compare(entry.record, None, ended_at) == "newer":
                return
            if not isinstance(entry, Tombstone):
                self._vault.remove()  # first, because there may be no room for the tombstone
                tombstone = dump_entry(Tombstone(ended_at), self._login.record_format)
                self._vault.write(tombstone, secret=False)
        if isinstance(entry, Entry):
            self._revoke(entry)

    def _revoke(self, entry: Entry) -> None:
        for refresh_token in entry.refresh_tokens:
            revoke_in_background(self._login.tenant, refresh_token)

    def _read(self) -> Entry | Tombstone | None:
        text = self._vault.read()
        if text is None:
            return None
        try:
            return parse_entry(text, self._login.record_format)
        except InvalidRecordError:
            raise self._vault.damaged() from None

    def _write(self, entry: Entry) -> None:
        self._vault.write(dump_entry(entry, self._login.record_format))

    def _verified(self, record: Record) -> ManagedSession:
        return session_from_own_record(
            self._login.tenant, self._login.jwks, record, may_be_expired=True
        )

    def _storing_failed(self, error: Auth0WidgetError) -> None:
        log.warning("this machine does not remember this login: %s", error)

    def _storing_logout_failed(self, error: Auth0WidgetError) -> None:
        log.warning("this machine may still remember the login that has ended: %s", error)


def _check_regularly(remembered: weakref.ref[RememberedLogin]) -> None:
    pause = threading.Event()
    while not pause.wait(CHECK_SECONDS):
        login = remembered()
        if login is None:
            return
        with suppress(Auth0WidgetError):  # the vault may be readable the next time
            login.check()
        del login
