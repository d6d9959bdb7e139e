"""Waiting inside a running cell until the person has logged in.

Prefer ``await``, which does not block the kernel's event loop. A blocking wait is for scripts. In a
notebook it works only if the kernel handles messages of the page while a cell blocks. If it does
not, the wait ends with an error after some seconds.
"""

from __future__ import annotations

import threading
import time
from contextvars import copy_context
from typing import TYPE_CHECKING, Protocol

from auth0_widget.base.forks import is_forked
from auth0_widget.errors import (
    Auth0WidgetError,
    ForkedProcessError,
    IdTokenSubjectError,
    KernelBlockedError,
    LoginTimeoutError,
    NoPageError,
)
from auth0_widget.flows import use_flow_without_page
from auth0_widget.notebook.front_ends import cannot_wait_error, in_voila, page_never_connected
from auth0_widget.notebook.interrupts import interrupts
from auth0_widget.notebook.kernels import message_pump
from auth0_widget.notebook.printing import print_for_person
from auth0_widget.notebook.running_cell import page_connection

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from auth0_widget.login.login import Login
    from auth0_widget.login.requested_login import RequestedLogin
    from auth0_widget.login.waiters import Outcome
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.session.session import Session

TICK = 0.1
"""Seconds between two checks for messages of the page and for an interrupt."""

PAGE_TIMEOUT = 8.0
"""Seconds after which a page that has not replied counts as silent, even on a busy machine."""


class Pages(Protocol):
    """The pages that show the widget, as far as waiting needs them."""

    @property
    def conditions(self) -> Sequence[str]:
        """The names of the authorization parameters that not every flow can pass on."""

    def probe(self) -> bool:
        """Send each page a message that it replies to. Returns whether there is a page."""

    def start_silent_login(
        self, tenant: Tenant, failed: Callable[[Auth0WidgetError], object]
    ) -> bool:
        """Log in without the person. Returns False if no page can; else may call ``failed``."""

    def heard_since(self, moment: float) -> bool:
        """Whether a page has sent a message since this moment of the monotonic clock."""


STILL_WAITING = (
    "Still waiting: no page with a Log in button has replied. If no button appears, install "
    "auth0-widget where Jupyter itself runs, too, or use LoginWidget(flow='device')."
)

SOMEBODY_ELSE = "In this browser, somebody else is logged in at the tenant."

NOT_HEARD = "If you see one that does nothing, interrupt this cell and use `session = await login`."


def session_of(outcome: Outcome) -> Session:
    """The session of an outcome. If the outcome is an error, raises it."""
    if isinstance(outcome, Auth0WidgetError):
        # Several cells may raise the same error. Each has a traceback of its own.
        raise outcome.with_traceback(None)
    return outcome


async def wait_async(  # noqa: PLR0913 - each is one choice of a cell
    login: Login,
    pages: Pages,
    print_text: Callable[[str], object],
    *,
    new_session: bool = False,
    requested: RequestedLogin | None = None,
    prompt: str | None = None,
) -> Outcome:
    """Wait for a session. Returns the session, or the error of the login.

    Args:
        login: The login.
        pages: The pages that show the widget.
        print_text: Prints a text for the person.
        new_session: Whether to wait for a session other than the present one.
        requested: The login to request, or None for the usual one.
        prompt: What to print if the person has to log in, because it cannot be done without them.
    """
    import asyncio  # noqa: PLC0415 - a program that awaits has imported it

    if (refused := _cannot_wait(login, new_session=new_session)) is not None:
        return refused
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Outcome] = loop.create_future()

    def settle(result: Outcome) -> None:
        if not outcome.done():
            outcome.set_result(result)

    def hand_over(result: Outcome) -> None:
        loop.call_soon_threadsafe(settle, result)

    # `interrupts` comes first, because the person may interrupt the cell as soon as it waits.
    with (
        interrupts(loop) as interrupted,
        login.waiters.wait(
            hand_over, new_session=new_session, requested=requested, connection=page_connection()
        ) as still_waits,
    ):
        # Read after the waiter has been added, so that no session is missed.
        session = None if new_session else login.session
        if session is not None:
            login.starting_cells.add(page_connection())
        else:
            _ask_for_login(login, pages, print_text, still_waits, prompt, requested)
        try:
            return session or await _outcome_of(outcome, login, pages, print_text)
        except asyncio.CancelledError:
            if interrupted():
                raise KeyboardInterrupt from None
            raise


def _ask_for_login(  # noqa: PLR0913, PLR0917 - as above
    login: Login,
    pages: Pages,
    print_text: Callable[[str], object],
    still_waits: Callable[[], bool],
    prompt: str | None,
    requested: RequestedLogin | None = None,
) -> None:
    """Start a silent login. If that is not possible, or fails, print the prompt.

    The prompt is not printed if the wait has ended before the silent login fails.
    """
    if prompt is None:
        return
    context = copy_context()  # by which ipykernel knows whose output a print is

    def failed(error: Auth0WidgetError) -> None:
        if not still_waits():
            return
        somebody_else = isinstance(error, IdTokenSubjectError)
        context.run(print_text, f"{SOMEBODY_ELSE} {prompt}" if somebody_else else prompt)

    tenant, possible = login.tenant, True
    if requested is not None:
        tenant, possible = requested.tenant, not requested.needs_person
    if not possible or not pages.start_silent_login(tenant, failed):
        print_text(prompt)


def _cannot_wait(login: Login, *, new_session: bool = False) -> Auth0WidgetError | None:
    """The error if the wait could never end, else None. The card shows it, too."""
    login.expire_if_over()
    if login.session is not None and not new_session:
        return None
    if is_forked(login):  # no page and no flow of the parent process can notify this one
        return ForkedProcessError(
            "This is a forked child of the process in which the person logs in, and does not learn "
            "of the login.",
            next_step="Log in before the fork, and use session.token_source() in the child.",
        )
    error = cannot_wait_error(login.settings.flow)
    if error is not None:
        login.report_cannot_wait(error)
    return error


async def _outcome_of(
    outcome: asyncio.Future[Outcome],
    login: Login,
    pages: Pages,
    print_text: Callable[[str], object],
) -> Outcome:
    """Wait for the outcome. Handle the messages of the page if the kernel does not do that."""
    import asyncio  # noqa: PLC0415 - a program that awaits has imported it

    pump, begun, notified = message_pump(), time.monotonic(), login.flow is not None
    while not outcome.done():
        await asyncio.wait([outcome], timeout=TICK if pump is not None or not notified else None)
        if pump is not None:
            pump()
        if notified or outcome.done() or time.monotonic() - begun < PAGE_TIMEOUT:
            continue
        notified = True
        if (error := _no_page_error(login, pages, lambda: print_text(STILL_WAITING))) is not None:
            return error
    return await outcome


def _no_page_error(
    login: Login, pages: Pages, print_notice: Callable[[], object]
) -> NoPageError | None:
    """The error if no page has ever connected to this kernel, else None.

    None also if the login continues without a page, or if a page may still reply. In the latter
    case ``print_notice`` is called.
    """
    if pages.heard_since(float("-inf")):
        return None
    if login.status != "logging_in" and page_never_connected():
        why = "No page has connected to this kernel"
        if use_flow_without_page(login, why, print_for_person, pages.conditions):
            return None
        error = NoPageError()
        login.report_cannot_wait(error)
        return error
    print_notice()
    return None


def wait_blocking(  # noqa: PLR0913 - as above
    login: Login,
    pages: Pages,
    timeout: float | None,
    print_text: Callable[[str], object],
    *,
    in_mid_job: Callable[[], bool] | None = None,
    prompt: str | None = None,
) -> Outcome:
    """Block until there is a session. Returns the session, or the error of the login.

    Args:
        login: The login.
        pages: The pages. A message is sent to them, to find out whether their replies arrive.
        timeout: Seconds to wait at most, or None for no limit.
        print_text: Prints a text for the person.
        in_mid_job: For a job whose session has expired: returns whether a login is still needed.
            The page may be closed now and opened again later.
        prompt: As for `wait_async`.
    """
    new_session = in_mid_job is not None
    if (refused := _cannot_wait(login, new_session=new_session)) is not None:
        return refused
    outcome: list[Outcome] = []
    settled = threading.Event()

    def settle(result: Outcome) -> None:
        outcome.append(result)
        settled.set()

    with login.waiters.wait(
        settle, new_session=new_session, connection=page_connection()
    ) as still_waits:
        # Read after the waiter was added, so that no session is missed.
        session = login.session
        if session is not None and (in_mid_job is None or not in_mid_job()):
            login.starting_cells.add(page_connection())
            return session
        _ask_for_login(login, pages, print_text, still_waits, prompt)
        begun = time.monotonic()
        # In a flow that needs no page, it does not matter whether a page replies.
        asked, notified, pump = pages.probe(), login.flow is not None or new_session, message_pump()
        asked = asked or in_voila()  # in Voilà a page has connected, see `cannot_wait_error`
        while not settled.wait(TICK if timeout is None else min(TICK, timeout)):
            if pump is not None:
                pump()
            waited = time.monotonic() - begun
            if timeout is not None and waited >= timeout:
                return LoginTimeoutError()
            if waited >= PAGE_TIMEOUT and not notified and not pages.heard_since(begun):
                if asked:
                    blocked = KernelBlockedError()
                    login.report_cannot_wait(blocked)
                    return blocked
                error = _no_page_error(
                    login, pages, lambda: print_text(f"{STILL_WAITING} {NOT_HEARD}")
                )
                if error is not None:
                    return error
                notified = True
        return outcome[0]
