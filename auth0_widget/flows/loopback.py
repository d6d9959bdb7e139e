"""The loopback flow (RFC 8252, 7.3): a link to open, whose answer comes back to this machine.

For a kernel on the person's own machine, where no window can open: a terminal, a script, VS Code.
"""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING

from auth0_widget.base.redaction import without_frames
from auth0_widget.errors import LoginCancelledError, LoginTooLongError
from auth0_widget.oauth.authorization_request import AuthorizationRequest
from auth0_widget.session.factory import session_from_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auth0_widget.flows.on_demand import Pause
    from auth0_widget.login.login import Login
    from auth0_widget.session.managed_session import ManagedSession


def invitation(url: str) -> str:
    """What to open, for whoever reads plain text."""
    return f"To log in, open this link in a browser on this machine:\n{url}"


@without_frames
def log_in_by_loopback(login: Login, pause: Pause, show: Callable[[str], object]) -> ManagedSession:
    """The session of whoever opens the link that is shown, in a browser on this machine.

    Args:
        login: What it is for.
        pause: Waits, and says when nobody is interested any more.
        show: Shows the link to the person.

    Raises:
        LoopbackPortError: Another program has the port; no link is shown.
        LoginTooLongError: Nobody logged in within ten minutes.
        LoginCancelledError: Nobody waits for it any more.
        LoginDeniedError: The person, or a rule of the tenant, said no.
        Auth0WidgetError: The tenant refused otherwise, or could not be asked.
    """
    from auth0_widget.flows.loopback_listener import (  # noqa: PLC0415 - it loads http.server
        TICK,
        LoopbackListener,
        redirect_uri,
    )

    port, tenant = login.settings.loopback_port, login.asking
    request = AuthorizationRequest(redirect_uri(port))
    # The answer, or None when the time is over.
    answers: queue.SimpleQueue[Mapping[str, str] | None] = queue.SimpleQueue()
    with LoopbackListener(port, request.state, answers.put, lambda: answers.put(None)):
        show(request.url(tenant))
        while answers.empty():
            if pause(TICK):
                raise LoginCancelledError(
                    "The login was cancelled: nobody waits for it any more.",
                    next_step="Call `login.wait()` or `await login` again to get a new link.",
                )
    response = answers.get()
    if response is None:
        raise LoginTooLongError
    return session_from_response(tenant, login.jwks, request, response)
