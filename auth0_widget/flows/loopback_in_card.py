"""The loopback flow in the card (RFC 8252, 7.3): Log in is a link, for pages without a window.

Each page that shows the widget has a `LoopbackInCard`. When the person clicks the link, the page
sends the kernel a message, and the kernel starts to listen. The response comes much later.
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
    """The logins that one page starts by a link, one at a time. A new one ends the previous one.

    Args:
        login: The login.
        initiator: The page.
        options: Parameters that the notebook's author adds to each authorization request.
    """

    def __init__(self, login: Login, initiator: Initiator, options: AuthorizationOptions) -> None:
        self._login, self._initiator, self._options = login, initiator, options
        self._requests = PendingRequests(redirect_uri(login.settings.loopback_port), "query")
        self._attempt: _Attempt | None = None

    @property
    def url(self) -> str:
        """The URL of the link for the next login."""
        tenant = self._login.tenant_for_next_login
        return self._requests.next_for(tenant).url(tenant, self._options.parameters)

    def start(self) -> None:
        """Listen for the response in the background, because the person has followed the link."""
        before, request = self._attempt, self._requests.start()
        if before is not None:
            before.stop.set()
        attempt = self._attempt = _Attempt(self._login.start(), request)
        try:
            in_background(
                lambda: self._run(attempt, before), lambda error: self._failed(attempt, error)
            )
        except BaseException:
            self._login.cancel()  # an interrupt, before the thread started
            raise

    def _run(self, attempt: _Attempt, before: _Attempt | None) -> None:
        def stop_if_over() -> None:
            if not self._login.is_under_way(attempt.attempt):
                attempt.stop.set()

        stop_listening = self._login.listen(stop_if_over)
        try:
            if before is not None:
                before.over.wait()  # until then it uses the port
            stop_if_over()  # the attempt may have ended already
            session = session_by_loopback(self._login, attempt.request, attempt.stop.wait)
        finally:
            stop_listening()
            attempt.over.set()
        self._login.complete(attempt.attempt, session, self._initiator.attempt_succeeded)

    def _failed(self, attempt: _Attempt, error: Auth0WidgetError) -> None:
        # The person knows why the attempt was cancelled.
        if not isinstance(error, LoginCancelledError):
            self._login.fail(attempt.attempt, error)
