"""One browser page that shows a widget, and what it is told.

The kernel's messages reach every page on it, which may be other people's: each is addressed to one
page, and nothing personal goes to a page whose browser does not know the login already.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

from auth0_widget.errors import SessionEndedError
from auth0_widget.flows.device_in_card import DeviceInCard
from auth0_widget.flows.loopback_in_card import LoopbackInCard
from auth0_widget.flows.popup import PopupFlow
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
    from collections.abc import Mapping

    from auth0_widget.errors import Auth0WidgetError, InvalidRecordError
    from auth0_widget.login.lifecycle import Status
    from auth0_widget.pages.display import Display
    from auth0_widget.session.managed_session import ManagedSession


class Page:
    """One page, and what it begins. Safe to use from several threads.

    It is the initiator (`flows.initiator`) of its login attempts.

    Attributes:
        id: What messages to it are addressed with.
        hello: The message with which it introduced itself.
        choice: Its way to log in.
        popup: The logins that it starts in a window.
        link: The logins that it starts by a link.
        device: The logins that it starts by asking for a code.
        session_id: The session that its browser knows: it logged in there, or its storage has the
            record. A record, or anything personal, is sent to it for no other session.
        record_saved_at: When the tokens in the record that it was last sent were saved.
        storage_read: Whether it has sent what its storage holds.
        unverified_since: Since when its storage holds a record that could not be verified, in
            seconds since 1970; or None.
        problem: What was wrong with what its storage held.
        card: The card that it was sent last; once the session has expired, whose it was.
    """

    def __init__(self, hello: messages.Hello, display: Display) -> None:
        self.id, self.hello = hello.page, hello
        self.choice = choice = display.choose(hello)
        self.popup = PopupFlow(
            display.login,
            self,
            options=display.options,
            callback=choice.callback,
            redirect_uri=hello.origin if choice.callback == "message" else hello.callback,
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
        # Reading the state and sending it are one step, or a page could end with an older one.
        self._sending = threading.RLock()

    @property
    def session_is_unknown(self) -> bool:
        """Whether the kernel holds a session of which this page's browser does not know."""
        session = self._login.managed_session
        return self.storage_read and session is not None and not self._knows(session)

    def start_login(self, way: messages.StartedWay) -> None:
        """Its person has opened the window, or followed the link: earlier problems are over."""
        self.problem, self._shared.starter = None, self.id
        if way == "link":
            self.link.start()
            self.send_ready()  # the next link is another one
            return
        if self.popup.callback == "page":
            self._shared.add_popup(self.popup)
        self.popup.start()

    def receive_response(self, response: Mapping[str, str]) -> None:
        """Its login window got this response, or the callback page had it for whoever listens.

        It learns at once that the kernel has it.
        """
        if self._shared.has_received(response):
            self.send_state()
        elif (popup := self._shared.popup_for(response)) is not None:
            popup.receive(response, self)
        else:
            self.popup.receive(response)
        self.send_ready()

    def start_unattended(self) -> bool:
        """Log in without its person. False where the login's flow needs them."""
        flow = self._display.unattended
        if flow is not None:
            self.problem, self._shared.starter = None, self.id
            flow.start_for(self)
        return flow is not None

    def window_blocked(self) -> None:
        """Its browser did not let the login window open, or it had no URL to open."""
        if not self.start_unattended():
            self.popup.window_blocked()
        self.send_ready()

    def window_closed(self) -> None:
        """Its login window reads closed."""
        self.popup.window_closed()
        self.send_ready()
        if self.popup.closed_window is not None:
            self.send_state()

    def cancel_login(self) -> None:
        """Its person cancels the login, whichever page has started it."""
        self._login.cancel()
        self.send_ready()

    def use_code(self) -> None:
        """Its person asks for a code: earlier problems are over, and the reason to show with it."""
        if self.start_unattended():
            return
        before = self._window_problem() or self._login.problem
        self.problem, self._shared.starter = None, self.id
        self.device.start(before)
        self.send_ready()

    def use_callback_page(self) -> None:
        """Its person wants the next response to come through the callback page."""
        if self.hello.callback is not None:
            self.popup.use_callback_page(self.hello.callback)
        self.send_ready()
        self.send_state()

    def attempt_succeeded(self, session: ManagedSession) -> None:
        """Its browser has logged in: it may know this session."""
        self.session_id = session.session_id
        self._shared.add_login(self.id, session.session_id)

    def attempt_failed(self, error: Auth0WidgetError) -> None:
        """Its own attempt has failed, while the login as a whole has not."""
        with self._sending:
            status = self._login.status
            if status == "authenticated":
                self.send_state()
            else:
                self._send_status(status, problem_of(error))

    def code_issued(self) -> None:
        """Show the code that its person asked for."""
        self.send_state()

    def begin_reconciliation(self) -> float:
        """It has sent what its storage holds. Returns `record_saved_at` as it was then."""
        self.problem = self.unverified_since = None
        return self.record_saved_at

    def end_reconciliation(self) -> None:
        """What its storage holds has been reconciled with the kernel's session."""
        self.storage_read = True
        self.send_state()

    def set_known_session(self, session_id: str, record_saved_at: float) -> None:
        """Its storage holds this session, with tokens that were saved then."""
        self.session_id, self.record_saved_at = session_id, record_saved_at

    def send_record_again(self) -> None:
        """Have it store the session, whatever it was sent before: its storage has none."""
        self.record_saved_at = 0
        self.send_record()

    def keep_unverified(self, error: Auth0WidgetError) -> None:
        """Its storage holds a record that could not be verified now. It stays there for later."""
        self.problem, self.unverified_since = error, time.time()

    def refuse_record(self, error: InvalidRecordError) -> None:
        """Its storage holds a record that is proven to be bad."""
        self.problem = error

    def show_expired(self, card: messages.Card) -> None:
        """Show whose session has expired."""
        self.card = card

    def send_ready(self) -> None:
        """Tell it where its next login goes. It answers with what its storage holds."""
        self._display.send(self._display.ready(self.hello, self.choice, self.popup, self.link))

    def send_changes(self) -> None:
        """Tell it what has become of the login: what to store, and what to show."""
        with self._sending:
            if self._login.status == "logged_out" and self._holds_ended_login():
                self.forget_login()
            if self.popup.url_is_stale:
                self.send_ready()
            self.send_record()
            self.send_state()

    def send_record(self) -> None:
        """Have it store the session, where its tokens are newer than those it has."""
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
        """Forget the session that it knows: it has ended."""
        self.session_id, self.record_saved_at, self.unverified_since = None, 0, None
        self.send_tombstone()

    def send_tombstone(self) -> None:
        """Have it store when the last logout was."""
        tombstone = Tombstone(self._login.ended_at or time.time())
        self._send_store(dump_tombstone(tombstone, self._login.identity))

    def send_removal(self, record_saved_at: float) -> None:
        """Have it remove the record of that time, unless it was sent another one since."""
        if self.record_saved_at == record_saved_at:
            self._send_store("")

    def send_state(self) -> None:
        """Tell it what to show."""
        # A session that ends at this very moment sends its own last word right after.
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
        """Show what went wrong. Without the card: making it may be what failed."""
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
        """What has become of its login window, if that reads closed: no response has come yet."""
        closed = self.popup.closed_window
        if closed is None:
            return None
        return closed_window_problem(
            closed, self.popup.callback, has_callback_page=self.hello.callback is not None
        )

    def _holds_ended_login(self) -> bool:
        """Whether its storage holds a session that the last logout has ended."""
        since, ended_at = self.unverified_since, self._login.ended_at
        unverified = since is not None and ended_at is not None and since <= ended_at
        return self.session_id is not None or unverified

    def _send_store(self, record: str) -> None:
        self._display.send(messages.Store(type="store", to=self.id, record=record))

    def _knows(self, session: ManagedSession) -> bool:
        """Whether it may be shown: this page logged in, or this widget's storage has the record.

        Where another widget of the page logged in, nothing is stored for this one: the other may
        be one that stores nothing.
        """
        return session.session_id == self.session_id or self._shared.has_logged_in(
            self.id, session.session_id
        )
