"""The current session of a login, and its replacement by another session."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from auth0_widget.errors import AnotherPersonError, Auth0WidgetError, SessionEndedError
from auth0_widget.login.expiry_timer import ExpiryTimer
from auth0_widget.oauth.granted import check_audience
from auth0_widget.oauth.revocation import revoke_in_background
from auth0_widget.session.api_session import ManagedApiSession
from auth0_widget.session.refresh_tokens import Resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.login.session_events import SessionEvents
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.session.managed_session import ManagedSession


class CurrentSession:
    """The current session of a login. Not thread-safe: use it under the login's lock.

    Args:
        tenant: The tenant, for revoking refresh tokens.
        events: The queue for the events that a session begins or ends.
        changed: Called when the session has new tokens, has expired or has ended. It is called in
            any thread, without the lock.
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
        """The session, or None. It may have expired without `expire` having been called."""
        return self._session

    @property
    def latest(self) -> ManagedSession | None:
        """The session, or the one that has expired. None after a logout."""
        return self._session or self._expired

    @property
    def active(self) -> ManagedSession | None:
        """The session if it can be used, else None."""
        session = self._session
        return session if session is not None and session.active else None

    def install(self, session: ManagedSession) -> bool:
        """Make a session the current one.

        If the previous session is of the same person, it stays and gets the new tokens, so that the
        `Session` objects in notebooks go on working. If it is of another person, it ends.

        Returns:
            False if it is the same session with newer tokens, which another kernel has renewed.
        """
        before, self._expired = self._session or self._expired, None
        active = before is not None and before.active
        is_new = not active or before is None or before.session_id != session.session_id
        if before is not None and before.subject == session.subject:
            # If the previous session ends at this moment, the new one takes its place.
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
        session.set_listener(self._changed)
        self._timer.watch(session)
        return is_new

    def expire(self, session: ManagedSession) -> bool:
        """Remove the session if it has expired. A later `install` may make it usable again."""
        if self._session is not session or session.active:
            return False
        self._session, self._expired = None, session
        return True

    def end(self) -> None:
        """End the session and the last expired one, because of a logout."""
        session, self._session = self._session, None
        expired, self._expired = self._expired, None
        self._timer.stop()
        if session is not None:
            self._discard(session)
            self._events.queue_logout()
        if expired is not None:
            self._discard(expired)

    def add_api_session(self, session: ManagedSession) -> ManagedSession:
        """Add a session of the same person for another API. It ends with the current session.

        If there is one already that was requested with the same scopes, that one gets the tokens,
        so that the `Session` object in notebooks goes on working.

        Returns:
            The session that has the tokens now.

        Raises:
            AnotherPersonError: The current session is of another person, or there is none.
            AudienceNotGrantedError: The access token is for another API.
        """
        current, settings = self.latest, session.settings
        if current is None or current.subject != session.subject:
            raise AnotherPersonError
        resource = Resource(settings.audience or "", settings.scope)
        check_audience(session.tokens.access_token, resource.audience)
        before = current.api_sessions.get(resource)
        # A `ManagedApiSession` has the refresh token of `current`, and not one of its own.
        if before is None or isinstance(before, ManagedApiSession):
            current.add_api_session(resource, session)
            return session
        before.adopt(session)
        return before

    def discard(self, session: ManagedSession) -> None:
        """End a session that came too late. The current session stays as it is."""
        current = self.latest
        if current is not None and current.subject == session.subject:
            with suppress(Auth0WidgetError):
                current.end_duplicate(session)
                return
        self._discard(session)

    def watch_expiry(self, session: ManagedSession) -> bool:
        """Set the timer to the new end of the session. False if it is not the current session."""
        if self._session is not session:
            return False
        self._timer.watch(session)
        return True

    def _discard(self, session: ManagedSession, why: str | None = None) -> None:
        for refresh_token in session.end(SessionEndedError, why):
            revoke_in_background(self._tenant, refresh_token)
