"""The popup flow: Universal Login in a window, the answer by web message or callback page.

One of these belongs to each page that shows the widget. The page opens the window, accepts the
answer only from the tenant's origin and from that very window, or from its own server's callback
page and with this login's state, and hands it to the kernel.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.errors import CallbackPageMissingError, LoginCancelledError, StateError
from auth0_widget.oauth.authorization_request import PendingRequests
from auth0_widget.session.factory import session_from_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auth0_widget.config import Callback
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.authorization_options import AuthorizationOptions
    from auth0_widget.oauth.authorization_request import AuthorizationRequest
    from auth0_widget.session.managed_session import ManagedSession

log = logging.getLogger(__name__)


class PopupFlow:
    """The logins that one page starts.

    Args:
        login: What they are for.
        origin: The page's origin, which is an Allowed Callback URL and Allowed Web Origin in Auth0.
        callback_page: The address of the callback page that the page's server serves, an Allowed
            Callback URL in Auth0; or None.
        options: What the notebook's author adds to each request.
        callback: Which of the two it is.

    Attributes:
        callback: As given.
        problem: Why no login can start from this page, or None.
    """

    def __init__(
        self,
        login: Login,
        *,
        origin: str,
        callback_page: str | None,
        options: AuthorizationOptions,
        callback: Callback,
    ) -> None:
        self._login = login
        self._options = options
        self._origin, self.callback = origin, callback
        self.problem: Auth0WidgetError | None = None
        if callback == "message":
            self._requests = PendingRequests(origin, response_mode="web_message")
        else:
            self._requests = PendingRequests(callback_page or "", response_mode="query")
            if callback_page is None:
                self.problem = CallbackPageMissingError()

    @property
    def authorize_url(self) -> str | None:
        """What the next click on Log in opens; None when no login can start."""
        if self.problem is not None:
            return None
        return self._requests.next.url(self._login.tenant, self._options.parameters)

    @property
    def logout_url(self) -> str:
        """Where the tenant ends its own session and comes back to this very page's origin."""
        return self._login.tenant.logout_url(self._origin)

    def start(self) -> None:
        """The window is open: the person is with the tenant, so there is time to fetch keys."""
        self._requests.start(self._login.start())
        in_background(self._login.jwks.warm)

    def abandon(
        self, error: Auth0WidgetError, dropped: Callable[[Auth0WidgetError], object]
    ) -> None:
        """The page gave up; an answer that comes all the same is still taken.

        Args:
            error: Why.
            dropped: Called with it when there is no login of this page to end.
        """
        self._fail(self._requests.latest, error, dropped)

    def answer(
        self,
        response: Mapping[str, str],
        take_part: Callable[[ManagedSession], object],
        dropped: Callable[[Auth0WidgetError], object],
    ) -> None:
        """The tenant has answered: check, exchange, verify, all off the kernel's main thread.

        Args:
            response: The authorization response as the page received it.
            take_part: Called with the session just before everybody is told of it.
            dropped: Called with the reason when the answer is of no login that still counts.
        """
        latest = self._requests.latest  # an answer that comes too late is taken off the list
        try:
            request = self._requests.take(response)
        except StateError as error:
            log.warning("refused a login answer: %s", error.code)
            self._fail(latest, error, dropped)
            return
        in_background(
            lambda: self._finish(request, response, take_part),
            lambda error: self._fail(request, error, dropped),
        )

    def _fail(
        self,
        request: AuthorizationRequest | None,
        error: Auth0WidgetError,
        dropped: Callable[[Auth0WidgetError], object],
    ) -> None:
        attempt = request.attempt if request is not None else None
        if attempt is None or not self._login.fail(attempt, error):
            dropped(error)

    def _finish(
        self,
        request: AuthorizationRequest,
        response: Mapping[str, str],
        take_part: Callable[[ManagedSession], object],
    ) -> None:
        login = self._login
        session = session_from_response(login.tenant, login.jwks, request, response)
        if request.attempt is None or not login.complete(request.attempt, session, take_part):
            raise LoginCancelledError
