"""The login of one application in this kernel.

Every widget with the same settings shows the same `Login`. It knows nothing of Jupyter: pages
listen to it, cells wait for its session, and flows complete it or let it fail. The table in
``login.lifecycle`` says which status follows which.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.base.listeners import Listeners
from auth0_widget.errors import AnotherPersonError, LoginCancelledError
from auth0_widget.login.current_session import CurrentSession
from auth0_widget.login.lifecycle import next_status
from auth0_widget.login.session_events import SessionEvents
from auth0_widget.login.waiters import Waiters
from auth0_widget.oauth.client import Tenant
from auth0_widget.oauth.jwks import JwksCache
from auth0_widget.session.identity import LoginIdentity

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import Settings
    from auth0_widget.errors import Auth0WidgetError
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
        flow: The flow that starts by itself when a cell waits, made by ``make_flow``; None where a
            person starts one in a page.
        why: Why that flow was chosen, in one sentence; None where nobody had to choose.
        waiters: The cells that wait for a session.
        session_events: The callbacks of users for sessions that begin and end.
    """

    def __init__(
        self, settings: Settings, make_flow: Callable[[Login], object | None] = lambda _: None
    ) -> None:
        self.settings = settings
        self.identity = LoginIdentity.of(settings)
        self.tenant = Tenant(settings)
        self.jwks = JwksCache(self.tenant)
        self._lock = threading.RLock()
        self._prepared = threading.Lock()
        self._status: Status = "logged_out"
        self._problem: Auth0WidgetError | None = None
        self._began_at: float | None = None
        self._ended_at: float | None = None
        self._attempt_number = 0
        self._changed: Listeners[()] = Listeners()
        self.waiters = Waiters(self._changed)
        self.session_events = SessionEvents()
        self._current = CurrentSession(self.tenant, self.session_events, self._session_changed)
        new_locks_after_fork(self)
        self.why: str | None = None
        self.flow = make_flow(self)

    @property
    def status(self) -> Status:
        """Where the login stands."""
        return self._status

    @property
    def managed_session(self) -> ManagedSession | None:
        """The session, while there is one that can be used."""
        return self._current.active

    @property
    def session(self) -> Session | None:
        """The same, as users have it."""
        session = self.managed_session
        return session.public if session is not None else None

    @property
    def problem(self) -> Auth0WidgetError | None:
        """Why the last login failed, or why no cell can wait for one; None once another starts."""
        return self._problem

    @property
    def ended_at(self) -> float | None:
        """When the last logout here happened, in seconds since 1970."""
        return self._ended_at

    @property
    def began_at(self) -> float | None:
        """When the present login attempt, or else the session, began, in seconds since 1970."""
        if self._status == "logging_in":
            return self._began_at
        session = self.managed_session
        return session.logged_in_at if session is not None else None

    @property
    def has_waiters(self) -> bool:
        """Whether a cell is waiting for the person."""
        return len(self.waiters) > 0

    @property
    def tenant_for_next_login(self) -> Tenant:
        """The tenant, with the settings of the next login: those a cell needs, or the usual."""
        requested = self.waiters.requested
        return requested.tenant if requested is not None else self.tenant

    @property
    def needs_login(self) -> bool:
        """Whether a cell waits for a session that only another login can give."""
        needs_new = self.waiters.wants_new_session or self._status != "authenticated"
        return self.has_waiters and needs_new

    def prepare(self) -> None:
        """Load in the background what a login needs: nobody should wait for it after a click."""
        if self._prepared.acquire(blocking=False):  # for good: once is enough
            in_background(self.tenant.prepare)

    def start(self) -> int:
        """Begin an attempt to log in. Returns its number, with which the flow ends it."""
        with self._lock:
            self._apply("start")
            self._began_at = time.time()
            self._problem = None
            number = self._attempt_number
        self._changed()
        return number

    def complete(
        self,
        attempt: int,
        session: ManagedSession,
        before_listeners: Callable[[ManagedSession], object] = lambda _: None,
    ) -> bool:
        """End an attempt with a session. False where a logout or another login came first.

        Args:
            attempt: The number of the attempt.
            session: The session.
            before_listeners: Called with the session, before listeners and waiting cells are told.
                Not called if the session came too late.
        """
        with self._lock:
            if attempt != self._attempt_number:
                self._current.discard(session)
                log.info("a login came too late and was dropped")
                return False
            if session.settings.audience != self.settings.audience:
                notify = self._add_api_session(session)
            else:
                before_listeners(session)
                notify = self._install(session)
        notify()
        in_background(self.session_events.deliver)
        return True

    def fail(self, attempt: int, error: Auth0WidgetError, *, notify_waiters: bool = True) -> bool:
        """End an attempt with an error. False where something else has ended it before.

        Args:
            attempt: The number of the attempt.
            error: Why it failed.
            notify_waiters: Whether the waiting cells raise the error. If not, they go on waiting
                for the next attempt.
        """
        # Only the sentence is kept: the frames it was raised in hold secrets.
        error = error.with_traceback(None)
        error.__cause__ = error.__context__ = None
        with self._lock:
            if attempt != self._attempt_number:
                return False
            if self._status != "authenticated":
                self._problem = error
            self._apply("fail")
        waiters = self.waiters.take_all() if notify_waiters else None
        self._changed()
        if waiters is not None:
            waiters(error)
        return True

    def report_cannot_wait(self, error: Auth0WidgetError) -> None:
        """Show in the pages why no cell can wait for a login; a person can still log in there."""
        with self._lock:
            if self._status == "authenticated":
                return
            self._problem = error
        self._changed()

    def cancel(self) -> None:
        """End the present attempt: its session comes too late, and waiting cells raise an error.

        They do so also where the attempt has failed and they wait for the next.
        """
        with self._lock:
            self._attempt_number += 1
            attempt = self._attempt_number
        if self.is_under_way(attempt) or self.has_waiters:
            self.fail(attempt, LoginCancelledError())

    def is_under_way(self, attempt: int) -> bool:
        """Whether this attempt may still end with a session."""
        with self._lock:
            may_end = self._status in {"logging_in", "authenticated"}
            return may_end and attempt == self._attempt_number

    def adopt_restored(self, session: ManagedSession, *, sealed: bool) -> bool:
        """Take up a verified session from the browser. False where it was logged out here.

        A session whose record is not sealed by one of the user's kernels replaces no other.
        """
        with self._lock:
            # A logout, or another login, may have come while the record was being verified.
            if self._ended_at is not None and session.logged_in_at <= self._ended_at:
                return False
            ours = self._current.active
            if ours is not None and ours.session_id != session.session_id:
                later = ours.logged_in_at >= session.logged_in_at
                if later or not sealed:
                    return True
            notify = self._install(session)
        notify()
        in_background(self.session_events.deliver)
        return True

    def expire(self, session: ManagedSession) -> None:
        """Note that the session's time is over, if it is and nothing renews it."""
        with self._lock:
            if not self._current.expire(session):
                return
            self._apply("expire")
        self._changed()

    def expire_if_over(self) -> None:
        """Note it where the session's time is over. To be called before the session is used.

        The timer that watches its end stands still while the machine sleeps.
        """
        session = self._current.session
        if session is not None:
            self.expire(session)

    def report_expired_record(self) -> None:
        """Note that the browser has a record of a session whose time is over."""
        with self._lock:
            self._apply("expire")
        self._changed()

    def logout(self, *, at: float | None = None, callbacks_in_background: bool = False) -> None:
        """End the session and the present attempt.

        The refresh tokens are revoked in the background: a logout does not wait for the tenant.

        Args:
            at: When it happened, in seconds since 1970, where it happened elsewhere.
            callbacks_in_background: Whether callbacks of users run in the background as well.
        """
        with self._lock:
            self._attempt_number += 1
            self._problem = None
            self._ended_at = at or time.time()
            self._apply("logout")
            self._current.end()
        self._changed()
        if callbacks_in_background:
            in_background(self.session_events.deliver)
        else:
            self.session_events.deliver()

    def listen(self, listener: Callable[[], object]) -> Callable[[], object]:
        """Call a function at every change. Returns a function that ends this."""
        return self._changed.add(listener)

    def _add_api_session(self, session: ManagedSession) -> Callable[[], None]:
        """Keep a session for another API beside the login's. Returns what notifies everybody."""
        self._attempt_number += 1
        waiters = self.waiters.take_for(session.settings, other_api=True)
        outcome: Outcome = session.public
        if not waiters or not self._current.add_api_session(session):
            self._current.discard(session)
            outcome = AnotherPersonError()

        def notify() -> None:
            self._changed()
            waiters(outcome)

        return notify

    def _install(self, session: ManagedSession) -> Callable[[], None]:
        """Make it the login's session. Returns what notifies everybody, for after the lock."""
        waiters: Listeners[Outcome] = Listeners()
        if self._current.install(session):
            self._attempt_number += 1
            waiters = self.waiters.take_for(session.settings, other_api=False)
        installed = self._current.session or session
        installed.expiry_policy.wait_for_login = self.waiters.wait_in_mid_job
        self._problem = None
        self._apply("login")

        def notify() -> None:
            self._changed()
            waiters(installed.public)

        return notify

    def _session_changed(self, session: ManagedSession) -> None:
        """It has new tokens, or has come to its end."""
        self.expire(session)
        with self._lock:
            if not self._current.watch_expiry(session):
                return
        self._changed()

    def _apply(self, event: Event) -> None:
        self._status = next_status(self._status, event)
