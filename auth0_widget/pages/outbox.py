"""What is sent to one page: the record to store, and the state to show.

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
from auth0_widget.pages import messages
from auth0_widget.pages.card import (
    card_of,
    closed_window_problem,
    delayed_renewal_of,
    device_of,
    problem_of,
)
from auth0_widget.pages.shared import shared_by_pages
from auth0_widget.session.record import Tombstone

if TYPE_CHECKING:
    from auth0_widget.errors import Auth0WidgetError, InvalidRecordError
    from auth0_widget.flows.device_in_card import DeviceInCard
    from auth0_widget.flows.loopback_in_card import LoopbackInCard
    from auth0_widget.flows.popup import PopupFlow
    from auth0_widget.login.lifecycle import Status
    from auth0_widget.pages.display import Display
    from auth0_widget.pages.ways import Choice
    from auth0_widget.session.managed_session import ManagedSession


class Outbox:
    """Sends messages to one page. Safe to use from several threads.

    Args:
        hello: The ``hello`` message of the page.
        display: The widget.
        choice: The ways to log in that the page offers.
        popup: The logins that the page starts in a window.
        link: The logins that it starts by a link.
        device: The logins that it starts with a code.

    Attributes:
        session_id: The session that its browser knows: the person logged in there, or its storage
            has the record. The page gets records and personal data of no other session.
        record_saved_at: The ``saved_at`` of the last record that was sent to the page.
        storage_read: Whether the page has sent its stored record.
        unverified_since: Since when its storage has a record that could not be verified, in seconds
            since 1970; or None.
        problem: The error of its stored record, or None.
        card: The last card that was sent. Once the session has expired, that of the expired one.
    """

    def __init__(  # noqa: PLR0913 - the page has all of these
        self,
        hello: messages.Hello,
        display: Display,
        *,
        choice: Choice,
        popup: PopupFlow,
        link: LoopbackInCard,
        device: DeviceInCard,
    ) -> None:
        self.session_id: str | None = None
        self.record_saved_at: float = 0
        self.storage_read = False
        self.unverified_since: float | None = None
        self.problem: Auth0WidgetError | None = None
        self.card: messages.Card | None = None
        self._id, self._hello, self._choice = hello.page, hello, choice
        self._popup, self._link, self._device = popup, link, device
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
        return self.storage_read and session is not None and not self.knows(session)

    @property
    def window_problem(self) -> Auth0WidgetError | None:
        """The error if the login window seems closed and has not responded, else None."""
        closed = self._popup.closed_window
        if closed is None:
            return None
        return closed_window_problem(
            closed, self._popup.callback, has_callback_page=self._hello.callback_page is not None
        )

    def add_login(self, session: ManagedSession) -> None:
        """The person has logged in with this page, so its browser may know the session."""
        self.session_id = session.session_id
        self._shared.add_login(self._id, session.session_id)

    def forget_problem(self) -> None:
        """Stop showing the error of the stored record, because the person has started a login."""
        self.problem = None

    def knows(self, session: ManagedSession) -> bool:
        """Whether the page may show the session.

        It may if the person logged in with it, or if this widget's storage has the record. If the
        person logged in with another widget of the page, the record is not stored for this widget:
        the author of the other may have chosen to store nothing.
        """
        return session.session_id == self.session_id or self._shared.has_logged_in(
            self._id, session.session_id
        )

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
        self._display.send(self._display.ready(self._hello, self._choice, self._popup, self._link))

    def send_changes(self) -> None:
        """Send what has changed in the login: the record to store, and the state to show."""
        with self._sending:
            if self._login.status == "logged_out" and self._holds_ended_login():
                self.forget_login()
            if self._popup.url_is_stale:
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
                self._send_store(self._login.record_format.dump(record))

    def send_record_again(self) -> None:
        """Send the record, even if it was sent before, because the storage has none."""
        self.record_saved_at = 0
        self.send_record()

    def forget_login(self) -> None:
        """Forget the session that the browser knows, because it has ended."""
        self.session_id, self.record_saved_at, self.unverified_since = None, 0, None
        self.send_tombstone()

    def send_tombstone(self) -> None:
        """Send a tombstone with the time of the last logout."""
        tombstone = Tombstone(self._login.ended_at or time.time())
        self._send_store(self._login.record_format.dump(tombstone))

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
            if session is not None and self.knows(session):
                self.card = card_of(session, self._settings)
                delayed = session.renewal_problem
            elif status != "expired":
                self.card = None
            self._send_status(status, delayed_renewal_of(delayed) if delayed else None)

    def send_failed_attempt(self, error: Auth0WidgetError) -> None:
        """Show the error of an attempt that failed without a change of the login's status."""
        with self._sending:
            status = self._login.status
            if status == "authenticated":
                self.send_state()
            else:
                self._send_status(status, problem_of(error))

    def send_silent(self, url: str) -> None:
        """Have the page ask the tenant, in a hidden frame, whether it knows the person."""
        self._display.send(
            messages.Silent(type="silent", to=self._id, tenant=self._settings.origin, url=url)
        )

    def send_failure(self, error: Auth0WidgetError) -> None:
        """Show an unexpected error, without the card, whose creation may have failed."""
        self.problem, self.card = error, None
        self._send_status(self._login.status)

    def _send_status(self, status: Status, shown: messages.Problem | None = None) -> None:
        problem = self._login.problem or self.window_problem or self.problem
        if self.session_id is None and status != "logging_in":
            problem = problem or (self._popup.problem if self._choice.way == "window" else None)
        self._display.send(
            messages.State(
                type="state",
                to=self._id,
                status=status,
                channels=self._shared.channels,
                window=self._popup.window,
                started_by=self._started_by() if status == "logging_in" else None,
                waiting=self._login.has_waiters,
                card=self.card,
                problem=shown or (problem_of(problem) if problem is not None else None),
                device=device_of(self._device.code),
            )
        )

    def _started_by(self) -> messages.Starter:
        if self._shared.starter is None:
            return "kernel"
        return "this_page" if self._shared.starter == self._id else "another_page"

    def _holds_ended_login(self) -> bool:
        """Whether the storage has a session that the last logout has ended."""
        since, ended_at = self.unverified_since, self._login.ended_at
        unverified = since is not None and ended_at is not None and since <= ended_at
        return self.session_id is not None or unverified

    def _send_store(self, record: str) -> None:
        self._display.send(messages.Store(type="store", to=self._id, record=record))
