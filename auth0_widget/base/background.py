"""Call functions in threads, so that they do not block the kernel."""

from __future__ import annotations

import contextvars
import logging
import math
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Literal, TypeVar

from auth0_widget.base.redaction import frames_without_values
from auth0_widget.errors import Auth0WidgetError, UnexpectedError

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

Result = TypeVar("Result")

_thread = threading.local()


def in_background(
    work: Callable[[], object],
    failed: Callable[[Auth0WidgetError], object] = lambda _: None,
    *,
    at_exit: Literal["drop", "finish"] = "drop",
) -> None:
    """Call a function in a thread.

    An exception that is not an `Auth0WidgetError` is logged, and ``failed`` gets an
    `UnexpectedError` instead. Otherwise a cell that waits for the outcome would wait for ever.

    Args:
        work: The function.
        failed: Called with the error if the function raises one. The error has no traceback.
        at_exit: What happens if the program exits while the function runs: ``"drop"`` stops it,
            ``"finish"`` delays the exit until the function has returned. If the program is exiting
            already, the function is called in this thread.
    """
    _start(lambda: _guarded(work, failed), daemon=at_exit == "drop")


async def run_in_thread(work: Callable[[], Result]) -> Result:
    """Call a function in a thread and return its result, without blocking the event loop.

    Each call has a thread of its own, because the function may wait for a login for hours. In a
    pool, a few such calls would leave no thread for the loop's other work, such as looking up host
    names. anyio is used with trio only: its threads end with the outermost task, which nest_asyncio
    hides, so that a script would never exit.

    If the task is cancelled, the thread goes on. A function that may wait for long has to end once
    `task_is_over` returns True.
    """
    over = threading.Event()

    def work_for_task() -> Result:
        _thread.over = over
        try:
            return work()
        finally:
            del _thread.over

    try:
        return await _awaited(work_for_task)
    finally:
        over.set()


def task_is_over() -> bool:
    """Whether this thread is one of `run_in_thread`, and nobody awaits its result any more."""
    over: threading.Event | None = getattr(_thread, "over", None)
    return over is not None and over.is_set()


async def _awaited(work: Callable[[], Result]) -> Result:
    import asyncio  # noqa: PLC0415 - a program with a loop has imported it already

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        import anyio.to_thread  # noqa: PLC0415 - with trio only

        unlimited = anyio.CapacityLimiter(math.inf)
        return await anyio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=unlimited)
    outcome: Future[Result] = Future()
    _start(lambda: _settle(outcome, work))
    return await asyncio.wrap_future(outcome, loop=loop)


def _settle(outcome: Future[Result], work: Callable[[], Result]) -> None:
    if not outcome.set_running_or_notify_cancel():
        return
    try:
        outcome.set_result(work())
    except BaseException as error:  # noqa: BLE001 - whoever awaits the outcome raises it
        outcome.set_exception(error)


def _start(work: Callable[[], None], *, daemon: bool = True) -> None:
    # ipykernel reads from the context which cell the output of a print belongs to. Where it is not
    # there, ipykernel 6.29 goes from a thread to its ancestors, and may do so for ever, because a
    # thread gets the number of one that has ended.
    context = contextvars.copy_context()
    # Nobody waits for a thread that is started by a function of `atexit`.
    if daemon or threading.main_thread().is_alive():
        try:
            threading.Thread(
                target=context.run, args=(work,), name="auth0-widget", daemon=daemon
            ).start()
        except RuntimeError:  # Python 3.12 starts no thread once the main thread has ended
            pass
        else:
            return
    work()


def _guarded(work: Callable[[], object], failed: Callable[[Auth0WidgetError], object]) -> None:
    try:
        work()
    except Auth0WidgetError as error:
        failure = error.with_traceback(None)
    except Exception as error:  # noqa: BLE001 - see `in_background`
        log.error("unexpected: %s", frames_without_values(error))  # noqa: TRY400 - the text may hold secrets
        failure = UnexpectedError()
    else:
        return
    # Called outside the except blocks, which would chain this error to one that `failed` raises.
    failure.__cause__ = failure.__context__ = None
    failed(failure)
