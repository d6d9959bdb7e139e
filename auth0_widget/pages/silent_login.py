"""A login without the person, for a cell that waits: page after page asks the tenant for it."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.errors import (
    Auth0WidgetError,
    IdTokenSubjectError,
    LoginCancelledError,
    LoginTimeoutError,
)
from auth0_widget.flows.silent import SILENT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from auth0_widget.flows.silent import SilentAttempt
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.pages.page import Page
    from auth0_widget.session.managed_session import ManagedSession

TIME_LIMIT = 30.0
"""Seconds for all pages together, and for the silent logins before it. A closed page, which the
kernel cannot tell from an open one, takes `SILENT_TIMEOUT` of them."""


class SilentLogin:
    """Asks one page after the other to log in silently, until one succeeds. Thread-safe.

    Args:
        pages: The pages, in the order in which they are asked.
        tenant: The tenant, with the settings of this login.
        session: The session of the person who must log in.
        ended: Called once: with None if a page has succeeded, or with the error if none has. Not
            called after `cancel`.
    """

    def __init__(
        self,
        pages: Iterable[Page],
        tenant: Tenant,
        session: ManagedSession,
        ended: Callable[[Auth0WidgetError | None], object],
    ) -> None:
        self._pages = iter(pages)
        self._tenant, self._session, self._ended = tenant, session, ended
        self._give_up_at = time.monotonic() + TIME_LIMIT
        self._attempts: list[tuple[Page, SilentAttempt]] = []
        self._error: Auth0WidgetError | None = None
        self._over = False
        # Reentrant, because a page may respond while it is asked.
        self._lock = threading.RLock()
        new_locks_after_fork(self)

    def start(self) -> bool:
        """Ask the first page that can. Returns False if none can; then `ended` is not called."""
        return self._ask_next_page()

    def give_up(self) -> None:
        """End it with the error, because no page can be asked any more."""
        self._end(self._error or LoginTimeoutError())

    def cancel(self) -> None:
        """End it, because nobody waits for it any more. No page completes it afterwards."""
        with self._lock:
            self._over = True
            attempts, self._attempts = self._attempts, []
        for page, attempt in attempts:
            page.silent.cancel(attempt)

    def _ask_next_page(self) -> bool:
        with self._lock:
            for page in self._pages:
                left = self._give_up_at - time.monotonic()
                if self._over or left <= 0:
                    return False
                attempt = page.start_silent_login(
                    self._tenant, self._session, self._page_ended, min(left, SILENT_TIMEOUT)
                )
                if attempt is not None:
                    self._attempts.append((page, attempt))
                    return True
        return False

    def _page_ended(self, error: Auth0WidgetError | None) -> None:
        # After a click or a logout, no page is asked any more.
        if error is not None and not isinstance(error, LoginCancelledError):
            if self._error is None or isinstance(error, IdTokenSubjectError):
                self._error = error
            if self._ask_next_page():
                return
            error = self._error
        self._end(error)

    def _end(self, error: Auth0WidgetError | None) -> None:
        with self._lock:
            tell, self._over = not self._over, True
        if tell:
            self._ended(error)


class SilentLogins:
    """The silent logins of a widget, one after the other. Thread-safe.

    A page can do one at a time. Several jobs may wait for sessions for different APIs.
    """

    def __init__(self) -> None:
        self._queue: deque[SilentLogin] = deque()
        self._running: SilentLogin | None = None
        self._lock = threading.Lock()
        new_locks_after_fork(self)

    def start(
        self,
        pages: Iterable[Page],
        tenant: Tenant,
        session: ManagedSession,
        ended: Callable[[Auth0WidgetError | None], object],
    ) -> Callable[[], None] | None:
        """Start a silent login, or let it wait for its turn. See `SilentLogin` for the arguments.

        Returns:
            A function that cancels it. None if no page can log in.
        """

        def end(error: Auth0WidgetError | None) -> None:
            ended(error)
            self._remove(silent_login)

        def cancel() -> None:
            silent_login.cancel()
            self._remove(silent_login)

        silent_login = SilentLogin(pages, tenant, session, end)
        with self._lock:
            waits = self._running is not None
            if waits:
                self._queue.append(silent_login)
            else:
                self._running = silent_login
        if waits or silent_login.start():
            return cancel
        self._remove(silent_login)
        return None

    def _remove(self, silent_login: SilentLogin) -> None:
        """Remove one that has ended. If it was under way, start the next one."""
        with self._lock:
            if self._running is not silent_login:
                if silent_login in self._queue:
                    self._queue.remove(silent_login)
                return
            following = self._running = self._queue.popleft() if self._queue else None
        if following is not None and not following.start():
            following.give_up()
