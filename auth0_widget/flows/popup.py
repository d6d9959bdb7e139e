"""The popup flow: Universal Login in a window, with the response by web message or callback page.

Each page that shows the widget has a `PopupFlow`. The page opens the window and sends the response
to the kernel. It accepts a response only from the tenant's origin and that window, or from the
callback page of its own server and with the state of this login.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.base.redaction import Secret
from auth0_widget.errors import (
    CallbackPageMissingError,
    LoginCancelledError,
    NoWindowError,
    PopupBlockedError,
    PopupClosedError,
    StateError,
)
from auth0_widget.oauth.authorization_request import PendingRequests
from auth0_widget.session.factory import session_from_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.config import ResponseDelivery
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.login.initiator import Initiator
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.authorization_options import AuthorizationOptions
    from auth0_widget.oauth.authorization_request import AuthorizationRequest
    from auth0_widget.session.managed_session import ManagedSession

log = logging.getLogger(__name__)

_RESPONSE_MODES: dict[ResponseDelivery, str] = {"message": "web_message", "page": "query"}


class PopupFlow:
    """The logins that one page starts in a window.

    Args:
        login: The login.
        initiator: The page.
        options: Parameters that the notebook's author adds to each authorization request.
        callback: Whether the response comes by web message or by the callback page.
        redirect_uri: The page's origin, or the URL of its server's callback page. It must be an
            Allowed Callback URL in Auth0. None if the page has no web origin, or its server no
            callback page.

    Attributes:
        callback: How the response to the next request comes.
        problem: Why no login can start in a window of this page, or None.
    """

    def __init__(
        self,
        login: Login,
        initiator: Initiator,
        *,
        options: AuthorizationOptions,
        callback: ResponseDelivery,
        redirect_uri: str | None,
    ) -> None:
        self._login, self._initiator = login, initiator
        self._options = options
        self.callback = callback
        self.problem: Auth0WidgetError | None = None
        if redirect_uri is None:
            self.problem = CallbackPageMissingError() if callback == "page" else NoWindowError()
        self._requests = PendingRequests(redirect_uri or "", _RESPONSE_MODES[callback])
        self._closed: AuthorizationRequest | None = None

    def next_authorize_url(self) -> str | None:
        """The URL that the next click on Log in opens, or None when no login can start.

        If a cell has requested another login, this makes the next request one for that.
        """
        if self.problem is not None:
            return None
        tenant = self._login.tenant_for_next_login
        return self._requests.next_for(tenant).url(tenant, self._options.parameters)

    @property
    def url_is_stale(self) -> bool:
        """Whether a cell has requested another login since the page got the URL."""
        return self._requests.next.tenant not in {None, self._login.tenant_for_next_login}

    @property
    def closed_window(self) -> ResponseDelivery | None:
        """How the response to the latest login would come, if its window seems closed; else None.

        The response may still come.
        """
        closed = self._closed
        if closed is None or closed is not self._requests.latest or not self._is_under_way(closed):
            return None
        return "message" if closed.response_mode == _RESPONSE_MODES["message"] else "page"

    @property
    def window(self) -> str | None:
        """The channel of the window whose attempt is about to start or under way, or None."""
        latest = self._requests.latest
        # The start of an attempt tells the pages before its number is known here.
        if latest is None or not (latest.attempt_number is None or self._is_under_way(latest)):
            return None
        return latest.channel

    def start(self) -> None:
        """Start an attempt: the window has opened."""
        request = self._requests.start()  # before `login.start`, which notifies the pages
        request.attempt_number = self._login.start()
        in_background(self._login.jwks.prefetch)  # while the person logs in

    def window_closed(self) -> None:
        """The window seems closed. The attempt continues, because the response may still come."""
        self._closed = self._requests.latest
        if self._closed is None or not self._is_under_way(self._closed):
            self._initiator.attempt_failed(PopupClosedError())

    def window_blocked(self) -> None:
        """The browser blocked the window. Waiting cells go on waiting for the next attempt."""
        if self.problem is not None:
            self._fail(self._requests.latest, self.problem)
        else:
            self._fail(self._requests.latest, PopupBlockedError(), notify_waiters=False)

    def use_callback_page(self, redirect_uri: str) -> None:
        """Use the callback page at this URL from the next attempt on."""
        self.callback = "page"
        self._requests.set_redirect_uri(redirect_uri, _RESPONSE_MODES["page"])

    def waiting_for_callback_page(self) -> list[AuthorizationRequest]:
        """The requests that wait for a response by the callback page."""
        return self._requests.pending(_RESPONSE_MODES["page"])

    def awaits(self, response: Mapping[str, str]) -> bool:
        """Whether a request that waits for the callback page has the state of this response."""
        state = Secret(response.get("state", ""))
        return any(request.state == state for request in self.waiting_for_callback_page())

    def receive(self, response: Mapping[str, str], received_by: Initiator | None = None) -> None:
        """Check the response, exchange its code and verify the tokens, in the background.

        Args:
            response: The parameters of the response.
            received_by: The page that received it, where another page started the attempt.
        """
        latest = self._requests.latest  # `take` removes a request whose response came too late
        try:
            request = self._requests.take(response)
        except StateError as error:
            log.warning("refused an authorization response: %s", error.code)
            self._fail(latest, error)
            return
        in_background(
            lambda: self._finish(request, response, received_by),
            lambda error: self._fail(request, error),
        )

    def _is_under_way(self, request: AuthorizationRequest) -> bool:
        return request.attempt_number is not None and self._login.is_under_way(
            request.attempt_number
        )

    def _finish(
        self,
        request: AuthorizationRequest,
        response: Mapping[str, str],
        received_by: Initiator | None,
    ) -> None:
        login = self._login

        def before_listeners(session: ManagedSession) -> None:
            self._initiator.attempt_succeeded(session)
            if received_by is not None:
                received_by.attempt_succeeded(session)

        session = session_from_response(login.tenant, login.jwks, request, response)
        if request.attempt_number is None or not login.complete(
            request.attempt_number, session, before_listeners
        ):
            raise LoginCancelledError

    def _fail(
        self,
        request: AuthorizationRequest | None,
        error: Auth0WidgetError,
        *,
        notify_waiters: bool = True,
    ) -> None:
        number = request.attempt_number if request is not None else None
        if request is not None and number is not None:
            settings = (request.tenant or self._login.tenant).settings
            if self._login.fail(number, error, settings=settings, notify_waiters=notify_waiters):
                return
        self._initiator.attempt_failed(error)
