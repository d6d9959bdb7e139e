"""The meaning of a response: success, a refusal by the tenant, or a failure that may pass.

A well-formed OAuth error (RFC 6749, 5.2) is a refusal, whatever the HTTP status. Any other response
that is no success means that the tenant is overloaded (429) or down (5xx), or that it comes from
something else: a proxy, a captive portal, a web server at a mistyped domain.
"""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
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
    from collections.abc import Mapping

    from auth0_widget.oauth.transport import Response

MAX_RESPONSE = 64 * 1024
"""Bytes of a response that are read. A token response has about 4 KB, a JWKS 3 KB. Two responses of
this size, tokens and profile, must fit into a record (`session.record.MAX_RECORD`)."""

MAX_RETRY_AFTER = 3600.0
"""Seconds. A longer wait in a response is read as this. Who waits may have a shorter limit."""

# The error codes that Auth0 sends with HTTP 429, and those that RFC 6749 (4.1.2.1) has for failures
# that may pass.
_RATE_LIMITED = ("too_many_requests", "rate_limit_exceeded")
_TEMPORARY = ("server_error", "temporarily_unavailable")


def json_from_response(
    response: Response,
    refusal: type[TenantError],
    message: str | None = None,
    next_step: str | None = None,
) -> dict[str, Any]:
    """The JSON object in a successful response.

    Its text may contain lone surrogates, see `json_object`.

    Args:
        response: The response.
        refusal: The class of the error to raise where the tenant refused the request.
        message: The message of that error, if not the default one.
        next_step: The next step of that error, if not the default one.

    Raises:
        TenantError: The tenant refused. The error is of the class ``refusal``.
        RateLimitError: The tenant has received too many requests.
        TenantDownError: The tenant reports a server error.
        InvalidResponseError: The response is not that of an Auth0 tenant.
    """
    content = json_object(response.body, limit=MAX_RESPONSE, lone_surrogates=True)
    if response.status == HTTPStatus.OK and content is not None:
        return content
    raise _error(response, content, refusal, message, next_step)


def check_response(
    response: Response, refusal: type[TenantError], message: str, next_step: str
) -> None:
    """Like `json_from_response`, for a request whose successful response is empty."""
    if response.status != HTTPStatus.OK:
        content = json_object(response.body, limit=MAX_RESPONSE, lone_surrogates=True)
        raise _error(response, content, refusal, message, next_step)


def _error(
    response: Response,
    content: dict[str, Any] | None,
    refusal: type[TenantError],
    message: str | None,
    next_step: str | None,
) -> Auth0WidgetError:
    status = response.status
    error = (content or {}).get("error")
    description = (content or {}).get("error_description")
    named = isinstance(error, str) and bool(error) and status >= HTTPStatus.BAD_REQUEST
    if status == HTTPStatus.TOO_MANY_REQUESTS and (
        not named or error in (*_RATE_LIMITED, *_TEMPORARY)
    ):
        return RateLimitError(retry_after=retry_after(response.headers))
    if named and error not in _TEMPORARY:
        return refusal(
            message,
            next_step=next_step,
            error=safe_text(str(error)),
            error_description=safe_text(description) if isinstance(description, str) else None,
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TenantDownError(
            f"The tenant reports a server error (HTTP {status}).",
            next_step="Try again in a minute.",
        )
    # Auth0 refuses a bearer token with 401 and the plain text "Unauthorized".
    if status == HTTPStatus.UNAUTHORIZED or (content and status >= HTTPStatus.BAD_REQUEST):
        return refusal(message, next_step=next_step, error=f"HTTP {status}")
    return InvalidResponseError(
        f"The response is not that of an Auth0 tenant (HTTP {status}, "
        f"{'JSON' if content is not None else 'not JSON'})."
    )


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
