"""The loopback flow in the card (RFC 8252, 7.3): Log in is a link, for pages without a window.

Each page that shows the widget has one of these. The page tells the kernel in the click itself that
the person follows the link, and the kernel listens from then on: the browser comes back much later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.errors import LoginCancelledError
from auth0_widget.flows.loopback import session_by_loopback
from auth0_widget.flows.loopback_address import redirect_uri
from auth0_widget.oauth.authorization_request import PendingRequests

if TYPE_CHECKING:
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.flows.initiator import Initiator
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.authorization_options import AuthorizationOptions
    from auth0_widget.oauth.authorization_request import AuthorizationRequest


@dataclass(slots=True, eq=False)
class _Attempt:
    attempt: int
    request: AuthorizationRequest
    stop: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)


class LoopbackInCard:
    """The logins that one page starts by a link, one at a time: a newer one ends the one before.

    Args:
        login: What they are for.
        initiator: The page.
        options: What the notebook's author adds to each request.
    """

    def __init__(self, login: Login, initiator: Initiator, options: AuthorizationOptions) -> None:
        self._login, self._initiator, self._options = login, initiator, options
        self._requests = PendingRequests(redirect_uri(login.settings.loopback_port), "query")
        self._attempt: _Attempt | None = None

    @property
    def url(self) -> str:
        """What the next click follows."""
        tenant = self._login.tenant_for_next_login
        return self._requests.next_for(tenant).url(tenant, self._options.parameters)

    def start(self) -> None:
        """Listen for the response, in the background: the person has followed the link."""
        before, request = self._attempt, self._requests.start()
        if before is not None:
            before.stop.set()
        attempt = self._attempt = _Attempt(self._login.start(), request)
        try:
            in_background(
                lambda: self._run(attempt, before), lambda error: self._failed(attempt, error)
            )
        except BaseException:
            self._login.cancel()  # Stop came before there was a thread
            raise

    def _run(self, attempt: _Attempt, before: _Attempt | None) -> None:
        def stop_if_over() -> None:
            if not self._login.is_under_way(attempt.attempt):
                attempt.stop.set()

        stop_listening = self._login.listen(stop_if_over)
        try:
            if before is not None:
                before.over.wait()  # it has the port
            stop_if_over()  # it may be over already
            session = session_by_loopback(self._login, attempt.request, attempt.stop.wait)
        finally:
            stop_listening()
            attempt.over.set()
        self._login.complete(attempt.attempt, session, self._initiator.attempt_succeeded)

    def _failed(self, attempt: _Attempt, error: Auth0WidgetError) -> None:
        # Whatever told it to stop has told the person already, or a newer link will.
        if not isinstance(error, LoginCancelledError):
            self._login.fail(attempt.attempt, error)
