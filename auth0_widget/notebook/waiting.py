"""Waiting inside a running cell until the person has logged in.

Prefer ``await``, which does not block the kernel's event loop; `blocking` has the other way.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol

from auth0_widget.base.forks import is_forked
from auth0_widget.errors import Auth0WidgetError, ForkedProcessError, NoPageError
from auth0_widget.flows import flow_without_page, use_flow_without_page
from auth0_widget.notebook.asking import asking, start_silent_login
from auth0_widget.notebook.front_ends import cannot_wait_error, page_never_connected
from auth0_widget.notebook.interrupts import interrupts
from auth0_widget.notebook.kernels import message_pump
from auth0_widget.notebook.printing import print_for_person
from auth0_widget.notebook.running_cell import page_connection

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator, Sequence

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

    @property
    def no_page(self) -> str | None:
        """Why no page can show the widget, as the beginning of a sentence. None if one may."""

    def probe(self) -> bool:
        """Send each page a message that it replies to. Returns whether there is a page."""

    def start_silent_login(
        self, tenant: Tenant, ended: Callable[[Auth0WidgetError | None], object]
    ) -> Callable[[], None] | None:
        """Log in without the person. Calls ``ended`` once, with None or the error.

        Returns a function that cancels it, or None if no page can do it.
        """

    def heard_since(self, moment: float) -> bool:
        """Whether a page has sent a message since this moment of the monotonic clock."""


STILL_WAITING = (
    "Still waiting: no page with a Log in button has replied. If no button appears, install "
    "auth0-widget where Jupyter itself runs, too, or use LoginWidget(flow='device')."
)


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
        prompt: What to print if no page can log in silently, see `asking`. None if only the
            card asks for the login.
    """
    import asyncio  # noqa: PLC0415 - a program that awaits has imported it

    if (refused := refusal(login, pages, new_session=new_session)) is not None:
        return refused
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Outcome] = loop.create_future()

    def settle(result: Outcome) -> None:
        if not outcome.done():
            outcome.set_result(result)

    def hand_over(result: Outcome) -> None:
        loop.call_soon_threadsafe(settle, result)

    # `_interruptible` comes first, because the person may interrupt the cell as soon as it waits.
    with (
        _interruptible(loop),
        login.waiters.wait(
            hand_over, new_session=new_session, requested=requested, connection=page_connection()
        ) as still_waits,
    ):
        # Read after the waiter has been added, so that no session is missed.
        session = None if new_session else login.session
        if session is not None:
            login.starting_cells.add(page_connection())
            return session
        asked = (
            nullcontext()
            if prompt is None
            else asking(login, pages, print_text, still_waits, prompt=prompt, requested=requested)
        )
        with asked:
            return await _outcome_of(outcome, login, pages, print_text)


async def log_in_silently(login: Login, pages: Pages, requested: RequestedLogin | None) -> bool:
    """Log in without the person, if a page can. Returns whether it worked. Prints nothing.

    Args:
        login: The login.
        pages: The pages that show the widget.
        requested: The login to request, or None for the usual one.
    """
    import asyncio  # noqa: PLC0415 - as above

    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[bool] = loop.create_future()

    def settle(error: Auth0WidgetError | None) -> None:
        if not outcome.done():
            outcome.set_result(error is None)

    with _interruptible(loop):
        cancel = start_silent_login(
            login, pages, requested, lambda error: loop.call_soon_threadsafe(settle, error)
        )
        if cancel is None:
            return False
        pump = message_pump()
        try:
            while not outcome.done():
                await asyncio.wait([outcome], timeout=TICK if pump is not None else None)
                if pump is not None:
                    pump()
        finally:
            cancel()
        return outcome.result()


@contextmanager
def _interruptible(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Raise KeyboardInterrupt in the block on an interrupt, where asyncio raises CancelledError."""
    import asyncio  # noqa: PLC0415 - as above

    with interrupts(loop) as interrupted:
        try:
            yield
        except asyncio.CancelledError:
            if interrupted():
                raise KeyboardInterrupt from None
            raise


def refusal(login: Login, pages: Pages, *, new_session: bool = False) -> Auth0WidgetError | None:
    """The error of a wait that does not begin: it could never end, or nobody could click."""
    error = report_if_cannot_wait(login, new_session=new_session)
    waits = login.session is None or new_session
    if error is None and waits and login.flow is None and (why := pages.no_page) is not None:
        try:
            flow_without_page(login.settings.flow, why)
        except NoPageError as no_page:
            error = no_page
            login.report_cannot_wait(no_page)
    return error


def report_if_cannot_wait(login: Login, *, new_session: bool = False) -> Auth0WidgetError | None:
    """Return the error if the wait could never end, else None. Expires the session if it is over.

    The card shows the error, too, unless this is a forked process.
    """
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
        error = handle_missing_page(login, pages, lambda: print_text(STILL_WAITING))
        if error is not None:
            return error
    return await outcome


def handle_missing_page(
    login: Login, pages: Pages, print_notice: Callable[[], object]
) -> NoPageError | None:
    """Do what is left if no page has sent a message. Returns the error if the wait cannot go on.

    If no page has ever connected to this kernel, the login continues with a flow that needs none,
    or else the card shows the error, too. If a page may still reply, ``print_notice`` is called.
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
