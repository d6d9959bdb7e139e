"""Flows that need no page. They start when a cell waits, and stop when no cell waits any more.

A flow listens to the login. An interrupt, a timeout and a logout change whether a cell waits, and
the login notifies the flow of that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from auth0_widget.base.background import in_background
from auth0_widget.base.forks import new_locks_after_fork

if TYPE_CHECKING:
    from auth0_widget.config import Settings
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.login.initiator import Initiator
    from auth0_widget.login.login import Login
    from auth0_widget.session.managed_session import ManagedSession

Pause: TypeAlias = Callable[[float], bool]
"""A function that waits for some seconds, or returns True at once when no cell waits any more."""


class OnDemandFlow:
    """The flow of one login. It runs at most once at a time.

    Args:
        login: The login.
        log_in: Returns a session. It is called in a thread, and calls its second argument to wait.
        unattended: Whether it logs in without the person.

    Attributes:
        unattended: As given.
    """

    def __init__(
        self,
        login: Login,
        log_in: Callable[[Login, Pause], ManagedSession],
        *,
        unattended: bool = False,
    ) -> None:
        self._login = login
        self._log_in = log_in
        self.unattended = unattended
        self._lock = threading.Lock()
        new_locks_after_fork(self)
        self._stop: threading.Event | None = None
        login.listen(self._start_or_stop)

    def _start_or_stop(self) -> None:
        with self._lock:
            if not self._login.needs_login:
                if self._stop is not None:
                    self._stop.set()
                return
            if self._stop is not None:
                return  # it runs; when it has ended, `_finished` calls this method again
            stop = self._stop = threading.Event()
        self._start(stop, self._login.starting_cells.set_to_waiters)

    def start_for(self, initiator: Initiator) -> None:
        """Start the flow for a page, even if no cell waits, unless it runs already."""
        with self._lock:
            if self._stop is not None:
                return
            stop = self._stop = threading.Event()
        self._start(stop, initiator.attempt_succeeded)

    def _start(
        self, stop: threading.Event, before_listeners: Callable[[ManagedSession], object]
    ) -> None:
        try:
            settings = self._login.tenant_for_next_login.settings
            attempt = self._login.start()
            in_background(
                lambda: self._run(attempt, stop, before_listeners),
                lambda error: self._failed(attempt, settings, stop, error),
            )
        except BaseException:
            # An interrupt, before the thread started. The next cell that waits starts the flow.
            stop.set()
            with self._lock:
                self._stop = None
            self._login.cancel()
            raise

    def _run(
        self,
        attempt: int,
        stop: threading.Event,
        before_listeners: Callable[[ManagedSession], object],
    ) -> None:
        self._login.complete(attempt, self._log_in(self._login, stop.wait), before_listeners)
        self._finished()

    def _failed(
        self, attempt: int, settings: Settings, stop: threading.Event, error: Auth0WidgetError
    ) -> None:
        # If the flow was stopped, the cells that wait now came later and wait for another attempt.
        self._login.fail(attempt, error, settings=settings, notify_waiters=not stop.is_set())
        self._finished()

    def _finished(self) -> None:
        with self._lock:
            self._stop = None
        # A cell may still wait, if a logout in another kernel has ended this attempt.
        self._start_or_stop()
