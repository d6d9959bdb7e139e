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
    from auth0_widget.login.requested_login import RequestedLogin
    from auth0_widget.session.session import Session

Outcome: TypeAlias = "Session | Auth0WidgetError"


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    """A cell that waits.

    Attributes:
        on_outcome: Called with the outcome.
        new_session: Whether it waits for a session other than the present one.
        requested: The login that the cell has requested, or None for the usual one.
        connection: The ID of the connection of the page that runs the cell, or None.
    """

    on_outcome: Callable[[Outcome], object]
    new_session: bool
    requested: RequestedLogin | None
    connection: str | None


class Waiters:
    """The cells that wait. Each gets one outcome. Safe to use from several threads.

    Args:
        changed: Called when a cell starts to wait and when it stops.
    """

    def __init__(self, changed: Callable[[], object]) -> None:
        self._changed = changed
        self._lock = threading.Lock()
        self._waiters: list[_Waiter] = []
        new_locks_after_fork(self)

    def __len__(self) -> int:
        """The number of waiting cells."""
        return len(self._waiters)

    @property
    def wants_new_session(self) -> bool:
        """Whether one of them waits for another session than the present one."""
        return any(waiter.new_session for waiter in tuple(self._waiters))

    @property
    def connections(self) -> frozenset[str]:
        """The IDs of the kernel connections of the pages that run them."""
        waiting = tuple(self._waiters)
        return frozenset(one.connection for one in waiting if one.connection is not None)

    @property
    def requested(self) -> RequestedLogin | None:
        """The login that the first of them has requested, or None for the usual one."""
        return next((one.requested for one in tuple(self._waiters) if one.requested), None)

    @contextmanager
    def wait(
        self,
        on_outcome: Callable[[Outcome], object],
        *,
        new_session: bool = False,
        requested: RequestedLogin | None = None,
        connection: str | None = None,
    ) -> Iterator[Callable[[], bool]]:
        """Add a waiting cell for the duration of the block.

        The block gets a function that returns whether the cell still waits for its outcome.

        Args:
            on_outcome: Called once, with the next session or the error of the next login.
            new_session: Whether to wait for a session other than the present one.
            requested: The login to request, or None for the usual one. The cell gets the session of
                no other login, except as `RequestedLogin.is_met_by` says.
            connection: The ID of the connection of the page that runs the cell, or None.
        """
        waiter = _Waiter(on_outcome, new_session, requested, connection)
        try:
            # Inside the try block, because an interrupt may come while `changed` runs.
            with self._lock:
                self._waiters.append(waiter)
            self._changed()
            yield lambda: waiter in self._waiters
        finally:
            if self._remove(waiter):
                self._changed()

    def take_all(self) -> Listeners[Outcome]:
        """Remove all waiting cells. Returns their listeners, to be called with the outcome."""
        return self._take(lambda _: True)

    def take_failed(self, settings: Settings, usual: Settings) -> Listeners[Outcome]:
        """Remove the cells that wait for a login that has failed. Returns their listeners.

        Args:
            settings: The settings of the login that failed.
            usual: The settings of the usual login.
        """

        def is_for(waiter: _Waiter) -> bool:
            requested = waiter.requested
            return settings == (usual if requested is None else requested.settings)

        return self._take(is_for)

    def take_for(self, settings: Settings, *, other_api: bool) -> Listeners[Outcome]:
        """Remove the waiting cells that get a session with these settings. Returns their listeners.

        Args:
            settings: The settings of the login that gave the session.
            other_api: Whether the session is for another API than that of the login. Then only the
                cells that requested it get it.
        """

        def is_for(waiter: _Waiter) -> bool:
            if waiter.requested is None:
                return not other_api
            return waiter.requested.is_met_by(settings)

        return self._take(is_for)

    def _take(self, is_for: Callable[[_Waiter], bool]) -> Listeners[Outcome]:
        with self._lock:
            taken = [waiter for waiter in self._waiters if is_for(waiter)]
            self._waiters = [waiter for waiter in self._waiters if waiter not in taken]
        callbacks: Listeners[Outcome] = Listeners()
        for waiter in taken:
            callbacks.add(waiter.on_outcome)
        return callbacks

    def _remove(self, waiter: _Waiter) -> bool:
        with self._lock:
            if waiter not in self._waiters:
                return False
            self._waiters.remove(waiter)
            return True
