"""A login that a cell asks for: with more scopes, for another API, by a second factor.

It is asked for in the same card and by the same click. What comes of it is compared with what was
asked for, since Auth0 ignores without a word what it may not grant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth0_widget.errors import AnotherPersonError, AuthenticationNotMetError
from auth0_widget.oauth.granted import check_audience, check_scopes
from auth0_widget.session.refresh_tokens import Resource

if TYPE_CHECKING:
    from auth0_widget.config import Settings
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.session.session import Session

_OPENID_SCOPES = ("openid", "profile", "email", "offline_access")


@dataclass(frozen=True, slots=True, eq=False)
class RequestedLogin:
    """What one login is to bring.

    Attributes:
        tenant: The tenant, with the settings of this login.
        scope: The scopes that were asked for, separated by spaces.
        resource: The API, where it is another than that of the usual login; else None.
        needs_person: Whether only the person can do it, and no refresh token.
    """

    tenant: Tenant
    scope: str
    resource: Resource | None
    needs_person: bool

    @classmethod
    def of(
        cls,
        login: Login,
        *,
        audience: str | None,
        scope: str | None,
        acr_values: str | None,
        max_age: int | None,
    ) -> RequestedLogin:
        """What these arguments ask for. Scopes that the session has already are asked for again.

        Raises:
            InvalidSettingError: One of them is malformed.
        """
        usual, session = login.settings, login.session
        other_api = audience is not None and audience != usual.audience
        asked = usual.with_changes(
            audience=audience, scope=scope, max_age=max_age, acr_values=acr_values
        )
        before = [one for one in usual.scope.split() if not other_api or one in _OPENID_SCOPES]
        if session is not None and not other_api:
            before += session.scope.split()
        words = [*before, *(scope or "").split()]
        settings = asked.with_changes(scope=" ".join(dict.fromkeys(words)), acr_values=acr_values)
        return cls(
            login.tenant.with_settings(settings),
            scope or "",
            Resource(audience or "", scope) if other_api else None,
            acr_values is not None or max_age is not None,
        )

    @property
    def settings(self) -> Settings:
        """The settings of this login."""
        return self.tenant.settings

    def check(self, session: Session, subject: str) -> None:
        """Compare what came with what was asked for.

        Args:
            session: What came.
            subject: Who was to log in, as the tenant names them.

        Raises:
            AnotherPersonError: Somebody else logged in.
            AudienceNotGrantedError: The access token is for another API.
            ScopeNotGrantedError: Scopes are missing.
            AuthenticationNotMetError: The tenant has ignored ``acr_values``.
        """
        if session.user.sub != subject:
            raise AnotherPersonError
        if self.resource is not None:
            check_audience(session._managed.tokens.access_token, self.resource.audience)  # noqa: SLF001 - the public one may renew
        check_scopes(session.scope, self.scope)
        requested = self.settings.acr_values
        if requested is not None and session.claims.get("acr") not in requested.split():
            raise AuthenticationNotMetError
