"""A session as the ``auth`` of httpx and requests.

Whoever has a bearer token can act as the person. It is therefore sent only to the hosts that it is
for, over https or to this machine. A request to any other host raises an error and is not sent.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from urllib.parse import urlsplit

import httpx

from auth0_widget.base.background import run_in_thread
from auth0_widget.base.origins import DEFAULT_PORTS, is_loopback
from auth0_widget.errors import Auth0WidgetError, UntrustedUrlError
from auth0_widget.session.challenges import challenge_error
from auth0_widget.session.requests_redirects import protect_authorization

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Iterable

    from auth0_widget.base.redaction import Secret

_Origin: TypeAlias = "tuple[str, str, int]"
_UNAUTHORIZED = 401
_REFUSED = (_UNAUTHORIZED, 403)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

log = logging.getLogger(__name__)

_SMALL_UPLOAD = 1024 * 1024
"""Bytes. A multipart body up to this size is read into memory, so that it can be sent again."""


class AccessTokens(Protocol):
    """The part of a session that signs requests."""

    @property
    def replaceable(self) -> bool:
        """Whether a new access token can be got for a rejected one."""

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
        self._origins = {origin for url in urls if (origin := _allowed_origin(url)) is not None}

    def allowing(self, url: str) -> SessionAuth:
        """An auth that allows one more host. Raises `UntrustedUrlError` if the URL is unsafe."""
        origin = _allowed_origin(url)
        if origin is None:
            raise _refused_url_error(url)
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
        if isinstance(request.stream, httpx.ByteStream):
            renewed = self._source.valid_access_token(rejected=token)
            response = yield _signed(request, renewed)
            self._is_rejected(response, request)
        else:
            self._renew_for_next_request(token)

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
        if isinstance(request.stream, httpx.ByteStream):
            renewed = await run_in_thread(lambda: self._source.valid_access_token(rejected=token))
            response = yield _signed(request, renewed)
            self._is_rejected(response, request)
        else:
            await run_in_thread(lambda: self._renew_for_next_request(token))

    def __call__(self, request: Any) -> Any:  # noqa: ANN401 - requests is not a dependency of ours
        """Called by requests for each ``PreparedRequest``."""
        self._check(request.url)
        token = self._source.valid_access_token()
        request.headers["Authorization"] = _Bearer(token)

        def send_again(response: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
            sent = response.request
            if response.status_code not in _REFUSED:
                _protect_at_redirect(sent, response)
                return response
            # It may respond to a request that a redirect made, which is not to be sent again.
            ours = sent.headers.get("Authorization") == _Bearer(token)
            if not ours or not self._allows(response.url):
                return response
            _raise_challenge(response)
            if response.status_code != _UNAUTHORIZED or not self._source.replaceable:
                return response
            if not isinstance(sent.body, (bytes, str, type(None))):
                self._renew_for_next_request(token)
                return response
            response.content  # noqa: B018 - reading the body to its end frees the connection
            response.close()
            retry = sent.copy()
            renewed = self._source.valid_access_token(rejected=token)
            retry.headers["Authorization"] = _Bearer(renewed)
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
        return _origin(url) in self._origins

    def _check_httpx(self, url: httpx.URL) -> None:
        if _origin_of(url) not in self._origins:
            self._check(str(url))

    def _check(self, url: str) -> None:
        if not self._allows(url):
            shown = urlsplit(url)
            raise UntrustedUrlError(
                f"The access token is not sent to {shown.scheme}://{shown.hostname}: "
                "it is for the API named by the audience, and for the tenant."
            )

    def _renew_for_next_request(self, rejected: Secret) -> None:
        """Renew the access token for later requests. The caller of this one gets the HTTP 401."""
        log.warning(
            "the API rejected an access token (401), and the upload is not sent again: its body "
            "can be read only once"
        )
        with contextlib.suppress(Auth0WidgetError):
            self._source.valid_access_token(rejected=rejected)

    def _is_rejected(self, response: httpx.Response, request: httpx.Request) -> bool:
        """Whether an API responded to our access token with HTTP 401, and it can be renewed.

        A response after a redirect that removed the access token does not count.

        Raises:
            InsufficientScopeError: The API requires other scopes.
            InsufficientAuthenticationError: The API requires another login.
        """
        if response.status_code not in _REFUSED:
            return False
        ours = response.request.headers.get("Authorization") == request.headers["Authorization"]
        if not ours or not self._allows(str(response.url)):
            return False
        _raise_challenge(response)
        return response.status_code == _UNAUTHORIZED and self._source.replaceable


def _protect_at_redirect(sent: Any, response: Any) -> None:  # noqa: ANN401 - of requests
    """Protect the access token of a request if requests follows a redirect with a copy of it."""
    if response.status_code in _REDIRECTS:
        protect_authorization(sent)


def _raise_challenge(response: Any) -> None:  # noqa: ANN401 - of httpx or of requests
    """Raise the error for a challenge that a renewal cannot satisfy, but another login may."""
    header = response.headers.get("WWW-Authenticate") if response.status_code in _REFUSED else None
    error = challenge_error(header)
    if error is not None:
        if not isinstance(response, httpx.Response):  # httpx closes the response itself
            response.close()
        raise error


class _Bearer(str):
    """The value of the header. Its repr hides the token in tracebacks of requests and urllib3."""

    __slots__ = ()

    def __new__(cls, token: Secret) -> _Bearer:  # noqa: PYI034 - Self is not in Python 3.10
        return super().__new__(cls, f"Bearer {token.reveal()}")

    def __repr__(self) -> str:
        return "'Bearer <secret>'"


def _signed(request: httpx.Request, token: Secret) -> httpx.Request:
    request.headers["Authorization"] = _Bearer(token)
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


def _refused_url_error(url: str) -> UntrustedUrlError:
    """The error for a URL that cannot be allowed. It does not contain the URL, nor a password."""
    try:
        parts = urlsplit(url)
        scheme, host, person = parts.scheme, parts.hostname, "@" in parts.netloc
    except ValueError:
        scheme, host, person = "", None, False
    if person:
        return UntrustedUrlError(
            "The address contains a user name or a password. The access token replaces them.",
            next_step="Remove the part before the @.",
        )
    if not host or scheme not in DEFAULT_PORTS:
        return UntrustedUrlError(
            "This is not the address of an API: it does not begin with https:// and a host.",
            next_step="Write it in full, as in https://api.example.com.",
        )
    if scheme == "https":
        return UntrustedUrlError(
            "The address begins with https://, but its host or its port is malformed.",
            next_step="Write the host in ASCII, as in https://xn--mnchen-3ya.example, and a port "
            "up to 65535.",
        )
    return UntrustedUrlError(
        "The access token is only sent over https, or to this machine.",
        next_step="Use an https:// address.",
    )


def _origin_of(url: httpx.URL) -> _Origin | None:
    """Like `_origin`, for a URL that httpx has parsed."""
    if url.userinfo or url.scheme not in DEFAULT_PORTS:
        return None
    port = DEFAULT_PORTS[url.scheme] if url.port is None else url.port
    return url.scheme, url.raw_host.decode(), port


def _allowed_origin(url: str) -> _Origin | None:
    """The origin of a URL to which an access token may be sent, or None."""
    origin = _origin(url)
    if origin is None or (origin[0] == "http" and not is_loopback(origin[1])):
        return None
    return origin


def _origin(url: str) -> _Origin | None:
    """Scheme, host and port of an http or https URL without a user name, or None."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        if host and not host.isascii():  # httpx and requests send it in ASCII (RFC 5891)
            host = httpx.URL(f"https://{host}").raw_host.decode()
    except (ValueError, httpx.InvalidURL):
        return None
    if not host or parts.scheme not in DEFAULT_PORTS or "@" in parts.netloc:
        return None
    return parts.scheme, host, DEFAULT_PORTS[parts.scheme] if port is None else port
