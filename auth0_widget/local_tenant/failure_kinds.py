"""The kinds of failure for ``LocalTenant.fail``, and the responses of those that send one."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, get_args

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal[
    # The request is not processed; the tenant or a proxy responds.
    "server_error", "bad_gateway", "unavailable", "rate_limited",
    "http_error", "redirect", "captive_portal", "proxy_page", "proxy_json",
    "answer",
    # The tenant refuses, with an OAuth error.
    "oauth_error", "action_denied", "mfa_required", "user_blocked",
    "access_denied", "login_required", "consent_required",
    # The connection fails before the request is processed.
    "cut", "no_answer",
    # The request is processed, and then the connection fails.
    "cut_json", "cut_body", "answer_lost", "slow",
]  # fmt: skip
"""How an endpoint can fail; ``LocalTenant.fail`` describes each."""

KINDS: tuple[str, ...] = get_args(Kind)

PROCESSED_FIRST = frozenset({"cut_json", "cut_body", "answer_lost", "slow"})
"""The kinds in which the tenant processes the request before it fails."""

MFA = "Multifactor authentication required"

# Kind → status, error and description. Their sources:
# action_denied: api.access.deny() in a post-login Action; /oauth/token responds with HTTP 500
#   (auth0/nextjs-auth0 issue 2512).
# mfa_required: 403, with an mfa_token (Auth0 docs, "Authenticate Using the Resource Owner Password
#   Flow with MFA"), for refreshes as well (auth0/docs pull request 3943).
# user_blocked: a refresh of somebody who was blocked (ionic-team/demo-authconnect-auth0 issue 4);
#   /authorize says "unauthorized" (atinux/nuxt-auth-utils issue 456).
# login_required, consent_required: prompt=none (OpenID Connect Core 3.1.2.6; Auth0 docs,
#   "Configure Silent Authentication").
_REFUSALS: dict[str, tuple[int, str, str]] = {
    "oauth_error": (403, "access_denied", "Unauthorized"),
    "action_denied": (500, "access_denied", "An Action denied access"),
    "mfa_required": (403, "mfa_required", MFA),
    "user_blocked": (403, "invalid_grant", "user is blocked"),
    "access_denied": (403, "access_denied", "User did not authorize the request"),
    "login_required": (403, "login_required", "Login required"),
    "consent_required": (403, "consent_required", "Consent required"),
}
_AT_AUTHORIZE = {"user_blocked": "unauthorized"}

_STATUSES = {"server_error": 500, "bad_gateway": 502, "unavailable": 503}

_PAGES = {
    "captive_portal": (200, "Welcome to this network", "Accept the terms to go on."),
    "proxy_page": (403, "Access denied", "This address is blocked by your organization's policy."),
}


@dataclass(frozen=True)
class Details:
    """The details of a failure that a test may set. None stands for the kind's own.

    Attributes:
        retry_after: Seconds, for ``rate_limited``.
        location: Where a ``redirect`` leads to.
    """

    status: int | None = None
    error: str | None = None
    description: str | None = None
    body: str | bytes | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: int = 30
    location: str = "http://127.0.0.1:9/login"


def check_kind(kind: str) -> None:
    """Check that this is a kind of failure for ``LocalTenant.fail``.

    Raises:
        ValueError: It is not.
    """
    # "answer" belongs to LocalTenant.fail_next.
    if kind not in KINDS or kind == "answer":
        named = ", ".join(one for one in KINDS if one != "answer")
        message = f"no failure is called {kind!r}; there are {named}"
        raise ValueError(message)


def refusal(kind: str, details: Details) -> tuple[str, str] | None:
    """The error and the description for ``/authorize``; None for kinds that are no refusal."""
    if kind not in _REFUSALS:
        return None
    _, error, description = _REFUSALS[kind]
    error = details.error or _AT_AUTHORIZE.get(kind, error)
    return error, details.description or description


def substitute(kind: str, details: Details, now: int) -> Response:
    """The response in place of the tenant's own."""
    response = _substitute(kind, details, now)
    response.headers.update(details.headers)
    return response


def _substitute(kind: str, details: Details, now: int) -> Response:
    if kind == "answer":
        status = details.status or 500
        # An OAuth error, so that clients do not take it for a proxy's page.
        error = "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request"
        default = {"error": error, "error_description": f"ordered failure {status}"}
        body = json.dumps(default) if details.body is None else details.body
        return Response(body, status=status, content_type=details.content_type)
    if kind == "rate_limited":
        reset = now + details.retry_after
        return rate_limited(300, reset, details.retry_after, details)
    if kind not in _REFUSALS:
        return _of_a_gateway(kind, details)
    status, error, description = _REFUSALS[kind]
    content = {
        "error": details.error or error,
        "error_description": details.description or description,
    }
    if kind == "mfa_required":
        content["mfa_token"] = secrets.token_urlsafe(32)
    return _json(content, details.status or status)


def _of_a_gateway(kind: str, details: Details) -> Response:
    """The response of something between the client and Auth0, which knows no OAuth."""
    if kind in _PAGES:
        status, title, text = _PAGES[kind]
        html = f"<!doctype html><title>{title}</title><h1>{title}</h1><p>{text}</p>"
        return Response(html, status=details.status or status, content_type="text/html")
    if kind == "proxy_json":
        return _json({"message": _PAGES["proxy_page"][2]}, details.status or 403)
    if kind == "http_error":
        reason = HTTPStatus(details.status or 503)
        content = {"statusCode": reason, "error": reason.phrase, "message": reason.description}
        return _json(content, reason)
    if kind == "redirect":
        headers = {"Location": details.location}
        return Response("", status=details.status or 302, headers=headers)
    status = details.status or _STATUSES[kind]
    return Response(f"HTTP {status}", status=status, content_type="text/plain")


def rate_limited(
    limit: int, reset: int, retry_after: int, details: Details | None = None
) -> Response:
    """Auth0's response where a rate limit is exceeded (Auth0 docs, "Rate Limit Policy").

    Args:
        limit: The number of requests that the limit allows.
        reset: When the whole limit is available again, in seconds since 1970.
        retry_after: Seconds until the next request is allowed (RFC 9110, 10.2.3).
        details: Another error, description or status.
    """
    details = details or Details()
    content = {
        "error": details.error or "too_many_requests",
        "error_description": details.description or "Global limit has been reached",
    }
    response = _json(content, details.status or 429)
    response.headers.update(
        {
            "x-ratelimit-limit": str(limit),
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": str(reset),
            "Retry-After": str(retry_after),
        }
    )
    return response


def _json(content: Mapping[str, object], status: int) -> Response:
    return Response(json.dumps(content), status=status, content_type="application/json")
