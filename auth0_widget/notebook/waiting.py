"""Waiting for the person inside a running cell.

``await`` is the first idiom: the kernel's event loop goes on. A blocking wait is for scripts and
for habit; it needs a kernel that hears the page beside a blocked cell, finds out whether it has
one, and says so if not.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

from auth0_widget.errors import (
    Auth0WidgetError,
    KernelBlockedError,
    LoginTimeoutError,
    NoPageError,
)
from auth0_widget.flows import go_without_page
from auth0_widget.notebook.front_ends import cannot_wait_error, in_voila, no_page_ever
from auth0_widget.notebook.interrupts import interrupts
from auth0_widget.notebook.kernels import message_pump
from auth0_widget.notebook.telling import tell_person

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from auth0_widget.login.login import Login
    from auth0_widget.login.waiters import Outcome
    from auth0_widget.login.wanted import WantedLogin
    from auth0_widget.session.session import Session

TICK = 0.1
"""Seconds between two looks at the page's messages, and for an interrupt."""

PATIENCE = 8.0
"""Seconds within which a page answers a kernel that can hear it, even on a busy machine."""


class Pages(Protocol):
    """The pages that show the widget, as far as waiting is concerned."""

    @property
    def conditions(self) -> Sequence[str]:
        """What each login that they start is to do; by the names of the parameters."""

    def probe(self) -> bool:
        """Ask every page for an answer; whether there is one to ask."""

    def heard_since(self, moment: float) -> bool:
        """Whether a page has spoken since that moment of the monotonic clock."""


NOBODY = (
    "Still waiting: no page with a Log in button has answered. If no button appears, install "
    "auth0-widget where Jupyter itself runs, too, or use LoginWidget(flow='device')."
)

NOT_HEARD = "If you see one that does nothing, interrupt this cell and use `session = await login`."


def session_of(outcome: Outcome) -> Session:
    """The session that waiting has ended with; or else its error is raised."""
    if isinstance(outcome, Auth0WidgetError):
        # Several cells may raise the same error: none shows another's frames.
        raise outcome.with_traceback(None)
    return outcome


async def wait_async(
    login: Login,
    pages: Pages,
    say: Callable[[str], object],
    *,
    fresh: bool = False,
    wanted: WantedLogin | None = None,
) -> Outcome:
    """The session, now or later, or why there is none.

    Args:
        login: Whose session it is.
        pages: Asked whether any of them has ever spoken.
        say: Told what the person should know while nothing else can be seen.
        fresh: Whether the session that is there does not do.
        wanted: The login to ask for, if not the usual one.
    """
    import asyncio  # noqa: PLC0415 - where it is needed, it is there already

    if (refused := _refused(login, fresh=fresh)) is not None:
        return refused
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Outcome] = loop.create_future()

    def settle(result: Outcome) -> None:
        if not outcome.done():
            outcome.set_result(result)

    def hand_over(result: Outcome) -> None:
        loop.call_soon_threadsafe(settle, result)

    # First: whoever sees that a cell waits may press Stop at once.
    with (
        interrupts(loop) as interrupted,
        login.waiters.wait(hand_over, another=fresh, wanted=wanted),
    ):
        # Looked at only now: a session that came before the line above told nobody.
        session = None if fresh else login.session
        try:
            return session or await _heard(outcome, login, pages, say)
        except asyncio.CancelledError:
            if interrupted():
                raise KeyboardInterrupt from None
            raise


def _refused(login: Login, *, fresh: bool = False) -> Auth0WidgetError | None:
    """Why waiting would never end; said by the card as well, as not all front ends show errors."""
    login.expire_if_over()
    if login.session is not None and not fresh:
        return None
    error = cannot_wait_error(login.settings.flow)
    if error is not None:
        login.report_cannot_wait(error)
    return error


async def _heard(
    outcome: asyncio.Future[Outcome], login: Login, pages: Pages, say: Callable[[str], object]
) -> Outcome:
    """The outcome, also where the kernel hears its page only when asked to."""
    import asyncio  # noqa: PLC0415 - where it is needed, it is there already

    pump, begun, told = message_pump(), time.monotonic(), login.flow is not None
    while not outcome.done():
        await asyncio.wait([outcome], timeout=TICK if pump is not None or not told else None)
        if pump is not None:
            pump()
        if told or outcome.done() or time.monotonic() - begun < PATIENCE:
            continue
        told = True
        if (alone := _nobody_there(login, pages, lambda: say(NOBODY))) is not None:
            return alone
    return await outcome


def _nobody_there(login: Login, pages: Pages, say_so: Callable[[], object]) -> NoPageError | None:
    """The error to raise where no page has spoken, and none has ever connected to this kernel.

    None where the login goes on: without a page; or with one that may yet speak, which is said.
    """
    if pages.heard_since(float("-inf")):
        return None
    if login.status != "logging_in" and no_page_ever():
        why = "No page has connected to this kernel"
        if go_without_page(login, why, tell_person, pages.conditions):
            return None
        error = NoPageError()
        login.report_cannot_wait(error)
        return error
    say_so()
    return None


def wait_blocking(
    login: Login,
    pages: Pages,
    timeout: float | None,
    say: Callable[[str], object],
    *,
    in_mid_job: bool = False,
) -> Outcome:
    """The session, now or within the time-out (seconds), or why there is none.

    Args:
        login: Whose session it is.
        pages: Asked for a sign of life, to find out whether this kernel can hear them.
        timeout: Seconds, or None.
        say: Told what the person should know while nothing else can be seen.
        in_mid_job: Whether the page may be closed now and come back later.
    """
    if (refused := _refused(login)) is not None:
        return refused
    outcome: list[Outcome] = []
    settled = threading.Event()

    def settle(result: Outcome) -> None:
        outcome.append(result)
        settled.set()

    with login.waiters.wait(settle):
        if (session := login.session) is not None:
            return session
        begun = time.monotonic()
        # A flow of the kernel's own needs no page, so a silent one is no news.
        asked, told, pump = pages.probe(), login.flow is not None or in_mid_job, message_pump()
        asked = asked or in_voila()  # its page is there, or the wait would have been refused
        while not settled.wait(TICK if timeout is None else min(TICK, timeout)):
            if pump is not None:
                pump()
            waited = time.monotonic() - begun
            if timeout is not None and waited >= timeout:
                return LoginTimeoutError()
            if waited >= PATIENCE and not told and not pages.heard_since(begun):
                if asked:
                    blocked = KernelBlockedError()
                    login.report_cannot_wait(blocked)
                    return blocked
                alone = _nobody_there(login, pages, lambda: say(f"{NOBODY} {NOT_HEARD}"))
                if alone is not None:
                    return alone
                told = True
        return outcome[0]
