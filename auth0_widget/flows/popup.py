"""The popup flow: Universal Login in a window, the response by web message or callback page.

Each page that shows the widget has one of these. The page opens the window. It takes a response
only from the tenant's origin and from that very window, or from the callback page of its own
server and with the state of this login, and sends it to the kernel.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.errors import CallbackPageMissingError, LoginCancelledError, StateError
from auth0_widget.oauth.authorization_request import PendingRequests
from auth0_widget.session.factory import session_from_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.config import Callback
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.flows.initiator import Initiator
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.authorization_options import AuthorizationOptions
    from auth0_widget.oauth.authorization_request import AuthorizationRequest

log = logging.getLogger(__name__)


class PopupFlow:
    """The logins that one page starts in a window.

    Args:
        login: What they are for.
        initiator: The page.
        options: What the notebook's author adds to each request.
        callback: Whether the response comes as a message or through the callback page.
        redirect_uri: The page's origin, or the URL of its server's callback page; an Allowed
            Callback URL in Auth0. None where the server has no callback page.

    Attributes:
        problem: Why no login can start from this page, or None.
    """

    def __init__(
        self,
        login: Login,
        initiator: Initiator,
        *,
        options: AuthorizationOptions,
        callback: Callback,
        redirect_uri: str | None,
    ) -> None:
        self._login, self._initiator = login, initiator
        self._options = options
        self.problem = CallbackPageMissingError() if redirect_uri is None else None
        response_mode = "web_message" if callback == "message" else "query"
        self._requests = PendingRequests(redirect_uri or "", response_mode)

    @property
    def authorize_url(self) -> str | None:
        """What the next click on Log in opens; None when no login can start."""
        if self.problem is not None:
            return None
        return self._requests.next.url(self._login.tenant, self._options.parameters)

    def start(self) -> None:
        """The window is open: the person is with the tenant, so there is time to fetch keys."""
        self._requests.start(self._login.start())
        in_background(self._login.jwks.warm)

    def abandon(self, error: Auth0WidgetError) -> None:
        """The page gave up for this reason; a response that comes all the same is still taken."""
        self._fail(self._requests.latest, error)

    def receive(self, response: Mapping[str, str]) -> None:
        """Check the tenant's response, exchange its code and verify, in the background."""
        latest = self._requests.latest  # `take` removes a request that was answered too late
        try:
            request = self._requests.take(response)
        except StateError as error:
            log.warning("refused an authorization response: %s", error.code)
            self._fail(latest, error)
            return
        in_background(
            lambda: self._finish(request, response), lambda error: self._fail(request, error)
        )

    def _finish(self, request: AuthorizationRequest, response: Mapping[str, str]) -> None:
        login, told_first = self._login, self._initiator.attempt_succeeded
        session = session_from_response(login.tenant, login.jwks, request, response)
        if request.attempt is None or not login.complete(request.attempt, session, told_first):
            raise LoginCancelledError

    def _fail(self, request: AuthorizationRequest | None, error: Auth0WidgetError) -> None:
        attempt = request.attempt if request is not None else None
        if attempt is None or not self._login.fail(attempt, error):
            self._initiator.attempt_failed(error)
