"""The hub flow: the session of the login to JupyterHub, where people log in to the hub with Auth0.

The hub (by oauthenticator) stores the access token of each user and renews it. The kernel asks for
it, verifies it, and asks again before it expires. Nobody clicks, and the browser stores nothing.
The hub must allow this: see docs/howto/shared-server.md.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from auth0_widget.base.redaction import without_frames
from auth0_widget.errors import (
    HubAudienceError,
    HubAuthStateError,
    HubNotRenewedError,
    InvalidResponseError,
)
from auth0_widget.flows.hub_api import HubApi
from auth0_widget.oauth.access_token import is_for_audience
from auth0_widget.oauth.id_token import session_end, verify_id_token
from auth0_widget.oauth.token_response import parse_token_response
from auth0_widget.session.factory import fetch_profile
from auth0_widget.session.hub_session import ManagedHubSession
from auth0_widget.session.tokens import Tokens

if TYPE_CHECKING:
    from auth0_widget.base.redaction import PrivateMapping
    from auth0_widget.config import Settings
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.oauth.jwks import JwksCache

_ADD_OPENID_SCOPE = (
    "Whoever runs the hub adds openid to c.Auth0OAuthenticator.scope; then log out of the hub and "
    "in again."
)


@without_frames
def log_in_by_hub(login: Login) -> ManagedHubSession:
    """The session of the owner of this server, from the login to the hub.

    Raises:
        HubError: The hub gave no tokens, or not the owner's. Its subclasses say what the hub's
            administrator has to set.
        IdTokenError: The ID token failed a check.
        UserinfoError: The tenant refused the access token, or it is another person's.
        UnreachableError: The hub or the tenant could not be asked.
    """
    tokens, profile = ask_hub(login.tenant, login.jwks)
    return ManagedHubSession(
        login.tenant,
        login.jwks,
        tokens=tokens,
        profile=profile,
        ask=lambda before: ask_hub(login.tenant, login.jwks, before)[0],
    )


def check_hub(_settings: Settings) -> None:
    """Check that a JupyterHub started this server.

    Raises:
        NoHubError: It did not.
    """
    HubApi()


@without_frames
def ask_hub(
    tenant: Tenant, jwks: JwksCache, before: Tokens | None = None
) -> tuple[Tokens, PrivateMapping]:
    """The tokens that the hub has now and the profile of their person, verified.

    Args:
        tenant: The tenant, with the settings that they must match.
        jwks: The tenant's signing keys.
        before: The tokens that they replace, which must be the same person's; or None.

    Raises:
        Auth0WidgetError: The same errors as of `log_in_by_hub`.
    """
    settings = tenant.settings
    kept = _response_of(HubApi().auth_state())
    try:
        response = parse_token_response(kept)
    except InvalidResponseError:
        raise HubAuthStateError(
            "The token response that JupyterHub keeps of your login is not usable.",
            next_step="Log out of the hub and in again; if it persists, tell whoever runs the hub.",
        ) from None
    if response.id_token is None:
        raise HubAuthStateError("JupyterHub's login gave no ID token.", next_step=_ADD_OPENID_SCOPE)
    claims = verify_id_token(
        response.id_token,
        settings=settings,
        jwks=jwks,
        nonce=None,  # the hub made the authorization request
        subject=before.claims["sub"] if before is not None else None,
        max_age=settings.max_age,
        allow_expired=True,  # the access token may last longer
    )
    # Both tokens come from one token response, so the access token was issued at `iat`, too.
    ends_at = claims["iat"] + response.expires_in
    known = before is not None and response.access_token == before.access_token
    if known or time.time() >= ends_at:
        raise HubNotRenewedError
    if settings.audience and not is_for_audience(
        response.access_token, settings, jwks, claims["sub"]
    ):
        raise HubAudienceError
    # The tenant's response confirms that the access token is valid, and whose it is.
    profile = fetch_profile(tenant, response.access_token, claims["sub"])
    session_ends_at = session_end(claims)
    tokens = Tokens(
        id_token=response.id_token,
        claims=claims,
        access_token=response.access_token,
        expires_at=min(ends_at, session_ends_at),
        scope=response.scope or settings.scope,
        saved_at=claims["iat"],
        session_ends_at=session_ends_at,
    )
    return tokens, profile


def _response_of(state: dict[str, Any]) -> dict[str, Any]:
    """The token response that oauthenticator stores, without its refresh token."""
    response = state.get("token_response")
    if not isinstance(response, dict) or not response.get("access_token"):
        raise HubAuthStateError
    return {name: value for name, value in response.items() if name != "refresh_token"}
