"""The content of ID tokens, access tokens and the profile, as at Auth0."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from auth0_widget.local_tenant.encryption import encrypted
from auth0_widget.local_tenant.ledger import AccessToken, Authorization
from auth0_widget.local_tenant.step_up import MULTI_FACTOR

if TYPE_CHECKING:
    from auth0_widget.local_tenant.context import Context
    from auth0_widget.local_tenant.model import Application, User
    from auth0_widget.local_tenant.resources import Resource


class TokenResponse(dict[str, Any]):
    """The response of ``/oauth/token``. Authlib logs it with %r, so its repr shows no token."""

    def __repr__(self) -> str:
        """The names of the members, without their values."""
        return f"<token response: {', '.join(self)}>"


def profile(context: Context, user: User, scope: str) -> dict[str, Any]:
    """The claims about a person that these scopes allow (OpenID Connect Core 5.4)."""
    scopes = scope.split()
    claims: dict[str, Any] = {"sub": user.sub}
    if "profile" in scopes:
        picture = user.picture or f"{context.settings.url}/pictures/{user.initials}.svg"
        claims |= {
            "given_name": user.given_name,
            "family_name": user.family_name,
            "nickname": user.nickname or user.email.partition("@")[0],
            "name": user.name,
            "picture": picture,
            "updated_at": user.updated_at,
        }
    if "email" in scopes:
        claims |= {"email": user.email, "email_verified": user.email_verified}
    return {k: v for k, v in (claims | dict(user.claims)).items() if v is not None}


def id_token(
    context: Context, authorization: Authorization, scope: str, *, with_nonce: bool
) -> str:
    """A signed ID token (OpenID Connect Core 2; Auth0 docs, "ID Token Structure").

    Args:
        context: The tenant.
        authorization: What the person allowed.
        scope: The scopes of this token response.
        with_nonce: False for a refresh: only the first ID token has the nonce (OpenID Connect Core
            12.2), ``session_expiry`` (auth0/auth0-server-python pull request 120), ``acr`` and
            ``amr`` (Auth0 docs, "Configure Step-up Authentication for Web Apps").
    """
    if authorization.user is None:
        message = "an ID token needs a person"
        raise ValueError(message)
    now = context.settings.now()
    claims = profile(context, authorization.user, scope) | {
        "iss": context.settings.issuer,
        "aud": authorization.client.client_id,
        "iat": now,
        "exp": now + context.settings.lifetimes.id_token,
        "sid": _public_session_id(authorization.session_id),
        "auth_time": authorization.auth_time if authorization.includes_auth_time else None,
        "nonce": authorization.nonce if with_nonce else None,
        "acr": authorization.acr if with_nonce else None,
        "amr": ["mfa"] if with_nonce and authorization.acr == MULTI_FACTOR else None,
        "session_expiry": _session_expiry(context, authorization) if with_nonce else None,
        **_organization(authorization),
    }
    claims = {k: v for k, v in claims.items() if v is not None}
    if context.hooks.id_token is not None:
        mutated = context.hooks.id_token(claims)
        if isinstance(mutated, str):
            return mutated
        claims = mutated
    token = context.keys.sign(claims)
    return encrypted(token) if context.settings.encrypts_id_tokens else token


def access_token(
    context: Context, authorization: Authorization, audience: str | None, scope: str
) -> AccessToken:
    """An access token: a JWT for an API, opaque otherwise (Auth0 docs, "Access Tokens")."""
    settings = context.settings
    now = settings.now()
    api = settings.api(audience)
    lifetime = api.token_lifetime if api else settings.lifetimes.access_token
    if api is None:
        value = secrets.token_urlsafe(36)
    else:
        user = authorization.user
        client_id = authorization.client.client_id
        audiences: str | list[str] = api.identifier
        signed_for_itself = api.signing_algorithm == "HS256"
        if "openid" in scope.split() and not signed_for_itself:
            audiences = [api.identifier, settings.userinfo_audience]
        claims = {
            "iss": settings.issuer,
            "sub": user.sub if user else f"{client_id}@clients",
            "aud": audiences,
            "iat": now,
            "exp": now + lifetime,
            "scope": scope,
            "gty": None if user else "client-credentials",
            "azp": client_id,
            # Without it, two tokens of the same second would be equal.
            "jti": secrets.token_urlsafe(16),
            **_organization(authorization),
        }
        if api.tells_authentication and user:
            claims |= {
                api.claim("acr"): authorization.acr,
                api.claim("auth_time"): authorization.auth_time,
            }
        value = context.keys.sign(
            {k: v for k, v in claims.items() if v is not None},
            headers={"kid": None} if signed_for_itself else None,
            key=api.signing_secret.encode() if signed_for_itself else None,
            algorithm=api.signing_algorithm,
        )
    token = AccessToken(value, authorization, audience, scope, lifetime, now + lifetime, settings)
    context.ledger.add_access_token(token)
    return token


def token_response(
    context: Context,
    authorization: Authorization,
    *,
    scope: str | None = None,
    resource: Resource | None = None,
) -> TokenResponse:
    """The response of ``/oauth/token`` in Auth0's format (Authentication API, "Get Token").

    Args:
        context: The tenant.
        authorization: What the person allowed.
        scope: The scopes of this response, if not all that were allowed.
        resource: The API and scopes of a refresh; None for other grants.
    """
    audience = authorization.audience
    if resource is not None:
        audience, scope = resource.audience, resource.scope
    scope = authorization.scope if scope is None else scope
    access = access_token(context, authorization, audience, scope)
    response = TokenResponse(access_token=access.value)
    refreshing = resource is not None
    if "offline_access" in authorization.scope.split() and (
        not refreshing or authorization.client.rotate_refresh_tokens
    ):
        response["refresh_token"] = context.ledger.add_refresh_token(authorization).value
    if authorization.user is not None and "openid" in scope.split():
        response["id_token"] = id_token(context, authorization, scope, with_nonce=not refreshing)
    if scope:
        response["scope"] = scope
    response["expires_in"] = access.lifetime
    response["token_type"] = "Bearer"  # noqa: S105 - the name of a type
    return response


class TokenGenerator:
    """Makes token responses for Authlib, whose ``user`` is our `Authorization`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def __call__(  # noqa: PLR0913, PLR0917 - Authlib's signature
        self,
        grant_type: str,  # noqa: ARG002 - Authlib's signature
        client: Application,  # noqa: ARG002 - Authlib's signature
        user: Authorization,
        scope: str | None = None,
        expires_in: int | None = None,  # noqa: ARG002 - Authlib's signature
        include_refresh_token: bool = True,  # noqa: ARG002, FBT001, FBT002 - Authlib's signature
    ) -> TokenResponse:
        """The response to a code, a device code or client credentials."""
        return token_response(self._context, user, scope=scope)


def _session_expiry(context: Context, authorization: Authorization) -> int | None:
    lifetime = context.settings.lifetimes.session_expiry
    return authorization.created_at + lifetime if lifetime else None


def _organization(authorization: Authorization) -> dict[str, str]:
    organization = authorization.organization
    return {"org_id": organization.id, "org_name": organization.name} if organization else {}


def _public_session_id(session_id: str) -> str:
    # The cookie's value gives access to the session, so the claim has only its hash.
    return hashlib.sha256(session_id.encode()).hexdigest()[:32]
