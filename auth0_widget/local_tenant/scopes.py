"""Which of the scopes asked for are granted, and what the consent screen says about them."""

from __future__ import annotations

from auth0_widget.local_tenant.model import REFRESH_TOKEN, Api, Application

# OpenID Connect Core 5.4 and 11; what each one means to the person who is asked.
STANDARD_SCOPES = {
    "openid": "Know who you are",
    "profile": "Profile: see your name, nickname and picture",
    "email": "Email: see your email address",
    "offline_access": "Offline access: stay logged in while you are away",
}


def granted_scope(asked: str | None, application: Application, api: Api | None) -> str:
    """The scopes this application gets for this API, in the order asked, without repeats.

    Unknown ones are dropped without an error, and offline_access needs both the application's
    refresh token grant and the API's consent (Auth0 docs, "Scopes" and "Get Refresh Tokens").
    """
    known = set(STANDARD_SCOPES) | (set(api.scopes) if api else set())
    offline = application.check_grant_type(REFRESH_TOKEN) and (
        api is None or api.allow_offline_access
    )
    if not offline:
        known.discard("offline_access")
    return " ".join(scope for scope in dict.fromkeys((asked or "").split()) if scope in known)


def describe(scope: str, api: Api | None) -> list[str]:
    """One sentence a permission, for the consent screen; openid is told only if it is alone."""
    texts = STANDARD_SCOPES | (dict(api.scopes) if api else {})
    names = scope.split()
    return [texts[name] for name in names if name != "openid" or len(names) == 1]
