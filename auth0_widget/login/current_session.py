"""The session that a login has: which one takes the place of which, and what becomes of it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from auth0_widget.errors import Auth0WidgetError, SessionEndedError
from auth0_widget.login.expiry_timer import ExpiryTimer
from auth0_widget.oauth.revocation import revoke_in_background
from auth0_widget.session.refresh_tokens import Resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.login.session_events import SessionEvents
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.session.managed_session import ManagedSession


class CurrentSession:
    """The one session of a login. Not thread-safe: use it under the login's lock.

    Args:
        tenant: Who revokes refresh tokens.
        events: Where it queues that sessions begin and end.
        changed: Called when a session has new tokens or has come to its end, in any thread and
            without the lock.
    """

    def __init__(
        self, tenant: Tenant, events: SessionEvents, changed: Callable[[ManagedSession], None]
    ) -> None:
        self._tenant = tenant
        self._events = events
        self._changed = changed
        self._timer = ExpiryTimer(changed)
        self._session: ManagedSession | None = None
        self._expired: ManagedSession | None = None

    @property
    def session(self) -> ManagedSession | None:
        """The session; nobody may have noticed yet that its time is over."""
        return self._session

    @property
    def active(self) -> ManagedSession | None:
        """The session, while it can be used."""
        session = self._session
        return session if session is not None and session.active else None

    def install(self, session: ManagedSession) -> bool:
        """Make it the login's. Returns False where another kernel has only renewed what was here.

        A session of the same person lives on with the new tokens, so that the `Session` objects
        that notebooks hold go on working. A session of another person ends.
        """
        before, self._expired = self._session or self._expired, None
        active = before is not None and before.active
        is_new = not active or before is None or before.session_id != session.session_id
        if before is not None and before.subject == session.subject:
            # Unless it has ended at this very moment; then the new one stands alone.
            with suppress(Auth0WidgetError):
                before.adopt(session)
                session = before
        elif before is not None:
            self._discard(before, "This session has ended: somebody else logged in.")
            if active:
                self._events.queue_logout()
        if not active or session is not before:
            self._events.queue_login(session.public)
        self._session = session
        session.on_change = self._changed
        self._timer.watch(session)
        return is_new

    def expire(self, session: ManagedSession) -> bool:
        """Set it aside if its time is over; a login of the same person revives it."""
        if self._session is not session or session.active:
            return False
        self._session, self._expired = None, session
        return True

    def end(self) -> None:
        """End the session, and the one whose time was over: somebody logged out."""
        session, self._session = self._session, None
        expired, self._expired = self._expired, None
        self._timer.stop()
        if session is not None:
            self._discard(session)
            self._events.queue_logout()
        if expired is not None:
            self._discard(expired)

    def add_api_session(self, session: ManagedSession) -> bool:
        """Keep a session of the same person for another API, which ends when this one does.

        Returns False where there is no session, or one of somebody else.
        """
        current, settings = self.active, session.settings
        if current is None or current.subject != session.subject:
            return False
        current.others[Resource(settings.audience or "", settings.scope)] = session
        return True

    def discard(self, session: ManagedSession) -> None:
        """End a session that came too late, without harm to the one that is here."""
        current = self._session
        if current is not None and current.subject == session.subject:
            with suppress(Auth0WidgetError):
                current.end_duplicate(session)
                return
        self._discard(session)

    def watch_expiry(self, session: ManagedSession) -> bool:
        """Watch the end that it has now. False where it is no longer the login's."""
        if self._session is not session:
            return False
        self._timer.watch(session)
        return True

    def _discard(self, session: ManagedSession, why: str | None = None) -> None:
        for refresh_token in session.end(SessionEndedError, why):
            revoke_in_background(self._tenant, refresh_token)
