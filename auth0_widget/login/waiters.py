"""The cells that wait for a session."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.base.listeners import Listeners

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.config import Settings
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.login.wanted import WantedLogin
    from auth0_widget.session.session import Session

Outcome: TypeAlias = "Session | Auth0WidgetError"


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    """One cell that waits.

    Attributes:
        tell: What is called with the outcome.
        another: Whether it waits for another session than the present one.
        wanted: The login that it has asked for, if that is not the usual one.
    """

    tell: Callable[[Outcome], object]
    another: bool
    wanted: WantedLogin | None = None


class Waiters:
    """Cells that wait. Each is told of one outcome. Safe to use from several threads.

    Args:
        changed: Called when a cell begins to wait, and when one ends.

    Attributes:
        ask_in_mid_job: Asks for a login and waits for its outcome, so many seconds at most; given
            by the widget that was made last.
    """

    def __init__(self, changed: Callable[[], object]) -> None:
        self._changed = changed
        self.ask_in_mid_job: Callable[[float], Outcome] | None = None
        self._lock = threading.Lock()
        self._waiting: list[_Waiter] = []
        new_locks_after_fork(self)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._waiting)

    @property
    def want_another_session(self) -> bool:
        """Whether one of them waits for another session than the present one."""
        return any(waiter.another for waiter in tuple(self._waiting))

    @property
    def wanted(self) -> WantedLogin | None:
        """The login that the first of them has asked for, if that is not the usual one."""
        return next((one.wanted for one in tuple(self._waiting) if one.wanted), None)

    @contextmanager
    def wait(
        self,
        tell: Callable[[Outcome], object],
        *,
        another: bool = False,
        wanted: WantedLogin | None = None,
    ) -> Iterator[None]:
        """Wait, within the block, for the next session or failure.

        Args:
            tell: Called with it, once.
            another: Whether to wait for another session than the present one.
            wanted: The login to ask for, if not the usual one; then for no other session.
        """
        waiter = _Waiter(tell, another, wanted)
        try:
            # An interrupt may come while `changed` runs.
            with self._lock:
                self._waiting.append(waiter)
            self._changed()
            yield
        finally:
            if self._remove(waiter):
                self._changed()

    def wait_in_mid_job(self, seconds: float) -> Outcome | None:
        """Ask for a login where a job's session has expired; None where there is no widget."""
        return None if self.ask_in_mid_job is None else self.ask_in_mid_job(seconds)

    def take_all(self) -> Listeners[Outcome]:
        """Take all of them off the list. Returns what tells them the outcome."""
        return self._take(lambda _: True)

    def take_served(self, settings: Settings, *, elsewhere: bool) -> Listeners[Outcome]:
        """The same for those whom a session with these settings is for.

        Args:
            settings: The settings of the login that the session is from.
            elsewhere: Whether it is for another API than the usual, and so only for who asked.
        """

        def is_served(waiter: _Waiter) -> bool:
            if waiter.wanted is None:
                return not elsewhere
            return waiter.wanted.settings is settings

        return self._take(is_served)

    def _take(self, is_served: Callable[[_Waiter], bool]) -> Listeners[Outcome]:
        with self._lock:
            taken = [waiter for waiter in self._waiting if is_served(waiter)]
            self._waiting = [waiter for waiter in self._waiting if waiter not in taken]
        callbacks: Listeners[Outcome] = Listeners()
        for waiter in taken:
            callbacks.add(waiter.tell)
        return callbacks

    def _remove(self, waiter: _Waiter) -> bool:
        with self._lock:
            if waiter not in self._waiting:
                return False
            self._waiting.remove(waiter)
            return True
