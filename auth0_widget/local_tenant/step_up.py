"""Step-up authentication: when a second factor is asked for.

Auth0 docs, "Configure Step-up Authentication for Web Apps" and "… for APIs": there, an Action asks
for it where a request names the policy in ``acr_values``, or a scope that matters. This tenant does
so by itself. The second factor is a code that its page shows, like the password.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from authlib.oauth2 import OAuth2Error

from auth0_widget.local_tenant.failure_kinds import MFA

if TYPE_CHECKING:
    from auth0_widget.local_tenant.model import Api
    from auth0_widget.local_tenant.resources import Resource
    from auth0_widget.local_tenant.settings import Settings

MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"
"""What ``acr_values`` asks for, and what ``acr`` says once a second factor was shown."""

ONE_TIME_CODE = "246810"
"""Everybody's; the page shows it."""


def wants_second_factor(acr_values: str, scope: str, api: Api | None) -> bool:
    """Whether a login with these parameters asks for a second factor."""
    return MULTI_FACTOR in acr_values.split() or _matters(scope, api)


def check_refresh(settings: Settings, resource: Resource, scope: str | None) -> None:
    """Refuse a refresh that asks for a scope by name which needs a second factor.

    Raises:
        MfaRequiredError: It does. The refresh token is as good as before.
    """
    granted = set(resource.scope.split()) & set((scope or "").split())
    if _matters(" ".join(granted), settings.api(resource.audience)):
        raise MfaRequiredError


def _matters(scope: str, api: Api | None) -> bool:
    return api is not None and not set(scope.split()).isdisjoint(api.mfa_scopes)


class MfaRequiredError(OAuth2Error):  # type: ignore[misc] # Authlib ships no types
    """Auth0's answer where a second factor is needed and nobody is there to show it."""

    error = "mfa_required"
    description = MFA

    def get_body(self) -> list[tuple[str, str]]:
        """The answer, with the token by which Auth0's MFA API would go on."""
        return [*super().get_body(), ("mfa_token", secrets.token_urlsafe(32))]
