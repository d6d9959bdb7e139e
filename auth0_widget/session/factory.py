"""Creates sessions, from a response of the tenant or from a record of the browser.

In both cases everything is verified first. If a check fails, nothing is stored.
"""

from __future__ import annotations

import logging
import random
import secrets
import time
from dataclasses import replace
from time import sleep
from typing import TYPE_CHECKING, Any, TypeVar

from auth0_widget.base.redaction import PrivateMapping, without_frames
from auth0_widget.base.strict_json import without_lone_surrogates
from auth0_widget.errors import (
    Auth0WidgetError,
    InvalidResponseError,
    RateLimitError,
    SessionExpiredError,
    TokenRequestError,
    UserinfoError,
)
from auth0_widget.oauth.authorization_request import code_from_response
from auth0_widget.oauth.granted import missing_scopes
from auth0_widget.oauth.id_token import session_end, verify_id_token
from auth0_widget.oauth.revocation import revoke_in_background
from auth0_widget.session.managed_session import ManagedSession
from auth0_widget.session.renewal import RESPONSE_LOST
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

# Claims about the ID token and not about the person (OpenID Connect Core 2 and 3.1.3.6).
_PROTOCOL_CLAIMS = {
    *("iss", "aud", "exp", "iat", "nbf", "nonce", "azp", "at_hash", "c_hash", "auth_time"),
    *("acr", "amr", "sid", "jti"),
}


_HS256_HINT = " Auth0 gives no profile if the API of the audience signs with HS256."

LONGEST_LOGIN_DELAY = 5.0
"""Seconds. If the tenant's ``Retry-After`` is longer, the login fails."""

RATE_LIMIT_TIMEOUT = 120.0
"""Seconds for which a rate-limited login tries again. A code is valid for ten minutes."""

Result = TypeVar("Result")


@without_frames
def session_from_response(
    tenant: Tenant,
    jwks: JwksCache,
    request: AuthorizationRequest,
    response: Mapping[str, str],
    *,
    subject: str | None = None,
) -> ManagedSession:
    """Exchange the code of an authorization response, and return the session.

    Args:
        tenant: The tenant, with the settings of the login. If the request was made with other
            settings, those apply.
        jwks: The tenant's signing keys.
        request: The authorization request to which the response belongs.
        response: The parameters of the response (RFC 6749, 4.1.2), not yet checked.
        subject: The ``sub`` that the person must have, or None if any person may log in.

    Raises:
        Auth0WidgetError: As `code_from_response`, `Tenant.authorization_code_grant` and
            `session_from_tokens` do.
    """
    tenant = request.tenant or tenant
    code = code_from_response(response, tenant.settings.issuer, tenant.settings.identifiers)
    tokens = _exchange(tenant, request, code)
    return session_from_tokens(tenant, jwks, tokens, nonce=request.nonce.reveal(), subject=subject)


@without_frames
def session_from_tokens(
    tenant: Tenant,
    jwks: JwksCache,
    response: TokenResponse,
    *,
    nonce: str | None,
    subject: str | None = None,
) -> ManagedSession:
    """Verify the ID token of a token response, fetch the profile, and return the session.

    Raises:
        InvalidResponseError: There is no ID token in the response.
        IdTokenError: The ID token failed a check. The profile was not requested.
        UserinfoError: The profile is that of another person.
        UnreachableError: The tenant could not be asked.
    """
    if response.id_token is None:
        raise InvalidResponseError("The tenant's token response has no ID token in it.")
    try:
        id_token = response.id_token
        claims = _retried_when_limited(  # this may fetch the signing keys
            lambda: verify_id_token(
                id_token,
                settings=tenant.settings,
                jwks=jwks,
                nonce=nonce,
                subject=subject,
                max_age=tenant.settings.max_age,
            )
        )
        profile, note = _profile_or_claims(tenant, response.access_token, claims)
    except Auth0WidgetError as error:
        if not error.passing:
            revoke_in_background(tenant, response.refresh_token)
        raise
    asked = tenant.settings.scope
    tokens = tokens_from_response(response, response.id_token, claims, scope=asked)
    if missing := missing_scopes(tokens.scope, asked):
        log.warning("the tenant did not grant all scopes; missing: %s", missing)
    session = ManagedSession(
        tenant,
        jwks,
        tokens=tokens,
        profile=profile,
        refresh_token=response.refresh_token,
        session_id=secrets.token_urlsafe(16),
        logged_in_at=tokens.saved_at,
    )
    session.profile_note = note
    return session


@without_frames
def session_from_record(
    tenant: Tenant,
    jwks: JwksCache,
    record: Record,
    refresh_token: Secret | None = None,
    *,
    may_be_expired: bool = False,
) -> ManagedSession:
    """Verify a record from the browser, and return its session.

    The ID token must pass every check except that of the nonce, which was not stored. In a sealed
    record it may have expired: the seal proves that it was valid when it was stored. The session
    lasts until the access token expires. Without a seal, the access token is sent to ``/userinfo``:
    the tenant has to accept it, and returns the profile.

    Args:
        tenant: The tenant.
        jwks: The tenant's signing keys.
        record: The record.
        refresh_token: The refresh token of the session, if this process has it.
        may_be_expired: Whether to accept an expired access token, because it will be renewed.

    Raises:
        SessionExpiredError: The access token has expired.
        IdTokenError: The ID token failed a check.
        UserinfoError: The tenant refused the access token, or it is that of another person.
        UnreachableError: The tenant had to be asked, and could not be.
    """
    claims = verify_id_token(
        record.id_token,
        settings=tenant.settings,
        jwks=jwks,
        nonce=None,
        max_age=tenant.settings.max_age,
        allow_expired=record.sealed,
    )
    if time.time() >= record.access_token_expires_at and not may_be_expired:
        raise SessionExpiredError
    profile = record.profile
    if not record.sealed:
        profile = fetch_profile(tenant, record.access_token, claims["sub"])
    elif profile.get("sub") != claims["sub"]:
        raise UserinfoError("The stored profile is that of another person.")
    session_ends_at = session_end(claims)
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
        # Without a seal, the time in the record may be forged. A later time would let the session
        # survive its own logout.
        logged_in_at=record.logged_in_at if record.sealed else claims["iat"],
        restored=True,
    )


@without_frames
def session_from_own_record(
    tenant: Tenant,
    jwks: JwksCache,
    record: Record,
    refresh_token: Secret | None = None,
    *,
    may_be_expired: bool = False,
) -> ManagedSession:
    """Verify a record from a place that only this user can write to, and return its session.

    The seal of a record proves that a process of this user made it. The key of the keeper's channel
    and the permissions of the vault prove the same, so the record is treated as sealed. For the
    arguments and the errors, see `session_from_record`.
    """
    sealed = replace(record, sealed=True)
    return session_from_record(tenant, jwks, sealed, refresh_token, may_be_expired=may_be_expired)


def _exchange(tenant: Tenant, request: AuthorizationRequest, code: Secret) -> TokenResponse:
    """The tokens for a code. If no response comes, the request is sent once more.

    The connection has been open while the person typed: the tenant may be closing it, or this
    machine may have changed its network. If the tenant has processed the first request, it refuses
    the second one, and should revoke the tokens of the lost response (RFC 6749, 4.1.2).
    """

    def ask() -> TokenResponse:
        return tenant.authorization_code_grant(
            code=code, verifier=request.verifier, redirect_uri=request.redirect_uri
        )

    try:
        return _retried_when_limited(ask)
    except RESPONSE_LOST as error:
        lost = error
    tenant.close()  # the second request has a new connection
    try:
        return _retried_when_limited(ask)
    except TokenRequestError as error:
        if error.error != "invalid_grant":
            raise
    raise lost


def _retried_when_limited(ask: Callable[[], Result]) -> Result:
    """The result of a request, which is sent again if the tenant has had too many requests.

    Many people log in at the start of a lesson. A request that was refused with HTTP 429 had no
    effect (RFC 6585, 4), so the authorization code in it can still be used.
    """
    give_up_at = time.monotonic() + RATE_LIMIT_TIMEOUT
    while True:
        try:
            return ask()
        except RateLimitError as error:
            pause = error.retry_after
            if (
                pause is None
                or pause > LONGEST_LOGIN_DELAY
                or time.monotonic() + pause > give_up_at
            ):
                raise
        # Random, so that kernels that were refused at once do not all try again at once.
        sleep(pause * random.uniform(1, 2))  # noqa: S311 - no secret


def _profile_or_claims(
    tenant: Tenant, access_token: Secret, claims: PrivateMapping
) -> tuple[PrivateMapping, str | None]:
    """The profile and None, or else the claims of the verified ID token about the person, and why.

    Auth0 refuses ``/userinfo`` if the API of the audience signs with HS256, and a profile with very
    many groups is larger than `MAX_RESPONSE`. Neither should make the login fail.

    Raises:
        UserinfoError: The profile is that of another person.
    """
    try:
        profile = tenant.userinfo(access_token)
    except Auth0WidgetError as error:
        if not error.passing and not isinstance(error, UserinfoError):
            raise
        hint = _HS256_HINT if isinstance(error, UserinfoError) and tenant.settings.audience else ""
        log.warning(
            "the profile is that of the ID token: /userinfo failed with %s.%s", error.code, hint
        )
        note = f"{error.message} This is what the ID token says.{hint}"
        said = PrivateMapping({name: claims[name] for name in set(claims) - _PROTOCOL_CLAIMS})
        return said, note
    return _checked_profile(profile, claims["sub"]), None


def fetch_profile(tenant: Tenant, access_token: Secret, subject: str) -> PrivateMapping:
    """The profile of a person, whose ``sub`` must match (OpenID Connect Core 5.3.2).

    Raises:
        UserinfoError: The tenant refused, or sent the profile of another person.
        UnreachableError: The tenant could not be asked.
    """
    return _checked_profile(tenant.userinfo(access_token), subject)


def _checked_profile(profile: Mapping[str, Any], subject: str) -> PrivateMapping:
    if profile.get("sub") != subject:
        raise UserinfoError(
            "The tenant's profile is that of another person than the ID token's.",
            next_step="Click Log in again; if it persists, tell whoever runs the tenant.",
        )
    return PrivateMapping(without_lone_surrogates(profile))
