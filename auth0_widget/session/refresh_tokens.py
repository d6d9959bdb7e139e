"""The refresh tokens of one session, and their exchange for new tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from auth0_widget.errors import Auth0WidgetError, NotGrantedError
from auth0_widget.oauth.granted import check_audience, check_scopes
from auth0_widget.oauth.id_token import verify_id_token
from auth0_widget.session.tokens import tokens_from_response

if TYPE_CHECKING:
    from auth0_widget.base.redaction import Secret
    from auth0_widget.errors import TokenRequestError
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.oauth.jwks import JwksCache
    from auth0_widget.session.tokens import Tokens


KeptBy = Literal["server", "machine"]
"""Where a refresh token is, if not in this process: in the Jupyter Server, or stored on this
machine."""


class RefreshTokenHolder(Protocol):
    """Keeps the refresh token of a session in place of this process, and renews its tokens.

    Attributes:
        place: Where the refresh token is.
    """

    place: KeptBy

    def renew(self, session_id: str, before: Tokens, resource: Resource | None = None) -> Tokens:
        """Verified tokens that are newer than the given ones.

        If another process has just had them renewed, the tenant is not asked again.

        Args:
            session_id: The ID of the session.
            before: The tokens to renew. The new ones must be those of the same person.
            resource: The API for the access token, or None for the API of the login.

        Raises:
            TokenRequestError: The tenant refused the refresh token.
            SessionEndedError: The person logged out, or somebody else logged in.
            UnreachableError: The tenant or the keeper in the server could not be asked.
            RememberingError: The login that this machine remembers cannot be read.
        """


@dataclass(slots=True, eq=False)
class RefreshTokens:
    """The refresh tokens of a session. Not thread-safe: use it under the session's lock.

    Attributes:
        current: The refresh token for the next renewal, or None.
        holder: What renews the session if there is no current refresh token, or None.
        superseded: Refresh tokens that are no longer used. They are revoked only when the session
            ends: if the tenant has *Refresh Token Revocation Deletes Grant* on, revoking one
            revokes all of the same person, application and audience, including the current one
            (Auth0, "Revoke Refresh Tokens").
        refusal: The error with which the tenant refused the last refresh token, or None.
        lost: Whether a holder had the refresh token and no longer has it.
        logged_in_at: When the person logged in to get them, in seconds since 1970. A rotation
            does not change it, nor does a later login that brought no refresh token.
    """

    current: Secret | None
    holder: RefreshTokenHolder | None = None
    superseded: list[Secret] = field(default_factory=list)
    refusal: TokenRequestError | None = None
    lost: bool = False
    logged_in_at: float = 0.0

    @property
    def can_renew(self) -> bool:
        """Whether there is a refresh token, in this process or at the holder."""
        return self.current is not None or self.holder is not None

    def take_over(self, other: RefreshTokens) -> bool:
        """Take over the refresh tokens of another session of the same person.

        Returns:
            Whether the other session could be renewed. If not, the current token stays.
        """
        self.superseded += other.superseded
        if not other.can_renew:
            return False
        if self.current is not None:
            self.superseded.append(self.current)
        self.current, self.holder = other.current, other.holder
        self.refusal, self.lost, self.logged_in_at = None, False, other.logged_in_at
        return True

    def forget(self) -> list[Secret]:
        """Forget all refresh tokens, and return them."""
        forgotten = [*self.superseded]
        if self.current is not None:
            forgotten.append(self.current)
        self.current, self.holder, self.superseded = None, None, []
        return forgotten


@dataclass(frozen=True, slots=True)
class Resource:
    """An API other than that of the login. ``scope`` None requests all scopes."""

    audience: str
    scope: str | None = None


def concerns_only(resource: Resource | None, refusal: TokenRequestError) -> bool:
    """Whether the tenant refused the tokens for this API only, and not the refresh token."""
    return resource is not None and refusal.error != "invalid_grant"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The result of a refresh token grant.

    Attributes:
        refresh_token: The refresh token to use from now on. Without rotation it is the same.
        tokens: The new tokens, or None if they could not be verified now.
        error: Why the tokens could not be verified, or None.
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
        tenant: The tenant.
        jwks: The tenant's signing keys.
        refresh_token: The refresh token.
        before: The tokens to renew. The new ID token must have the same ``sub``.
        resource: The API for the access token, or None for the API of the login.

    Raises:
        TokenRequestError: The tenant refused the refresh token.
        UnreachableError: The tenant could not be asked.
        IdTokenError: The new ID token failed a check, for example because of its ``sub``.
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
            if not error.passing and not error.keeps_refresh_token:
                raise  # it may be another person's
            # The tenant has rotated the refresh token, so the new one must be kept.
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
