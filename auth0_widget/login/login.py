"""The login of one application in this kernel.

Widgets with the same settings share one `Login`. Pages listen to it, cells wait for its session,
and flows start attempts and end them. The table in ``login.lifecycle`` contains the states.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.base.listeners import Listeners
from auth0_widget.errors import Auth0WidgetError, LoginCancelledError
from auth0_widget.login.current_session import CurrentSession
from auth0_widget.login.lifecycle import next_status
from auth0_widget.login.precedence import compare, logout_applies
from auth0_widget.login.session_events import SessionEvents
from auth0_widget.login.starting_cells import StartingCells
from auth0_widget.login.waiters import Waiters
from auth0_widget.oauth.client import Tenant
from auth0_widget.oauth.jwks import JwksCache
from auth0_widget.session.identity import RecordIdentity
from auth0_widget.session.record import RecordFormat
from auth0_widget.session.seal import seal_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import Settings
    from auth0_widget.login.lifecycle import Event, Status
    from auth0_widget.login.login_flow import LoginFlow
    from auth0_widget.login.precedence import LoggedIn, Verdict
    from auth0_widget.login.waiters import Outcome
    from auth0_widget.session.expiry_policy import Reauthenticator
    from auth0_widget.session.managed_session import ManagedSession
    from auth0_widget.session.session import Session

log = logging.getLogger(__name__)


class Login:
    """The login of one application in this kernel. Safe to use from several threads.

    Attributes:
        settings: The settings.
        record_identity: What its stored records belong to; it has the key of the record.
        record_format: How its records are written and read.
        tenant: The client for the tenant.
        jwks: The tenant's signing keys.
        waiters: The cells that wait for a session.
        starting_cells: The cells whose waiting started the login of the session.
        session_events: The callbacks of users for the begin and the end of sessions.
    """

    def __init__(
        self, settings: Settings, make_flow: Callable[[Login], LoginFlow | None] = lambda _: None
    ) -> None:
        self.settings = settings
        self.record_identity = RecordIdentity.of(settings)
        self.record_format = RecordFormat(self.record_identity, seal_key())
        self.tenant = Tenant(settings)
        self.jwks = JwksCache(self.tenant)
        self._lock = threading.RLock()
        self._prepare_once = threading.Lock()
        self._status: Status = "logged_out"
        self._problem: Auth0WidgetError | None = None
        self._began_at: float | None = None
        self._ended_at: float | None = None
        self._attempt_number = 0
        self._changed: Listeners[()] = Listeners()
        self.waiters = Waiters(self._changed)
        self.session_events = SessionEvents()
        self._current = CurrentSession(self.tenant, self.session_events, self._session_changed)
        self.starting_cells = StartingCells(self._current, self.waiters, self._changed)
        new_locks_after_fork(self)
        self._why: str | None = None
        self._reauthenticator: Reauthenticator | None = None
        self._flow = make_flow(self)

    @property
    def flow(self) -> LoginFlow | None:
        """The flow that starts when a cell waits. None if the person starts the login in a page."""
        return self._flow

    @property
    def why(self) -> str | None:
        """Why `set_flow_once` has set the flow, in one sentence. None if it has not."""
        return self._why

    @property
    def status(self) -> Status:
        """The status, see `lifecycle`."""
        return self._status

    @property
    def managed_session(self) -> ManagedSession | None:
        """The session if there is one that can be used, else None."""
        return self._current.active

    @property
    def latest_session(self) -> ManagedSession | None:
        """The session, or the one that has expired. None after a logout."""
        return self._current.latest

    @property
    def attempt_number(self) -> int:
        """The number of the current attempt. If none is under way, the next one gets it."""
        return self._attempt_number

    @property
    def session(self) -> Session | None:
        """The session that users get, or None."""
        session = self.managed_session
        return session.public if session is not None else None

    @property
    def problem(self) -> Auth0WidgetError | None:
        """Why the last attempt failed, or why no cell can wait; None once another one starts."""
        return self._problem

    @property
    def ended_at(self) -> float | None:
        """When the last logout was, in seconds since 1970; None if there was none."""
        return self._ended_at

    @property
    def began_at(self) -> float | None:
        """When the attempt under way, or else the session, began, in seconds since 1970."""
        if self._status == "logging_in":
            return self._began_at
        session = self.managed_session
        return session.logged_in_at if session is not None else None

    @property
    def has_waiters(self) -> bool:
        """Whether a cell is waiting for a session."""
        return len(self.waiters) > 0

    @property
    def tenant_for_next_login(self) -> Tenant:
        """The client for the next attempt, with the settings that a cell requests, if any."""
        requested = self.waiters.requested
        return requested.tenant if requested is not None else self.tenant

    @property
    def needs_login(self) -> bool:
        """Whether a cell is waiting for a session, and an attempt has to start for it."""
        needs_new = self.waiters.wants_new_session or self._status != "authenticated"
        return self.has_waiters and needs_new

    def prepare(self) -> None:
        """In the background, import what a login needs, so that a click does not have to wait."""
        if self._prepare_once.acquire(blocking=False):  # never released, so that this happens once
            in_background(self.tenant.import_libraries)

    def set_flow_once(self, make_flow: Callable[[Login], LoginFlow | None], why: str) -> bool:
        """Set the flow because there is no page, unless the login has one. Returns whether it did.

        Args:
            make_flow: Returns the flow. Called under the lock, so that there is only one.
            why: Why this flow is used, in one sentence.
        """
        with self._lock:
            if self._flow is not None:
                return False
            self._flow, self._why = make_flow(self), why
        self._changed()  # a cell may wait already
        return True

    def set_reauthenticator(self, reauthenticator: Reauthenticator) -> None:
        """Have the newest widget ask for logins in mid-job, also for the present session."""
        with self._lock:
            self._reauthenticator = reauthenticator
            if (session := self.latest_session) is not None:
                session.expiry_policy.reauthenticator = reauthenticator

    def start(self) -> int:
        """Start an attempt. Returns its number, which the flow passes to `complete` or `fail`."""
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
        """End an attempt with a session. Returns False if something else has ended it before.

        Args:
            attempt: The number of the attempt.
            session: The session.
            before_listeners: Called with the session, before listeners and waiting cells are told.
                Not called if the session came too late.
        """
        with self._lock:
            if attempt != self._attempt_number:
                self.discard(session)
                return False
            if session.settings.audience != self.settings.audience:
                notify = self._add_api_session(session)
            else:
                before_listeners(session)
                notify = self._install(session)
        notify()
        in_background(self.session_events.deliver)
        return True

    def discard(self, session: ManagedSession) -> None:
        """End a session that nobody waits for. The current session stays usable."""
        with self._lock:
            self._current.discard(session)
        log.info("a login came too late, or was not the requested one, and was dropped")

    def fail(
        self,
        attempt: int,
        error: Auth0WidgetError,
        *,
        settings: Settings | None = None,
        notify_waiters: bool = True,
    ) -> bool:
        """End an attempt with an error. Returns False if something else has ended it before.

        Args:
            attempt: The number of the attempt.
            error: Why it failed.
            settings: The settings of the attempt. The cells that wait for another login go on
                waiting for the next attempt. None if no cell can go on waiting.
            notify_waiters: Whether the waiting cells raise the error. If not, they go on waiting
                for the next attempt.
        """
        # The frames of the traceback hold secrets.
        error = error.with_traceback(None)
        error.__cause__ = error.__context__ = None
        with self._lock:
            if attempt != self._attempt_number:
                return False
            if self._status != "authenticated":
                self._problem = error
            self._apply("fail")
        waiters: Listeners[Outcome] = Listeners()
        if notify_waiters and settings is None:
            waiters = self.waiters.take_all()
        elif notify_waiters and settings is not None:
            waiters = self.waiters.take_failed(settings, self.settings)
        self._changed()
        waiters(error)
        return True

    def report_cannot_wait(self, error: Auth0WidgetError) -> None:
        """Show in the pages why no cell can wait. The person can still log in there."""
        with self._lock:
            if self._status == "authenticated":
                return
            self._problem = error
        self._changed()

    def cancel(self) -> None:
        """End the attempt under way. Waiting cells raise `LoginCancelledError`.

        Cells raise it also if the attempt has failed and they are waiting for the next one.
        """
        with self._lock:
            self._attempt_number += 1
            attempt = self._attempt_number
        if self.is_under_way(attempt) or self.has_waiters:
            self.fail(attempt, LoginCancelledError())

    def is_under_way(self, attempt: int) -> bool:
        """Whether this attempt can still end with a session."""
        with self._lock:
            may_end = self._status in {"logging_in", "authenticated"}
            return may_end and attempt == self._attempt_number

    def judge(self, stored: LoggedIn) -> Verdict:
        """What a stored session is to this login, see `login.precedence`."""
        return compare(stored, self.managed_session, self._ended_at)

    def adopt_restored(self, session: ManagedSession, *, sealed: bool) -> bool:
        """Use a verified session from a browser or from the keeper, if it is newer.

        Args:
            session: The session.
            sealed: Whether its record has a valid seal. Without one, it does not replace a session.

        Returns:
            False if a logout has ended this session.
        """
        with self._lock:
            # There may have been a logout, or another login, while the record was verified.
            verdict = self.judge(session)
            if verdict == "ended":
                return False
            replaces = verdict == "newer" and self.managed_session is not None
            if verdict == "older" or (replaces and not sealed):
                return True
            notify = self._install(session)
        notify()
        in_background(self.session_events.deliver)
        return True

    def expire(self, session: ManagedSession) -> None:
        """Change the status if the session has expired and cannot be renewed."""
        with self._lock:
            if not self._current.expire(session):
                return
            self._apply("expire")
        self._changed()

    def expire_if_over(self) -> None:
        """Like `expire`, for the current session. Call it before using the session.

        The timer may be late, because it does not run while the machine sleeps.
        """
        session = self._current.session
        if session is not None:
            self.expire(session)

    def report_expired_record(self) -> None:
        """Change the status, because the browser has the record of a session that has expired."""
        with self._lock:
            self._apply("expire")
        self._changed()

    def logout(self, *, callbacks_in_background: bool = False) -> None:
        """End the session and the attempt under way.

        The refresh tokens are revoked in the background: a logout does not wait for the tenant.

        Args:
            callbacks_in_background: Whether the callbacks of users are called in the background.
        """
        with self._lock:
            self._end(time.time())
        self._changed()
        if callbacks_in_background:
            in_background(self.session_events.deliver)
        else:
            self.session_events.deliver()

    def apply_logout(self, ended_at: float) -> bool:
        """End what a logout in another process or browser has ended, if it began before.

        Args:
            ended_at: When the logout was, in seconds since 1970, by the clock of that process.

        Returns:
            Whether a session or an attempt has ended.
        """
        with self._lock:
            began_at = self.began_at
            if began_at is None or not logout_applies(ended_at, began_at, self.settings.leeway):
                return False
            self._end(min(ended_at, time.time()))
        self._changed()
        in_background(self.session_events.deliver)
        return True

    def listen(self, listener: Callable[[], object]) -> Callable[[], object]:
        """Call a function after each change. Returns the function that removes it again."""
        return self._changed.add(listener)

    def _add_api_session(self, session: ManagedSession) -> Callable[[], None]:
        """Add a session for another API. Returns a function that notifies listeners and waiters."""
        self._attempt_number += 1
        self._apply("other_api")
        waiters = self.waiters.take_for(session.settings, other_api=True)
        outcome: Outcome
        try:
            if not waiters:
                log.info("no cell waits any more for a login for another API, which was dropped")
                raise LoginCancelledError
            outcome = self._current.add_api_session(session).public
        except Auth0WidgetError as error:
            self._current.discard(session)
            outcome = error.with_traceback(None)

        def notify() -> None:
            self._changed()
            waiters(outcome)

        return notify

    def _install(self, session: ManagedSession) -> Callable[[], None]:
        """Make a session the current one. Returns a function that notifies listeners and waiters.

        Call that function after the lock has been released.
        """
        waiters: Listeners[Outcome] = Listeners()
        if self._current.install(session):
            self._attempt_number += 1
            waiters = self.waiters.take_for(session.settings, other_api=False)
        installed = self._current.session or session
        installed.expiry_policy.reauthenticator = self._reauthenticator
        self._problem = None
        self._apply("login")

        def notify() -> None:
            self._changed()
            waiters(installed.public)

        return notify

    def _end(self, ended_at: float) -> None:
        self._attempt_number += 1
        self._problem = None
        self._ended_at = ended_at
        self._apply("logout")
        self._current.end()

    def _session_changed(self, session: ManagedSession) -> None:
        """Called when a session has new tokens, has expired or has ended."""
        self.expire(session)
        with self._lock:
            if not self._current.watch_expiry(session):
                return
        self._changed()

    def _apply(self, event: Event) -> None:
        self._status = next_status(self._status, event)
