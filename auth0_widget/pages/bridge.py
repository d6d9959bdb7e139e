"""The bridge between the pages that show a widget and the login in this kernel.

The page sends the first message, because a message of the kernel is lost if the page has not loaded
yet: the first widget of a page requests the code of the card (``load``), and each widget sends
``hello``. ``parsing`` reads the messages of a page, and this module dispatches them. ``reconcile``
compares the stored record with the session of the login. ``page`` has the state of one page,
and ``outbox`` sends messages to it.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.pages import messages
from auth0_widget.pages.bundle import bundle
from auth0_widget.pages.page import Page
from auth0_widget.pages.parsing import parse_message
from auth0_widget.pages.reconcile import Reconciler
from auth0_widget.pages.shared import MAX_PAGES, shared_by_pages
from auth0_widget.pages.silent_login import SilentLogins

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import Way
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.pages.display import Display

log = logging.getLogger(__name__)


_PAGE_METHODS: dict[type, Callable[[Page], None]] = {
    messages.WindowBlocked: Page.window_blocked,
    messages.WindowClosed: Page.window_closed,
    messages.UseCallbackPage: Page.use_callback_page,
    messages.UseCode: Page.use_code,
    messages.CancelLogin: Page.cancel_login,
}
"""Message → the method of the page that handles it."""


class Bridge:
    """Receives the messages of the pages that show one widget, and sends messages to them.

    Args:
        display: The widget.

    Attributes:
        callback: How the response comes back from the login window.
    """

    def __init__(self, display: Display) -> None:
        self._display = display
        self._login, self.callback = display.login, display.callback
        self._pages: dict[str, Page] = {}
        self._shared = shared_by_pages(display.login)
        self._heard_at = self._loaded_at = float("-inf")
        self._reconciler = Reconciler(display)
        self._silent_logins = SilentLogins()
        self._stop_listening = self._login.listen(self._login_changed)

    def receive(self, content: object, connection: str | None = None) -> None:
        """Handle a message of a page. Malformed messages are dropped.

        Args:
            content: The message.
            connection: The ID of the page's connection to the kernel, or None if it is unknown.
        """
        self._login.prepare()
        self._heard_at = time.monotonic()
        message = parse_message(content)
        match message:
            case None:
                pass
            case messages.Load(page=page):
                self._display.send(messages.Code(type="code", to=page, code=bundle().page))
            case messages.Hello():
                self._hello(message, connection)
            case _:
                self._receive_from_page(message)

    def _receive_from_page(self, message: messages.ToKernel) -> None:
        page = self._pages.get(message.page)
        if page is None:
            return  # a page of an earlier kernel; it will send `hello`
        self._login.expire_if_over()
        match message:
            case messages.StoredRecord(record=record):
                if self._display.unattended is not None:
                    record = None  # browsers store nothing of such a login
                in_background(
                    lambda: self._reconciler.reconcile(page.outbox, record),
                    page.outbox.send_failure,
                )
            case messages.LoginStarted(way=way):
                page.start_login(way)
            case messages.AuthorizationResponse(response=response):
                page.receive_response(response)
            case messages.LogOut():
                self._login.logout(callbacks_in_background=True)
            case messages.StoreResult(ok=False, reason=reason):
                log.warning("the browser could not store the session: %s", reason)
            case _:
                if (method := _PAGE_METHODS.get(type(message))) is not None:
                    method(page)

    def close(self) -> None:
        """Stop sending messages. Cancel a login whose code only these pages showed."""
        self._stop_listening()
        if any(page.device.under_way for page in tuple(self._pages.values())):
            self._login.cancel()

    def probe(self) -> bool:
        """Send each page a message that it replies to. Returns whether there is a page."""
        for page in tuple(self._pages.values()):
            page.outbox.send_ready()  # the page replies with `stored_record`
        return bool(self._pages)

    def start_silent_login(
        self, tenant: Tenant, ended: Callable[[Auth0WidgetError | None], object]
    ) -> Callable[[], None] | None:
        """Log in without the person, in a page that knows their session. The newest is asked first.

        Args:
            tenant: The tenant, with the settings of this login.
            ended: Called once: with None if a page has succeeded, or with the error if none has.

        Returns:
            A function that cancels it. None if no page can log in, or if there was no session.
        """
        session = self._login.latest_session
        if session is None or self._login.flow is not None:
            return None
        pages = reversed(tuple(self._pages.values()))
        return self._silent_logins.start(pages, tenant, session, ended)

    @property
    def page_addresses(self) -> dict[str, str | None]:
        """The web origin of each page → the URL of its callback page, or None."""
        hellos = [page.hello for page in tuple(self._pages.values())]
        return {one.origin: one.callback_page for one in hellos if one.origin is not None}

    @property
    def page_ways(self) -> list[tuple[Way, str | None]]:
        """What **Log in** does in each page, and why it is not a window; None if it is one."""
        choices = [page.choice for page in tuple(self._pages.values())]
        return [(one.way, one.why) for one in choices]

    @property
    def conditions(self) -> list[str]:
        """The names of the authorization parameters that not every flow can pass on."""
        return self._display.options.conditions

    @property
    def no_page(self) -> str | None:
        """Why no page can show the widget, as the beginning of a sentence. None if one may."""
        return None if self._pages else self._display.no_page

    @property
    def why(self) -> str | None:
        """Why **Log in** is not a window in the newest page, or None if it is."""
        pages = tuple(self._pages.values())
        return pages[-1].choice.why if pages else None

    def loaded_since(self, moment: float) -> bool:
        """Whether a page has sent `hello` since this moment of the monotonic clock."""
        return self._loaded_at > moment

    def heard_since(self, moment: float) -> bool:
        """Whether a page has sent a message since this moment of the monotonic clock."""
        return self._heard_at > moment

    def _hello(self, hello: messages.Hello, connection: str | None) -> None:
        self._loaded_at = time.monotonic()
        page = self._pages.get(hello.page)
        # If a known page sends `hello` again, keep its state: it may have a login window open.
        if page is None or page.hello != hello:
            self._forget_oldest()
            page = self._pages[hello.page] = Page(hello, self._display)
            log.info("the way to log in of a page: %s. %s", page.choice.way, page.choice.why or "")
            login = self._login
            # After a logout, the person has to click to log in again.
            if login.managed_session is None and login.ended_at is None:
                page.start_unattended()
        page.set_connection(connection)
        page.outbox.send_ready()

    def _forget_oldest(self) -> None:
        """Forget the oldest pages. A page that is still there will send `hello` again."""
        while len(self._pages) >= MAX_PAGES:
            del self._pages[next(iter(self._pages))]

    def _login_changed(self) -> None:
        if self._login.status != "logging_in":
            self._shared.attempt_ended()
        for page in tuple(self._pages.values()):
            page.adopt_session_of_own_cells()
            page.outbox.send_changes()
