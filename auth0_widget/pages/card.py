"""Creates the parts of messages that the card shows: session, expired session, error, code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from auth0_widget.errors import PopupClosedError
from auth0_widget.pages import messages
from auth0_widget.pages.qr import qr_code_of
from auth0_widget.session.user import User

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.config import ResponseDelivery, Settings
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.flows.device_in_card import ShownCode
    from auth0_widget.session.managed_session import ManagedSession
    from auth0_widget.session.record import Record


def card_of(session: ManagedSession, settings: Settings) -> messages.Card:
    """The card of a session.

    Raises:
        SessionEndedError: The session has just ended.
    """
    user, tokens = session.user, session.tokens
    return messages.Card(
        **_names_of(user),
        profile=dict(session.profile),
        scope=tokens.scope,
        audience=settings.audience,
        id_token_expires_at=tokens.claims["exp"],
        access_token_expires_at=tokens.expires_at,
        no_renewal=session.no_renewal,
        kept_by=session.kept_by,
        server_of=server_of_somebody_else(user, session.profile),
        profile_note=session.profile_note,
    )


def expired_card(record: Record, settings: Settings) -> messages.Card:
    """The card of an expired session, from a sealed record. It has an empty profile."""
    profile = record.profile
    user = User(str(profile.get("sub", "")), profile)
    return messages.Card(
        **_names_of(user),
        profile={},
        scope=record.scope,
        audience=settings.audience,
        id_token_expires_at=None,
        access_token_expires_at=record.access_token_expires_at,
        no_renewal="restored",
        kept_by=None,
        server_of=None,
        profile_note=None,
    )


def _names_of(user: User) -> messages.Names:
    return messages.Names(
        subject=user.sub,
        name=user.name,
        nickname=user.nickname,
        email=user.email,
        picture=user.picture,
    )


def server_of_somebody_else(user: User, profile: Mapping[str, Any]) -> str | None:
    """The name of the hub's user whose server this is, unless the profile has the same name.

    JupyterHub sets the name in the environment of the server. It may be the nickname, the e-mail
    address, the part of it before the @, or the subject of the user.
    """
    owner = os.environ.get("JUPYTERHUB_USER")
    names = [user.sub, user.name, user.nickname, user.email, profile.get("preferred_username")]
    known = {str(name).casefold() for name in names if name}
    known |= {part for name in known for part in (name.split("@")[0], name.split("|")[-1])}
    return owner if owner and owner.casefold() not in known else None


def closed_window_problem(
    closed: ResponseDelivery, callback: ResponseDelivery, *, has_callback_page: bool
) -> PopupClosedError:
    """The error for a login window that seems closed.

    Args:
        closed: How the response of that window would come.
        callback: How the response of the next window will come.
        has_callback_page: Whether the page's server serves the callback page.
    """
    if closed == "page":
        next_step = (
            "If you still see the window, finish the login there. Otherwise click Log in again, or "
            "Use a code instead."
        )
    elif callback == "page":
        next_step = "Click Log in: the response will come through the callback page."
    elif has_callback_page:
        next_step = (
            "Click Log in to open it again. If nobody closed it, click Use the callback page, then "
            "Log in; or Use a code instead."
        )
    else:
        return PopupClosedError()
    return PopupClosedError(next_step=next_step)


def problem_of(error: Auth0WidgetError) -> messages.Problem:
    """An error, as a part of a message."""
    return messages.Problem(code=error.code, message=error.message, next_step=error.next_step)


def delayed_renewal_of(error: Auth0WidgetError) -> messages.Problem:
    """An error that delays a renewal, as a part of a message. The person need not do anything."""
    return messages.Problem(
        code=error.code,
        message=f"The access token could not be renewed yet. {error.message}",
        next_step="It is good until the time shown, and renewing it is tried again.",
    )


def device_of(code: ShownCode | None) -> messages.Device | None:
    """A code, as a part of a message, or None."""
    if code is None:
        return None
    complete = code.verification_uri_complete
    return messages.Device(
        user_code=code.user_code,
        verification_uri=code.verification_uri,
        expires_at=code.expires_at,
        reason=code.reason,
        verification_uri_complete=complete,
        qr=qr_code_of(complete) if complete is not None else None,
    )
