"""One HTTP request to the tenant: capped in size and in time, without redirects.

A tenant that is down, slow or hostile costs a known number of bytes and seconds, and every
failure becomes one of our own errors, whose text holds nothing secret.
"""

from __future__ import annotations

import os
import threading
import zlib
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from auth0_widget.errors import (
    Auth0WidgetError,
    InvalidResponseError,
    InvalidSettingError,
    TenantDownError,
    TenantTimeoutError,
)
from auth0_widget.oauth.certificates import authorities, certificate_error
from auth0_widget.oauth.environment import proxy_for

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_RESPONSE = 64 * 1024
"""Bytes of a response that are read: a token response has 4 KB, a JWKS 3 KB. Two such responses,
tokens and profile, must fit into a record (`session.record.MAX_RECORD`)."""

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
"""Seconds to wait for the next byte; a healthy tenant has answered within one."""

DEADLINE = 30.0
"""Seconds for a request as a whole: a byte now and then would outlast every other limit."""

# Coding → what zlib calls it. Some servers send deflate without its header, against RFC 9110,
# 8.4.1.2.
_WINDOWS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}

IDLE = 5.0
"""Seconds for which a connection that is not in use is kept: less than any tenant keeps it, so that
a request that may not be repeated seldom meets one that the tenant is just closing."""

# What httpx says of a connection that ended early. Its other protocol errors are of bytes that
# are not HTTP at all.
_CUT = ("Server disconnected", "peer closed connection", "incomplete chunked read")


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. ``headers`` are looked up without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Requests to one origin. Safe to use from several threads.

    Raises:
        InvalidSettingError: The environment names a proxy, or certificates, that cannot be used.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin
        # Each request has a client to itself, so that one that is given up ends no other.
        self._idle = [self._new_client()]

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
    ) -> Response:
        """The response to one request. A GET whose connection is cut is sent once more.

        Raises:
            InvalidResponseError: The response is too large, or is not HTTP.
            UnreachableError: There was no response, or none in time.
            InvalidSettingError: The environment names a proxy that cannot be used.
        """
        for _attempt in range(2 if method == "GET" else 1):
            try:
                return self._ask_once(method, path, headers, data)
            except _CutError:  # noqa: PERF203 - of two rounds at most
                pass
        raise TenantDownError(f"{self._name} ended the connection early ({path}).")

    def _ask_once(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None,
        data: Mapping[str, str] | None,
    ) -> Response:
        outcome: Future[Response] = Future()
        deadline = DEADLINE  # this request's, whatever a test sets once it has been sent
        client = self._take_client()

        def work() -> None:
            try:
                outcome.set_result(self._exchange(client, method, path, headers, data))
            except Exception as error:  # noqa: BLE001 - raised below, by the thread that waits
                outcome.set_exception(error)

        # Name look-up, connecting and the headers have no total limit of their own, so the
        # request has a thread that can be left behind.
        threading.Thread(target=work, name="auth0-widget-request", daemon=True).start()
        try:
            return outcome.result(deadline)
        except FutureTimeoutError:
            pass
        finally:
            if outcome.done():
                self._idle.append(client)
            else:
                client.close()  # ends the thread that still reads
        raise TenantTimeoutError(f"{self._name} did not answer in time ({path}).")

    def _take_client(self) -> _Client:
        proxy, trust = proxy_for(self._origin), authorities()
        while self._idle:
            try:
                client = self._idle.pop()
            except IndexError:  # another thread has taken the last one
                break
            # A proxy or a certificate file may have been set since, in a cell.
            if client.proxy == proxy and client.trust is trust and client.process == os.getpid():
                return client
            if client.process == os.getpid():
                client.close()
        return self._new_client()

    def _new_client(self) -> _Client:
        return _Client(proxy_for(self._origin), authorities())

    def _exchange(
        self,
        client: _Client,
        method: str,
        path: str,
        headers: Mapping[str, str] | None,
        data: Mapping[str, str] | None,
    ) -> Response:
        failure: Auth0WidgetError | _CutError
        try:
            with client.http.stream(
                method, f"{self._origin}{path}", headers=headers, data=data
            ) as response:
                body = self._body(response, path)
        except httpx.TimeoutException:
            failure = TenantTimeoutError(f"{self._name} did not answer in time ({path}).")
        except httpx.RemoteProtocolError as error:
            if str(error).startswith(_CUT):
                failure = _CutError()
            else:
                failure = InvalidResponseError(f"{self._name} does not speak HTTP ({path}).")
        except (httpx.ReadError, httpx.WriteError):
            failure = _CutError()
        except (httpx.HTTPError, UnicodeError) as error:  # the latter: a host in broken Punycode
            failure = certificate_error(error, self._origin, proxied=client.proxy is not None) or (
                TenantDownError(f"{self._name} could not be reached{_through(client.proxy)}.")
            )
        else:
            return Response(response.status_code, response.headers, body)
        # Raised here, outside the except blocks, so that httpx's own error, which knows the
        # request and its secrets, is not chained to ours.
        raise failure

    def _body(self, response: httpx.Response, path: str) -> bytes:
        raw = bytearray()
        for chunk in response.iter_raw():
            raw += chunk
            if len(raw) > MAX_RESPONSE:
                raise self._too_large(path)
        body = _decoded(bytes(raw), response.headers.get("content-encoding", ""))
        if body is None:
            raise InvalidResponseError(
                f"{self._name} sent a response compressed in a way nobody asked for ({path})."
            )
        if len(body) > MAX_RESPONSE:
            raise self._too_large(path)
        return body

    def _too_large(self, path: str) -> InvalidResponseError:
        return InvalidResponseError(f"The tenant's response at {path} is larger than any real one.")

    @property
    def _name(self) -> str:
        return f"The tenant at {urlsplit(self._origin).netloc}"

    def close(self) -> None:
        """Close the connections that are not in use."""
        while self._idle:
            self._idle.pop().close()


class _CutError(Exception):
    """The connection ended before the response did. Never leaves this module."""


class _Client:
    """One httpx client, and what of the environment it was made with."""

    def __init__(self, proxy: str | None, trust: object) -> None:
        self.proxy, self.trust = proxy, trust
        self.process = os.getpid()  # a forked child must not speak on its parent's connection
        # Certificate checks have no off switch.
        try:
            self.http = httpx.Client(
                timeout=TIMEOUT,
                limits=httpx.Limits(keepalive_expiry=IDLE),
                follow_redirects=False,
                proxy=proxy,
                trust_env=False,  # environment.py and certificates.py have read it already
                verify=trust,  # type: ignore[arg-type] # a kind of SSLContext
                headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            )
        except (ImportError, ValueError, httpx.InvalidURL):
            # Their texts may hold the address, and that a password.
            raise InvalidSettingError(
                "The proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names cannot be used.",
                next_step="Correct the variable; for a socks5:// proxy, install httpx[socks].",
            ) from None

    def close(self) -> None:
        self.http.close()


def _through(proxy: str | None) -> str:
    """Which proxy stood between, without the password that its address may hold."""
    return f" through the proxy at {urlsplit(proxy).hostname}" if proxy else ""


def _decoded(body: bytes, encoding: str) -> bytes | None:
    """The body without the compression that an intermediary may have added (RFC 9110, 8.4).

    Returns None where it is broken, or of another kind. Only zlib is in every Python, and can be
    told to stop at a size: a few compressed kilobytes can be gigabytes.
    """
    for coding in reversed(encoding.lower().split(",")):
        if coding.strip() in ("", "identity"):
            continue
        for wbits in _WINDOWS.get(coding.strip(), ()):
            try:
                body = zlib.decompressobj(wbits).decompress(body, MAX_RESPONSE + 1)
                break
            except zlib.error:
                continue
        else:
            return None
    return body
