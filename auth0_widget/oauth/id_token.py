"""ID token verification: OpenID Connect Core 3.1.3.7, and the further checks of Auth0's SDKs.

PyJWT verifies the signature. Its claim checks do not cover nonce, azp, auth_time and organizations,
and they accept an empty ``sub`` or text as ``exp``, so this module checks all claims. The token
itself cannot choose the algorithm, nor a key that the tenant does not publish.
"""

from __future__ import annotations

import base64
import math
import re
import time
from typing import TYPE_CHECKING, Any

from auth0_widget.base.forks import forks_deferred
from auth0_widget.base.redaction import PrivateMapping, without_frames
from auth0_widget.base.strict_json import (
    is_timestamp,
    is_unicode,
    json_object,
    without_lone_surrogates,
)
from auth0_widget.errors import (
    IdTokenAlgorithmError,
    IdTokenAudienceError,
    IdTokenAuthorizedPartyError,
    IdTokenAuthTimeError,
    IdTokenClaimError,
    IdTokenEncryptedError,
    IdTokenExpiredError,
    IdTokenIssuerError,
    IdTokenMalformedError,
    IdTokenNonceError,
    IdTokenOrganizationError,
    IdTokenSignatureError,
    IdTokenSubjectError,
    IdTokenTimeError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.base.redaction import Secret
    from auth0_widget.config import Settings
    from auth0_widget.oauth.jwks import JwksCache

ALGORITHM = "RS256"
"""The only algorithm that is accepted. It is Auth0's default, and its SDKs accept no other."""

MAX_ID_TOKEN = 64 * 1024
"""Characters. An ID token usually has about one thousand."""

# RFC 7515, 7.1. PyJWT ignores characters outside the base64url alphabet; here they are refused.
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_ENCRYPTED = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){4}")  # RFC 7516, 7.1
_MAX_SUBJECT = 255  # OpenID Connect Core 2


@without_frames
def verify_id_token(  # noqa: PLR0913 - each is one check of the specification
    id_token: Secret,
    *,
    settings: Settings,
    jwks: JwksCache,
    nonce: str | None,
    subject: str | None = None,
    max_age: int | None = None,
    allow_expired: bool = False,
) -> PrivateMapping:
    """Verify an ID token and return its claims.

    Args:
        id_token: The token, from the token endpoint or from the browser's storage.
        settings: The settings with which issuer, client ID and organization must match, and the
            leeway in seconds for each time.
        jwks: The tenant's signing keys.
        nonce: The nonce of the authorization request, or None where there is none: for a token from
            storage, from a refresh (OpenID Connect Core 12.2) or from the device flow.
        subject: The ``sub`` that the token must have, or None where any person may log in.
        max_age: The greatest age of the person's authentication in seconds, or None for any.
        allow_expired: Whether ``exp`` may have passed. The caller must know by other means that the
            token was valid when it was stored.

    Raises:
        IdTokenError: A check failed; its subclass is named after the check.
        KeySetError: The tenant's keys cannot be used.
        UnreachableError: No keys are cached, and the tenant could not be asked.
    """
    content = signed_content(id_token, jwks)
    claims = json_object(content, limit=MAX_ID_TOKEN, lone_surrogates=True)
    if claims is None:
        raise IdTokenMalformedError
    _check_identity(claims, settings, subject)
    _check_times(claims, settings.leeway, max_age, allow_expired=allow_expired)
    _check_nonce(claims, nonce)
    _check_organization(claims, settings.organization)
    # Only an escape sequence can be half of a surrogate pair: UTF-8 has none.
    return PrivateMapping(without_lone_surrogates(claims) if b"\\u" in content else claims)


@without_frames
def signed_content(token: Secret, jwks: JwksCache) -> bytes:
    """The content of a token, after its signature was verified. The caller must check its claims.

    Raises:
        IdTokenError: It is malformed, encrypted, of another algorithm, or its signature is invalid.
        KeySetError: The tenant's keys cannot be used.
        UnreachableError: No keys are cached, and the tenant could not be asked.
    """
    with forks_deferred():  # loaded by Tenant.import_libraries when a widget is shown
        import jwt  # noqa: PLC0415

    text = token.reveal()
    header, content, signature = _parts(text)
    key = jwks.key(_checked_header(header).get("kid"))
    signed = text[: text.rindex(".")].encode()
    if not jwt.get_algorithm_by_name(ALGORITHM).verify(signed, key, signature):
        raise IdTokenSignatureError
    return content


def _parts(token: str) -> list[bytes]:
    """Header, content and signature (RFC 7515, 7.1)."""
    if len(token) > MAX_ID_TOKEN:
        raise IdTokenMalformedError
    if _COMPACT.fullmatch(token) is None:
        raise IdTokenEncryptedError if _ENCRYPTED.fullmatch(token) else IdTokenMalformedError
    try:
        parts = [base64.urlsafe_b64decode(_padded(part)) for part in token.split(".")]
    except ValueError:
        parts = None
    if parts is None:
        raise IdTokenMalformedError  # outside the except block: its error may quote the token
    return parts


def _checked_header(text: bytes) -> dict[str, Any]:
    """The JOSE header. Only its ``alg`` and ``kid`` are used (RFC 8725, 3.1 and 3.10).

    ``jku``, ``jwk``, ``x5u`` and ``x5c``, with which an attacker could name keys of their own, are
    ignored. ``crit`` names extensions that must be supported; none is supported here, nor is the
    ``b64`` that needs one (RFC 7797, 6).
    """
    header = json_object(text, limit=MAX_ID_TOKEN)
    if header is None:
        raise IdTokenMalformedError
    if header.get("alg") != ALGORITHM:
        raise IdTokenAlgorithmError
    if "crit" in header or header.get("b64", True) is not True:
        raise IdTokenMalformedError("The ID token requires an extension that is not supported.")
    if "kid" in header and not isinstance(header["kid"], str):
        raise IdTokenMalformedError("The ID token's key ID is not text.")
    return header


def _padded(part: str) -> str:
    return part + "=" * (-len(part) % 4)


def _check_identity(claims: dict[str, Any], settings: Settings, subject: str | None) -> None:
    """Issuer, audience, authorized party and subject: checks 2 to 5, and 12.2 after a refresh."""
    if claims.get("iss") != settings.issuer:
        raise IdTokenIssuerError
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or not all(isinstance(one, str) for one in audiences):
        raise IdTokenClaimError("The ID token's audience (aud) is not text or a list of texts.")
    if settings.client_id not in audiences:
        raise IdTokenAudienceError
    azp = claims.get("azp")
    if (azp is not None or len(audiences) > 1) and azp != settings.client_id:
        raise IdTokenAuthorizedPartyError
    sub = claims.get("sub")
    # Replacing lone surrogates could make two identifiers equal, so they are refused here.
    if not isinstance(sub, str) or not 0 < len(sub) <= _MAX_SUBJECT or not is_unicode(sub):
        raise IdTokenSubjectError
    if subject is not None and sub != subject:
        raise IdTokenSubjectError(
            "The ID token is for another person than the one who logged in (sub)."
        )


def _check_times(
    claims: dict[str, Any], leeway: int, max_age: int | None, *, allow_expired: bool
) -> None:
    """``exp``, ``iat``, ``nbf`` and ``auth_time``: checks 9, 10 and 13, in seconds since 1970.

    And ``session_expiry``: when a company's identity provider ends the session (IPSIE SL1 profile).
    """
    now = time.time()
    expires = _number(claims, "exp", required=True)
    issued = _number(claims, "iat", required=True)
    not_before = _number(claims, "nbf", required=False)
    authenticated = _number(claims, "auth_time", required=False)
    _number(claims, "session_expiry", required=False)
    if now >= session_end(claims):
        raise IdTokenExpiredError(
            "The time that the identity provider allows for this session is over (session_expiry)."
        )
    if now >= expires + leeway and not allow_expired:
        raise IdTokenExpiredError(f"The ID token expired {_duration(now - expires)} ago.")
    ahead = max(issued, not_before, authenticated) - now
    if ahead > leeway:
        raise IdTokenTimeError(
            f"The ID token was issued {_duration(ahead)} in the future: this machine's clock and "
            f"the tenant's differ by more than the {leeway} seconds allowed."
        )
    if max_age is not None and claims.get("auth_time") is None:
        raise IdTokenAuthTimeError(
            "The ID token does not say when the person authenticated (auth_time), as max_age asks."
        )
    if max_age is not None and now > authenticated + max_age + leeway:
        raise IdTokenAuthTimeError


def session_end(claims: Mapping[str, Any], default: float = math.inf) -> float:
    """When the identity provider ends the session, in seconds since 1970, from verified claims."""
    ends_at = claims.get("session_expiry")
    return default if ends_at is None else float(ends_at)


def _number(claims: dict[str, Any], name: str, *, required: bool) -> float:
    value = claims.get(name)
    if value is None and not required:
        return 0
    if not is_timestamp(value):
        raise IdTokenClaimError(
            f"The ID token's {name} is missing or is not a time.",
            next_step="Tell whoever runs the tenant: an Action or a connection may set this claim.",
        )
    return value


def _check_nonce(claims: dict[str, Any], nonce: str | None) -> None:
    """Check 11: the token belongs to this authorization request."""
    if nonce is not None and claims.get("nonce") != nonce:
        raise IdTokenNonceError


def _check_organization(claims: dict[str, Any], organization: str | None) -> None:
    """Auth0 compares an organization's ID (``org_…``) exactly, and its name in lower case."""
    if organization is None:
        return
    if organization.startswith("org_"):
        matches = claims.get("org_id") == organization
    else:
        matches = claims.get("org_name") == organization.lower()
    if not matches:
        raise IdTokenOrganizationError


def _duration(seconds: float) -> str:
    """A length of time in words."""
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
