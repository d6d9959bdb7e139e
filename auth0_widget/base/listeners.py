"""Functions that are called when something happens. Their exceptions do not reach the caller."""

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
        """The number of listeners."""
        return len(self._listeners)

    def add(self, listener: Callable[Arguments, object]) -> Callable[[], bool]:
        """Add a listener. Returns a function that removes it, and tells whether it was there."""
        entry = partial(listener)  # equal to itself only, so the same function may be added twice
        with self._lock:
            self._listeners.append(entry)

        def remove() -> bool:
            with self._lock:
                if entry not in self._listeners:
                    return False
                self._listeners.remove(entry)
                return True

        return remove

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        """Call each listener. An exception of one is logged, and the others are still called."""
        for listener in tuple(self._listeners):
            _call(listener, *args, **kwargs)


def _call(
    listener: Callable[Arguments, object], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> None:
    try:
        listener(*args, **kwargs)
    except KeyboardInterrupt:  # the person interrupted the cell
        raise
    except BaseException as error:  # noqa: BLE001 - logged, see `Listeners.__call__`
        log.error("a listener of the login failed: %s", frames_without_values(error))  # noqa: TRY400 - the text may hold secrets
