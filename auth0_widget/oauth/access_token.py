"""Access tokens in the form of a JWT (RFC 9068), which Auth0 issues for an API.

To whoever asked for it an access token is opaque. One that somebody else asked for, as a hub does,
is looked into before it is used: who issued it, for whom, for which API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.base.redaction import without_frames
from auth0_widget.base.strict_json import json_object
from auth0_widget.errors import IdTokenError
from auth0_widget.oauth.id_token import MAX_ID_TOKEN, signed_content

if TYPE_CHECKING:
    from auth0_widget.base.redaction import Secret
    from auth0_widget.config import Settings
    from auth0_widget.oauth.jwks import JwksCache


@without_frames
def is_for_audience(token: Secret, settings: Settings, jwks: JwksCache, subject: str) -> bool:
    """Whether the tenant has issued this access token to this person, for the settings' audience.

    False as well where nobody but the API can tell: for an opaque token, and for one that is signed
    with HS256.

    Raises:
        KeySetError: The tenant's keys cannot be used.
        UnreachableError: No keys are cached, and the tenant could not be asked.
    """
    try:
        content = signed_content(token, jwks)
    except IdTokenError:
        return False
    claims = json_object(content, limit=MAX_ID_TOKEN) or {}
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    return (
        claims.get("iss") == settings.issuer
        and claims.get("sub") == subject
        and settings.audience in audiences
    )
