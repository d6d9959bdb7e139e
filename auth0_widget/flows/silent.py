"""Silent login: a hidden frame of a page asks the tenant whether it knows the person (prompt=none).

It takes the place of a click where a session has expired and nothing renews it. The tenant answers
from its own session in the person's browser, or that it must ask the person (OpenID Connect Core
3.1.2.6; Auth0 docs, "Configure Silent Authentication"). The response is checked as that of any
login, and it must be of the person whose session it was. If it is anything else, the person clicks.

Auth0 refuses it for callbacks on this machine (Auth0 docs, "Measures Against Application
Impersonation"). A browser that sends no third-party cookies looks like one that nobody knows.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from auth0_widget.base.background import in_background
from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.base.origins import is_loopback
from auth0_widget.base.redaction import Secret
from auth0_widget.errors import LoginCancelledError, LoginTimeoutError, StateError
from auth0_widget.oauth.authorization_request import PendingRequests
from auth0_widget.session.factory import session_from_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.flows.initiator import Initiator
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.authorization_options import AuthorizationOptions
    from auth0_widget.oauth.authorization_request import AuthorizationRequest
    from auth0_widget.oauth.client import Tenant

log = logging.getLogger(__name__)

SILENT_TIMEOUT = 15.0
"""Seconds for the whole of it. The page gives up after ten (js/src/silent_login.ts)."""


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
        self._request: AuthorizationRequest | None = None
        self._subject = ""
        self._failed: Callable[[Auth0WidgetError], object] | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        new_locks_after_fork(self)

    @property
    def possible(self) -> bool:
        """Whether the tenant may allow one, and the notebook's author has not chosen a prompt."""
        host = urlsplit(self._redirect_uri or "").hostname
        return host is not None and not is_loopback(host) and "prompt" not in self._parameters

    def start(
        self, tenant: Tenant, subject: str, failed: Callable[[Auth0WidgetError], object]
    ) -> str | None:
        """Start one. Returns the URL for the hidden frame, or None if one is under way.

        Args:
            tenant: The tenant, with the settings of this login.
            subject: The ``sub`` of the person whose session it was.
            failed: Called once with the error if it fails. The login's status does not change.
        """
        with self._lock:
            if self._failed is not None:
                return None
            parameters = {**self._parameters, "prompt": "none"}
            url = self._requests.next_for(tenant).url(tenant, parameters)
            request = self._request = self._requests.start(self._login.attempt)
            self._subject, self._failed = subject, failed
            self._timer = threading.Timer(
                SILENT_TIMEOUT, self._fail, (request, LoginTimeoutError())
            )
            self._timer.daemon = True
            self._timer.start()
        return url

    def awaits(self, response: Mapping[str, str]) -> bool:
        """Whether a response has the state of the latest silent login, which may be over."""
        request = self._request
        return request is not None and request.state == Secret(response.get("state", ""))

    def receive(self, response: Mapping[str, str]) -> None:
        """Check the response, exchange its code and verify the tokens, in the background."""
        try:
            request = self._requests.take(response)
        except StateError:  # a second response
            return
        in_background(
            lambda: self._finish(request, response), lambda error: self._fail(request, error)
        )

    def _finish(self, request: AuthorizationRequest, response: Mapping[str, str]) -> None:
        login = self._login
        session = session_from_response(
            request.tenant or login.tenant, login.jwks, request, response, subject=self._subject
        )
        # A login by a click, or a logout, may have come first.
        if request.attempt is None or not login.complete(
            request.attempt, session, self._initiator.attempt_succeeded
        ):
            raise LoginCancelledError
        self._end(request)

    def _fail(self, request: AuthorizationRequest, error: Auth0WidgetError) -> None:
        failed = self._end(request)
        if failed is not None:
            log.info("a silent login failed with %s", error.code)
            failed(error)

    def _end(self, request: AuthorizationRequest) -> Callable[[Auth0WidgetError], object] | None:
        """End a silent login. Returns what to call if it failed, or None if it was over."""
        with self._lock:
            if self._request is not request:
                return None
            failed, self._failed = self._failed, None
            if self._timer is not None:
                self._timer.cancel()
            return failed
