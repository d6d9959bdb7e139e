"""Waits for a session and blocks the thread, for scripts and for requests in mid-job.

In a notebook it works only if the kernel handles messages of the page while a cell blocks. If it
does not, `wait_blocking` ends with an error after some seconds.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from auth0_widget.errors import KernelBlockedError, LoginTimeoutError
from auth0_widget.notebook import waiting
from auth0_widget.notebook.front_ends import in_voila
from auth0_widget.notebook.kernels import message_pump
from auth0_widget.notebook.running_cell import page_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from auth0_widget.login.login import Login
    from auth0_widget.login.waiters import Outcome
    from auth0_widget.notebook.waiting import Pages

NOT_HEARD = "If you see one that does nothing, interrupt this cell and use `session = await login`."


class BlockingWait:
    """The wait of a thread for an outcome.

    Args:
        timeout: Seconds to wait at most, or None for no limit.

    Attributes:
        outcome: The outcome. Until there is one, the error for a wait that has timed out.
    """

    def __init__(self, timeout: float | None) -> None:
        self.outcome: Outcome = LoginTimeoutError()
        self._timeout = timeout
        self._settled = threading.Event()

    def settle(self, outcome: Outcome) -> None:
        """End the wait with this outcome."""
        self.outcome = outcome
        self._settled.set()

    def ticks(self) -> Iterator[float]:
        """Block until there is an outcome. Yields the seconds waited, every `waiting.TICK`.

        The messages of the page are handled meanwhile, if the kernel does not do that.
        """
        pump, begun, limit = message_pump(), time.monotonic(), self._timeout
        while not self._settled.wait(waiting.TICK if limit is None else min(waiting.TICK, limit)):
            if pump is not None:
                pump()
            waited = time.monotonic() - begun
            if limit is not None and waited >= limit:
                return
            yield waited


def wait_blocking(
    login: Login, pages: Pages, timeout: float | None, print_text: Callable[[str], object]
) -> Outcome:
    """Block until there is a session. Returns the session, or the error of the login.

    Args:
        login: The login.
        pages: The pages. A message is sent to them, to find out whether their replies arrive.
        timeout: Seconds to wait at most, or None for no limit.
        print_text: Prints a text for the person.
    """
    if (refused := waiting.refusal(login, pages)) is not None:
        return refused
    wait = BlockingWait(timeout)
    with login.waiters.wait(wait.settle, connection=page_connection()):
        # Read after the waiter was added, so that no session is missed.
        if (session := login.session) is not None:
            login.starting_cells.add(page_connection())
            return session
        begun = time.monotonic()
        # In a flow that needs no page, it does not matter whether a page replies.
        asked, notified = pages.probe(), login.flow is not None
        asked = asked or in_voila()  # in Voilà a page has connected, see `cannot_wait_error`
        for waited in wait.ticks():
            if waited < waiting.PAGE_TIMEOUT or notified or pages.heard_since(begun):
                continue
            if asked:
                blocked = KernelBlockedError()
                login.report_cannot_wait(blocked)
                return blocked
            error = waiting.handle_missing_page(
                login, pages, lambda: print_text(f"{waiting.STILL_WAITING} {NOT_HEARD}")
            )
            if error is not None:
                return error
            notified = True
        return wait.outcome
