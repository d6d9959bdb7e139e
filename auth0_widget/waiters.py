"""The cells that wait for a session."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from auth0_widget.callbacks import Callbacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.session import Session

Outcome: TypeAlias = "Session | Auth0WidgetError"


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """One cell: how it is told, and whether the session that may be there does not do."""

    tell: Callable[[Outcome], object]
    fresh: bool


class Waiters:
    """Cells that wait, each told of one outcome. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Waiter] = []

    def __len__(self) -> int:
        """How many there are."""
        return len(self._waiting)

    @property
    def want_fresh(self) -> bool:
        """Whether one of them wants another session than the one that may be there."""
        return any(waiter.fresh for waiter in tuple(self._waiting))

    def add(self, waiter: Waiter) -> None:
        """Add one."""
        with self._lock:
            self._waiting.append(waiter)

    def remove(self, waiter: Waiter) -> bool:
        """Remove one. Says whether it was still there."""
        with self._lock:
            if waiter not in self._waiting:
                return False
            self._waiting.remove(waiter)
            return True

    def take_all(self) -> Callbacks[Outcome]:
        """All of them, to be told once; nobody stays behind."""
        with self._lock:
            taken, self._waiting = self._waiting, []
        callbacks: Callbacks[Outcome] = Callbacks()
        for waiter in taken:
            callbacks.add(waiter.tell)
        return callbacks
