"""Access tokens in the form of a JWT (RFC 9068), which Auth0 issues for an API.

An application need not read an access token that it has requested itself. One that another program
has requested, such as JupyterHub, is verified before it is used: its signature, issuer, subject and
audience.
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

    False, too, where only the API can verify the token: if it is opaque, or signed with HS256.

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
