"""The flow of a JupyterHub whose people log in with Auth0: the session of the hub's own login.

The hub, through oauthenticator, keeps the access token of each user and keeps it fresh. The kernel
asks for it, verifies what can be verified, and asks again before it ends. Nobody clicks anything,
and nothing is stored in the browser. A hub must allow it: see docs/howto/shared-server.md.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from auth0_widget.base.redaction import without_frames
from auth0_widget.errors import HubAudienceError, HubAuthStateError, HubNotRenewedError
from auth0_widget.flows.hub_api import HubApi
from auth0_widget.oauth.access_token import is_for_audience
from auth0_widget.oauth.client import parse_token_response
from auth0_widget.oauth.id_token import verify_id_token
from auth0_widget.session.factory import fetch_profile
from auth0_widget.session.hub_session import ManagedHubSession
from auth0_widget.session.tokens import Tokens

if TYPE_CHECKING:
    from auth0_widget.config import Settings
    from auth0_widget.login.login import Login

_ASK_FOR_IDENTITY = (
    "Whoever runs the hub adds openid to c.Auth0OAuthenticator.scope; then log out of the hub and "
    "in again."
)


@without_frames
def log_in_by_hub(login: Login) -> ManagedHubSession:
    """The session of this server's owner, who has logged in to the hub.

    Raises:
        HubError: The hub did not give it, or what it gave is not the owner's; its subclasses say
            what whoever runs the hub has to set.
        IdTokenError: The ID token failed a check.
        UserinfoError: The tenant does not take the access token, or it is another person's.
        UnreachableError: The hub or the tenant could not be asked.
    """
    tokens = _tokens_from_hub(login, None)
    # The tenant's word that the access token is good, and whose it is.
    profile = fetch_profile(login.tenant, tokens.access_token, tokens.claims["sub"])
    return ManagedHubSession(
        login.tenant,
        login.jwks,
        tokens=tokens,
        profile=profile,
        ask=lambda subject: _tokens_from_hub(login, subject),
    )


def check_hub(_settings: Settings) -> None:
    """See, before anything is sent, that there is a hub.

    Raises:
        NoHubError: There is none.
    """
    HubApi()


@without_frames
def _tokens_from_hub(login: Login, subject: str | None) -> Tokens:
    """What the hub has now, verified.

    Args:
        login: Whose settings it must match.
        subject: The ``sub`` it must have, where the person is known.
    """
    settings, jwks = login.settings, login.jwks
    response = parse_token_response(_response_of(HubApi().auth_state()))
    if response.id_token is None:
        raise HubAuthStateError("JupyterHub's login gave no ID token.", next_step=_ASK_FOR_IDENTITY)
    claims = verify_id_token(
        response.id_token,
        settings=settings,
        jwks=jwks,
        nonce=None,  # of a request that the hub has made
        subject=subject,
        max_age=settings.max_age,
        allow_expired=True,  # the access token may outlive it
    )
    # Both are of one token response, so the ID token says when the access token was issued.
    ends_at = claims["iat"] + response.expires_in
    if time.time() >= ends_at:
        raise HubNotRenewedError
    if settings.audience and not is_for_audience(
        response.access_token, settings, jwks, claims["sub"]
    ):
        raise HubAudienceError
    session_ends_at = claims.get("session_expiry", float("inf"))
    return Tokens(
        id_token=response.id_token,
        claims=claims,
        access_token=response.access_token,
        expires_at=min(ends_at, session_ends_at),
        scope=response.scope or settings.scope,
        saved_at=claims["iat"],
        session_ends_at=session_ends_at,
    )


def _response_of(state: dict[str, Any]) -> dict[str, Any]:
    """The token response that oauthenticator keeps, without the refresh token in it."""
    response = state.get("token_response")
    if not isinstance(response, dict) or not response.get("access_token"):
        raise HubAuthStateError
    return {name: value for name, value in response.items() if name != "refresh_token"}
