"""The response of the token endpoint (RFC 6749, 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from auth0_widget.base.redaction import Secret
from auth0_widget.errors import InvalidResponseError

_MAX_TOKEN_LIFETIME = 1 << 31  # seconds, 68 years


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """A response of the token endpoint (RFC 6749, 5.1). Its ID token is not yet verified.

    Attributes:
        access_token: The access token.
        expires_in: Seconds until the access token expires.
        scope: The granted scope, or None where the tenant does not name it.
        id_token: The ID token. The response to a refresh may have none (OpenID Connect Core 12.2).
        refresh_token: The refresh token, or None. With rotation, each response has another one.
    """

    access_token: Secret
    expires_in: int
    scope: str | None
    id_token: Secret | None
    refresh_token: Secret | None


def parse_token_response(content: dict[str, Any]) -> TokenResponse:
    """The token response in a JSON object.

    Raises:
        InvalidResponseError: A member is missing or malformed.
    """
    token_type, expires_in = content.get("token_type"), content.get("expires_in")
    texts = {
        name: content.get(name) for name in ("access_token", "id_token", "refresh_token", "scope")
    }
    access_token = texts["access_token"]
    if (
        not access_token
        or not all(text is None or _is_printable(text) for text in texts.values())
        or not isinstance(token_type, str)
        or token_type.lower() != "bearer"
        or isinstance(expires_in, bool)
        or not isinstance(expires_in, int)
        or not 0 < expires_in < _MAX_TOKEN_LIFETIME
    ):
        raise InvalidResponseError("The tenant's response holds no usable tokens.")
    id_token, refresh_token = texts["id_token"], texts["refresh_token"]
    return TokenResponse(
        access_token=Secret(access_token),
        expires_in=expires_in,
        scope=texts["scope"],
        id_token=Secret(id_token) if id_token else None,
        refresh_token=Secret(refresh_token) if refresh_token else None,
    )


def _is_printable(text: object) -> bool:
    """Whether it is text of printable ASCII characters only (RFC 6749, appendix A)."""
    return isinstance(text, str) and text.isascii() and text.isprintable()
