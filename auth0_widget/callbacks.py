"""Telling others: listeners that must not harm the teller, and work that must not hold it up."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Generic, ParamSpec

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")


class Callbacks(Generic[Arguments]):
    """Functions to be called when something happens. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: list[Callable[Arguments, object]] = []

    def __len__(self) -> int:
        """How many there are."""
        return len(self._callbacks)

    def add(self, callback: Callable[Arguments, object]) -> Callable[[], bool]:
        """Add one. Gives the way to remove it, which says whether it was still there."""
        with self._lock:
            self._callbacks.append(callback)

        def remove() -> bool:
            with self._lock:
                if callback not in self._callbacks:
                    return False
                self._callbacks.remove(callback)
                return True

        return remove

    def take_all(self) -> Callbacks[Arguments]:
        """What was there, to be called once; nothing stays behind."""
        taken: Callbacks[Arguments] = Callbacks()
        with self._lock:
            taken._callbacks, self._callbacks = self._callbacks, []
        return taken

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        """Call each. What goes wrong in one is its own matter: the others are still called."""
        for callback in tuple(self._callbacks):
            _call(callback, *args, **kwargs)


def _call(
    callback: Callable[Arguments, object], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> None:
    try:
        callback(*args, **kwargs)
    except Exception:
        log.exception("a callback of the login failed")


def in_background(work: Callable[[], object]) -> None:
    """Do what may have to ask the tenant, without holding up the kernel."""
    threading.Thread(target=work, name="auth0-widget", daemon=True).start()
