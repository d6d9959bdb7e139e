"""Gets a session with more scopes, for another API or by another login.

The person has to click only if a refresh token grant is not enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auth0_widget.base.background import run_in_thread
from auth0_widget.errors import NotGrantedError, TokenRequestError
from auth0_widget.login.requested_login import RequestedLogin
from auth0_widget.notebook.waiting import session_of, wait_async
from auth0_widget.oauth.granted import missing_scopes
from auth0_widget.session.session import managed_session_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auth0_widget.login.login import Login
    from auth0_widget.notebook.waiting import Pages
    from auth0_widget.session.session import Session


async def request_login(
    login: Login,
    pages: Pages,
    session: Session,
    print_text: Callable[[str], object],
    asked: Mapping[str, Any],
) -> Session:
    """A session with what is requested, see `LoginWidget.request`.

    Args:
        login: The login.
        pages: The pages that show the widget.
        session: The present session.
        print_text: Prints a text that tells the person what to do.
        asked: The arguments of `LoginWidget.request`.
    """
    requested, subject = RequestedLogin.of(login, **asked), session.user.sub
    if not requested.needs_person:
        without = await run_in_thread(lambda: _without_a_click(session, requested))
        if without is not None:
            return without
    prompt = f"To go on, click Log in in the card: this cell asks for {_request_text(requested)}."
    outcome = await wait_async(
        login,
        pages,
        print_text,
        new_session=True,
        requested=requested,
        prompt=prompt if login.flow is None else None,  # other flows print what to do
    )
    received = session_of(outcome)
    requested.check(received, subject)
    return received


def _without_a_click(session: Session, requested: RequestedLogin) -> Session | None:
    """A session with what is requested, or None if the person has to log in for it.

    One may have it already. Otherwise a refresh token grant is tried.
    """
    resource = requested.resource
    if resource is None:
        return None if missing_scopes(session.scope, requested.scope) else session
    others = dict(managed_session_of(session).api_sessions)
    for known, other in others.items():
        if known.audience == resource.audience and other.active:
            granted = other.tokens.scope
            if resource.scope and not missing_scopes(granted, resource.scope):
                return other.public
    try:
        return session.for_audience(resource.audience, resource.scope)
    except (NotGrantedError, TokenRequestError):
        return None


def _request_text(requested: RequestedLogin) -> str:
    settings = requested.settings
    parts = [requested.scope] if requested.scope else []
    if requested.resource is not None:
        parts = [f"{requested.scope or 'access'} at {requested.resource.audience}"]
    if settings.acr_values is not None:
        parts.append("another kind of login, such as a second factor")
    if settings.max_age is not None:
        parts.append(f"a login within the last {settings.max_age} seconds")
    return ", and ".join(parts) or "another login"
