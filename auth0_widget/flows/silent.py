"""Silent login: a hidden frame of a page asks the tenant whether it knows the person (prompt=none).

It takes the place of a click where a session has expired and nothing renews it. The tenant
responds with a code if its own session in this browser is enough, or else with an error (OpenID
Connect Core 3.1.2.6; Auth0 docs, "Configure Silent Authentication"). The response is checked like
that of any login, and the person must be the one whose session it was. If the silent login fails,
the person has to click.

Auth0 refuses it for callbacks on this machine (Auth0 docs, "Measures Against Application
Impersonation"). A browser that sends no third-party cookies looks like one that nobody knows.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.base.origins import is_loopback_url
from auth0_widget.base.redaction import Secret
from auth0_widget.errors import (
    AudienceNotGrantedError,
    LoginCancelledError,
    LoginTimeoutError,
    LoginTooLongError,
    StateError,
)
from auth0_widget.oauth.authorization_request import MAX_PENDING, PendingRequests
from auth0_widget.oauth.granted import check_audience
from auth0_widget.session.factory import session_from_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.login.initiator import Initiator
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.authorization_options import AuthorizationOptions
    from auth0_widget.oauth.authorization_request import AuthorizationRequest
    from auth0_widget.oauth.client import Tenant

log = logging.getLogger(__name__)

SILENT_TIMEOUT = 15.0
"""Seconds for the whole of it. The page gives up after ten (js/src/silent_login.ts)."""

_MAX_STATES = 100
"""The states of silent logins that a page remembers, so that a late response is known as one."""


@dataclass(eq=False, slots=True)
class SilentAttempt:
    """One silent login of one page.

    Attributes:
        url: The URL for the hidden frame.
        request: The authorization request.
        subject: The ``sub`` of the person whose session it was.
        ended: Called once, with None or the error. Not called after `SilentFlow.cancel`.
        timer: Ends it if the page does not respond, or None if it has ended.
        cancelled: Whether nobody waits for it any more.
    """

    url: str
    request: AuthorizationRequest
    subject: str
    ended: Callable[[Auth0WidgetError | None], object]
    timer: threading.Timer | None = None
    cancelled: bool = False


class SilentFlow:
    """The silent logins of one page. Safe to use from several threads.

    Args:
        login: The login.
        initiator: The page.
        options: Parameters that the notebook's author adds to each authorization request.
        redirect_uri: The page's origin. None if the page can receive no response.
    """

    def __init__(
        self,
        login: Login,
        initiator: Initiator,
        *,
        options: AuthorizationOptions,
        redirect_uri: str | None,
    ) -> None:
        self._login, self._initiator = login, initiator
        self._parameters = options.parameters
        self._redirect_uri = redirect_uri
        self._requests = PendingRequests(redirect_uri or "", "web_message")
        self._states: deque[Secret] = deque(maxlen=_MAX_STATES)
        self._attempts: deque[SilentAttempt] = deque(maxlen=MAX_PENDING)
        self._lock = threading.Lock()
        new_locks_after_fork(self)

    @property
    def possible(self) -> bool:
        """Whether the tenant may allow one, and the notebook's author has not chosen a prompt."""
        origin = self._redirect_uri
        return (
            origin is not None and not is_loopback_url(origin) and "prompt" not in self._parameters
        )

    def start(
        self,
        tenant: Tenant,
        subject: str,
        ended: Callable[[Auth0WidgetError | None], object],
        timeout: float = SILENT_TIMEOUT,
    ) -> SilentAttempt | None:
        """Start one, unless one is under way. It changes the login's status only if it succeeds.

        Args:
            tenant: The tenant, with the settings of this login.
            subject: The ``sub`` of the person whose session it was.
            ended: Called once, with None or the error.
            timeout: Seconds after which it has failed. A response that comes later still counts,
                unless the silent login has been cancelled.
        """
        with self._lock:
            if any(attempt.timer is not None for attempt in self._attempts):
                return None
            parameters = {**self._parameters, "prompt": "none"}
            url = self._requests.next_for(tenant).url(tenant, parameters)
            request = self._requests.start(self._login.attempt_number)
            attempt = SilentAttempt(url, request, subject, ended)
            attempt.timer = threading.Timer(timeout, self._fail, (attempt, LoginTimeoutError()))
            attempt.timer.daemon = True
            self._states.append(request.state)
            self._attempts.append(attempt)
            attempt.timer.start()
        return attempt

    def cancel(self, attempt: SilentAttempt) -> None:
        """End a silent login, because nobody waits for it any more. Its response is refused."""
        with self._lock:
            attempt.cancelled = True
            if attempt in self._attempts:
                self._attempts.remove(attempt)
        self._end(attempt)

    def awaits(self, response: Mapping[str, str]) -> bool:
        """Whether a response has the state of a silent login of this page, which may be over."""
        return Secret(response.get("state", "")) in self._states

    def receive(self, response: Mapping[str, str]) -> None:
        """Check the response, exchange its code and verify the tokens, in the background."""
        try:
            request = self._requests.take(response)
        except (StateError, LoginTooLongError):  # a second response, or one that came too late
            return
        attempt = next((one for one in tuple(self._attempts) if one.request is request), None)
        if attempt is not None:
            in_background(
                lambda: self._finish(attempt, response), lambda error: self._fail(attempt, error)
            )

    def _finish(self, attempt: SilentAttempt, response: Mapping[str, str]) -> None:
        login, request = self._login, attempt.request
        session = session_from_response(
            login.tenant, login.jwks, request, response, subject=attempt.subject
        )
        settings = session.settings
        if settings.audience is not None and settings.audience != login.settings.audience:
            try:
                check_audience(session.tokens.access_token, settings.audience)
            except AudienceNotGrantedError:
                login.discard(session)
                raise  # the person is asked: a login by a click may bring it
        with self._lock:
            cancelled = attempt.cancelled
        # A login by a click, or a logout, may have come first.
        if cancelled or request.attempt_number is None:
            login.discard(session)
        elif login.complete(request.attempt_number, session, self._initiator.attempt_succeeded):
            if self._end(attempt):
                attempt.ended(None)
            return
        raise LoginCancelledError

    def _fail(self, attempt: SilentAttempt, error: Auth0WidgetError) -> None:
        if self._end(attempt):
            log.info("a silent login failed with %s", error.code)
            attempt.ended(error)

    def _end(self, attempt: SilentAttempt) -> bool:
        """Stop the timer. Returns whether `SilentAttempt.ended` has to be called."""
        with self._lock:
            timer, attempt.timer = attempt.timer, None
            if timer is None:
                return False
            timer.cancel()
            return True
