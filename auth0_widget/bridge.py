"""The bridge between the pages that show a widget and the login in this kernel.

The page speaks first (``hello``), because what a kernel sends before a page has loaded is lost. The
kernel's messages reach every page on it, which may be other people's: each is addressed to one
page, and nothing personal goes to a page whose browser does not know the login already.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auth0_widget import messages
from auth0_widget.authorize import AuthorizeOptions
from auth0_widget.callbacks import in_background
from auth0_widget.card import card_of, past_card, problem_of
from auth0_widget.errors import (
    Auth0WidgetError,
    IdTokenExpiredError,
    InvalidRecordError,
    LoginCancelledError,
    LoginNotCompletedError,
    PopupBlockedError,
    PopupClosedError,
    SessionEndedError,
    SessionExpiredError,
    UnreachableError,
)
from auth0_widget.establish import restore
from auth0_widget.flows.popup import PopupFlow
from auth0_widget.private_files import seal_key
from auth0_widget.record import Record, Tombstone, dump_record, dump_tombstone, parse_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.lifecycle import Status
    from auth0_widget.login import Login
    from auth0_widget.session import Session

log = logging.getLogger(__name__)

MAX_PAGES = 100
"""Pages of one widget that are kept in mind; people have a handful."""

_FAILURES: dict[messages.FailureReason, type[LoginNotCompletedError]] = {
    "popup_blocked": PopupBlockedError,
    "popup_closed": PopupClosedError,
    "cancelled": LoginCancelledError,
}


@dataclass(slots=True)
class _Page:
    """One browser page that shows the widget.

    Attributes:
        id: What messages to it are addressed with.
        flow: The logins it starts.
        session_id: The login that its browser knows, by logging in or by its storage. Only
            then is a record, or anything personal, sent to it: other people's pages may be
            connected to the same kernel.
        stored_at: When the tokens that it was last given to store were saved.
        problem: What was wrong with what its storage held.
        card: Who it was shown last; once the session is over, who it was.
    """

    id: str
    flow: PopupFlow
    session_id: str | None = None
    stored_at: float = 0
    problem: Auth0WidgetError | None = None
    card: messages.Card | None = field(default=None, repr=False)


class Bridge:
    """What one widget's pages and the kernel tell each other.

    Args:
        login: The login the pages show.
        storage: Where browsers keep its record.
        send: How a message reaches the pages.
        show: How much of itself the widget shows.
        options: What is added to each authorization request.
        end_auth0_session: Whether Log out ends the tenant's own session too.
    """

    def __init__(  # noqa: PLR0913 - one argument for each thing a page is told
        self,
        login: Login,
        storage: messages.StorageKind,
        send: Callable[[messages.ToPage], None],
        *,
        show: messages.Show = "card",
        options: AuthorizeOptions | None = None,
        end_auth0_session: bool = False,
    ) -> None:
        self._login = login
        self._settings = login.settings
        self._storage = storage
        self._send = send
        self._show = show
        self._options = options or AuthorizeOptions()
        self._end_auth0_session = end_auth0_session
        self._seal_key = seal_key()
        self._pages: dict[str, _Page] = {}
        self._heard_at = float("-inf")
        self._considering = threading.Lock()
        # Reading the state and sending it are one step, or a page could end with an older one.
        self._sending = threading.RLock()
        self.close = login.listen(self._login_changed)

    def receive(self, content: object) -> None:
        """Take what a page sent; anything that is not one of our messages is dropped."""
        self._heard_at = time.monotonic()
        message = messages.parse_message(content)
        if isinstance(message, messages.Hello):
            self._greet(message)
            return
        page = self._pages.get(message.page) if message is not None else None
        if page is None:
            return  # a page of an earlier kernel; it will say hello
        match message:
            case messages.RecordSeen(record=record):
                in_background(
                    lambda: self._consider(page, record),
                    lambda error: self._not_considered(page, error),
                )
            case messages.Start():
                page.problem = None
                page.flow.start()
            case messages.Answer(response=response):
                page.flow.answer(
                    response, lambda session: setattr(page, "session_id", session.session_id)
                )
                self._send_ready(page)
            case messages.Failed(reason="cancelled"):
                page.flow.cancel()
                self._send_ready(page)
            case messages.Failed(reason=reason):
                page.flow.abandon(_FAILURES[reason]())
                self._send_ready(page)
            case messages.LogOut():
                self._login.logout()
            case messages.Stored(ok=False, reason=reason):
                log.warning("the browser could not store the session: %s", reason)
            case _:
                pass

    def probe(self) -> bool:
        """Ask every page for an answer; whether there is one to ask."""
        for page in tuple(self._pages.values()):
            self._send_ready(page)  # each is answered with the stored record
        return bool(self._pages)

    def heard_since(self, moment: float) -> bool:
        """Whether a page has spoken since that moment of the monotonic clock."""
        return self._heard_at > moment

    def _greet(self, hello: messages.Hello) -> None:
        page = self._pages.get(hello.page)
        # A page that greets again may have a login window open: its flow goes on.
        if page is None or page.flow.origin != hello.origin:
            self._forget_oldest()
            flow = PopupFlow(self._login, hello.origin, self._options)
            page = self._pages[hello.page] = _Page(hello.page, flow)
        self._send_ready(page)

    def _forget_oldest(self) -> None:
        """A page never says goodbye; one that is still there greets again when it matters."""
        while len(self._pages) >= MAX_PAGES:
            del self._pages[next(iter(self._pages))]

    def _consider(self, page: _Page, text: str | None) -> None:
        """What a page's storage holds, against what the kernel holds: the newer one wins."""
        with self._considering:
            page.problem = None
            stored: Record | Tombstone | None = None
            try:
                stored = (
                    None if text is None else parse_record(text, self._settings, self._seal_key)
                )
                match stored:
                    case None:
                        page.stored_at = 0
                        self._send_store(page)
                    case Tombstone(ended_at=ended_at):
                        self._consider_tombstone(ended_at)
                    case _:
                        self._consider_record(page, stored)
            except (SessionExpiredError, IdTokenExpiredError):
                self._send(messages.Store(type="store", to=page.id, record=""))
                if self._login.status == "logged_out":
                    if isinstance(stored, Record) and stored.sealed:
                        page.card = past_card(stored, self._settings)
                    self._login.found_expired()
            except UnreachableError as error:
                page.problem = error  # the record may be good: it stays for the next attempt
            except Auth0WidgetError as error:
                log.warning("removed the stored session: %s", error.code)
                page.problem = (
                    error
                    if isinstance(error, InvalidRecordError)
                    else (
                        InvalidRecordError(f"{InvalidRecordError.default_message} {error.message}")
                    )
                )
                self._send(messages.Store(type="store", to=page.id, record=""))
            self._send_state(page)

    def _not_considered(self, page: _Page, error: Auth0WidgetError) -> None:
        """The page waits for a last word; without the card, which may be what went wrong."""
        page.problem, page.card = error, None
        self._send_status(page, self._login.status)

    def _consider_tombstone(self, ended_at: float) -> None:
        session = self._login.session
        if session is not None and session.logged_in_at <= ended_at <= time.time():
            self._login.logout(at=ended_at)

    def _consider_record(self, page: _Page, record: Record) -> None:
        session, ended_at = self._login.session, self._login.ended_at
        if ended_at is not None and record.logged_in_at <= ended_at:
            # This page slept through the logout.
            self._send_tombstone(page)
            return
        if session is not None:
            ours = session.to_record()
            if ours.session_id == record.session_id:
                page.session_id = record.session_id
                # One that anybody may have written is replaced by ours, whatever time it claims.
                page.stored_at = record.saved_at if record.sealed else 0
                self._send_store(page)
                if ours.saved_at >= record.saved_at:
                    return
            elif ours.logged_in_at >= record.logged_in_at:
                return  # an older login; whose page this is we cannot know
            if not record.sealed:
                return  # any script of the page could have written it: no reason to give ours up
        restored = restore(self._login.tenant, self._login.keys, record)
        page.session_id, page.stored_at = restored.session_id, restored.to_record().saved_at
        if not self._login.restore(restored):
            page.session_id, page.stored_at = None, 0
            self._send_tombstone(page)

    def _login_changed(self) -> None:
        for page in tuple(self._pages.values()):
            with self._sending:
                if self._login.status == "logged_out" and page.session_id is not None:
                    page.session_id, page.stored_at = None, 0
                    self._send_tombstone(page)
                self._send_store(page)
                self._send_state(page)

    def _send_ready(self, page: _Page) -> None:
        self._send(
            messages.Ready(
                type="ready",
                to=page.id,
                tenant=self._settings.origin,
                storage=self._storage,
                key=self._settings.record_key,
                authorize_url=page.flow.authorize_url,
                logout_url=page.flow.logout_url if self._end_auth0_session else None,
                show=self._show,
            )
        )

    def _send_store(self, page: _Page) -> None:
        """Have the page store the session, if it is newer than what it has."""
        with self._sending, contextlib.suppress(SessionEndedError):
            session = self._known_session(page)
            record = session.to_record() if session is not None else None
            if record is not None and record.saved_at > page.stored_at:
                page.stored_at = record.saved_at
                text = dump_record(record, self._settings, self._seal_key)
                self._send(messages.Store(type="store", to=page.id, record=text))

    def _send_tombstone(self, page: _Page) -> None:
        text = dump_tombstone(Tombstone(self._login.ended_at or time.time()), self._settings)
        self._send(messages.Store(type="store", to=page.id, record=text))

    def _send_state(self, page: _Page) -> None:
        # A session that ends at this very moment sends its own last word right after.
        with self._sending, contextlib.suppress(SessionEndedError):
            session, status = self._known_session(page), self._login.status
            if session is not None:
                page.card = card_of(session, self._settings)
            elif status != "expired":
                page.card = None
            self._send_status(page, status)

    def _send_status(self, page: _Page, status: Status) -> None:
        problem = self._login.problem or page.problem
        self._send(
            messages.State(
                type="state",
                to=page.id,
                status=status,
                waiting=self._login.waiting,
                card=page.card,
                problem=problem_of(problem) if problem is not None else None,
            )
        )

    def _known_session(self, page: _Page) -> Session | None:
        session = self._login.session
        known = session is not None and session.session_id == page.session_id
        return session if known else None
