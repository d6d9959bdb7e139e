"""A cell that asks for more than its session has: without a click where that is possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auth0_widget.base.background import run_in_thread
from auth0_widget.errors import NotGrantedError, TokenRequestError
from auth0_widget.login.wanted import WantedLogin
from auth0_widget.notebook.waiting import session_of, wait_async
from auth0_widget.oauth.granted import missing_scopes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auth0_widget.login.login import Login
    from auth0_widget.notebook.waiting import Pages
    from auth0_widget.session.session import Session


async def request_login(
    login: Login,
    pages: Pages,
    session: Session,
    say: Callable[[str], object],
    asked: Mapping[str, Any],
) -> Session:
    """A session that has what was asked for; see `LoginWidget.request`.

    Args:
        login: Whose session it is.
        pages: Where the person may have to click.
        session: The session that is there.
        say: Told what the person is to do.
        asked: The arguments of `LoginWidget.request`.
    """
    wanted, subject = WantedLogin.of(login, **asked), session.user.sub
    if not wanted.needs_person:
        without = await run_in_thread(lambda: _without_a_click(session, wanted))
        if without is not None:
            return without
    if login.flow is None:  # the other flows print what to do
        say(f"To go on, click Log in in the card: this cell asks for {_told(wanted)}.")
    outcome = await wait_async(login, pages, say, another=True, wanted=wanted)
    received = session_of(outcome)
    wanted.check(received, subject)
    return received


def _without_a_click(session: Session, wanted: WantedLogin) -> Session | None:
    """The session that has it already, or gets it by its refresh token; None where it cannot."""
    resource = wanted.resource
    if resource is None:
        return None if missing_scopes(session.scope, wanted.scope) else session
    others = dict(session._managed.others)  # noqa: SLF001 - what users see has none of them
    for known, other in others.items():
        if known.audience == resource.audience and other.active:
            granted = other.tokens.scope
            if resource.scope and not missing_scopes(granted, resource.scope):
                return other.public
    try:
        return session.for_audience(resource.audience, resource.scope)
    except (NotGrantedError, TokenRequestError):
        return None


def _told(wanted: WantedLogin) -> str:
    settings = wanted.settings
    parts = [wanted.scope] if wanted.scope else []
    if wanted.resource is not None:
        parts = [f"{wanted.scope or 'access'} at {wanted.resource.audience}"]
    if settings.acr_values is not None:
        parts.append("another kind of login, such as a second factor")
    if settings.max_age is not None:
        parts.append(f"a login within the last {settings.max_age} seconds")
    return ", and ".join(parts) or "another login"
