"""Work in threads of our own, so that it does not hold up the kernel."""

from __future__ import annotations

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
    """Do what may have to ask the tenant, without holding up the kernel.

    Somebody waits for the end of most such work, so it has one whatever happens: an exception
    that nobody foresaw becomes an `UnexpectedError`.

    Args:
        work: What to do.
        failed: Called, where the work raises, with an error that remembers no frames.
        at_exit: What becomes of it when the program ends meanwhile.
    """
    _start(lambda: _guarded(work, failed), daemon=at_exit == "drop")


async def beside_the_loop(work: Callable[[], Result]) -> Result:
    """What the work gives, in a thread, so that the event loop goes on meanwhile.

    With asyncio in a thread of the loop's own: one of anyio's ends with the task that it finds
    to be the outermost, and under nest_asyncio that is none, so that a script would never exit.
    """
    import asyncio  # noqa: PLC0415 - where there is a loop, it is there already

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        import anyio.to_thread  # noqa: PLC0415 - for the few who run trio

        return await anyio.to_thread.run_sync(work)
    return await loop.run_in_executor(None, work)


def _start(work: Callable[[], None], *, daemon: bool = True) -> None:
    threading.Thread(target=work, name="auth0-widget", daemon=daemon).start()


def _guarded(work: Callable[[], object], failed: Callable[[Auth0WidgetError], object]) -> None:
    try:
        work()
    except Auth0WidgetError as error:
        failure = error.with_traceback(None)
    except Exception as error:  # noqa: BLE001 - or whoever waits would do so for ever
        log.error("unforeseen: %s", frames_without_values(error))  # noqa: TRY400 - the text may hold secrets
        failure = UnexpectedError()
    else:
        return
    # Not in the except blocks, which would chain the frames to whatever goes wrong here.
    failure.__cause__ = failure.__context__ = None
    failed(failure)
