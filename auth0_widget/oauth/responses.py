"""What a response of the tenant means: an answer, the tenant's refusal, or trouble on the way.

A well-formed OAuth error (RFC 6749, 5.2) is the tenant's word, whatever the HTTP status. Everything
else that is not an answer says something about the tenant's load (429), its health (5xx), or about
whoever answered in its place: a proxy, a captive portal, a web server at a mistyped domain.
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
from auth0_widget.oauth.transport import MAX_RESPONSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.oauth.transport import Response

LONGEST_WAIT = 3600.0
"""Seconds; a tenant that names more is not waited for longer."""

# Auth0's code beside HTTP 429, and RFC 6749's for passing trouble (4.1.2.1).
_RATE_LIMITED = ("too_many_requests", "rate_limit_exceeded")
_TROUBLE = ("server_error", "temporarily_unavailable")


def json_answer(
    response: Response,
    refused: type[TenantError],
    message: str | None = None,
    next_step: str | None = None,
) -> dict[str, Any]:
    """The JSON object of a good answer. Its text may hold lone surrogates: see `json_object`.

    Args:
        response: As it came.
        refused: The error to raise where the tenant says no.
        message: What it says, if not the usual.
        next_step: What it advises, if not the usual.

    Raises:
        TenantError: Of the type ``refused``: the tenant said no.
        RateLimitError: It has had too many requests.
        TenantDownError: It has a problem of its own.
        InvalidResponseError: The response is not one of an Auth0 tenant.
    """
    answer = json_object(response.body, limit=MAX_RESPONSE, lone_surrogates=True)
    if response.status == HTTPStatus.OK and answer is not None:
        return answer
    raise _failure(response, answer, refused, message, next_step)


def check_answer(
    response: Response, refused: type[TenantError], message: str, next_step: str
) -> None:
    """Like `json_answer`, for a request whose answer is empty."""
    if response.status != HTTPStatus.OK:
        answer = json_object(response.body, limit=MAX_RESPONSE, lone_surrogates=True)
        raise _failure(response, answer, refused, message, next_step)


def _failure(
    response: Response,
    answer: dict[str, Any] | None,
    refused: type[TenantError],
    message: str | None,
    next_step: str | None,
) -> Auth0WidgetError:
    status = response.status
    error = (answer or {}).get("error")
    description = (answer or {}).get("error_description")
    named = isinstance(error, str) and bool(error) and status >= HTTPStatus.BAD_REQUEST
    if status == HTTPStatus.TOO_MANY_REQUESTS and (
        not named or error in (*_RATE_LIMITED, *_TROUBLE)
    ):
        return RateLimitError(retry_after=retry_after(response.headers))
    if named and error not in _TROUBLE:
        return refused(
            message,
            next_step=next_step,
            error=safe_text(str(error)),
            error_description=safe_text(description) if isinstance(description, str) else None,
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TenantDownError(
            f"The tenant has a problem of its own (HTTP {status}).",
            next_step="Try again in a minute.",
        )
    # Auth0 refuses a bearer token with 401 and the plain text "Unauthorized".
    if status == HTTPStatus.UNAUTHORIZED or (answer and status >= HTTPStatus.BAD_REQUEST):
        return refused(message, next_step=next_step, error=f"HTTP {status}")
    return InvalidResponseError(
        f"Something else than an Auth0 tenant seems to have answered (HTTP {status}, "
        f"{'JSON' if answer is not None else 'not JSON'})."
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, by ``Retry-After`` (RFC 9110, 10.2.3) or Auth0's ``x-ratelimit-reset``.

    Never more than an hour; None where neither header is there or makes sense.
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
    return None if seconds is None else min(max(seconds, 1.0), LONGEST_WAIT)
