"""One browser page that shows a widget, and the messages to it.

All pages that are connected to a kernel receive its messages, and some may be those of other
people. So each message is addressed to one page, and personal data is sent only to pages whose
browser knows the session already.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.errors import SessionEndedError
from auth0_widget.flows.device_in_card import DeviceInCard
from auth0_widget.flows.loopback_in_card import LoopbackInCard
from auth0_widget.flows.popup import PopupFlow
from auth0_widget.flows.silent import SilentFlow
from auth0_widget.pages import messages
from auth0_widget.pages.card import (
    card_of,
    closed_window_problem,
    delayed_renewal_of,
    device_of,
    problem_of,
)
from auth0_widget.pages.shared import shared_by_pages
from auth0_widget.session.record import Tombstone, dump_record, dump_tombstone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auth0_widget.errors import Auth0WidgetError, InvalidRecordError
    from auth0_widget.login.lifecycle import Status
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.pages.display import Display
    from auth0_widget.session.managed_session import ManagedSession


class Page:
    """One page and the login attempts that it starts. Safe to use from several threads.

    It is the initiator (`flows.initiator`) of its login attempts.

    Attributes:
        id: The ID, to which messages are addressed.
        hello: The ``hello`` message of the page.
        connection: The ID of its connection to the kernel, or None if it is unknown.
        choice: The ways to log in that the page offers.
        popup: The logins that it starts in a window.
        link: The logins that it starts by a link.
        device: The logins that it starts with a code.
        silent: The logins that a hidden frame of it makes without the person.
        session_id: The session that its browser knows: the person logged in there, or its storage
            has the record. The page gets records and personal data of no other session.
        record_saved_at: The ``saved_at`` of the last record that was sent to the page.
        storage_read: Whether the page has sent its stored record.
        unverified_since: Since when its storage has a record that could not be verified, in seconds
            since 1970; or None.
        problem: The error of its stored record, or None.
        card: The last card that was sent. Once the session has expired, that of the expired one.
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
            redirect_uri=hello.origin if choice.callback == "message" else hello.callback,
        )
        self.silent = SilentFlow(
            display.login,
            self,
            options=display.options,
            redirect_uri=hello.origin if choice.window and choice.callback == "message" else None,
        )
        self.link = LoopbackInCard(display.login, self, display.options)
        self.device = DeviceInCard(display.login, self)
        self.session_id: str | None = None
        self.record_saved_at: float = 0
        self.storage_read = False
        self.unverified_since: float | None = None
        self.problem: Auth0WidgetError | None = None
        self.card: messages.Card | None = None
        self._display = display
        self._login, self._settings = display.login, display.login.settings
        self._shared = shared_by_pages(display.login)
        # Held while the state is read and sent, so that an older state is not sent last.
        self._sending = threading.RLock()
        new_locks_after_fork(self)

    @property
    def session_is_unknown(self) -> bool:
        """Whether the kernel has a session that the browser of this page does not know."""
        session = self._login.managed_session
        return self.storage_read and session is not None and not self._knows(session)

    def start_login(self, way: messages.StartedWay) -> None:
        """Start an attempt: the person has opened the window or followed the link."""
        self.problem, self._shared.starter = None, self.id
        if way == "link":
            self.link.start()
            self.send_ready()  # with the URL for the next link
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
            self.send_state()
        elif (popup := self._shared.popup_for(response)) is not None:
            popup.receive(response, self)
        else:
            self.popup.receive(response)
        self.send_ready()

    def start_silent_login(
        self,
        tenant: Tenant,
        session: ManagedSession,
        failed: Callable[[Auth0WidgetError], object],
    ) -> bool:
        """Ask the tenant whether it knows the person of a session. False if this page cannot."""
        if not self.silent.possible or not self._knows(session):
            return False
        url = self.silent.start(tenant, session.subject, failed)
        if url is None:
            return False
        self._display.send(
            messages.Silent(type="silent", to=self.id, tenant=self._settings.origin, url=url)
        )
        return True

    def start_unattended(self) -> bool:
        """Log in without the person. Returns False if the flow of the login needs the person."""
        flow = self._display.unattended
        if flow is not None:
            self.problem, self._shared.starter = None, self.id
            flow.start_for(self)
        return flow is not None

    def window_blocked(self) -> None:
        """The browser blocked the login window, or the page had no URL for it."""
        if not self.start_unattended():
            self.popup.window_blocked()
        self.send_ready()

    def window_closed(self) -> None:
        """The login window seems closed."""
        self.popup.window_closed()
        self.send_ready()
        if self.popup.closed_window is not None:
            self.send_state()

    def cancel_login(self) -> None:
        """The person clicked Cancel. Any page may have started the login."""
        self._login.cancel()
        self.send_ready()

    def use_code(self) -> None:
        """The person requests a code. The last error is shown with it."""
        if self.start_unattended():
            return
        before = self._window_problem() or self._login.problem
        self.problem, self._shared.starter = None, self.id
        self.device.start(before)
        self.send_ready()

    def use_callback_page(self) -> None:
        """The person wants the next response to come through the callback page."""
        if self.hello.callback is not None:
            self.popup.use_callback_page(self.hello.callback)
        self.send_ready()
        self.send_state()

    def attempt_succeeded(self, session: ManagedSession) -> None:
        """The person has logged in with this page, so its browser may know the session."""
        self.session_id = session.session_id
        self._shared.add_login(self.id, session.session_id)

    def adopt_session_of_own_cells(self) -> None:
        """Let the page know the session if one of its cells, and no page, started the login."""
        session = self._login.session_started_by(self.connection)
        if session is not None and session.session_id != self.session_id:
            self.attempt_succeeded(session)

    def attempt_failed(self, error: Auth0WidgetError) -> None:
        """The attempt of this page has failed, without a change of the login's status."""
        with self._sending:
            status = self._login.status
            if status == "authenticated":
                self.send_state()
            else:
                self._send_status(status, problem_of(error))

    def code_issued(self) -> None:
        """Show the code that the person requested."""
        self.send_state()

    def begin_reconciliation(self) -> float:
        """The page has sent its stored record. Returns the present `record_saved_at`."""
        self.problem = self.unverified_since = None
        return self.record_saved_at

    def end_reconciliation(self) -> None:
        """The stored record has been reconciled with the session of the kernel."""
        self.storage_read = True
        self.send_state()

    def set_known_session(self, session_id: str, record_saved_at: float) -> None:
        """The storage has a record of this session, with this ``saved_at``."""
        self.session_id, self.record_saved_at = session_id, record_saved_at

    def send_record_again(self) -> None:
        """Send the record, even if it was sent before, because the storage has none."""
        self.record_saved_at = 0
        self.send_record()

    def keep_unverified(self, error: Auth0WidgetError) -> None:
        """The stored record could not be verified now. It stays in the storage."""
        self.problem, self.unverified_since = error, time.time()

    def refuse_record(self, error: InvalidRecordError) -> None:
        """The stored record is proven to be invalid."""
        self.problem = error

    def show_expired(self, card: messages.Card) -> None:
        """Show the card of an expired session."""
        self.card = card

    def send_ready(self) -> None:
        """Send the URL of the next login. The page replies with its stored record."""
        self._display.send(self._display.ready(self.hello, self.choice, self.popup, self.link))

    def send_changes(self) -> None:
        """Send what has changed in the login: the record to store, and the state to show."""
        with self._sending:
            if self._login.status == "logged_out" and self._holds_ended_login():
                self.forget_login()
            if self.popup.url_is_stale:
                self.send_ready()
            self.send_record()
            self.send_state()

    def send_record(self) -> None:
        """Send the record of the session, if its tokens are newer than those of the page."""
        with self._sending, contextlib.suppress(SessionEndedError):
            session = self._login.managed_session
            if session is None or session.session_id != self.session_id:
                return
            if not session.stored_in_browsers:
                return
            record = session.to_record()
            if record.saved_at > self.record_saved_at:
                self.record_saved_at = record.saved_at
                self._send_store(dump_record(record, self._login.identity, self._display.seal_key))

    def forget_login(self) -> None:
        """Forget the session that the browser knows, because it has ended."""
        self.session_id, self.record_saved_at, self.unverified_since = None, 0, None
        self.send_tombstone()

    def send_tombstone(self) -> None:
        """Send a tombstone with the time of the last logout."""
        tombstone = Tombstone(self._login.ended_at or time.time())
        self._send_store(dump_tombstone(tombstone, self._login.identity))

    def send_removal(self, record_saved_at: float) -> None:
        """Have the page remove a record with this ``saved_at``, unless it was sent another one."""
        if self.record_saved_at == record_saved_at:
            self._send_store("")

    def send_state(self) -> None:
        """Send the state to show."""
        # If the session ends at this moment, the logout sends another state.
        with self._sending, contextlib.suppress(SessionEndedError):
            session, status = self._login.managed_session, self._login.status
            delayed = None
            if session is not None and self._knows(session):
                self.card = card_of(session, self._settings)
                delayed = session.renewal_problem
            elif status != "expired":
                self.card = None
            self._send_status(status, delayed_renewal_of(delayed) if delayed else None)

    def send_failure(self, error: Auth0WidgetError) -> None:
        """Show an unexpected error, without the card, whose creation may have failed."""
        self.problem, self.card = error, None
        self._send_status(self._login.status)

    def _send_status(self, status: Status, shown: messages.Problem | None = None) -> None:
        problem = self._login.problem or self._window_problem() or self.problem
        if self.session_id is None and status != "logging_in":
            problem = problem or (self.popup.problem if self.choice.way == "window" else None)
        self._display.send(
            messages.State(
                type="state",
                to=self.id,
                status=status,
                channels=self._shared.channels,
                window=self.popup.window,
                started_by=self._started_by() if status == "logging_in" else None,
                waiting=self._login.has_waiters,
                card=self.card,
                problem=shown or (problem_of(problem) if problem is not None else None),
                device=device_of(self.device.code),
            )
        )

    def _started_by(self) -> messages.Starter:
        if self._shared.starter is None:
            return "kernel"
        return "this_page" if self._shared.starter == self.id else "another_page"

    def _window_problem(self) -> Auth0WidgetError | None:
        """The error if the login window seems closed and has not responded, else None."""
        closed = self.popup.closed_window
        if closed is None:
            return None
        return closed_window_problem(
            closed, self.popup.callback, has_callback_page=self.hello.callback is not None
        )

    def _holds_ended_login(self) -> bool:
        """Whether the storage has a session that the last logout has ended."""
        since, ended_at = self.unverified_since, self._login.ended_at
        unverified = since is not None and ended_at is not None and since <= ended_at
        return self.session_id is not None or unverified

    def _send_store(self, record: str) -> None:
        self._display.send(messages.Store(type="store", to=self.id, record=record))

    def _knows(self, session: ManagedSession) -> bool:
        """Whether the page may show the session.

        It may if the person logged in with it, or if this widget's storage has the record. If the
        person logged in with another widget of the page, the record is not stored for this widget:
        the author of the other may have chosen to store nothing.
        """
        return session.session_id == self.session_id or self._shared.has_logged_in(
            self.id, session.session_id
        )
