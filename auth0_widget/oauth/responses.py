"""The meaning of a response: success, a refusal by the tenant, or a failure that may pass.

A refusal is an OAuth error (RFC 6749, 5.2) with HTTP 400, 401 or 403. Auth0 sends a denial by an
Action with HTTP 500, so an OAuth error is a refusal there, too. Gateways send JSON with an
``error`` as well, such as "Forbidden", so the error must be one of the codes of the protocol; with
HTTP 400, the status of RFC 6749, any code with a description will do. Any other response that is no
success means that the tenant is overloaded (429) or down (5xx), or that it comes from something
else: a proxy, a captive portal, a web server at a mistyped domain.
"""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from auth0_widget.base.redaction import safe_text
from auth0_widget.base.strict_json import json_object
from auth0_widget.errors import (
    Auth0WidgetError,
    InvalidResponseError,
    RateLimitError,
    TenantDownError,
    TenantError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from auth0_widget.oauth.transport import Response

MAX_RESPONSE = 64 * 1024
"""Bytes of a response that are read. A token response has about 4 KB, a JWKS 3 KB. Two responses of
this size, tokens and profile, must fit into a record (`session.record.MAX_RECORD`)."""

MAX_RETRY_AFTER = 3600.0
"""Seconds. A longer wait is cut to this. Callers may set a shorter limit."""

REFUSAL_CODES = frozenset(
    {
        # RFC 6749, 5.2 and 4.1.2.1
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
        "unsupported_grant_type", "invalid_scope", "access_denied",
        # RFC 8707, 2; RFC 6750, 3.1; OpenID Connect Core 3.1.2.6
        "invalid_target", "invalid_token", "insufficient_scope",
        "login_required", "consent_required", "interaction_required",
        # Auth0
        "mfa_required", "unauthorized",
    }
)  # fmt: skip
"""The error codes with which a tenant refuses for good. Only they prove that a refresh token is
useless."""

ACCOUNT_CODES = frozenset({"too_many_attempts", "password_leaked", "requires_verification"})
"""Auth0's error codes with which it denies a login because of the person's account. They prove
nothing about a refresh token."""

DENIAL_CODES = ACCOUNT_CODES | {"access_denied", "unauthorized"}
"""The error codes with which the tenant denies the login of a person. Auth0 sends ``unauthorized``
where the person is blocked, or where a rule says no."""

# RFC 8628, 3.5: for a device login that polls
_POLL_CODES = frozenset({"authorization_pending", "slow_down", "expired_token"})

_REFUSAL_STATUSES = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)

# The error codes of RFC 6749 (4.1.2.1) for failures that may pass.
_TEMPORARY = ("server_error", "temporarily_unavailable")


def json_from_response(
    response: Response,
    refusal: type[TenantError],
    message: str | None = None,
    next_step: str | None = None,
    keep: Iterable[str | None] = (),
) -> dict[str, Any]:
    """The JSON object in a successful response.

    Its text may contain lone surrogates, see `json_object`.

    Args:
        response: The response.
        refusal: The class of the error to raise where the tenant refused the request.
        message: The message of that error, if not the default one.
        next_step: The next step of that error, if not the default one.
        keep: What that error shows as it is, see `safe_text`.

    Raises:
        TenantError: The tenant refused. The error is of the class ``refusal``.
        RateLimitError: The tenant has received too many requests.
        TenantDownError: The tenant reports a server error.
        InvalidResponseError: The response is not that of an Auth0 tenant.
    """
    content = json_object(response.body, limit=MAX_RESPONSE, lone_surrogates=True)
    if response.status == HTTPStatus.OK and content is not None:
        return content
    raise _error(response, content, partial(refusal, message, next_step=next_step), keep)


def check_response(
    response: Response,
    refusal: type[TenantError],
    message: str,
    next_step: str,
    keep: Iterable[str | None] = (),
) -> None:
    """Like `json_from_response`, for a request whose successful response is empty.

    Raises:
        InvalidResponseError: Besides, the response has a body. RFC 7009 (2.2) lets a client ignore
            it; Auth0 sends none, and a captive portal does.
    """
    if response.status != HTTPStatus.OK or response.body.strip():
        content = json_object(response.body, limit=MAX_RESPONSE, lone_surrogates=True)
        raise _error(response, content, partial(refusal, message, next_step=next_step), keep)


def _error(
    response: Response,
    content: dict[str, Any] | None,
    refusal: Callable[..., TenantError],
    keep: Iterable[str | None],
) -> Auth0WidgetError:
    status = response.status
    error = (content or {}).get("error")
    description = (content or {}).get("error_description")
    said = safe_text(description, keep) if isinstance(description, str) else None
    if _is_refusal(status, error, said):
        return refusal(error=safe_text(str(error)), error_description=said)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimitError(retry_after=retry_after(response.headers))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or error in _TEMPORARY:
        return TenantDownError(
            f"The tenant reports a server error (HTTP {status}{f': {said}' if said else ''}).",
            next_step="Try again in a minute.",
        )
    # Auth0 refuses a bearer token with 401 and the plain text "Unauthorized".
    if status == HTTPStatus.UNAUTHORIZED and response.body.strip() == b"Unauthorized":
        return refusal(error=f"HTTP {status}")
    if isinstance(error, str) and said:
        return InvalidResponseError(
            f"The tenant, or something in its place, responded with an unknown error (HTTP "
            f"{status}).",
            error=safe_text(error),
            error_description=said,
        )
    return InvalidResponseError(
        f"The response is not that of an Auth0 tenant (HTTP {status}, "
        f"{'JSON' if content is not None else 'not JSON'})."
    )


def _is_refusal(status: int, error: object, description: str | None) -> bool:
    if not isinstance(error, str) or not error or error in _TEMPORARY:
        return False
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return error == "slow_down"  # Auth0's response to a device login that polls too often
    if error in REFUSAL_CODES or error in _POLL_CODES:
        return status in _REFUSAL_STATUSES or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if error in ACCOUNT_CODES and status in _REFUSAL_STATUSES:
        return description is not None
    return status == HTTPStatus.BAD_REQUEST and description is not None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from ``Retry-After`` (RFC 9110, 10.2.3) or Auth0's ``x-ratelimit-reset``.

    At least a second and at most an hour; None where neither header is present and well-formed.
    """
    now = time.time()
    text = headers.get("retry-after", "").strip()
    seconds: float | None = None
    if text.isascii() and text.isdecimal():
        seconds = float(text[:12])
    elif text:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            seconds = None
    reset = headers.get("x-ratelimit-reset", "").strip()
    if seconds is None and reset.isascii() and reset.isdecimal():
        seconds = float(reset[:12]) - now
    return None if seconds is None else min(max(seconds, 1.0), MAX_RETRY_AFTER)
