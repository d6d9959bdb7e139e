"""The login of one application in this kernel.

Every widget with the same settings shows the same `Login`. It knows nothing of Jupyter: pages
are listeners, cells are waiters, flows deliver sessions. What may follow what stands in
``login.lifecycle``.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.base.listeners import Listeners
from auth0_widget.errors import Auth0WidgetError, LoginCancelledError, SessionEndedError
from auth0_widget.login.expiry import ExpiryTimer
from auth0_widget.login.lifecycle import next_status
from auth0_widget.login.session_events import SessionEvents
from auth0_widget.login.waiters import Waiters
from auth0_widget.oauth.client import Tenant
from auth0_widget.oauth.jwks import JwksCache
from auth0_widget.oauth.revocation import revoke_in_background
from auth0_widget.session.identity import LoginIdentity

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import Settings
    from auth0_widget.login.lifecycle import Event, Status
    from auth0_widget.login.waiters import Outcome
    from auth0_widget.session.managed_session import ManagedSession
    from auth0_widget.session.session import Session

log = logging.getLogger(__name__)


class Login:
    """The login of one application in this kernel. Safe to use from several threads.

    Attributes:
        settings: The tenant and the application.
        identity: Which login it is.
        tenant: The tenant over HTTP.
        jwks: The tenant's signing keys.
        flow: What logs in by itself when a cell waits, given once by ``flow_of``; None leaves it to
            the pages.
        waiters: The cells that wait for a session.
        session_events: Whom to tell of sessions that begin and end.
    """

    def __init__(
        self, settings: Settings, flow_of: Callable[[Login], object | None] = lambda _: None
    ) -> None:
        self.settings = settings
        self.identity = LoginIdentity.of(settings)
        self.tenant = Tenant(settings)
        self.jwks = JwksCache(self.tenant)
        self._lock = threading.RLock()
        self._status: Status = "logged_out"
        self._session: ManagedSession | None = None
        self._expired: ManagedSession | None = None
        self._problem: Auth0WidgetError | None = None
        self._began_at: float | None = None
        self._ended_at: float | None = None
        self._attempt_number = 0
        self._expiry = ExpiryTimer(self._session_changed)
        self._changed: Listeners[()] = Listeners()
        self.waiters = Waiters(self._changed)
        self.session_events = SessionEvents()
        new_locks_after_fork(self)
        self.flow = flow_of(self)

    @property
    def status(self) -> Status:
        """Where the login stands."""
        return self._status

    @property
    def managed_session(self) -> ManagedSession | None:
        """The session, while there is one that can be used."""
        session = self._session
        return session if session is not None and session.active else None

    @property
    def session(self) -> Session | None:
        """The same, as users have it."""
        session = self.managed_session
        return session.public if session is not None else None

    @property
    def problem(self) -> Auth0WidgetError | None:
        """Why the last login failed, or cannot be waited for, until the next one starts."""
        return self._problem

    @property
    def ended_at(self) -> float | None:
        """When the last logout here happened, in seconds since 1970."""
        return self._ended_at

    @property
    def began_at(self) -> float | None:
        """When the login in flight, or else the session, began, in seconds since 1970."""
        if self._status == "logging_in":
            return self._began_at
        session = self.managed_session
        return session.logged_in_at if session is not None else None

    @property
    def has_waiters(self) -> bool:
        """Whether a cell is waiting for the person."""
        return len(self.waiters) > 0

    @property
    def wanted(self) -> bool:
        """Whether a cell is waiting for a session other than the one that may be there."""
        return self.has_waiters and (
            self.waiters.want_new_session or self._status != "authenticated"
        )

    def start(self) -> int:
        """A person begins to log in. Gives the attempt with which the flow ends it."""
        with self._lock:
            self._move("start")
            self._began_at = time.time()
            self._problem = None
            number = self._attempt_number
        self._changed()
        return number

    def complete(
        self,
        attempt: int,
        session: ManagedSession,
        take_part: Callable[[ManagedSession], object] = lambda _: None,
    ) -> bool:
        """A flow ends with a session. False when a logout or another login came first.

        Args:
            attempt: The flow's.
            session: The session.
            take_part: Called with it before anybody is told, when it did not come too late.
        """
        with self._lock:
            if attempt != self._attempt_number:
                self._discard_late(session)
                log.info("a login answer came too late and was dropped")
                return False
            take_part(session)
            settle = self._install(session)
        settle()
        in_background(self.session_events.deliver)
        return True

    def fail(self, attempt: int, error: Auth0WidgetError, *, tell: bool = True) -> bool:
        """A flow ends with an error. False when something else has ended it before.

        Args:
            attempt: The flow's.
            error: Why.
            tell: Whether the cells that wait are to raise it; not when they came later.
        """
        # Only the sentence is kept: the frames it was raised in hold secrets.
        error = error.with_traceback(None)
        error.__cause__ = error.__context__ = None
        with self._lock:
            if attempt != self._attempt_number:
                return False
            if self._status != "authenticated":
                self._problem = error
            self._move("fail")
        waiters = self.waiters.take_all() if tell else None
        self._changed()
        if waiters is not None:
            waiters(error)
        return True

    def report_cannot_wait(self, error: Auth0WidgetError) -> None:
        """A cell cannot wait for a login. Whoever looks at a page is told, and can log in still."""
        with self._lock:
            if self._status == "authenticated":
                return
            self._problem = error
        self._changed()

    def cancel(self) -> None:
        """The person gives up: what is in flight comes too late, and waiting cells are told."""
        with self._lock:
            self._attempt_number += 1
            attempt = self._attempt_number
        if self.expects(attempt):
            self.fail(attempt, LoginCancelledError())

    def expects(self, attempt: int) -> bool:
        """Whether the flow with this attempt may still end the login."""
        with self._lock:
            return attempt == self._attempt_number and self._status in (
                "logging_in",
                "authenticated",
            )

    def adopt_restored(self, session: ManagedSession, *, sealed: bool) -> bool:
        """A session came back from the browser, verified. False when it was logged out here.

        What is not ``sealed`` by one of the user's own kernels displaces no other session.
        """
        with self._lock:
            # The logout, or another login, may have come while the record was being verified.
            if self._ended_at is not None and session.logged_in_at <= self._ended_at:
                return False
            ours = self._session
            if ours is not None and ours.active and ours.session_id != session.session_id:
                later = ours.logged_in_at >= session.logged_in_at
                if later or not sealed:
                    return True
            settle = self._install(session)
        settle()
        in_background(self.session_events.deliver)
        return True

    def expire(self, session: ManagedSession) -> None:
        """The session's time is over and it cannot be renewed."""
        with self._lock:
            if self._session is not session or session.active:
                return
            self._session, self._expired = None, session
            self._move("expire")
        self._changed()

    def expire_if_over(self) -> None:
        """Whoever is about to act on the session calls this: nobody else may have noticed its end.

        The clock that watches it stands still while the machine sleeps.
        """
        session = self._session
        if session is not None:
            self.expire(session)

    def found_expired(self) -> None:
        """The browser remembers a login whose time is over."""
        with self._lock:
            self._move("expire")
        self._changed()

    def logout(self, *, at: float | None = None, callbacks_in_background: bool = False) -> None:
        """End the session, and every login still in flight.

        The refresh token is revoked in the background: logging out does not wait for the tenant.

        Args:
            at: When it happened, in seconds since 1970, where it happened elsewhere.
            callbacks_in_background: Whether callbacks of users run in the background as well.
        """
        with self._lock:
            self._attempt_number += 1
            session, self._session = self._session, None
            expired, self._expired = self._expired, None
            self._problem = None
            self._ended_at = at or time.time()
            self._expiry.stop()
            self._move("logout")
            if session is not None:
                self._discard(session)
                self.session_events.queue_logout()
            if expired is not None:
                self._discard(expired)
        self._changed()
        if callbacks_in_background:
            in_background(self.session_events.deliver)
        else:
            self.session_events.deliver()

    def listen(self, listener: Callable[[], object]) -> Callable[[], object]:
        """Be told of every change. Gives the way to stop listening."""
        return self._changed.add(listener)

    def _install(self, session: ManagedSession) -> Callable[[], None]:
        """Make it the login's. Gives what tells everybody of it, for when the lock is free."""
        before, self._expired = self._session or self._expired, None
        active = before is not None and before.active
        renewed = active and before is not None and before.session_id == session.session_id
        if before is not None and before.subject == session.subject:
            # The same person again: objects that notebooks hold go on working. Unless it has ended
            # at this very moment; then the new one stands alone.
            with suppress(Auth0WidgetError):
                before.adopt(session)
                session = before
        elif before is not None:
            self._discard(before, "This session has ended: somebody else logged in.")
            if active:
                self.session_events.queue_logout()
        if not active or session is not before:
            self.session_events.queue_login(session.public)
        waiters: Listeners[Outcome] = Listeners()
        if not renewed:
            # Not only renewed by another kernel: what is in flight here comes too late.
            self._attempt_number += 1
            waiters = self.waiters.take_all()
        self._session = session
        self._problem = None
        session.on_change = self._session_changed
        self._move("login")
        self._expiry.watch(session)

        def settle() -> None:
            self._changed()
            waiters(session.public)

        return settle

    def _discard(self, session: ManagedSession, why: str | None = None) -> None:
        for refresh_token in session.end(SessionEndedError, why):
            revoke_in_background(self.tenant, refresh_token)

    def _discard_late(self, session: ManagedSession) -> None:
        """End a session that came too late, without harm to the one that is there."""
        current = self._session
        if current is not None and current.subject == session.subject:
            with suppress(Auth0WidgetError):
                current.revoke_at_the_end(session)
                return
        self._discard(session)

    def _session_changed(self, session: ManagedSession) -> None:
        """It has new tokens, or has come to its end."""
        self.expire(session)
        with self._lock:
            if self._session is not session:
                return
            self._expiry.watch(session)
        self._changed()

    def _move(self, event: Event) -> None:
        self._status = next_status(self._status, event)
