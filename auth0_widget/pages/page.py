"""One browser page that shows a widget, and what it is told.

The kernel's messages reach every page on it, which may be other people's: each is addressed to one
page, and nothing personal goes to a page whose browser does not know the login already.
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth0_widget.errors import SessionEndedError
from auth0_widget.pages import messages
from auth0_widget.pages.card import card_of, device_of, problem_of
from auth0_widget.session.record import Tombstone, dump_record, dump_tombstone

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import Show, StorageKind
    from auth0_widget.errors import Auth0WidgetError, InvalidRecordError
    from auth0_widget.flows.device_in_card import DeviceInCard
    from auth0_widget.flows.popup import PopupFlow
    from auth0_widget.login.lifecycle import Status
    from auth0_widget.login.login import Login
    from auth0_widget.session.managed_session import ManagedSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """What all pages of one widget have in common.

    Attributes:
        login: The login they show.
        storage: Where browsers keep its record.
        seal_key: What its record is sealed with.
        send: How a message reaches them.
        show: How much of itself the widget shows.
        end_auth0_session: Whether Log out ends the tenant's own session too.
    """

    login: Login
    storage: StorageKind
    seal_key: bytes
    send: Callable[[messages.ToPage], None]
    show: Show
    end_auth0_session: bool


class Page:
    """One page. Safe to use from several threads.

    Attributes:
        id: What messages to it are addressed with.
        hello: How it has introduced itself.
        flow: The logins it starts in a window.
        device: Those that it starts by asking for a code.
        session_id: The login that its browser knows, by logging in or by its storage. Only
            then is a record, or anything personal, sent to it.
        stored_at: When the tokens that it was last given to store were saved.
        asked: Whether it has told what its storage holds.
        unjudged_at: Since when there is a record in it that could not be judged, in seconds since
            1970; or None.
        problem: What was wrong with what its storage held.
        card: Who it was shown last; once the session is over, who it was.
    """

    def __init__(
        self, hello: messages.Hello, flow: PopupFlow, device: DeviceInCard, display: Display
    ) -> None:
        self.id, self.hello = hello.page, hello
        self.flow, self.device = flow, device
        self.session_id: str | None = None
        self.stored_at: float = 0
        self.asked = False
        self.unjudged_at: float | None = None
        self.problem: Auth0WidgetError | None = None
        self.card: messages.Card | None = None
        self._display = display
        self._login, self._settings = display.login, display.login.settings
        # Reading the state and sending it are one step, or a page could end with an older one.
        self._sending = threading.RLock()

    @property
    def is_stranger(self) -> bool:
        """Whether the session that there is came from another browser, and is not its business."""
        session = self._login.managed_session
        return self.asked and session is not None and session.session_id != self.session_id

    def begin_attempt(self) -> None:
        """Its person begins to log in: what was wrong before is over."""
        self.problem = None

    def begin_judging(self) -> float:
        """It has told what its storage holds. Gives when what it was last given was saved."""
        self.problem = self.unjudged_at = None
        return self.stored_at

    def end_judging(self) -> None:
        """What its storage holds has been judged."""
        self.asked = True
        self.send_state()

    def know(self, session_id: str, stored_at: float) -> None:
        """Its browser knows this session, with tokens that were saved then."""
        self.session_id, self.stored_at = session_id, stored_at

    def store_anew(self) -> None:
        """Have it store the session, whatever it was given before: its storage has none."""
        self.stored_at = 0
        self.send_record()

    def could_not_judge(self, error: Auth0WidgetError) -> None:
        """What its storage holds stays there, and is judged at the next attempt."""
        self.problem, self.unjudged_at = error, time.time()

    def refuse_record(self, error: InvalidRecordError) -> None:
        """What its storage held is proven to be bad."""
        self.problem = error

    def show_expired(self, card: messages.Card) -> None:
        """Show whose session has expired."""
        self.card = card

    def send_ready(self) -> None:
        """Where its next login goes, and where it keeps the record; it answers with that."""
        display = self._display
        display.send(
            messages.Ready(
                type="ready",
                to=self.id,
                tenant=self._settings.origin,
                storage=display.storage,
                key=self._login.identity.record_key,
                callback=self.flow.callback,
                authorize_url=self.flow.authorize_url,
                logout_url=self.flow.logout_url if display.end_auth0_session else None,
                show=display.show,
            )
        )

    def send_news(self) -> None:
        """What has become of the login: what to store, and what to show."""
        with self._sending:
            if self._login.status == "logged_out" and self._has_something_to_forget():
                self.forget_login()
            self.send_record()
            self.send_state()

    def send_record(self) -> None:
        """Have the page store the session, if it is newer than what it has."""
        with self._sending, contextlib.suppress(SessionEndedError):
            session = self._known_session()
            record = session.to_record() if session is not None else None
            if record is not None and record.saved_at > self.stored_at:
                self.stored_at = record.saved_at
                self._send_store(dump_record(record, self._login.identity, self._display.seal_key))

    def take_part(self, session: ManagedSession) -> None:
        """Its browser has logged in: it may know this session."""
        self.session_id = session.session_id

    def forget_login(self) -> None:
        """The login that it knows is over."""
        self.session_id, self.stored_at, self.unjudged_at = None, 0, None
        self.send_tombstone()

    def send_tombstone(self) -> None:
        """Have the page store when the last logout was."""
        tombstone = Tombstone(self._login.ended_at or time.time())
        self._send_store(dump_tombstone(tombstone, self._login.identity))

    def send_removal(self, stored_at: float) -> None:
        """Have the page remove what it stored then, unless it was given something else since."""
        if self.stored_at == stored_at:
            self._send_store("")

    def send_state(self) -> None:
        """What to show."""
        # A session that ends at this very moment sends its own last word right after.
        with self._sending, contextlib.suppress(SessionEndedError):
            session, status = self._known_session(), self._login.status
            if session is not None:
                self.card = card_of(session, self._settings)
            elif status != "expired":
                self.card = None
            self._send_status(status)

    def send_failure(self, error: Auth0WidgetError) -> None:
        """What went wrong, without the card: that may be what it was."""
        self.problem, self.card = error, None
        self._send_status(self._login.status)

    def send_attempt_over(self, error: Auth0WidgetError) -> None:
        """Its own login is over, and its state alone would not tell so."""
        with self._sending:
            status = self._login.status
            if status == "authenticated":
                self.send_state()
            else:
                self._send_status(status, error)

    def _send_status(self, status: Status, problem: Auth0WidgetError | None = None) -> None:
        problem = problem or self._login.problem or self.problem
        if self.session_id is None and status != "logging_in":
            problem = problem or self.flow.problem
        self._display.send(
            messages.State(
                type="state",
                to=self.id,
                status=status,
                waiting=self._login.has_waiters,
                card=self.card,
                problem=problem_of(problem) if problem is not None else None,
                device=device_of(self.device.code),
            )
        )

    def _has_something_to_forget(self) -> bool:
        """Whether its storage holds a login that the last logout has ended."""
        ended_at, unjudged_at = self._login.ended_at, self.unjudged_at
        unjudged = unjudged_at is not None and ended_at is not None and unjudged_at <= ended_at
        return self.session_id is not None or unjudged

    def _send_store(self, record: str) -> None:
        self._display.send(messages.Store(type="store", to=self.id, record=record))

    def _known_session(self) -> ManagedSession | None:
        session = self._login.managed_session
        known = session is not None and session.session_id == self.session_id
        return session if known else None
