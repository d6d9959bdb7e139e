"""Checks that the tenant has granted what was requested.

Auth0 returns no error for an audience or a scope that it may not grant (Auth0 docs, "Configure and
Implement Multi-Resource Refresh Token"); it grants less.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from auth0_widget.base.strict_json import json_object
from auth0_widget.errors import AudienceNotGrantedError, ScopeNotGrantedError

if TYPE_CHECKING:
    from auth0_widget.base.redaction import Secret

_MAX_PAYLOAD = 1 << 18  # bytes
_PARTS = 3  # of a signed JWT (RFC 7515, 7.1); an encrypted one has five, an opaque token one


def missing_scopes(granted: str, requested: str) -> str:
    """The requested scopes that were not granted, separated by spaces, in the order requested."""
    have = set(granted.split())
    return " ".join(scope for scope in dict.fromkeys(requested.split()) if scope not in have)


def joined_scopes(*scopes: str) -> str:
    """All of these scopes, each of them once, separated by spaces."""
    return " ".join(dict.fromkeys(" ".join(scopes).split()))


def check_scopes(granted: str, requested: str) -> None:
    """Check that every scope that was requested was granted.

    Raises:
        ScopeNotGrantedError: Some were not.
    """
    if missing := missing_scopes(granted, requested):
        raise ScopeNotGrantedError(missing=missing)


def check_audience(access_token: Secret, audience: str) -> None:
    """Check that an access token is for this API.

    An access token is opaque to an application (RFC 6749, 1.4), and the API verifies it: here its
    claims are read unverified. But nothing else shows whether Auth0 has ignored the audience.

    Raises:
        AudienceNotGrantedError: It is for another API, or does not say for which.
    """
    if audience not in _audiences(access_token.reveal()):
        raise AudienceNotGrantedError(
            f"The tenant gives this session no access token for the audience {audience}."
        )


def _audiences(access_token: str) -> list[object]:
    parts = access_token.split(".")
    if len(parts) != _PARTS:
        return []
    payload = parts[1]
    try:
        text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    except (binascii.Error, ValueError):
        return []
    claims = json_object(text, limit=_MAX_PAYLOAD, lone_surrogates=True) or {}
    audience = claims.get("aud")
    return audience if isinstance(audience, list) else [audience]
