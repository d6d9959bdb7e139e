"""The widget: a bridge between the pages that show it and the login in this kernel."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import anyio.to_thread
import anywidget
import traitlets

from auth0_widget import messages
from auth0_widget.config import DEFAULT_LEEWAY, Settings
from auth0_widget.errors import (
    Auth0WidgetError,
    IdTokenExpiredError,
    InvalidRecordError,
    InvalidSettingError,
    LoginCancelledError,
    LoginNotCompletedError,
    MissingBundleError,
    PopupBlockedError,
    PopupClosedError,
    SessionExpiredError,
    SessionTooShortError,
    UnreachableError,
)
from auth0_widget.flows.popup import PopupFlow
from auth0_widget.login import in_background, shared_login
from auth0_widget.private_files import seal_key
from auth0_widget.record import Tombstone, dump_record, dump_tombstone, parse_record
from auth0_widget.session import restore
from auth0_widget.waiting import wait_async, wait_blocking

if TYPE_CHECKING:
    from collections.abc import Generator

    from auth0_widget.record import Record
    from auth0_widget.session import Session

log = logging.getLogger(__name__)

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
        problem: What was wrong with what its storage held.
    """

    id: str
    flow: PopupFlow
    session_id: str | None = None
    problem: Auth0WidgetError | None = None


def _static(name: str) -> str:
    try:
        return (Path(__file__).parent / "static" / name).read_text(encoding="utf-8")
    except OSError:
        raise MissingBundleError from None


class LoginWidget(anywidget.AnyWidget):
    """A **Log in** button that becomes the card of whoever logged in.

    Widgets with the same settings share one login. Show it as the last line of a cell, then
    ``session = await login`` in the next.

    Args:
        domain: The tenant, as in ``acme.eu.auth0.com``; or ``AUTH0_DOMAIN``.
        client_id: The application; or ``AUTH0_CLIENT_ID``.
        audience: The API to get an access token for; or ``AUTH0_AUDIENCE``.
        scope: Scopes, separated by spaces; or ``AUTH0_SCOPE``. By default
            ``openid profile email offline_access``.
        organization: An Auth0 organization; or ``AUTH0_ORGANIZATION``.
        storage: Where the browser keeps the session: ``"local"`` (until logout), ``"session"``
            (until the tab closes) or ``"memory"`` (nowhere).
        leeway: Seconds by which this machine's clock and the tenant's may differ.

    Attributes:
        status: ``"logged_out"``, ``"logging_in"``, ``"authenticated"``, ``"expired"`` or
            ``"error"``; observe it with ``login.observe(callback, "status")``.

    Raises:
        InvalidDomainError: The domain is missing or malformed.
        InvalidClientIdError: The client ID is missing or malformed.
        InvalidSettingError: Another setting is malformed.
        MissingBundleError: The front end was not built (in a checkout only).
    """

    # Not synced, as nothing here is: synced traits are saved with the notebook.
    status = traitlets.Enum(get_args(messages.Status), "logged_out", read_only=True)

    def __init__(  # noqa: PLR0913 - one argument for each setting a user may give
        self,
        *,
        domain: str | None = None,
        client_id: str | None = None,
        audience: str | None = None,
        scope: str | None = None,
        organization: str | None = None,
        storage: messages.StorageKind = "local",
        leeway: int = DEFAULT_LEEWAY,
    ) -> None:
        settings = Settings.resolve(
            domain=domain,
            client_id=client_id,
            audience=audience,
            scope=scope,
            organization=organization,
            leeway=leeway,
        )
        if storage not in get_args(messages.StorageKind):
            raise InvalidSettingError(
                "The argument storage is none of 'local', 'session' and 'memory'.",
                next_step="Pass storage='local', or leave it out.",
            )
        self._settings = settings
        self._storage = storage
        self._seal_key = seal_key()
        self._pages: dict[str, _Page] = {}
        self._considering = threading.Lock()
        self._esm, self._css = _static("widget.js"), _static("widget.css")
        super().__init__()
        self._login = shared_login(settings)
        self._stop_listening = self._login.listen(self._login_changed)
        self.set_trait("status", self._login.status)
        self.on_msg(lambda _widget, content, _buffers: self._receive(content))

    def __repr__(self) -> str:
        """What a console, a diff or an export shows in place of the card; nothing personal."""
        return "LoginWidget: run this cell in Jupyter to see the Log in button."

    def __await__(self) -> Generator[Any, None, Session]:
        """The session: at once, or when the person has logged in.

        Raises:
            Auth0WidgetError: The login failed; the error says why and what to do.
        """
        return self._session_async().__await__()

    @property
    def session(self) -> Session | None:
        """The session, or None. Never waits."""
        return self._login.session

    def wait(self, timeout: float | None = None) -> Session:
        """The session: at once, or when the person has logged in. For scripts.

        In a notebook prefer ``session = await login``: not every kernel lets the page's messages
        through while a cell blocks.

        Args:
            timeout: Seconds to wait at most; None waits for as long as it takes.

        Raises:
            LoginTimeoutError: Nobody logged in within that time.
            Auth0WidgetError: The login failed; the error says why and what to do.
        """
        return self._login.session or wait_blocking(self._login, timeout)

    async def ensure(self, *, hours: float) -> Session:
        """A session that will last this long: renewed now, or asked for, or refused now.

        With a refresh token the access token is renewed at once, which shows that the tenant
        still takes it, and again whenever needed. Without one, the access token itself must last.

        Args:
            hours: How long the coming job needs the session.

        Raises:
            SessionTooShortError: Not even a fresh login lasts that long.
            Auth0WidgetError: The login failed; the error says why and what to do.
        """
        session = await self
        if session.renewable:
            await anyio.to_thread.run_sync(session.renew)
            return session
        needed = time.time() + hours * 3600
        if session.expires_at < needed:
            session = await wait_async(self._login)
        if not session.renewable and session.expires_at < needed:
            lasts = max(0.0, session.expires_at - time.time()) / 3600
            raise SessionTooShortError(
                f"The session lasts {lasts:.1f} hours and cannot be renewed; "
                f"{hours:g} hours were asked for."
            )
        return session

    def logout(self) -> None:
        """End the session here and in the browser; old `Session` objects stop working."""
        self._login.logout()

    def close(self) -> None:
        """Take the widget off the page. The session lives on for other widgets."""
        if hasattr(self, "_stop_listening"):
            self._stop_listening()
        super().close()

    async def _session_async(self) -> Session:
        return self._login.session or await wait_async(self._login)

    # From the page

    def _receive(self, content: object) -> None:
        message = messages.parse_message(content)
        if isinstance(message, messages.Hello):
            self._greet(message)
            return
        page = self._pages.get(message.page) if message is not None else None
        if page is None:
            return  # a page of an earlier kernel; it will say hello
        match message:
            case messages.RecordSeen(record=record):
                in_background(lambda: self._consider(page, record))
            case messages.Start():
                page.problem = None
                page.flow.start()
            case messages.Answer(response=response):
                page.flow.answer(
                    response, lambda session: setattr(page, "session_id", session.session_id)
                )
                self._send_ready(page)
            case messages.Failed(reason=reason):
                page.flow.abandon(_FAILURES[reason]())
                self._send_ready(page)
            case messages.LogOut():
                self.logout()
            case messages.Stored(ok=False, reason=reason):
                log.warning("the browser could not store the session: %s", reason)
            case _:
                pass

    def _greet(self, hello: messages.Hello) -> None:
        known = self._pages.get(hello.page)
        page = _Page(hello.page, PopupFlow(self._login, hello.origin))
        if known is not None:
            page.session_id = known.session_id
        self._pages[hello.page] = page
        self._send_ready(page)

    def _consider(self, page: _Page, text: str | None) -> None:
        """What a page's storage holds, against what the kernel holds: the newer one wins."""
        with self._considering:
            page.problem = None
            try:
                stored = (
                    None if text is None else parse_record(text, self._settings, self._seal_key)
                )
                match stored:
                    case None:
                        self._send_store(page)
                    case Tombstone(ended_at=ended_at):
                        self._consider_tombstone(ended_at)
                    case _:
                        self._consider_record(page, stored)
            except (SessionExpiredError, IdTokenExpiredError):
                self._send(messages.Store(type="store", to=page.id, record=""))
                if self._login.status == "logged_out":
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

    def _consider_tombstone(self, ended_at: float) -> None:
        session = self._login.session
        if session is not None and session.logged_in_at <= ended_at <= time.time():
            self._login.logout(at=ended_at)

    def _consider_record(self, page: _Page, record: Record) -> None:
        session, ended_at = self._login.session, self._login.ended_at
        if ended_at is not None and record.logged_in_at <= ended_at:
            # This page slept through the logout.
            tombstone = dump_tombstone(Tombstone(ended_at), self._settings)
            self._send(messages.Store(type="store", to=page.id, record=tombstone))
            return
        if session is not None:
            ours = session.to_record()
            if ours.session_id == record.session_id:
                page.session_id = record.session_id
                if ours.saved_at > record.saved_at:
                    self._send_store(page)
                if ours.saved_at >= record.saved_at:
                    return
            elif ours.logged_in_at >= record.logged_in_at:
                return  # an older login; whose page this is we cannot know
        restored = restore(self._login.tenant, self._login.keys, record)
        page.session_id = restored.session_id
        self._login.restore(restored)

    # To the page

    def _login_changed(self) -> None:
        self.set_trait("status", self._login.status)
        session, ended_at = self._login.session, self._login.ended_at
        for page in tuple(self._pages.values()):
            if session is not None:
                self._send_store(page)
            elif page.session_id is not None and self._login.status == "logged_out":
                tombstone = dump_tombstone(Tombstone(ended_at or time.time()), self._settings)
                self._send(messages.Store(type="store", to=page.id, record=tombstone))
                page.session_id = None
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
            )
        )

    def _send_store(self, page: _Page) -> None:
        session = self._known_session(page)
        if session is not None:
            record = dump_record(session.to_record(), self._settings, self._seal_key)
            self._send(messages.Store(type="store", to=page.id, record=record))

    def _send_state(self, page: _Page) -> None:
        session = self._known_session(page)
        problem = self._login.problem or page.problem
        self._send(
            messages.State(
                type="state",
                to=page.id,
                status=self._login.status,
                waiting=self._login.waiting,
                card=_card(session, self._settings) if session is not None else None,
                problem=_shown(problem) if problem is not None else None,
            )
        )

    def _known_session(self, page: _Page) -> Session | None:
        session = self._login.session
        known = session is not None and session.session_id == page.session_id
        return session if known else None

    def _send(self, message: messages.ToPage) -> None:
        self.send(dict(message))


def _card(session: Session, settings: Settings) -> messages.Card:
    user = session.user
    return messages.Card(
        name=user.name,
        nickname=user.nickname,
        email=user.email,
        picture=user.picture,
        profile=dict(session.profile),
        scope=session.scope,
        audience=settings.audience,
        id_token_expires_at=session.claims["exp"],
        access_token_expires_at=session.expires_at,
        renewable=session.renewable,
    )


def _shown(error: Auth0WidgetError) -> messages.Problem:
    return messages.Problem(code=error.code, message=error.message, next_step=error.next_step)
