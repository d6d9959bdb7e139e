"""What makes a local tenant fail on purpose: every endpoint, in every way seen in the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.local_tenant.failure_kinds import Details, check_kind
from auth0_widget.local_tenant.failures import Failure, grant_of, path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auth0_widget.local_tenant.context import Context
    from auth0_widget.local_tenant.failure_kinds import Kind


class Failing:
    """The part of ``LocalTenant`` that orders failures."""

    _context: Context

    def fail(  # noqa: PLR0913 - each one is a detail of an answer, and has a default
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
        """Let the next requests to an endpoint fail: ``tenant.fail("token", "rate_limited")``.

        Nothing is done: the tenant, or what stands before it, answers without having done
        anything: ``server_error`` (500), ``bad_gateway`` (502), ``unavailable`` (503),
        ``rate_limited`` (429 with ``Retry-After`` and Auth0's ``x-ratelimit-`` headers),
        ``redirect``, ``captive_portal`` (an HTML page with 200), ``proxy_page`` (one with 403).

        A refusal in OAuth's words, at ``/authorize`` told to the application:
        ``action_denied`` (``access_denied`` with HTTP 500, as Auth0 answers at ``/oauth/token``
        where an Action calls ``api.access.deny``), ``mfa_required``, ``user_blocked``,
        ``access_denied``, ``login_required``, ``consent_required``, and ``oauth_error`` for any
        other.

        The line fails first: ``cut`` ends the connection before any byte, ``no_answer`` keeps the
        client waiting until ``release()``, and only then the tenant does its work.

        The tenant does its work, so that codes are used up and refresh tokens rotated, and then
        the line fails: ``answer_lost`` ends the connection before any byte, ``cut_body`` in the
        middle of the body, ``cut_json`` is a whole answer with half a JSON text, ``slow`` comes
        byte by byte, as ``drip()`` lets it.

        Args:
            endpoint: ``token``, ``userinfo``, ``jwks``, ``configuration``, ``device_code``,
                ``revoke``, ``logout``, ``authorize``, or a path.
            kind: How it fails.
            times: How many requests; None until ``clear()``.
            grant: Only token requests with this ``grant_type``; ``device_code`` will do for the
                one of RFC 8628.
            status: Another HTTP status than the kind's own.
            error: Another OAuth error than the kind's own.
            description: Another ``error_description`` than the kind's own.
            retry_after: Seconds, for ``rate_limited``.
            location: Where ``redirect`` leads to.

        Returns:
            The failure, by which a test waits for the request, lets it go on, or ends it.

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

    def fail_next(  # noqa: PLR0913 - each one is a part of an answer, and has a default
        self,
        path: str,
        status: int,
        *,
        body: str | bytes | None = None,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        times: int = 1,
    ) -> None:
        """Let the next requests to a path have an answer of your own; nothing else is done.

        ``fail`` has the failures that have a name.

        Args:
            path: Such as ``/oauth/token``.
            status: HTTP status of the answer.
            body: What to answer; by default an error in Auth0's shape.
            content_type: Of the body.
            headers: Further headers.
            times: How many requests.
        """
        details = Details(
            status=status, body=body, content_type=content_type, headers=headers or {}
        )
        self._context.failures.add(Failure(path, "answer", details, left=times))

    def clear_failures(self) -> None:
        """Let nothing fail any more; whoever waits for an answer is cut off."""
        self._context.failures.clear()
