"""Work in threads, so that it does not block the kernel."""

from __future__ import annotations

import contextvars
import logging
import threading
from typing import TYPE_CHECKING, Literal, TypeVar

from auth0_widget.base.redaction import frames_without_values
from auth0_widget.errors import Auth0WidgetError, UnexpectedError

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

Result = TypeVar("Result")


def in_background(
    work: Callable[[], object],
    failed: Callable[[Auth0WidgetError], object] = lambda _: None,
    *,
    at_exit: Literal["drop", "finish"] = "drop",
) -> None:
    """Call a function in a thread.

    An exception that is not an `Auth0WidgetError` is logged and becomes an `UnexpectedError`,
    because somebody may wait for the end of the work.

    Args:
        work: The function.
        failed: Called with the error where the function raises. The error refers to no frames.
        at_exit: Whether a program that ends meanwhile drops the work or waits until it is finished.
    """
    _start(lambda: _guarded(work, failed), daemon=at_exit == "drop")


async def run_in_thread(work: Callable[[], Result]) -> Result:
    """Call a function in a thread and return its result. The event loop runs on meanwhile.

    With asyncio, the thread is one of the loop's executor. A thread of anyio ends with the
    outermost task; nest_asyncio hides that task, and a script would then never exit.
    """
    import asyncio  # noqa: PLC0415 - imported already where a loop runs

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        import anyio.to_thread  # noqa: PLC0415 - with trio only

        return await anyio.to_thread.run_sync(work)
    # In the context of the caller, by which ipykernel knows whose output a print is.
    return await loop.run_in_executor(None, contextvars.copy_context().run, work)


def _start(work: Callable[[], None], *, daemon: bool = True) -> None:
    threading.Thread(target=work, name="auth0-widget", daemon=daemon).start()


def _guarded(work: Callable[[], object], failed: Callable[[Auth0WidgetError], object]) -> None:
    try:
        work()
    except Auth0WidgetError as error:
        failure = error.with_traceback(None)
    except Exception as error:  # noqa: BLE001 - or a waiting cell would wait for ever
        log.error("unexpected: %s", frames_without_values(error))  # noqa: TRY400 - the text may hold secrets
        failure = UnexpectedError()
    else:
        return
    # Called outside the except blocks, which would chain this error to one that `failed` raises.
    failure.__cause__ = failure.__context__ = None
    failed(failure)
