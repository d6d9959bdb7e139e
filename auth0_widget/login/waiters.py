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

    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.session.session import Session

Outcome: TypeAlias = "Session | Auth0WidgetError"


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    """One cell: how it is told, and whether the session that may be there does not do."""

    tell: Callable[[Outcome], object]
    fresh: bool


class Waiters:
    """Cells that wait, each told of one outcome. Safe to use from several threads.

    Args:
        changed: Called whenever there is one more or one less of them.
    """

    def __init__(self, changed: Callable[[], object]) -> None:
        self._changed = changed
        self._lock = threading.Lock()
        self._waiting: list[_Waiter] = []
        new_locks_after_fork(self)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._waiting)

    @property
    def want_new_session(self) -> bool:
        """Whether one of them wants another session than the one that may be there."""
        return any(waiter.fresh for waiter in tuple(self._waiting))

    @contextmanager
    def wait(self, tell: Callable[[Outcome], object], *, fresh: bool = False) -> Iterator[None]:
        """Be told of the next session or failure, once, unless the block ends before.

        Args:
            tell: Called with it.
            fresh: Whether the session that is there does not do.
        """
        waiter = _Waiter(tell, fresh)
        try:
            # Stop may come while the listeners are told that a cell waits.
            with self._lock:
                self._waiting.append(waiter)
            self._changed()
            yield
        finally:
            if self._remove(waiter):
                self._changed()

    def take_all(self) -> Listeners[Outcome]:
        """All of them, to be told once; nobody stays behind."""
        with self._lock:
            taken, self._waiting = self._waiting, []
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
