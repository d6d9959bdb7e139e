"""A session as the ``auth`` of httpx and requests.

Whoever has a bearer token can act as the person. It is therefore sent only to the hosts that it is
for, over https or to this machine. A request to any other host raises an error and is not sent.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import httpx

from auth0_widget.base.background import run_in_thread
from auth0_widget.errors import (
    Auth0WidgetError,
    KernelGoneError,
    SessionExpiredError,
    TokenRequestError,
    UntrustedUrlError,
)
from auth0_widget.session.allowed_hosts import (
    allowed_origin,
    httpx_origin,
    origin_of,
    refused_url_error,
)
from auth0_widget.session.challenges import challenge_error
from auth0_widget.session.requests_redirects import protect_authorization

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Iterable

    from auth0_widget.base.redaction import Secret

UNAUTHORIZED = 401
REFUSED = (UNAUTHORIZED, 403)
REDIRECTS = frozenset({301, 302, 303, 307, 308})

log = logging.getLogger(__name__)

_NO_RENEWAL = (SessionExpiredError, TokenRequestError, KernelGoneError)
"""Errors by which a rejected access token cannot be replaced, although it may not have expired."""

_SMALL_UPLOAD = 1024 * 1024
"""Bytes. A multipart body up to this size is read into memory, so that it can be sent again."""


class AccessTokens(Protocol):
    """The part of a session that signs requests."""

    @property
    def replaceable(self) -> bool:
        """Whether a rejected access token can be replaced by a new one."""

    @property
    def access_token_expired(self) -> bool:
        """Whether the access token has expired by the clock of this machine."""

    def cached_access_token(self) -> Secret | None:
        """The access token, or None if it is due for renewal. Sends no request."""

    def valid_access_token(self, rejected: Secret | None = None) -> Secret:
        """A valid access token other than the rejected one, renewed first if need be."""


class SessionAuth(httpx.Auth):
    """Adds the access token to requests to the allowed hosts.

    `Session.auth` and `Session.auth_for` return it. The access token is renewed when it expires. If
    an API responds with HTTP 401, the access token is renewed and the request is sent again, once.

    Each request raises `UntrustedUrlError` for any other host, `SessionEndedError` after a logout,
    and `SessionExpiredError` when the session cannot be renewed. It raises `InsufficientScopeError`
    or `InsufficientAuthenticationError` if the API requires other scopes or another login (RFC
    6750, 3.1; RFC 9470, 3).
    """

    def __init__(self, source: AccessTokens, urls: Iterable[str]) -> None:
        self._source = source
        self._origins = {origin for url in urls if (origin := allowed_origin(url)) is not None}

    def allowing(self, url: str) -> SessionAuth:
        """An auth that allows one more host. Raises `UntrustedUrlError` if the URL is unsafe."""
        origin = allowed_origin(url)
        if origin is None:
            raise refused_url_error(url)
        extended = SessionAuth(self._source, [])
        extended._origins = self._origins | {origin}
        return extended

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Called by httpx for each request of a `httpx.Client`."""
        self._check_httpx(request.url)
        if not isinstance(request.stream, httpx.ByteStream) and _is_small_upload(request):
            request.read()
        token = self._source.valid_access_token()
        response = yield _signed(request, token)
        if not self._is_rejected(response, request):
            return
        repeatable = isinstance(request.stream, httpx.ByteStream)
        renewed = self._replacement(token, repeatable=repeatable)
        if renewed is not None:
            response = yield _signed(request, renewed)
            self._is_rejected(response, request)

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Called by httpx for each request of a `httpx.AsyncClient`."""
        self._check_httpx(request.url)
        if not isinstance(request.stream, httpx.ByteStream) and _is_small_upload(request):
            await request.aread()
        token = self._source.cached_access_token()
        if token is None:
            token = await run_in_thread(self._source.valid_access_token)
        response = yield _signed(request, token)
        if not self._is_rejected(response, request):
            return
        repeatable = isinstance(request.stream, httpx.ByteStream)
        renewed = await run_in_thread(lambda: self._replacement(token, repeatable=repeatable))
        if renewed is not None:
            response = yield _signed(request, renewed)
            self._is_rejected(response, request)

    def __call__(self, request: Any) -> Any:  # noqa: ANN401 - requests is not a dependency of ours
        """Called by requests for each ``PreparedRequest``."""
        self._check(request.url)
        token = self._source.valid_access_token()
        request.headers["Authorization"] = Bearer(token)

        def send_again(response: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
            sent = response.request
            if response.status_code not in REFUSED:
                _protect_at_redirect(sent, response)
                return response
            # The response may be to the request of a redirect, which must not be sent again.
            ours = sent.headers.get("Authorization") == Bearer(token)
            if not ours or not self._allows(response.url):
                return response
            _raise_challenge(response)
            if response.status_code != UNAUTHORIZED or not self._source.replaceable:
                return response
            repeatable = isinstance(sent.body, (bytes, str, type(None)))
            renewed = self._replacement(token, repeatable=repeatable)
            if renewed is None:
                return response
            response.content  # noqa: B018 - reading the body to its end frees the connection
            response.close()
            retry = sent.copy()
            retry.headers["Authorization"] = Bearer(renewed)
            retry.hooks["response"] = [
                hook for hook in retry.hooks["response"] if hook != send_again
            ]
            second = response.connection.send(retry, **options)
            _raise_challenge(second)
            _protect_at_redirect(sent, second)
            second.history.append(response)
            second.request = retry
            return second

        request.register_hook("response", send_again)
        return request

    def _allows(self, url: str) -> bool:
        return origin_of(url) in self._origins

    def _check_httpx(self, url: httpx.URL) -> None:
        if httpx_origin(url) not in self._origins:
            self._check(str(url))

    def _check(self, url: str) -> None:
        if not self._allows(url):
            shown = urlsplit(url)
            raise UntrustedUrlError(
                f"The access token is not sent to {shown.scheme}://{shown.hostname}: "
                "it is for the API named by the audience, and for the tenant."
            )

    def _replacement(self, rejected: Secret, *, repeatable: bool) -> Secret | None:
        """The access token with which to send a request again after HTTP 401.

        None if it is not sent again and the caller gets the API's response. This is so if the body
        can be read only once; the access token is renewed for later requests. It is also so if the
        session cannot be renewed now, and the access token has not expired here.

        Args:
            rejected: The access token that the API has rejected.
            repeatable: Whether the body of the request can be read again.
        """
        if not repeatable:
            log.warning(
                "the API rejected an access token (401), and the upload is not sent again: its "
                "body can be read only once"
            )
        try:
            renewed = self._source.valid_access_token(rejected=rejected)
        except Auth0WidgetError as error:
            no_renewal = error.passing or isinstance(error, _NO_RENEWAL)
            if repeatable and (not no_renewal or self._source.access_token_expired):
                raise
            log.warning(
                "the API rejected an access token (401), and renewing it failed with %s: the API's "
                "response is returned",
                error.code,
            )
            return None
        return renewed if repeatable else None

    def _is_rejected(self, response: httpx.Response, request: httpx.Request) -> bool:
        """Whether an API responded to our access token with HTTP 401, and it can be renewed.

        A response after a redirect that removed the access token does not count.

        Raises:
            InsufficientScopeError: The API requires other scopes.
            InsufficientAuthenticationError: The API requires another login.
        """
        if response.status_code not in REFUSED:
            return False
        ours = response.request.headers.get("Authorization") == request.headers["Authorization"]
        if not ours or not self._allows(str(response.url)):
            return False
        _raise_challenge(response)
        return response.status_code == UNAUTHORIZED and self._source.replaceable


def _protect_at_redirect(sent: Any, response: Any) -> None:  # noqa: ANN401 - of requests
    """Protect the access token of a request if requests follows a redirect with a copy of it."""
    if response.status_code in REDIRECTS:
        protect_authorization(sent)


def _raise_challenge(response: Any) -> None:  # noqa: ANN401 - of httpx or of requests
    """Raise the error for a challenge that a renewal cannot satisfy, but another login may."""
    header = response.headers.get("WWW-Authenticate") if response.status_code in REFUSED else None
    error = challenge_error(header)
    if error is not None:
        if not isinstance(response, httpx.Response):  # httpx closes the response itself
            response.close()
        raise error


class Bearer(str):
    """The value of the header. Its repr hides the token in tracebacks of requests and urllib3."""

    __slots__ = ()

    def __new__(cls, token: Secret) -> Bearer:  # noqa: PYI034 - Self is not in Python 3.10
        """The value with this access token."""
        return super().__new__(cls, f"Bearer {token.reveal()}")

    def __repr__(self) -> str:
        """Does not contain the access token."""
        return "'Bearer <secret>'"


def _signed(request: httpx.Request, token: Secret) -> httpx.Request:
    request.headers["Authorization"] = Bearer(token)
    return request


def _is_small_upload(request: httpx.Request) -> bool:
    """Whether the body is a multipart form of a known and small size."""
    length = request.headers.get("Content-Length", "")
    return (
        request.headers.get("Content-Type", "").startswith("multipart/form-data")
        and length.isascii()
        and length.isdecimal()
        and int(length[:12]) <= _SMALL_UPLOAD
    )
