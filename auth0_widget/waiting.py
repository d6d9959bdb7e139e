"""Waiting for the person inside a running cell.

``await`` lets the kernel's event loop go on, so that the page's messages get through; that is
the first idiom on every current kernel. A blocking wait is for scripts, and for kernels that
handle the page's messages beside a blocked cell.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from auth0_widget.errors import Auth0WidgetError, LoginTimeoutError

if TYPE_CHECKING:
    from auth0_widget.login import Login
    from auth0_widget.session import Session

_TICK = 0.2  # seconds between two looks for an interrupt; a lock alone would not let one in


async def wait_async(login: Login, *, fresh: bool = False) -> Session | Auth0WidgetError:
    """The session, now or later, or why there is none; ``fresh`` is not content with today's."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Session | Auth0WidgetError] = loop.create_future()

    def settle(result: Session | Auth0WidgetError) -> None:
        if not outcome.done():
            outcome.set_result(result)

    def hand_over(result: Session | Auth0WidgetError) -> None:
        loop.call_soon_threadsafe(settle, result)

    stop = login.wait_for(hand_over)
    try:
        # Looked at only now: a session that came before the line above told nobody.
        session = None if fresh else login.session
        return session or await outcome
    finally:
        stop()


def wait_blocking(login: Login, timeout: float | None = None) -> Session | Auth0WidgetError:
    """The session, now or within the time-out (seconds), or why there is none."""
    outcome: list[Session | Auth0WidgetError] = []
    settled = threading.Event()

    def settle(result: Session | Auth0WidgetError) -> None:
        outcome.append(result)
        settled.set()

    stop = login.wait_for(settle)
    try:
        if (session := login.session) is not None:
            return session
        left = float("inf") if timeout is None else timeout
        while not settled.wait(min(_TICK, max(0.0, left))):
            left -= _TICK
            if left <= 0:
                return LoginTimeoutError()
    finally:
        stop()
    return outcome[0]
