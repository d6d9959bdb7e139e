"""The refresh tokens of one session, and the grant that exchanges one for new tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from auth0_widget.errors import (
    Auth0WidgetError,
    IdTokenExpiredError,
    IdTokenKeyError,
    NotGrantedError,
)
from auth0_widget.oauth.granted import check_audience, check_scopes
from auth0_widget.oauth.id_token import verify_id_token
from auth0_widget.session.tokens import tokens_from_response

if TYPE_CHECKING:
    from auth0_widget.base.redaction import Secret
    from auth0_widget.errors import TokenRequestError
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.oauth.jwks import JwksCache
    from auth0_widget.session.tokens import Tokens


# A key that is not known yet, and a clock that is wrong, do not make it somebody else's.
_NO_PROOF = (IdTokenKeyError, IdTokenExpiredError)


class RefreshTokenKeeper(Protocol):
    """Another process that keeps a session's refresh token and renews its tokens."""

    def renew(self, session_id: str, before: Tokens, resource: Resource | None = None) -> Tokens:
        """New tokens for the session, verified: those that somebody has just got, or its own.

        Args:
            session_id: Which session.
            before: The tokens to be renewed. The new ones are of the same person.
            resource: The API that the access token is for, if not that of the login.

        Raises:
            TokenRequestError: The tenant no longer takes the refresh token.
            SessionEndedError: The person logged out, or somebody else logged in.
            UnreachableError: The tenant or the keeper could not be asked.
        """


@dataclass(slots=True, eq=False)
class RefreshTokens:
    """What a session can be renewed with. Not thread-safe: use it under the session's lock.

    Attributes:
        current: The one that the next renewal uses, or None.
        keeper: Who renews the session where there is no current one here, or None.
        superseded: Those that are needed no more, to be revoked when the session ends. Where a
            tenant has *Refresh Token Revocation Deletes Grant* on, revoking one revokes all of the
            same person, application and audience, the current one too (Auth0, "Revoke Refresh
            Tokens").
        refusal: Why the tenant no longer takes the last one, or None.
        since: When the person logged in for them, in seconds since 1970; no rotation moves it.
    """

    current: Secret | None
    keeper: RefreshTokenKeeper | None = None
    superseded: list[Secret] = field(default_factory=list)
    refusal: TokenRequestError | None = None
    since: float = 0.0

    @property
    def can_renew(self) -> bool:
        """Whether there is one, here or with a keeper."""
        return self.current is not None or self.keeper is not None

    def take_over(self, other: RefreshTokens) -> bool:
        """Use those of another session of the same person; whether one of them renews it now."""
        self.superseded += other.superseded
        if not other.can_renew:
            return False
        if self.current is not None:
            self.superseded.append(self.current)
        self.current, self.keeper, self.refusal = other.current, other.keeper, None
        self.since = other.since
        return True

    def forget(self) -> list[Secret]:
        """Forget all of them. Returns them, to be revoked."""
        forgotten = [*self.superseded]
        if self.current is not None:
            forgotten.append(self.current)
        self.current, self.keeper, self.superseded = None, None, []
        return forgotten


@dataclass(frozen=True, slots=True)
class Resource:
    """Another API than that of the login, and scopes of it; None for all that the tenant gives."""

    audience: str
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh token was exchanged for.

    Attributes:
        refresh_token: The one to use from now on; the same where the tenant does not rotate them.
        tokens: The new tokens; None where they could not be judged now.
        error: Why they could not be judged, or None.
    """

    refresh_token: Secret
    tokens: Tokens | None
    error: Auth0WidgetError | None = None


def exchange(
    tenant: Tenant,
    jwks: JwksCache,
    refresh_token: Secret,
    before: Tokens,
    resource: Resource | None = None,
) -> Refreshed:
    """Exchange a refresh token for new tokens (RFC 6749, 6).

    Args:
        tenant: Whom to ask.
        jwks: The tenant's signing keys.
        refresh_token: What to exchange.
        before: The tokens that are renewed. The new ID token must name the same person.
        resource: The API that the access token is for, if not that of the login.

    Raises:
        TokenRequestError: The tenant no longer takes the refresh token.
        UnreachableError: The tenant could not be asked.
        IdTokenError: The tenant answered for somebody else.
    """
    asked = {"audience": resource.audience, "scope": resource.scope} if resource else {}
    response = tenant.refresh_token_grant(refresh_token, **asked)
    successor = response.refresh_token or refresh_token
    id_token, claims = before.id_token, before.claims
    if response.id_token is not None:
        id_token = response.id_token
        try:
            claims = verify_id_token(
                id_token,
                settings=tenant.settings,
                jwks=jwks,
                nonce=None,
                subject=before.claims["sub"],
            )
        except Auth0WidgetError as error:
            if not error.passing and not isinstance(error, _NO_PROOF):
                raise
            # The tenant has rotated the refresh token all the same.
            return Refreshed(successor, None, error.with_traceback(None))
    if resource is not None:
        try:
            check_audience(response.access_token, resource.audience)
            check_scopes(response.scope or "", resource.scope or "")
        except NotGrantedError as error:
            return Refreshed(successor, None, error.with_traceback(None))
    tokens = tokens_from_response(
        response, id_token, claims, scope=before.scope, session_ends_at=before.session_ends_at
    )
    return Refreshed(successor, tokens)
