"""The loopback flow (RFC 8252, 7.3): a link, and a redirect URI on this machine.

It is for a kernel on the person's own machine, where no window can open: in a terminal, a script or
VS Code.
"""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background
from auth0_widget.base.redaction import without_frames
from auth0_widget.errors import LoginCancelledError, LoginTooLongError
from auth0_widget.oauth.authorization_request import AuthorizationRequest
from auth0_widget.oauth.loopback_address import redirect_uri
from auth0_widget.session.factory import session_from_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auth0_widget.flows.on_demand import Pause
    from auth0_widget.login.login import Login
    from auth0_widget.session.managed_session import ManagedSession


def link_instructions(url: str) -> str:
    """The instructions for the person, as plain text."""
    return f"To log in, open this link in a browser on this machine:\n{url}"


@without_frames
def log_in_by_loopback(login: Login, pause: Pause, show: Callable[[str], object]) -> ManagedSession:
    """Show a link, wait for the response, and return the session of the person who logged in.

    Args:
        login: The login.
        pause: Waits, see `Pause`.
        show: Shows the link to the person.

    Raises:
        LoopbackPortError: Another program uses the port. No link is shown.
        LoginTooLongError: Nobody logged in within ten minutes.
        LoginCancelledError: No cell waits any more.
        LoginDeniedError: The person or a rule of the tenant denied the login.
        Auth0WidgetError: The tenant refused, or could not be asked.
    """
    request = AuthorizationRequest(redirect_uri(login.settings.loopback_port))
    return session_by_loopback(
        login, request, pause, lambda: show(request.url(login.tenant_for_next_login))
    )


def session_by_loopback(
    login: Login,
    request: AuthorizationRequest,
    pause: Pause,
    listening: Callable[[], object] = lambda: None,
) -> ManagedSession:
    """Listen for the response to a request, and return the session of the person who logged in.

    Args:
        login: The login.
        request: The authorization request whose URL the person opens.
        pause: Waits, see `Pause`.
        listening: Called when the listener is ready for the response.

    Raises:
        Auth0WidgetError: The same errors as `log_in_by_loopback`.
    """
    from auth0_widget.flows.loopback_listener import (  # noqa: PLC0415 - it imports http.server
        TICK,
        LoopbackListener,
    )

    # Gets the response, or None after the timeout.
    responses: queue.SimpleQueue[Mapping[str, str] | None] = queue.SimpleQueue()
    port, tenant = login.settings.loopback_port, login.tenant_for_next_login
    with LoopbackListener(port, request.state, responses.put, lambda: responses.put(None)):
        listening()
        in_background(login.jwks.prefetch)  # while the person logs in
        while responses.empty():
            if pause(TICK):
                raise LoginCancelledError(
                    "The login was cancelled: nobody waits for it any more.",
                    next_step="Call `login.wait()` or `await login` again to get a new link.",
                )
    response = responses.get()
    if response is None:
        raise LoginTooLongError
    return session_from_response(tenant, login.jwks, request, response)
