"""The codes, access tokens and refresh tokens that the tenant has issued, in memory."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auth0_widget.local_tenant.model import Application, Organization, User
    from auth0_widget.local_tenant.settings import Settings

MAX_REFRESH_TOKENS = 200
"""The active refresh tokens of one user and application, at most. A new one removes the oldest."""


@dataclass
class Authorization:
    """What one person allowed one application in one login. All its tokens refer to it.

    Attributes:
        user: The person; None if an application acts for itself (client credentials).
        audience: The requested API, or None.
        scope: Granted scopes, separated by spaces.
        session_id: The single sign-on session, the claim ``sid``.
        auth_time: When the person logged in.
        includes_auth_time: Whether ID tokens have ``auth_time``, because the request has
            ``max_age``.
        acr: How they logged in, if by more than a password.
        refresh_revoked: Set by revocation and by reuse of a refresh token. Access tokens stay
            valid, as at Auth0 (Auth0 docs, "Refresh Token Rotation").
        revoked: Set by reuse of the code: all its tokens are then invalid (RFC 6749 4.1.2).
        spent_generation: The generation of refresh tokens that was spent last; 0 before the first
            refresh.
    """

    client: Application
    user: User | None
    audience: str | None
    scope: str
    session_id: str = ""
    nonce: str | None = None
    auth_time: int | None = None
    includes_auth_time: bool = False
    acr: str | None = None
    organization: Organization | None = None
    created_at: int = 0
    refresh_revoked: bool = False
    revoked: bool = False
    spent_generation: int = 0

    @property
    def grant(self) -> tuple[str | None, str, str | None]:
        """The user, application and audience. Auth0 has one grant for each combination."""
        return self.user.sub if self.user else None, self.client.client_id, self.audience


@dataclass(repr=False)
class Code:
    """An authorization code. Authlib calls the getters."""

    value: str
    authorization: Authorization
    redirect_uri: str
    code_challenge: str | None
    expires_at: int
    redeemed: bool = False
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        """The callback that the token request must repeat."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """The granted scopes."""
        return self.authorization.scope


@dataclass(repr=False)
class RefreshToken:
    """A refresh token. Authlib calls the methods."""

    value: str
    authorization: Authorization
    expires_at: int
    generation: int = 1
    spent_at: int | None = None

    def check_client(self, client: Application) -> bool:
        """Whether the token was issued to this application."""
        return self.authorization.client is client

    def get_scope(self) -> str:
        """The granted scopes."""
        return self.authorization.scope


@dataclass(repr=False)
class AccessToken:
    """An access token, opaque or JWT. Authlib calls the methods at ``/userinfo``.

    Attributes:
        audience: The API that it is for, which need not be that of the login; or None.
        lifetime: Seconds from its issue to its expiry.
    """

    value: str
    authorization: Authorization
    audience: str | None
    scope: str
    lifetime: int
    expires_at: int
    settings: Settings

    def is_expired(self) -> bool:
        """Whether the token has expired."""
        return self.expires_at <= self.settings.now()

    def is_revoked(self) -> bool:
        """Whether the code that it was issued for was used twice."""
        return self.authorization.revoked

    def get_scope(self) -> str:
        """The granted scopes."""
        return self.scope


@dataclass(repr=False)
class Ledger:
    """Codes and tokens by value. One lock keeps each from being used twice."""

    settings: Settings
    codes: dict[str, Code] = field(default_factory=dict)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def add_code(
        self, authorization: Authorization, redirect_uri: str, code_challenge: str | None
    ) -> Code:
        """A new code, valid for one use within its lifetime."""
        expires_at = self.settings.now() + self.settings.lifetimes.code
        code = Code(
            secrets.token_urlsafe(32), authorization, redirect_uri, code_challenge, expires_at
        )
        with self.lock:
            self.codes[code.value] = code
        return code

    def find_code(self, value: str, client: Application) -> Code | None:
        """The code, if it is this application's and has not expired. It may be redeemed already."""
        with self.lock:
            code = self.codes.get(value)
        if code is None or code.authorization.client is not client:
            return None
        return code if self.settings.now() < code.expires_at else None

    def redeem(self, code: Code) -> bool:
        """Redeem the code; False if it was redeemed before, which revokes its tokens."""
        with self.lock:
            if code.redeemed:
                code.authorization.revoked = True
                return False
            code.redeemed = True
            return True

    def add_access_token(self, token: AccessToken) -> None:
        """Add an access token, and remove those that have expired."""
        with self.lock:
            gone = [value for value, old in self.access_tokens.items() if old.is_expired()]
            for value in gone:
                del self.access_tokens[value]
            self.access_tokens[token.value] = token

    def add_refresh_token(self, authorization: Authorization) -> RefreshToken:
        """A new refresh token of the family of this authorization."""
        now, lifetimes = self.settings.now(), self.settings.lifetimes
        expires_at = min(
            authorization.created_at + lifetimes.refresh_token, now + lifetimes.refresh_token_idle
        )
        with self.lock:
            token = RefreshToken(
                f"v1.{secrets.token_urlsafe(45)}",
                authorization,
                expires_at,
                authorization.spent_generation + 1,
            )
            self.refresh_tokens[token.value] = token
            self._drop_oldest(token)
        return token

    def _drop_oldest(self, newest: RefreshToken) -> None:
        """Keep the newest 200 active tokens (Auth0 docs, "Refresh Tokens", Limitations)."""
        active = [
            token
            for token in self.refresh_tokens.values()
            if token.authorization.client is newest.authorization.client
            and token.authorization.user is newest.authorization.user
            and token.spent_at is None
            and self._is_active(token)
        ]
        for token in active[:-MAX_REFRESH_TOKENS]:
            del self.refresh_tokens[token.value]

    def find_refresh_token(self, value: str, client: Application) -> RefreshToken | None:
        """The token, if it is active. It may be spent already."""
        with self.lock:
            token = self.refresh_tokens.get(value)
        if token is None or not token.check_client(client):
            return None
        return token if self._is_active(token) else None

    def _is_active(self, token: RefreshToken) -> bool:
        dead = token.authorization.refresh_revoked or token.authorization.revoked
        return not dead and self.settings.now() < token.expires_at

    def spend(self, token: RefreshToken) -> bool:
        """Use the token for one refresh; False if it was spent before, which revokes its family.

        Within the overlap period the token that was spent last may be spent again, and one before
        it may not (Auth0 docs, "Configure Refresh Token Rotation"; "Refresh Token Rotation",
        automatic reuse detection).
        """
        family, now = token.authorization, self.settings.now()
        with self.lock:
            if token.spent_at is not None:
                overlap = family.client.refresh_token_overlap
                if token.generation == family.spent_generation and now < token.spent_at + overlap:
                    return True
                family.refresh_revoked = True
                return False
            if family.client.rotate_refresh_tokens:
                token.spent_at, family.spent_generation = (
                    now,
                    max(family.spent_generation, token.generation),
                )
            else:
                token.expires_at = min(
                    token.authorization.created_at + self.settings.lifetimes.refresh_token,
                    self.settings.now() + self.settings.lifetimes.refresh_token_idle,
                )
            return True

    def revoke(self, token: RefreshToken) -> None:
        """Revoke the token's family; with the tenant's setting, all tokens of its grant.

        A grant has the refresh tokens of the same user, application and audience (Auth0 docs,
        "Revoke Refresh Tokens", "Choose whether token revocation deletes grants").
        """
        with self.lock:
            token.authorization.refresh_revoked = True
            if self.settings.revocation_deletes_grant:
                for other in self.refresh_tokens.values():
                    if other.authorization.grant == token.authorization.grant:
                        other.authorization.refresh_revoked = True
