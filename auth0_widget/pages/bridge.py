"""The bridge between the pages that show a widget and the login in this kernel.

The page speaks first, because what a kernel sends before a page has loaded is lost: the first
widget of a page asks for the code of the card (``load``), and each of them says ``hello``.
What it says is parsed by ``messages`` and dispatched here. What its storage holds is judged in
``reconcile``; what it is told in return is in ``page``.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.errors import LoginNotCompletedError, PopupBlockedError, PopupClosedError
from auth0_widget.flows.device_in_card import DeviceInCard
from auth0_widget.flows.popup import PopupFlow
from auth0_widget.oauth.authorization_options import AuthorizationOptions
from auth0_widget.pages import messages
from auth0_widget.pages.bundle import bundle
from auth0_widget.pages.page import Display, Page
from auth0_widget.pages.reconcile import Reconciler
from auth0_widget.session.seal import seal_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import Callback, Show, StorageKind
    from auth0_widget.login.login import Login

log = logging.getLogger(__name__)

MAX_PAGES = 100
"""Pages of one widget that are kept in mind; people have a handful."""

_FAILURES: dict[messages.FailureReason, type[LoginNotCompletedError]] = {
    "popup_blocked": PopupBlockedError,
    "popup_closed": PopupClosedError,
}


class Bridge:
    """What one widget's pages and the kernel tell each other.

    Args:
        login: The login the pages show.
        storage: Where browsers keep its record.
        send: How a message reaches the pages.
        show: How much of itself the widget shows.
        options: What is added to each authorization request.
        callback: How the login window's answer comes back.
        end_auth0_session: Whether Log out ends the tenant's own session too.

    Attributes:
        callback: As given.
    """

    def __init__(  # noqa: PLR0913 - one argument for each thing a page is told
        self,
        login: Login,
        storage: StorageKind,
        send: Callable[[messages.ToPage], None],
        *,
        show: Show = "card",
        options: AuthorizationOptions | None = None,
        callback: Callback = "message",
        end_auth0_session: bool = False,
    ) -> None:
        self._login = login
        self._send = send
        self._options = options or AuthorizationOptions()
        self.callback = callback
        self._seal_key = seal_key()
        self._display = Display(
            login=login,
            storage=storage,
            seal_key=self._seal_key,
            send=send,
            show=show,
            end_auth0_session=end_auth0_session,
        )
        self._pages: dict[str, Page] = {}
        self._heard_at = float("-inf")
        self._reconciler = Reconciler(login, self._seal_key)
        self._stop_listening = login.listen(self._login_changed)

    def receive(self, content: object) -> None:
        """Take what a page sent; anything that is not one of our messages is dropped."""
        self._heard_at = time.monotonic()
        message = messages.parse_message(content)
        match message:
            case None:
                pass
            case messages.Load(page=page):
                self._send(messages.Code(type="code", to=page, code=bundle().page))
            case messages.Hello():
                self._greet(message)
            case _:
                self._hear(message)

    def _hear(self, message: messages.ToKernel) -> None:
        page = self._pages.get(message.page)
        if page is None:
            return  # a page of an earlier kernel; it will say hello
        self._login.expire_if_over()
        match message:
            case messages.StoredRecord(record=record):
                in_background(lambda: self._reconciler.judge(page, record), page.send_failure)
            case messages.Start():
                page.begin_attempt()
                page.flow.start()
            case messages.AuthorizationResponse(response=response):
                page.flow.answer(response, page.take_part, page.send_attempt_over)
                page.send_ready()
            case messages.LoginFailed(reason=reason):
                self._give_up(page, reason)
            case messages.UseCode():
                page.begin_attempt()
                page.device.start(page.send_state, page.take_part)
            case messages.LogOut():
                self._login.logout(callbacks_in_background=True)
            case messages.Stored(ok=False, reason=reason):
                log.warning("the browser could not store the session: %s", reason)
            case _:
                pass

    def close(self) -> None:
        """Tell the pages nothing more; a code that only they showed is of no use then."""
        self._stop_listening()
        if any(page.device.under_way for page in tuple(self._pages.values())):
            self._login.cancel()

    def probe(self) -> bool:
        """Ask every page for an answer; whether there is one to ask."""
        for page in tuple(self._pages.values()):
            page.send_ready()  # each is answered with the stored record
        return bool(self._pages)

    @property
    def page_addresses(self) -> dict[str, str | None]:
        """Origin of each page → the address of its callback page, where its server serves one."""
        return {page.hello.origin: page.hello.callback for page in tuple(self._pages.values())}

    def heard_since(self, moment: float) -> bool:
        """Whether a page has spoken since that moment of the monotonic clock."""
        return self._heard_at > moment

    def _greet(self, hello: messages.Hello) -> None:
        page = self._pages.get(hello.page)
        # A page that greets again may have a login window open: its flow goes on.
        if page is None or page.hello != hello:
            self._forget_oldest()
            flow = PopupFlow(
                self._login,
                origin=hello.origin,
                callback_page=hello.callback,
                options=self._options,
                callback=self.callback,
            )
            device = DeviceInCard(self._login)
            page = self._pages[hello.page] = Page(hello, flow, device, self._display)
        page.send_ready()

    def _give_up(self, page: Page, reason: messages.FailureReason) -> None:
        """A window that was given up may still answer; a login that was cancelled is over."""
        if reason == "cancelled":
            self._login.cancel()
        else:
            # A page that was given nothing to open tells so as if it had been blocked.
            page.flow.abandon(page.flow.problem or _FAILURES[reason](), page.send_attempt_over)
        page.send_ready()

    def _forget_oldest(self) -> None:
        """A page never says goodbye; one that is still there greets again when it matters."""
        while len(self._pages) >= MAX_PAGES:
            del self._pages[next(iter(self._pages))]

    def _login_changed(self) -> None:
        for page in tuple(self._pages.values()):
            page.send_news()
