"""HTTP requests to the tenant, with limits of size and time, and without redirects.

A tenant that is down, slow or hostile costs a known number of bytes and seconds. Each failure
raises an `Auth0WidgetError`, whose text holds nothing secret.
"""

from __future__ import annotations

import encodings.idna  # noqa: F401 - else the thread of a request imports it, see `forks_deferred`
import os
import threading
import zlib
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from auth0_widget.base.redaction import safe_text, without_frames
from auth0_widget.errors import (
    Auth0WidgetError,
    ConnectionCutError,
    InvalidResponseError,
    InvalidSettingError,
    TenantDownError,
    TenantTimeoutError,
)
from auth0_widget.oauth.certificates import certificate_error, trusted_authorities
from auth0_widget.oauth.proxy import proxy_for, proxy_host
from auth0_widget.oauth.responses import MAX_RESPONSE

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
"""Seconds to wait for the next byte. A healthy tenant responds within one."""

DEADLINE = 30.0
"""Seconds for a request as a whole. A server that sends a byte now and then stays within `TIMEOUT`.
"""

# Content coding → the ``wbits`` of zlib. Some servers send deflate without the header that RFC 9110
# (8.4.1.2) requires.
_WBITS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}

KEEPALIVE = 50.0
"""Seconds for which an idle connection is kept: long enough for a person to type a password.

Servers keep one for longer, so that a request seldom meets a connection that is being closed: by
default an Application Load Balancer of AWS for 60 seconds ("Connection idle timeout"), nginx for 75
(``keepalive_timeout``), and Cloudflare for 400 ("Connection limits").
"""

# How the messages of httpx begin where the connection ended early. Its other protocol errors mean
# that the bytes were not HTTP.
_CONNECTION_LOST = ("Server disconnected", "peer closed connection", "incomplete chunked read")


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response. ``headers`` ignores the case of names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Requests to one origin. Safe to use from several threads.

    Args:
        origin: Scheme, host and port.
        role: What errors call the server at the origin.
        may_use_proxy: Whether to use the proxy that the environment names.

    Raises:
        InvalidSettingError: The environment names a proxy, or certificates, that cannot be used.
    """

    def __init__(
        self, origin: str, role: str = "The tenant", *, may_use_proxy: bool = True
    ) -> None:
        self._origin, self._role, self._may_use_proxy = origin, role, may_use_proxy
        # Each request uses a client of its own: closing it, to give one request up, ends no other.
        self._idle_clients = [self._new_client()]

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> Response:
        """Send a request and return the response.

        If the connection is lost, a GET is sent once more, and so is a ``repeatable`` request: one
        whose effect is the same if it is sent twice (RFC 9110, 9.2.2).

        Raises:
            InvalidResponseError: The response is too large, or is not HTTP.
            UnreachableError: No response came in time.
            InvalidSettingError: The environment names a proxy that cannot be used.
        """
        for _attempt in range(2 if repeatable or method == "GET" else 1):
            try:
                return self._request_once(method, path, headers, data)
            except _ConnectionLostError:  # noqa: PERF203 - of two rounds at most
                pass
        raise ConnectionCutError(f"{self._name} ended the connection early ({path}).")

    def _request_once(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None,
        data: Mapping[str, str] | None,
    ) -> Response:
        outcome: Future[Response] = Future()
        deadline = DEADLINE  # read now, because a test may change it once the request is sent
        client = self._take_client()

        def work() -> None:
            try:
                outcome.set_result(self._exchange(client, method, path, headers, data))
            except Exception as error:  # noqa: BLE001 - raised below, by the thread that waits
                outcome.set_exception(error)

        # httpx limits neither the name look-up nor the total time. The request therefore runs in a
        # thread, which is abandoned at the deadline.
        try:
            threading.Thread(target=work, name="auth0-widget-request", daemon=True).start()
        except RuntimeError:  # Python 3.12 starts no thread once the main thread has ended
            work()
        try:
            return outcome.result(deadline)
        except FutureTimeoutError:
            pass
        finally:
            if outcome.done():
                self._idle_clients.append(client)
            else:
                client.close()  # this ends the thread that still reads
        raise TenantTimeoutError(f"{self._name} did not respond in time ({path}).")

    def _take_client(self) -> _Client:
        proxy, authorities = self._proxy(), trusted_authorities()
        while self._idle_clients:
            try:
                client = self._idle_clients.pop()
            except IndexError:  # another thread took the last one
                break
            if client.process != os.getpid():
                continue  # a forked child must not use a connection of its parent, nor close it
            # A cell may have set another proxy or certificate file.
            if client.proxy == proxy and client.authorities is authorities:
                return client
            client.close()
        return self._new_client()

    def _new_client(self) -> _Client:
        return _Client(self._proxy(), trusted_authorities())

    def _proxy(self) -> str | None:
        return proxy_for(self._origin) if self._may_use_proxy else None

    def _exchange(
        self,
        client: _Client,
        method: str,
        path: str,
        headers: Mapping[str, str] | None,
        data: Mapping[str, str] | None,
    ) -> Response:
        failure: Auth0WidgetError | _ConnectionLostError
        try:
            with client.http.stream(
                method, f"{self._origin}{path}", headers=headers, data=data
            ) as response:
                body = self._read_body(response, path)
        except httpx.TimeoutException:
            failure = TenantTimeoutError(f"{self._name} did not respond in time ({path}).")
        except httpx.RemoteProtocolError as error:
            if str(error).startswith(_CONNECTION_LOST):
                failure = _ConnectionLostError()
            else:
                failure = InvalidResponseError(f"{self._name} does not speak HTTP ({path}).")
        except (httpx.ReadError, httpx.WriteError):
            failure = _ConnectionLostError()
        except (httpx.HTTPError, UnicodeError) as error:  # UnicodeError: a host in invalid Punycode
            failure = certificate_error(error, self._origin, proxied=client.proxy is not None) or (
                TenantDownError(f"{self._name} could not be reached{_through(client.proxy)}.")
            )
        else:
            return Response(response.status_code, response.headers, body)
        # Raised outside the except blocks, so that httpx's error, which holds the request and its
        # secrets, is not chained to this one.
        raise failure

    def _read_body(self, response: httpx.Response, path: str) -> bytes:
        raw = bytearray()
        for chunk in response.iter_raw():
            raw += chunk
            if len(raw) > MAX_RESPONSE:
                raise self._too_large(path)
        encoding = response.headers.get("content-encoding", "")
        body = _decompress(bytes(raw), encoding)
        if body is None:
            raise InvalidResponseError(
                f"{self._name} sent a response that cannot be decompressed ({path}): "
                f"{safe_text(encoding)}.",
                next_step="Something between here and the tenant compresses what was asked for "
                "uncompressed (Accept-Encoding: identity). Ask whoever runs the proxy.",
            )
        if len(body) > MAX_RESPONSE:
            raise self._too_large(path)
        return body

    def _too_large(self, path: str) -> InvalidResponseError:
        return InvalidResponseError(
            f"{self._name} sent more than {MAX_RESPONSE // 1024} KiB ({path}).",
            next_step="If an Action adds many or long claims, have it add fewer; if none does, "
            "check the domain.",
        )

    @property
    def _name(self) -> str:
        return f"{self._role} at {urlsplit(self._origin).netloc}"

    def close(self) -> None:
        """Close the connections that are not in use."""
        clients, self._idle_clients = self._idle_clients, []  # other threads may take some
        for client in clients:
            if client.process == os.getpid():
                client.close()


class _ConnectionLostError(Exception):
    """The connection ended before the response did. It is raised within this module only."""


class _Client:
    """An httpx client, with the proxy, the authorities and the process that it was made for."""

    @without_frames  # the frames contain the proxy's URL, and so a password
    def __init__(self, proxy: str | None, authorities: ssl.SSLContext) -> None:
        self.proxy, self.authorities, self.process = proxy, authorities, os.getpid()
        try:
            self.http = httpx.Client(
                timeout=TIMEOUT,
                limits=httpx.Limits(keepalive_expiry=KEEPALIVE),
                follow_redirects=False,
                proxy=proxy,
                trust_env=False,  # proxy.py and certificates.py read the environment
                verify=authorities,
                headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            )
        except (ImportError, ValueError, httpx.InvalidURL):
            # The messages of these errors may contain the proxy's URL, and so a password.
            raise InvalidSettingError(
                "The proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names cannot be used.",
                next_step="Correct the variable; for a socks5:// proxy, install httpx[socks].",
            ) from None

    def close(self) -> None:
        self.http.close()


def _through(proxy: str | None) -> str:
    """The words that name the proxy by its host; its URL may contain a password."""
    return f" through the proxy at {proxy_host(proxy)}" if proxy else ""


def _decompress(body: bytes, encoding: str) -> bytes | None:
    """The body, decompressed where a proxy has compressed it (RFC 9110, 8.4), at most to the limit.

    Returns None where the compression is damaged or not supported. zlib is supported, because each
    Python has it and it can stop at a size: a few compressed kilobytes can be gigabytes.
    """
    for coding in reversed(encoding.lower().split(",")):
        if coding.strip() in ("", "identity"):
            continue
        for wbits in _WBITS.get(coding.strip(), ()):
            decompressor = zlib.decompressobj(wbits)
            try:
                content = decompressor.decompress(body, MAX_RESPONSE + 1)
            except zlib.error:
                continue
            # A body that was cut has no end, and so has one that is not deflate after all.
            if decompressor.eof or len(content) > MAX_RESPONSE:
                body = content
                break
        else:
            return None
    return body
