"""What the tenant has granted, against what it was asked for.

Auth0 ignores an audience or a scope that it may not give, without a word (Auth0 docs, "Configure
and Implement Multi-Resource Refresh Token"), and ``acr_values`` that no Action looks at. So each is
compared.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from auth0_widget.base.strict_json import json_object
from auth0_widget.errors import AudienceNotGrantedError, ScopeNotGrantedError

if TYPE_CHECKING:
    from auth0_widget.base.redaction import Secret

_LONGEST_PAYLOAD = 1 << 18
_PARTS = 3  # of a signed JWT (RFC 7515, 7.1); an encrypted one has five, an opaque token one


def missing_scopes(granted: str, asked: str) -> str:
    """The scopes that were asked for and not granted, separated by spaces, in the order asked."""
    have = set(granted.split())
    return " ".join(scope for scope in dict.fromkeys(asked.split()) if scope not in have)


def check_scopes(granted: str, asked: str) -> None:
    """Refuse a token without scopes that were asked for.

    Raises:
        ScopeNotGrantedError: It lacks some.
    """
    if missing := missing_scopes(granted, asked):
        raise ScopeNotGrantedError(missing=missing)


def check_audience(access_token: Secret, audience: str) -> None:
    """Refuse an access token for another API than this one.

    To an application an access token is opaque (RFC 6749, 1.4), and nothing in it is verified here:
    the API does that. But it is the only thing that says whether Auth0 has ignored the audience.

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
    claims = json_object(text, limit=_LONGEST_PAYLOAD, lone_surrogates=True) or {}
    audience = claims.get("aud")
    return audience if isinstance(audience, list) else [audience]
