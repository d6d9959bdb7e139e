"""The login of one application in this kernel.

Every widget with the same settings shows the same `Login`. It knows nothing of Jupyter: pages
are listeners, cells are waiters, flows deliver sessions. What may follow what stands in
``lifecycle``.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth0_widget.callbacks import Callbacks, in_background
from auth0_widget.errors import LoginCancelledError, SessionEndedError
from auth0_widget.expiry import ExpiryClock
from auth0_widget.keys import KeyCache
from auth0_widget.lifecycle import next_status
from auth0_widget.protocol import Tenant
from auth0_widget.waiters import Waiter, Waiters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.config import Settings
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.lifecycle import Event, Status
    from auth0_widget.redaction import Secret
    from auth0_widget.session import Session
    from auth0_widget.waiters import Outcome

log = logging.getLogger(__name__)


class Login:
    """The login of one application in this kernel. Safe to use from several threads.

    Attributes:
        settings: The tenant and the application.
        tenant: The tenant over HTTP.
        keys: The tenant's signing keys.
        flow: What logs in by itself when a cell waits; None leaves it to the pages.
    """

    def __init__(self, settings: Settings) -> None:
        self.flow: object | None = None
        self.settings = settings
        self.tenant = Tenant(settings)
        self.keys = KeyCache(self.tenant)
        self._lock = threading.RLock()
        self._status: Status = "logged_out"
        self._session: Session | None = None
        self._problem: Auth0WidgetError | None = None
        self._began_at: float | None = None
        self._ended_at: float | None = None
        self._era = 0
        self._expiry = ExpiryClock(self._look_at_expiry)
        self._waiters = Waiters()
        self._changed: Callbacks[()] = Callbacks()
        self._began: Callbacks[Session] = Callbacks()
        self._ended: Callbacks[()] = Callbacks()

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
    def began_at(self) -> float | None:
        """When the login in flight, or else the session, began, in seconds since 1970."""
        if self._status == "logging_in":
            return self._began_at
        session = self.session
        return session.logged_in_at if session is not None else None

    @property
    def waiting(self) -> bool:
        """Whether a cell is waiting for the person."""
        return len(self._waiters) > 0

    @property
    def wanted(self) -> bool:
        """Whether a cell is waiting for a session other than the one that may be there."""
        return self.waiting and (self._waiters.want_fresh or self._status != "authenticated")

    def start(self) -> int:
        """A person begins to log in. Gives the ticket with which the flow ends it."""
        with self._lock:
            self._move("start")
            self._began_at = time.time()
            self._problem = None
            era = self._era
        self._changed()
        return era

    def succeed(self, ticket: int, session: Session) -> bool:
        """A flow ends with a session. False when a logout or another login came first."""
        with self._lock:
            if ticket != self._era:
                self._discard(session)
                log.info("a login answer came too late and was dropped")
                return False
            changed = self._install(session)
        self._settle(changed)
        return True

    def fail(self, ticket: int, error: Auth0WidgetError, *, tell: bool = True) -> None:
        """A flow ends with an error, unless something else has ended it before.

        Args:
            ticket: The flow's.
            error: Why.
            tell: Whether the cells that wait are to raise it; not when they came later.
        """
        # Only the sentence is kept: the frames it was raised in hold secrets.
        error = error.with_traceback(None)
        error.__cause__ = error.__context__ = None
        with self._lock:
            if ticket != self._era:
                return
            if self._status != "authenticated":
                self._problem = error
            self._move("fail")
        waiters = self._waiters.take_all() if tell else None
        self._changed()
        if waiters is not None:
            waiters(error)

    def cancel(self) -> None:
        """The person gives up: what is in flight comes too late, and waiting cells are told."""
        with self._lock:
            self._era += 1
            ticket = self._era
        if self.expects(ticket):
            self.fail(ticket, LoginCancelledError())

    def expects(self, ticket: int) -> bool:
        """Whether the flow with this ticket may still end the login."""
        with self._lock:
            return ticket == self._era and self._status in ("logging_in", "authenticated")

    def restore(self, session: Session, *, sealed: bool) -> bool:
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
            changed = self._install(session)
        self._settle(changed)
        return True

    def expire(self, session: Session) -> None:
        """The session's time is over and it cannot be renewed."""
        with self._lock:
            if self._session is not session or session.active:
                return
            self._session = None
            self._move("expire")
        self._changed()

    def found_expired(self) -> None:
        """The browser remembers a login whose time is over."""
        with self._lock:
            self._move("expire")
        self._changed()

    def logout(self, *, at: float | None = None) -> None:
        """End the session, and every login still in flight.

        The refresh token is revoked in the background: logging out does not wait for the tenant.

        Args:
            at: When it happened, in seconds since 1970, where it happened elsewhere.
        """
        with self._lock:
            self._era += 1
            session, self._session = self._session, None
            self._problem = None
            self._ended_at = at or time.time()
            self._expiry.stop()
            self._move("logout")
            if session is not None:
                self._discard(session)
        self._changed()
        if session is not None:
            self._ended()

    @contextmanager
    def waiter(self, tell: Callable[[Outcome], object], *, fresh: bool = False) -> Iterator[None]:
        """Be told of the next session or failure, once, unless the block ends before.

        Args:
            tell: Called with it.
            fresh: Whether the session that is there does not do.
        """
        waiter = Waiter(tell, fresh)
        try:
            # Stop may come while the listeners are told that a cell waits.
            self._waiters.add(waiter)
            self._changed()
            yield
        finally:
            if self._waiters.remove(waiter):
                self._changed()

    def listen(self, listener: Callable[[], object]) -> Callable[[], object]:
        """Be told of every change. Gives the way to stop listening."""
        return self._changed.add(listener)

    def on_login(self, callback: Callable[[Session], object]) -> Callable[[], object]:
        """Be told once of each session that begins here, by a login or from the browser."""
        return self._began.add(callback)

    def on_logout(self, callback: Callable[[], object]) -> Callable[[], object]:
        """Be told once of each session that a logout, or another person's login, has ended."""
        return self._ended.add(callback)

    def _install(self, session: Session) -> _Change:
        current = self._session
        change = _Change(session, began=True)
        if current is not None and current.active:
            if current.subject == session.subject:
                # The same person again: objects that notebooks hold go on working.
                self._revoke_later(current.adopt(session))
                session = current
                change = _Change(session)
            else:
                self._discard(current, "This session has ended: somebody else logged in.")
                change = _Change(session, began=True, ended=True)
        self._era += 1
        self._session = session
        self._problem = None
        session.on_change = self._session_changed
        self._move("login")
        self._expiry.watch(session)
        return change

    def _settle(self, change: _Change) -> None:
        """Tell everybody. Never under the lock: listeners are other people's code."""
        waiters = self._waiters.take_all()
        self._changed()
        waiters(change.session)
        if change.ended:
            self._ended()
        if change.began:
            self._began(change.session)

    def _discard(self, session: Session, why: str | None = None) -> None:
        self._revoke_later(session.end(SessionEndedError, why))

    def _revoke_later(self, refresh_token: Secret | None) -> None:
        if refresh_token is not None:
            in_background(
                lambda: self.tenant.revoke(refresh_token),
                lambda error: log.warning("the refresh token is not revoked: %s", error.code),
            )

    def _session_changed(self, session: Session) -> None:
        if session.active:
            self._watch(session)
            self._changed()
        else:
            self.expire(session)

    def _look_at_expiry(self, session: Session) -> None:
        self.expire(session)
        self._watch(session)

    def _watch(self, session: Session) -> None:
        with self._lock:
            if self._session is session:
                self._expiry.watch(session)

    def _move(self, event: Event) -> None:
        self._status = next_status(self._status, event)


@dataclass(frozen=True, slots=True)
class _Change:
    """The session there is now, and whether one began or ended by it."""

    session: Session
    began: bool = False
    ended: bool = False
