"""Telling others: listeners that must not harm the teller, and work that must not hold it up."""

from __future__ import annotations

import logging
import threading
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Literal, ParamSpec

from auth0_widget.errors import Auth0WidgetError, UnexpectedError

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
        once = partial(callback)  # equal to no other, even where the function was added twice
        with self._lock:
            self._callbacks.append(once)

        def remove() -> bool:
            with self._lock:
                if once not in self._callbacks:
                    return False
                self._callbacks.remove(once)
                return True

        return remove

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        """Call each. What goes wrong in one is its own matter: the others are still called."""
        for callback in tuple(self._callbacks):
            _call(callback, *args, **kwargs)


def _call(
    callback: Callable[Arguments, object], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> None:
    try:
        callback(*args, **kwargs)
    except KeyboardInterrupt:  # Stop is for the cell
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is not the login's
        log.error("a callback of the login failed: %s", _trace(error))  # noqa: TRY400 - as below


def in_background(
    work: Callable[[], object],
    failed: Callable[[Auth0WidgetError], object] = lambda _: None,
    *,
    at_exit: Literal["drop", "finish"] = "drop",
) -> None:
    """Do what may have to ask the tenant, without holding up the kernel.

    Somebody waits for the end of most such work, so it has one whatever happens: an exception
    that nobody foresaw becomes an `UnexpectedError`.

    Args:
        work: What to do.
        failed: Called, where the work raises, with an error that remembers no frames.
        at_exit: What becomes of it when the program ends meanwhile.
    """
    _start(lambda: _guarded(work, failed), daemon=at_exit == "drop")


def to_its_end(work: Callable[[], object]) -> None:
    """Do what must not be left half done: Stop ends the waiting for it, and not the work.

    Raises:
        Auth0WidgetError: The work's error, which remembers no frames.
    """
    failures: list[Auth0WidgetError] = []
    over = threading.Event()

    def to_the_end() -> None:
        try:
            _guarded(work, failures.append)
        finally:
            over.set()

    _start(to_the_end)
    over.wait()
    if failures:
        raise failures[0]


def _start(work: Callable[[], None], *, daemon: bool = True) -> None:
    threading.Thread(target=work, name="auth0-widget", daemon=daemon).start()


def _guarded(work: Callable[[], object], failed: Callable[[Auth0WidgetError], object]) -> None:
    try:
        work()
    except Auth0WidgetError as error:
        failure = error.with_traceback(None)
    except Exception as error:  # noqa: BLE001 - or whoever waits would do so for ever
        log.error("unforeseen: %s", _trace(error))  # noqa: TRY400 - the text may hold secrets
        failure = UnexpectedError()
    else:
        return
    # Not in the except blocks, which would chain the frames to whatever goes wrong here.
    failure.__cause__ = failure.__context__ = None
    failed(failure)


def _trace(error: BaseException) -> str:
    """What it is and where it came through, innermost first: all that a report needs, no values."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    places = [f"{each.name} ({Path(each.filename).name}:{each.lineno})" for each in frames]
    return " < ".join([type(error).__name__, *places])
