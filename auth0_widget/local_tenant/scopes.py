"""Which of the requested scopes are granted, and their descriptions on the consent page."""

from __future__ import annotations

from auth0_widget.local_tenant.model import REFRESH_TOKEN, Api, Application

# Scope (OpenID Connect Core 5.4 and 11) → its description on the consent page.
STANDARD_SCOPES = {
    "openid": "Know who you are",
    "profile": "Profile: see your name, nickname and picture",
    "email": "Email: see your email address",
    "offline_access": "Offline access: stay logged in while you are away",
}


def granted_scope(requested: str | None, application: Application, api: Api | None) -> str:
    """The scopes that are granted, in the order requested, without repetitions.

    Unknown ones are dropped without an error. ``offline_access`` needs the application's grant type
    Refresh Token and the API's Allow Offline Access (Auth0 docs, "Scopes", "Get Refresh Tokens").
    """
    known = set(STANDARD_SCOPES) | (set(api.scopes) if api else set())
    offline = application.check_grant_type(REFRESH_TOKEN) and (
        api is None or api.allow_offline_access
    )
    if not offline:
        known.discard("offline_access")
    return " ".join(scope for scope in dict.fromkeys((requested or "").split()) if scope in known)


def describe(scope: str, api: Api | None) -> list[str]:
    """One description for each scope. That of ``openid`` is left out if there are others."""
    texts = STANDARD_SCOPES | (dict(api.scopes) if api else {})
    names = scope.split()
    return [texts[name] for name in names if name != "openid" or len(names) == 1]
