"""Flows that need no page: they begin when a cell waits, and stop when none waits any more.

An interrupt, a time-out and a logout therefore need no wiring of their own: each of them changes
what the login knows of its waiting cells, and a flow looks again at every change.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from auth0_widget.base.background import in_background

if TYPE_CHECKING:
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.flows.initiator import Initiator
    from auth0_widget.login.login import Login
    from auth0_widget.session.managed_session import ManagedSession

Pause: TypeAlias = Callable[[float], bool]
"""Waits this many seconds. Returns True, at once, when no cell waits for the session any more."""


class OnDemand:
    """One flow of one login, at most once at a time.

    Args:
        login: What it logs in.
        obtain: Gets a session, with pauses as it needs them, in a thread of its own.
        unattended: Whether it needs nothing of the person.

    Attributes:
        unattended: As given.
    """

    def __init__(
        self,
        login: Login,
        obtain: Callable[[Login, Pause], ManagedSession],
        *,
        unattended: bool = False,
    ) -> None:
        self._login = login
        self._obtain = obtain
        self.unattended = unattended
        self._lock = threading.Lock()
        self._stop: threading.Event | None = None
        login.listen(self._start_or_stop)

    def _start_or_stop(self) -> None:
        with self._lock:
            if not self._login.needs_login:
                if self._stop is not None:
                    self._stop.set()
                return
            if self._stop is not None:
                return  # it runs; where it is about to end, `_finished` comes back here
            stop = self._stop = threading.Event()
        self._start(stop, lambda _: None)

    def start_for(self, initiator: Initiator) -> None:
        """Begin it for a page, unless it runs already, though no cell may wait."""
        with self._lock:
            if self._stop is not None:
                return
            stop = self._stop = threading.Event()
        self._start(stop, initiator.attempt_succeeded)

    def _start(self, stop: threading.Event, told_first: Callable[[ManagedSession], object]) -> None:
        try:
            attempt = self._login.start()
            in_background(
                lambda: self._run(attempt, stop, told_first),
                lambda error: self._failed(attempt, stop, error),
            )
        except BaseException:
            # Stop came before there was a thread: the next cell that waits begins anew.
            stop.set()
            with self._lock:
                self._stop = None
            self._login.cancel()
            raise

    def _run(
        self, attempt: int, stop: threading.Event, told_first: Callable[[ManagedSession], object]
    ) -> None:
        self._login.complete(attempt, self._obtain(self._login, stop.wait), told_first)
        self._finished()

    def _failed(self, attempt: int, stop: threading.Event, error: Auth0WidgetError) -> None:
        # Once it is stopped nobody waits for it: whoever waits now has come for another.
        self._login.fail(attempt, error, tell=not stop.is_set())
        self._finished()

    def _finished(self) -> None:
        with self._lock:
            self._stop = None
        # A cell may still wait: a logout elsewhere made this attempt's answer worthless.
        self._start_or_stop()
