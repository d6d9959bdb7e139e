"""The life of a login in this kernel: one explicit state machine for each application.

Every widget with the same settings shows the same `Login`. It knows nothing of Jupyter: pages
are listeners, cells are waiters, flows deliver sessions.

    event        logged_out      logging_in      authenticated   expired         error
    start        logging_in      logging_in      authenticated   logging_in      logging_in
    login        authenticated   authenticated   authenticated   authenticated   authenticated
    fail         error           error           authenticated   error           error
    expire       expired         -               expired         expired         -
    logout       logged_out      logged_out      logged_out      logged_out      logged_out

A dash means that the event cannot matter there and changes nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from auth0_widget.errors import Auth0WidgetError, SessionEndedError
from auth0_widget.keys import KeyCache
from auth0_widget.protocol import Tenant

if TYPE_CHECKING:
    from auth0_widget.config import Settings
    from auth0_widget.messages import Status
    from auth0_widget.redaction import Secret
    from auth0_widget.session import Session

log = logging.getLogger(__name__)

Event = Literal["start", "login", "fail", "expire", "logout"]

TRANSITIONS: dict[Event, dict[Status, Status]] = {
    "start": {
        "logged_out": "logging_in",
        "logging_in": "logging_in",
        "authenticated": "authenticated",
        "expired": "logging_in",
        "error": "logging_in",
    },
    "login": {
        "logged_out": "authenticated",
        "logging_in": "authenticated",
        "authenticated": "authenticated",
        "expired": "authenticated",
        "error": "authenticated",
    },
    "fail": {
        "logged_out": "error",
        "logging_in": "error",
        "authenticated": "authenticated",
        "expired": "error",
        "error": "error",
    },
    "expire": {"logged_out": "expired", "authenticated": "expired", "expired": "expired"},
    "logout": {
        "logged_out": "logged_out",
        "logging_in": "logged_out",
        "authenticated": "logged_out",
        "expired": "logged_out",
        "error": "logged_out",
    },
}

Outcome = Callable[["Session | Auth0WidgetError"], None]


class Login:
    """The login of one application in this kernel. Safe to use from several threads.

    Attributes:
        settings: The tenant and the application.
        tenant: The tenant over HTTP.
        keys: The tenant's signing keys.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tenant = Tenant(settings)
        self.keys = KeyCache(self.tenant)
        self._lock = threading.RLock()
        self._status: Status = "logged_out"
        self._session: Session | None = None
        self._problem: Auth0WidgetError | None = None
        self._ended_at: float | None = None
        self._era = 0
        self._expiry: threading.Timer | None = None
        self._listeners: list[Callable[[], None]] = []
        self._waiters: list[Outcome] = []

    @property
    def status(self) -> Status:
        """Where the login stands."""
        return self._status

    @property
    def session(self) -> Session | None:
        """The session, while there is one that can be used."""
        session = self._session
        if session is not None and not session.active:
            self.expire(session)
            return None
        return session

    @property
    def problem(self) -> Auth0WidgetError | None:
        """Why the last login failed, until the next one starts."""
        return self._problem

    @property
    def ended_at(self) -> float | None:
        """When the last logout here happened, in seconds since 1970."""
        return self._ended_at

    @property
    def waiting(self) -> bool:
        """Whether a cell is waiting for the person."""
        return bool(self._waiters)

    def start(self) -> int:
        """A person begins to log in. Gives the ticket with which the flow ends it."""
        with self._lock:
            self._move("start")
            self._problem = None
            era = self._era
        self._notify()
        return era

    def succeed(self, ticket: int, session: Session) -> bool:
        """A flow ends with a session. False when a logout or another login came first."""
        with self._lock:
            if ticket != self._era:
                session.end()
                log.info("a login answer came too late and was dropped")
                return False
            session = self._install(session)
        self._settle(session)
        return True

    def fail(self, ticket: int, error: Auth0WidgetError) -> None:
        """A flow ends with an error, unless something else has ended it before."""
        # Only the sentence is kept: the frames it was raised in hold secrets.
        error = error.with_traceback(None)
        error.__cause__ = error.__context__ = None
        with self._lock:
            if ticket != self._era or self._status == "authenticated":
                return
            self._move("fail")
            self._problem = error
        self._settle(error)

    def restore(self, session: Session) -> bool:
        """A session came back from the browser, verified. False when it was logged out here."""
        with self._lock:
            # The logout may have come while the record was being verified.
            if self._ended_at is not None and session.logged_in_at <= self._ended_at:
                session.end()
                return False
            session = self._install(session)
        self._settle(session)
        return True

    def expire(self, session: Session) -> None:
        """The session's time is over and it cannot be renewed."""
        with self._lock:
            if self._session is not session or session.active:
                return
            self._session = None
            self._move("expire")
        self._notify()

    def found_expired(self) -> None:
        """The browser remembers a login whose time is over."""
        with self._lock:
            self._move("expire")
        self._notify()

    def logout(self, *, at: float | None = None) -> None:
        """End the session, and every login still in flight.

        The refresh token is revoked in the background: logging out does not wait for the tenant.

        Args:
            at: When it happened, in seconds since 1970, where it happened elsewhere.
        """
        with self._lock:
            self._era += 1
            session, self._session = self._session, None
            refresh_token = session.end() if session is not None else None
            self._problem = None
            self._ended_at = at or time.time()
            self._cancel_expiry()
            self._move("logout")
        if refresh_token is not None:
            in_background(lambda: self._revoke(refresh_token))
        self._notify()

    def wait_for(self, outcome: Outcome) -> Callable[[], None]:
        """Be told of the next session or failure, once. Gives the way to stop waiting."""
        with self._lock:
            self._waiters.append(outcome)

        def stop() -> None:
            with self._lock:
                if outcome not in self._waiters:
                    return
                self._waiters.remove(outcome)
            self._notify()

        self._notify()
        return stop

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be told of every change. Gives the way to stop listening."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    def _install(self, session: Session) -> Session:
        current = self._session
        if current is not None and current.active:
            if current.user.sub == session.user.sub:
                # The same person again: objects that notebooks hold go on working.
                current.adopt(session)
                session = current
            else:
                current.end(SessionEndedError, "This session has ended: somebody else logged in.")
        self._era += 1
        self._session = session
        self._problem = None
        session.on_change = self._session_changed
        self._move("login")
        self._schedule_expiry()
        return session

    def _settle(self, outcome: Session | Auth0WidgetError) -> None:
        """Tell everybody. Never under the lock: listeners are other people's code."""
        with self._lock:
            waiters, self._waiters = self._waiters, []
        self._notify()
        for waiter in waiters:
            waiter(outcome)

    def _revoke(self, refresh_token: Secret) -> None:
        try:
            self.tenant.revoke(refresh_token)
        except Auth0WidgetError as error:
            log.warning("the refresh token could not be revoked: %s", error.code)

    def _session_changed(self, session: Session) -> None:
        if session.active:
            with self._lock:
                self._schedule_expiry()
            self._notify()
        else:
            self.expire(session)

    def _schedule_expiry(self) -> None:
        self._cancel_expiry()
        session = self._session
        if session is None or session.renewable:
            return
        left = max(0.0, session.expires_at - time.time())
        # A timer longer than the platform's limit would never start; it is set anew at its end.
        self._expiry = threading.Timer(min(left + 0.1, 86400.0), self._look_at_expiry, [session])
        self._expiry.daemon = True
        self._expiry.start()

    def _look_at_expiry(self, session: Session) -> None:
        self.expire(session)
        with self._lock:
            if self._session is session:
                self._schedule_expiry()

    def _cancel_expiry(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None

    def _move(self, event: Event) -> None:
        self._status = TRANSITIONS[event].get(self._status, self._status)

    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def in_background(work: Callable[[], None]) -> None:
    """Do what may have to ask the tenant, without holding up the kernel."""
    threading.Thread(target=work, name="auth0-widget", daemon=True).start()


_logins: dict[Settings, Login] = {}
_logins_lock = threading.Lock()


def shared_login(settings: Settings) -> Login:
    """The one login of this kernel for these settings, made on first use."""
    with _logins_lock:
        if settings not in _logins:
            _logins[settings] = Login(settings)
        return _logins[settings]
