"""One browser page that shows a widget: what its person does there, and the logins it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.flows.device_in_card import DeviceInCard
from auth0_widget.flows.loopback_in_card import LoopbackInCard
from auth0_widget.flows.popup import PopupFlow
from auth0_widget.flows.silent import SilentFlow
from auth0_widget.pages.outbox import Outbox
from auth0_widget.pages.shared import shared_by_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.flows.silent import SilentAttempt
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.pages import messages
    from auth0_widget.pages.display import Display
    from auth0_widget.session.managed_session import ManagedSession


class Page:
    """One page and the login attempts that it starts. Safe to use from several threads.

    It is the initiator (`login.initiator`) of its login attempts.

    Attributes:
        id: The ID, to which messages are addressed.
        hello: The ``hello`` message of the page.
        connection: The ID of its connection to the kernel, or None if it is unknown.
        choice: The ways to log in that the page offers.
        popup: The logins that it starts in a window.
        link: The logins that it starts by a link.
        device: The logins that it starts with a code.
        silent: The logins that a hidden frame of it makes without the person.
        outbox: Sends messages to the page.
    """

    def __init__(self, hello: messages.Hello, display: Display) -> None:
        self.id, self.hello = hello.page, hello
        self.connection: str | None = None
        self.choice = choice = display.choose(hello)
        self.popup = PopupFlow(
            display.login,
            self,
            options=display.options,
            callback=choice.callback,
            redirect_uri=hello.origin if choice.callback == "message" else hello.callback_page,
        )
        self.silent = SilentFlow(
            display.login,
            self,
            options=display.options,
            redirect_uri=hello.origin if choice.window and choice.callback == "message" else None,
        )
        self.link = LoopbackInCard(display.login, self, display.options)
        self.device = DeviceInCard(display.login, self, display.options.conditions)
        self.outbox = Outbox(
            hello, display, choice=choice, popup=self.popup, link=self.link, device=self.device
        )
        self._display, self._login = display, display.login
        self._shared = shared_by_pages(display.login)

    def start_login(self, way: messages.StartedWay) -> None:
        """Start an attempt: the person has opened the window or followed the link.

        A page that was offered no such way starts nothing.
        """
        if not (self.choice.link if way == "link" else self.choice.window):
            return
        self._begin_attempt()
        if way == "link":
            self.link.start()
            self.outbox.send_ready()  # with the URL for the next link
            return
        if self.popup.callback == "page":
            self._shared.add_popup(self.popup)
        self.popup.start()

    def receive_response(self, response: Mapping[str, str]) -> None:
        """Finish a login with a response from the login window or the callback page.

        The page is notified at once that the kernel has received the response.
        """
        if self.silent.awaits(response):
            self.silent.receive(response)
            return
        if self._shared.has_received(response):
            self.outbox.send_state()
        elif (popup := self._shared.take_popup_for(response)) is not None:
            popup.receive(response, self)
        else:
            self.popup.receive(response)
        self.outbox.send_ready()

    def start_silent_login(
        self,
        tenant: Tenant,
        session: ManagedSession,
        ended: Callable[[Auth0WidgetError | None], object],
        timeout: float,
    ) -> SilentAttempt | None:
        """Ask the tenant whether it knows the person of a session. None if this page cannot.

        Args:
            tenant: The tenant, with the settings of this login.
            session: The session.
            ended: Called once, with None or the error.
            timeout: Seconds after which it has failed.
        """
        if not self.silent.possible or not self.outbox.knows(session):
            return None
        attempt = self.silent.start(tenant, session.subject, ended, timeout)
        if attempt is not None:
            self.outbox.send_silent(attempt.url)
        return attempt

    def start_unattended(self) -> bool:
        """Log in without the person. Returns False if the flow of the login needs the person."""
        flow = self._display.unattended
        if flow is not None:
            self._begin_attempt()
            flow.start_for(self)
        return flow is not None

    def window_blocked(self) -> None:
        """The browser blocked the login window, or the page had no URL for it."""
        if not self.start_unattended():
            self.popup.window_blocked()
        self.outbox.send_ready()

    def window_closed(self) -> None:
        """The login window seems closed."""
        self.popup.window_closed()
        self.outbox.send_ready()
        if self.popup.closed_window is not None:
            self.outbox.send_state()

    def cancel_login(self) -> None:
        """The person clicked Cancel. Any page may have started the login."""
        self._login.cancel()
        self.outbox.send_ready()

    def use_code(self) -> None:
        """The person requests a code. The last error is shown with it."""
        if self.start_unattended():
            return
        before = self.outbox.window_problem or self._login.problem
        self._begin_attempt()
        self.device.start(before)
        self.outbox.send_ready()

    def use_callback_page(self) -> None:
        """The person wants the next response to come through the callback page."""
        if self.hello.callback_page is not None:
            self.popup.use_callback_page(self.hello.callback_page)
        self.outbox.send_ready()
        self.outbox.send_state()

    def attempt_succeeded(self, session: ManagedSession) -> None:
        """The person has logged in with this page, so its browser may know the session."""
        self.outbox.add_login(session)

    def set_connection(self, connection: str | None) -> None:
        """The page has this connection to the kernel now. Adopt the session of its cells."""
        self.connection = connection
        self.adopt_session_of_own_cells()

    def adopt_session_of_own_cells(self) -> None:
        """Let the page know the session if one of its cells, and no page, started the login."""
        session = self._login.starting_cells.session_started_by(self.connection)
        if session is not None and session.session_id != self.outbox.session_id:
            self.attempt_succeeded(session)

    def attempt_failed(self, error: Auth0WidgetError) -> None:
        """The attempt of this page has failed, without a change of the login's status."""
        self.outbox.send_failed_attempt(error)

    def code_issued(self) -> None:
        """Show the code that the person requested."""
        self.outbox.send_state()

    def _begin_attempt(self) -> None:
        self.outbox.forget_problem()
        self._shared.attempt_started(self.id)
