"""How a session begins: with a response of the tenant, or with a record from the browser.

Either way everything in it is verified first, and a refusal leaves nothing behind.
"""

from __future__ import annotations

import logging
import math
import random
import secrets
import time
from time import sleep
from typing import TYPE_CHECKING, Any, TypeVar

from auth0_widget.base.redaction import PrivateMapping, without_frames
from auth0_widget.base.strict_json import without_lone_surrogates
from auth0_widget.errors import (
    Auth0WidgetError,
    InvalidResponseError,
    RateLimitError,
    SessionExpiredError,
    UserinfoError,
)
from auth0_widget.oauth.authorization_request import code_from_response
from auth0_widget.oauth.granted import missing_scopes
from auth0_widget.oauth.id_token import verify_id_token
from auth0_widget.oauth.revocation import revoke_in_background
from auth0_widget.session.managed_session import ManagedSession
from auth0_widget.session.tokens import Tokens, tokens_from_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from auth0_widget.base.redaction import Secret
    from auth0_widget.oauth.authorization_request import AuthorizationRequest
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.oauth.jwks import JwksCache
    from auth0_widget.oauth.token_response import TokenResponse
    from auth0_widget.session.record import Record


log = logging.getLogger(__name__)

# What an ID token says about itself and not about the person (OpenID Connect Core 2 and 3.1.3.6).
_PROTOCOL_CLAIMS = {
    *("iss", "aud", "exp", "iat", "nbf", "nonce", "azp", "at_hash", "c_hash", "auth_time"),
    *("acr", "amr", "sid", "jti"),
}


LONGEST_RETRY_AFTER = 5.0
"""Seconds. Where the tenant names a longer one in ``Retry-After``, the login fails and says so."""

RATE_LIMIT_TIMEOUT = 120.0
"""Seconds for which a login waits for its turn. An authorization code lives ten minutes."""

Result = TypeVar("Result")


@without_frames
def session_from_response(
    tenant: Tenant, jwks: JwksCache, request: AuthorizationRequest, response: Mapping[str, str]
) -> ManagedSession:
    """The session behind an authorization response: its code is exchanged for tokens.

    Args:
        tenant: Whom to ask.
        jwks: The tenant's signing keys.
        request: The authorization request that the response answers.
        response: What came back to the redirect URI (RFC 6749, 4.1.2), not yet checked.

    Raises:
        Auth0WidgetError: As `code_from_response`, `Tenant.authorization_code_grant` and
            `session_from_tokens` do.
    """
    code = code_from_response(response, tenant.settings.issuer)
    tokens = _retried_when_limited(
        lambda: tenant.authorization_code_grant(
            code=code, verifier=request.verifier, redirect_uri=request.redirect_uri
        )
    )
    return session_from_tokens(tenant, jwks, tokens, nonce=request.nonce.reveal())


@without_frames
def session_from_tokens(
    tenant: Tenant, jwks: JwksCache, response: TokenResponse, *, nonce: str | None
) -> ManagedSession:
    """The session behind a token response, with the ID token verified and the profile fetched.

    Raises:
        InvalidResponseError: There is no ID token in the response.
        IdTokenError: The ID token failed a check; nothing further was asked.
        UserinfoError: The profile is of another person.
        UnreachableError: The tenant could not be asked.
    """
    if response.id_token is None:
        raise InvalidResponseError("The tenant's token response has no ID token in it.")
    try:
        id_token = response.id_token
        claims = _retried_when_limited(  # the keys may have to be fetched
            lambda: verify_id_token(
                id_token,
                settings=tenant.settings,
                jwks=jwks,
                nonce=nonce,
                max_age=tenant.settings.max_age,
            )
        )
        profile = _profile_or_claims(tenant, response.access_token, claims)
    except Auth0WidgetError as error:
        if not error.passing:
            revoke_in_background(tenant, response.refresh_token)
        raise
    asked = tenant.settings.scope
    tokens = tokens_from_response(response, response.id_token, claims, scope=asked)
    if missing := missing_scopes(tokens.scope, asked):
        log.warning("the tenant did not grant all scopes; missing: %s", missing)
    return ManagedSession(
        tenant,
        jwks,
        tokens=tokens,
        profile=profile,
        refresh_token=response.refresh_token,
        session_id=secrets.token_urlsafe(16),
        logged_in_at=tokens.saved_at,
    )


@without_frames
def session_from_record(
    tenant: Tenant, jwks: JwksCache, record: Record, refresh_token: Secret | None = None
) -> ManagedSession:
    """The session behind a record from the browser, verified anew.

    The ID token must pass every check but the nonce, which died with the login. In a sealed record
    it may have expired: the seal proves that it was good when it was stored, and the session lasts
    until its access token ends. Without a seal the tenant must confirm the access token and give
    the profile anew, at the cost of one request.

    Raises:
        SessionExpiredError: The access token's time is over.
        IdTokenError: The ID token failed a check.
        UserinfoError: The tenant does not take the access token, or it is of another person.
        UnreachableError: The tenant was needed and could not be asked.
    """
    claims = verify_id_token(
        record.id_token,
        settings=tenant.settings,
        jwks=jwks,
        nonce=None,
        max_age=tenant.settings.max_age,
        allow_expired=record.sealed,
    )
    if time.time() >= record.access_token_expires_at:
        raise SessionExpiredError
    profile = record.profile
    if not record.sealed:
        profile = fetch_profile(tenant, record.access_token, claims["sub"])
    elif profile.get("sub") != claims["sub"]:
        raise UserinfoError("The stored profile is that of another person.")
    session_ends_at = claims.get("session_expiry", math.inf)
    tokens = Tokens(
        id_token=record.id_token,
        claims=claims,
        access_token=record.access_token,
        expires_at=min(record.access_token_expires_at, session_ends_at),
        scope=record.scope,
        saved_at=record.saved_at if record.sealed else claims["iat"],
        session_ends_at=session_ends_at,
    )
    return ManagedSession(
        tenant,
        jwks,
        tokens=tokens,
        profile=profile,
        refresh_token=refresh_token,
        session_id=record.session_id,
        # Without a seal the tenant's word is the only one: a time made up by somebody else
        # would let a login outlive its logout.
        logged_in_at=record.logged_in_at if record.sealed else claims["iat"],
        restored=True,
    )


def _retried_when_limited(ask: Callable[[], Result]) -> Result:
    """What the tenant gives, asked again where it has had too many requests for a moment.

    Many people log in at the start of a lesson. A request that was refused for its number has done
    nothing (RFC 6585, 4), so that a code that it held is good still.
    """
    give_up_at = time.monotonic() + RATE_LIMIT_TIMEOUT
    while True:
        try:
            return ask()
        except RateLimitError as error:
            pause = error.retry_after
            if (
                pause is None
                or pause > LONGEST_RETRY_AFTER
                or time.monotonic() + pause > give_up_at
            ):
                raise
        # Not all of them at the same moment again.
        sleep(pause * random.uniform(1, 2))  # noqa: S311 - no secret


def _profile_or_claims(
    tenant: Tenant, access_token: Secret, claims: PrivateMapping
) -> PrivateMapping:
    """The profile, or what the verified ID token says of the person where it cannot be had.

    Auth0 refuses ``/userinfo`` where the API of the audience signs with HS256, and a profile with
    very many groups is larger than we read. The person has logged in all the same.

    Raises:
        UserinfoError: The profile is of another person.
    """
    try:
        profile = tenant.userinfo(access_token)
    except Auth0WidgetError as error:
        if not error.passing and not isinstance(error, UserinfoError):
            raise
        log.warning("the profile is that of the ID token: /userinfo failed with %s", error.code)
        return PrivateMapping({name: claims[name] for name in set(claims) - _PROTOCOL_CLAIMS})
    return _checked_profile(profile, claims["sub"])


def fetch_profile(tenant: Tenant, access_token: Secret, subject: str) -> PrivateMapping:
    """The profile of this very person: ``sub`` must match (OpenID Connect Core 5.3.2).

    Raises:
        UserinfoError: The tenant refused, or answered for another person.
        UnreachableError: The tenant could not be asked.
    """
    return _checked_profile(tenant.userinfo(access_token), subject)


def _checked_profile(profile: Mapping[str, Any], subject: str) -> PrivateMapping:
    if profile.get("sub") != subject:
        raise UserinfoError("The tenant's profile is that of another person than the ID token's.")
    return PrivateMapping(without_lone_surrogates(profile))
