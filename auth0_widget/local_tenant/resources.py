"""Multi-resource refresh tokens: the API and the scopes of a refresh.

A refresh may have what the login granted and what the application's policies allow. Any other
audience or scope is ignored without an error (Auth0 docs, "Multi-Resource Refresh Token" and
"Configure and Implement Multi-Resource Refresh Token", evaluation logic).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth0_widget.local_tenant.scopes import STANDARD_SCOPES

if TYPE_CHECKING:
    from auth0_widget.local_tenant.ledger import Authorization
    from auth0_widget.local_tenant.model import Application
    from auth0_widget.local_tenant.settings import Settings


@dataclass(frozen=True)
class Resource:
    """An API and scopes of it; without an audience, those of ``/userinfo``."""

    audience: str | None
    scope: str


def resource_of(
    settings: Settings, authorization: Authorization, audience: str | None, scope: str | None
) -> Resource | None:
    """The API and the scopes of a refresh; None where the application has no policies.

    Args:
        settings: The tenant.
        authorization: What the login granted.
        audience: The requested API, or None.
        scope: The requested scopes, or None.
    """
    client = authorization.client
    if not client.first_party or not client.refresh_token_policies:
        return None
    granted, policy = authorization.scope.split(), _policy(settings, client, audience)
    if policy is None:
        audience = authorization.audience
        policy = _policy(settings, client, audience) or []
    elif audience != authorization.audience:
        granted = [one for one in granted if one in STANDARD_SCOPES]
    allowed = [*granted, *policy]
    requested = scope.split() if scope else allowed
    return Resource(audience, " ".join(one for one in dict.fromkeys(requested) if one in allowed))


def _policy(settings: Settings, client: Application, audience: str | None) -> list[str] | None:
    """The scopes that the application's policy for this API adds; None where it has none."""
    api = settings.api(audience)
    policy = client.refresh_token_policies.get(audience or "")
    # Only for APIs that allow skipping consent (Auth0 docs, "Multi-Resource Refresh Token",
    # Limitations).
    if api is None or policy is None or not api.skip_consent:
        return None
    return [scope for scope in policy if scope in api.scopes]
