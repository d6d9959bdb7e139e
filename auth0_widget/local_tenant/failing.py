"""The methods of a local tenant with which tests make its endpoints fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.local_tenant.failure_kinds import Details, check_kind
from auth0_widget.local_tenant.failures import Failure, grant_of, path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.local_tenant.context import Context
    from auth0_widget.local_tenant.failure_kinds import Kind


class Failing:
    """The part of ``LocalTenant`` that makes endpoints fail."""

    _context: Context

    def fail(  # noqa: PLR0913 - each one is a detail of a response, and has a default
        self,
        endpoint: str,
        kind: Kind,
        *,
        times: int | None = 1,
        grant: str | None = None,
        status: int | None = None,
        error: str | None = None,
        description: str | None = None,
        retry_after: int = 30,
        location: str = "http://127.0.0.1:9/login",
    ) -> Failure:
        """Make the next requests to an endpoint fail: ``tenant.fail("token", "rate_limited")``.

        Kinds in which the request is not processed, and the tenant or a proxy responds:
        ``server_error`` (500), ``bad_gateway`` (502), ``unavailable`` (503), ``rate_limited`` (429
        with ``Retry-After`` and Auth0's ``x-ratelimit-`` headers), ``http_error`` (503, with JSON
        in which ``error`` is "Service Unavailable"; likewise with another status), ``redirect``,
        ``captive_portal`` (an HTML page with 200), ``proxy_page`` (one with 403), ``proxy_json``
        (403 and JSON without an ``error``).

        Kinds in which the tenant refuses with an OAuth error, which ``/authorize`` sends to the
        application: ``action_denied`` (``access_denied`` with HTTP 500, as from Auth0's
        ``/oauth/token`` where an Action calls ``api.access.deny``), ``mfa_required``,
        ``user_blocked``, ``access_denied``, ``login_required``, ``consent_required``, and
        ``oauth_error`` for any other.

        Kinds in which the connection fails before the request is processed: ``cut`` ends the
        connection before any byte of the response; ``no_answer`` sends nothing until ``release()``,
        and only then processes the request.

        Kinds in which the request is processed, so that codes are redeemed and refresh tokens
        rotated, and then the connection fails: ``answer_lost`` ends it before any byte of the
        response, ``cut_body`` in the middle of the body; ``cut_json`` sends a complete response
        with half a JSON text; ``slow`` sends as many bytes as ``drip()`` allows.

        Args:
            endpoint: ``token``, ``userinfo``, ``jwks``, ``configuration``, ``device_code``,
                ``revoke``, ``logout``, ``authorize``, or a path.
            kind: How it fails.
            times: How many requests; None means all until ``clear()``.
            grant: Only token requests with this ``grant_type``. ``device_code`` is short for that
                of RFC 8628.
            status: Another HTTP status than the kind's own.
            error: Another OAuth error than the kind's own.
            description: Another ``error_description`` than the kind's own.
            retry_after: Seconds, for ``rate_limited``.
            location: Where ``redirect`` leads to.

        Returns:
            The failure. With it a test can wait for the request, let it continue, or end it.

        Raises:
            ValueError: There is no such endpoint or kind.
        """
        check_kind(kind)
        details = Details(
            status=status,
            error=error,
            description=description,
            retry_after=retry_after,
            location=location,
        )
        failure = Failure(path_of(endpoint), kind, details, grant_of(grant), times)
        return self._context.failures.add(failure)

    def fail_next(  # noqa: PLR0913 - each one is a part of a response, and has a default
        self,
        path: str,
        status: int,
        *,
        body: str | bytes | None = None,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        times: int = 1,
    ) -> None:
        """Send this response to the next requests to a path, without processing them.

        ``fail`` has the failures with names.

        Args:
            path: The path, such as ``/oauth/token``.
            status: The HTTP status of the response.
            body: The body; by default an error in Auth0's format.
            content_type: The media type of the body.
            headers: Further headers.
            times: How many requests.
        """
        details = Details(
            status=status, body=body, content_type=content_type, headers=headers or {}
        )
        self._context.failures.add(Failure(path, "answer", details, left=times))

    def clear_failures(self) -> None:
        """Remove all failures. The connections of clients that still wait are cut."""
        self._context.failures.clear()
