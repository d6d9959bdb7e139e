"""One HTTP request to the tenant: capped in size and in time, without redirects.

A tenant that is down, slow or hostile costs a known number of bytes and seconds, and every
failure becomes one of our own errors, whose text holds nothing secret.
"""

from __future__ import annotations

import functools
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING

import httpx

from auth0_widget.errors import (
    Auth0WidgetError,
    InvalidResponseError,
    InvalidSettingError,
    TenantDownError,
    TenantTimeoutError,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

MAX_RESPONSE = 64 * 1024
"""Bytes of an answer that are read: a token answer has 4 KB, a key set 3 KB. Two such answers,
tokens and profile, must fit into a record (`record.MAX_RECORD`)."""

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
"""Seconds to wait for the next byte; a healthy tenant has answered within one."""

DEADLINE = 30.0
"""Seconds for a request as a whole: a byte now and then would outlast every other limit."""

_SERVER_ERROR = 500


class Transport:
    """Requests to one origin. Safe to use from several threads.

    Raises:
        InvalidSettingError: The environment names a proxy that cannot be used.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin
        # Each request has a client to itself, so that one that is given up ends no other.
        self._idle = [_client()]

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """One request: its status and its body.

        Raises:
            InvalidResponseError: The answer is too large, or is not HTTP.
            UnreachableError: There was no answer, none in time, or a server error.
        """
        outcome: Future[tuple[int, bytes]] = Future()
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
            return outcome.result(DEADLINE)
        except FutureTimeoutError:
            pass
        finally:
            if outcome.done():
                self._idle.append(client)
            else:
                client.close()  # ends the thread that still reads
        raise TenantTimeoutError(f"{self._name} did not answer in time ({path}).")

    def _take_client(self) -> httpx.Client:
        try:
            return self._idle.pop()
        except IndexError:  # not asked for beforehand: another thread may take the last one
            return _client()

    def _exchange(
        self,
        client: httpx.Client,
        method: str,
        path: str,
        headers: Mapping[str, str] | None,
        data: Mapping[str, str] | None,
    ) -> tuple[int, bytes]:
        """Status and body. The body is cut off, not read, past the cap."""
        failure: Auth0WidgetError
        try:
            with client.stream(
                method, f"{self._origin}{path}", headers=headers, data=data
            ) as answer:
                body = bytearray()
                # Raw: a few compressed kilobytes can be gigabytes, and we did not ask for any.
                for chunk in answer.iter_raw():
                    body += chunk
                    if len(body) > MAX_RESPONSE:
                        raise InvalidResponseError(
                            f"The tenant's answer at {path} is larger than any real one."
                        )
        except httpx.TimeoutException:
            failure = TenantTimeoutError(f"{self._name} did not answer in time ({path}).")
        except httpx.RemoteProtocolError:
            failure = InvalidResponseError(f"{self._name} does not speak HTTP properly ({path}).")
        except (httpx.HTTPError, UnicodeError):  # the latter: a host in broken Punycode
            failure = TenantDownError(f"{self._name} could not be reached.")
        else:
            if answer.status_code >= _SERVER_ERROR:
                raise TenantDownError(
                    f"{self._name} has a problem of its own (HTTP {answer.status_code}, {path}).",
                    next_step="Try again in a minute.",
                )
            return answer.status_code, bytes(body)
        # Raised here, outside the except blocks, so that httpx's own error, which knows the
        # request and its secrets, is not chained to ours.
        raise failure

    @property
    def _name(self) -> str:
        return f"The tenant at {self._origin}"

    def close(self) -> None:
        """Close the connections that are not in use."""
        while self._idle:
            self._idle.pop().close()


@functools.cache
def _authorities() -> ssl.SSLContext:
    """The certificate authorities. Reading them is most of what making a client costs (0.1 s)."""
    return httpx.create_ssl_context()


def _client() -> httpx.Client:
    # Proxies come from the environment; certificate checks have no off switch.
    try:
        return httpx.Client(
            timeout=TIMEOUT,
            follow_redirects=False,
            verify=_authorities(),
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        )
    except (ImportError, ValueError, httpx.InvalidURL):
        # Their texts may hold the address, and that a password.
        raise InvalidSettingError(
            "The proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names cannot be used.",
            next_step="Correct the variable; for a socks5:// proxy, install httpx[socks].",
        ) from None
