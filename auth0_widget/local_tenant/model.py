"""The users, applications, APIs and organizations of the local tenant."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AUTHORIZATION_CODE = "authorization_code"
REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a grant type
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
CLIENT_CREDENTIALS = "client_credentials"


@dataclass(frozen=True)
class User:
    """An invented person, who logs in with the tenant's one password.

    Attributes:
        email: The user name in the login form; unique within a tenant.
        name: Full name, the claim ``name``.
        nickname: Defaults to the part of ``email`` before the at sign, as Auth0's does.
        picture: URL of a picture; by default the tenant draws the person's initials.
        user_id: The part of ``sub`` after ``auth0|``; by default derived from ``email``, so that it
            is the same after a restart of the tenant.
        updated_at: ISO 8601 time, the claim ``updated_at``.
        claims: Further claims for the ID token and ``/userinfo``, such as namespaced ones.
    """

    email: str
    name: str
    nickname: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    picture: str | None = None
    email_verified: bool = True
    user_id: str | None = None
    updated_at: str = "2025-01-01T00:00:00.000Z"
    claims: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sub(self) -> str:
        """The identifier of the person: Auth0's database prefix and, by default, 24 hex digits."""
        return f"auth0|{self.user_id or hashlib.sha256(self.email.encode()).hexdigest()[:24]}"

    @property
    def initials(self) -> str:
        """Up to two capitals, for the picture that the tenant draws."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@dataclass(frozen=True)
class Api:
    """An API that access tokens can be asked for.

    Attributes:
        identifier: The audience, as in Auth0 under Applications, APIs.
        name: What the consent screen calls it.
        scopes: Permission → what the consent screen says it allows.
        token_lifetime: Seconds an access token lives; Auth0's default is a day.
        allow_offline_access: Whether refresh tokens may be issued for it.
        signing_algorithm: ``RS256`` or ``HS256``. With the latter, access tokens are signed with
            the API's secret, and ``/userinfo`` refuses them (Auth0 docs, "Access Tokens"; Auth0
            Community, "The userinfo endpoint returns 401").
        signing_secret: The secret of ``HS256``, which only the API and the tenant know.
        skip_consent: Auth0's Allow Skipping User Consent, which multi-resource refresh tokens need.
            A login shows the consent page all the same, because Auth0 never skips it for callbacks
            on localhost (Auth0 docs, "User Consent and Third-Party Applications").
        mfa_scopes: Scopes for which a second factor is asked, as by the Action in Auth0 docs,
            "Configure Step-up Authentication for APIs".
        tells_authentication: Whether its access tokens say how and when the person logged in, in
            the claims ``acr`` and ``auth_time``, whose names begin with the API's identifier. At
            Auth0 an Action sets such claims; the names in RFC 9470, 6.1 are reserved there (Auth0
            docs, "Create Custom Claims").
    """

    identifier: str
    name: str
    scopes: Mapping[str, str] = field(default_factory=dict)
    token_lifetime: int = 86_400
    allow_offline_access: bool = True
    signing_algorithm: str = "RS256"
    signing_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    skip_consent: bool = True
    mfa_scopes: Sequence[str] = ()
    tells_authentication: bool = False

    def claim(self, name: str) -> str:
        """The namespaced name of a claim of this API."""
        return f"{self.identifier.rstrip('/')}/{name}"


@dataclass(frozen=True)
class Organization:
    """An organization that the authorization parameter ``organization`` may name.

    Attributes:
        id: The claim ``org_id``; begins with ``org_``.
        name: The claim ``org_name``; in lower case.
        display_name: What the login page shows.
        members: E-mail addresses; None means that everybody is a member.
    """

    id: str
    name: str
    display_name: str | None = None
    members: Sequence[str] | None = None

    def has_member(self, user: User) -> bool:
        """Whether this person may log in to the organization."""
        return self.members is None or user.email in self.members


@dataclass
class Application:
    """An application that is registered with the tenant. It has Authlib's client interface, too.

    The three lists are Auth0's Allowed Callback URLs, Allowed Web Origins and Allowed Logout URLs,
    and may be changed while the tenant runs.

    Attributes:
        client_id: Public identifier of the application.
        name: What the login and consent pages call it.
        client_secret: None makes it a public client, which must use PKCE (RFC 7636).
        grant_types: OAuth grant types it may use.
        rotate_refresh_tokens: Auth0's Refresh Token Rotation. Without it, the response to a refresh
            has no refresh token, and the old one stays valid.
        refresh_token_overlap: Auth0's Rotation Overlap Period: the seconds for which the token that
            was used last may be used again. Auth0's default is 0.
        confirms_non_verifiable_callbacks: Overrides the tenant's setting of this name; None leaves
            it to the tenant.
        client_grants: API identifier → scopes it may have on its own behalf (client credentials).
        first_party: Whether it belongs to the tenant's owner.
        refresh_token_policies: API identifier → scopes that a refresh may ask for beyond those of
            the login: Auth0's ``refresh_token.policies`` (Auth0 docs, "Multi-Resource Refresh
            Token"). For first-party applications only.
    """

    client_id: str
    name: str
    callbacks: list[str] = field(default_factory=list)
    web_origins: list[str] = field(default_factory=list)
    logout_urls: list[str] = field(default_factory=list)
    client_secret: str | None = field(default=None, repr=False)
    grant_types: Sequence[str] = (AUTHORIZATION_CODE, REFRESH_TOKEN, DEVICE_CODE)
    rotate_refresh_tokens: bool = True
    refresh_token_overlap: int = 0
    client_grants: Mapping[str, Sequence[str]] = field(default_factory=dict)
    confirms_non_verifiable_callbacks: bool | None = None
    first_party: bool = True
    refresh_token_policies: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def is_public(self) -> bool:
        """Whether the application cannot keep a secret (RFC 6749 section 2.1)."""
        return self.client_secret is None

    def allow_origin(self, origin: str) -> None:
        """Add this origin to the three lists."""
        for allowed in (self.callbacks, self.web_origins, self.logout_urls):
            if origin not in allowed:
                allowed.append(origin)

    # Authlib's client interface (ClientMixin).

    def get_client_id(self) -> str:
        """The client id."""
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        """The first callback, which Auth0 uses when a request names none."""
        return self.callbacks[0] if self.callbacks else None

    def get_allowed_scope(self, scope: str | None) -> str:
        """The requested scope; `scopes.granted_scope` decides what is granted."""
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether the URL is an allowed callback, compared exactly."""
        return redirect_uri in self.callbacks

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether the secret is the application's, in constant time."""
        return self.client_secret is not None and hmac.compare_digest(
            self.client_secret.encode(), client_secret.encode()
        )

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002 - Authlib's signature
        """Whether it authenticates as its type requires: public clients send no secret."""
        return (method == "none") == self.is_public

    def check_response_type(self, response_type: str) -> bool:
        """Whether it is ``code``: the implicit flow is not supported."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the application may use this grant type."""
        return grant_type in self.grant_types


def origin_of(url: str) -> str:
    """The web origin of an http or https URL (RFC 6454), or an empty string."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else ""
