"""Functions that are called when something happens, and that cannot harm whoever calls them."""

from __future__ import annotations

import logging
import threading
from functools import partial
from typing import TYPE_CHECKING, Generic, ParamSpec

from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.base.redaction import frames_without_values

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")


class Listeners(Generic[Arguments]):
    """Functions to be called when something happens. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Callable[Arguments, object]] = []
        new_locks_after_fork(self)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._listeners)

    def add(self, listener: Callable[Arguments, object]) -> Callable[[], bool]:
        """Add one. Gives the way to remove it, which says whether it was still there."""
        once = partial(listener)  # equal to no other, even where the function was added twice
        with self._lock:
            self._listeners.append(once)

        def remove() -> bool:
            with self._lock:
                if once not in self._listeners:
                    return False
                self._listeners.remove(once)
                return True

        return remove

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        """Call each. What goes wrong in one is its own matter: the others are still called."""
        for listener in tuple(self._listeners):
            _call(listener, *args, **kwargs)


def _call(
    listener: Callable[Arguments, object], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> None:
    try:
        listener(*args, **kwargs)
    except KeyboardInterrupt:  # Stop is for the cell
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is not the login's
        log.error("a listener of the login failed: %s", frames_without_values(error))  # noqa: TRY400 - as below
