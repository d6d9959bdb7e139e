"""Step-up authentication: when a second factor is required.

At Auth0, an Action requires it where a request names the policy in ``acr_values``, or certain
scopes (Auth0 docs, "Configure Step-up Authentication for Web Apps" and "… for APIs"). This tenant
does so by itself. The second factor is a code that its page shows, like the password.
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
"""The value of ``acr_values`` that requests a second factor, and of ``acr`` once it was given."""

ONE_TIME_CODE = "246810"
"""The second factor of every user. The page shows it."""


def wants_second_factor(acr_values: str, scope: str, api: Api | None) -> bool:
    """Whether a login with these parameters requires a second factor."""
    return MULTI_FACTOR in acr_values.split() or _needs_second_factor(scope, api)


def check_refresh(settings: Settings, resource: Resource, scope: str | None) -> None:
    """Check that a refresh names no scope that requires a second factor.

    Raises:
        MfaRequiredError: It does. The refresh token stays valid.
    """
    granted = set(resource.scope.split()) & set((scope or "").split())
    if _needs_second_factor(" ".join(granted), settings.api(resource.audience)):
        raise MfaRequiredError


def _needs_second_factor(scope: str, api: Api | None) -> bool:
    return api is not None and not set(scope.split()).isdisjoint(api.mfa_scopes)


class MfaRequiredError(OAuth2Error):  # type: ignore[misc] # Authlib ships no types
    """Auth0's error where a second factor is required and no person is there."""

    error = "mfa_required"
    description = MFA

    def get_body(self) -> list[tuple[str, str]]:
        """The body, with the token for Auth0's MFA API."""
        return [*super().get_body(), ("mfa_token", secrets.token_urlsafe(32))]
