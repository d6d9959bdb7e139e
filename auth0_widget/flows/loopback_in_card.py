"""The loopback flow in the card (RFC 8252, 7.3): Log in is a link, for pages without a window.

Each page that shows the widget has a `LoopbackInCard`. When the person clicks the link, the page
sends the kernel a message, and the kernel starts to listen. The response comes much later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.flows.card_attempt import CardAttempt
from auth0_widget.flows.loopback import session_by_loopback
from auth0_widget.oauth.authorization_request import PendingRequests
from auth0_widget.oauth.loopback_address import redirect_uri

if TYPE_CHECKING:
    from auth0_widget.flows.on_demand import Pause
    from auth0_widget.login.initiator import Initiator
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.authorization_options import AuthorizationOptions
    from auth0_widget.session.managed_session import ManagedSession


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
        self._attempt: CardAttempt | None = None

    def next_authorize_url(self) -> str:
        """The URL of the link for the next login.

        If a cell has requested another login, this makes the next request one for that.
        """
        tenant = self._login.tenant_for_next_login
        return self._requests.next_for(tenant).url(tenant, self._options.parameters)

    def start(self) -> None:
        """Listen for the response in the background, because the person has followed the link."""
        before, request = self._attempt, self._requests.start()
        if before is not None:
            before.stop.set()
        attempt = self._attempt = CardAttempt(self._login, self._initiator)

        def log_in(pause: Pause) -> ManagedSession:
            if before is not None:
                before.done.wait()  # until then it uses the port
            return session_by_loopback(self._login, request, pause)

        attempt.run(log_in)
