"""A login that a cell requests: with more scopes, for another API, or with a second factor.

The person logs in with the same card and the same click. Afterwards the session is compared with
the request, because Auth0 ignores without an error what it does not grant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth0_widget.errors import AnotherPersonError, AuthenticationNotMetError
from auth0_widget.oauth.granted import check_scopes, joined_scopes, missing_scopes
from auth0_widget.session.refresh_tokens import Resource

if TYPE_CHECKING:
    from auth0_widget.config import Settings
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.session.managed_session import ManagedSession
    from auth0_widget.session.session import Session

_OPENID_SCOPES = ("openid", "profile", "email", "offline_access")


@dataclass(frozen=True, slots=True, eq=False)
class RequestedLogin:
    """A login with certain scopes, for a certain API, or of a certain kind.

    Attributes:
        tenant: The client for the tenant, with the settings of this login.
        scope: The requested scopes, separated by spaces.
        resource: The API if it is not that of the usual login, else None.
        needs_person: Whether the person has to log in, because a refresh token is not enough.
        repeats: Whether it gives an expired session what it had.
    """

    tenant: Tenant
    scope: str
    resource: Resource | None
    needs_person: bool
    repeats: bool = False

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
        """The login for these arguments. Scopes that the session has already are requested again.

        Raises:
            InvalidSettingError: An argument is malformed.
        """
        usual, session = login.settings, login.session
        other_api = audience is not None and audience != usual.audience
        asked = usual.with_changes(
            audience=audience, scope=scope, max_age=max_age, acr_values=acr_values
        )
        before = [each for each in usual.scope.split() if not other_api or each in _OPENID_SCOPES]
        if session is not None and not other_api:
            before += session.scope.split()
        settings = asked.with_changes(
            scope=joined_scopes(*before, scope or ""), acr_values=acr_values
        )
        return cls(
            login.tenant.with_settings(settings),
            scope or "",
            Resource(audience or "", scope) if other_api else None,
            acr_values is not None or max_age is not None,
        )

    @classmethod
    def again(cls, login: Login, session: ManagedSession) -> RequestedLogin | None:
        """The login that gives a session of this login its API and its scopes again.

        None if that is the usual login.
        """
        usual, settings = login.settings, session.settings
        if settings.audience == usual.audience:
            if not missing_scopes(usual.scope, session.requested_scope):
                return None
            settings = usual.with_changes(scope=session.requested_scope)
            resource = None
        else:
            resource = Resource(settings.audience or "", settings.scope)
        needs_person = settings.acr_values is not None or settings.max_age != usual.max_age
        tenant = login.tenant.with_settings(settings)
        return cls(tenant, "", resource, needs_person, repeats=True)

    def is_met_by(self, settings: Settings) -> bool:
        """Whether the session of a login with these settings is the requested one.

        To repeat the usual login, any login for its API will do: another kernel may have logged in
        meanwhile.
        """
        if self.repeats and self.resource is None:
            return settings.audience == self.settings.audience
        return settings is self.settings

    @property
    def settings(self) -> Settings:
        """The settings of this login."""
        return self.tenant.settings

    def check(self, session: Session, subject: str) -> None:
        """Compare the session of the login with the request.

        Args:
            session: The session.
            subject: The ``sub`` of the person who had to log in.

        Raises:
            AnotherPersonError: Somebody else logged in.
            ScopeNotGrantedError: Scopes are missing.
            AuthenticationNotMetError: The tenant ignored ``acr_values``.
        """
        if session.user.sub != subject:
            raise AnotherPersonError
        check_scopes(session.scope, self.scope)
        requested = self.settings.acr_values
        if requested is not None and session.claims.get("acr") not in requested.split():
            raise AuthenticationNotMetError
