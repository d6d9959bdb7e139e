"""Access tokens for other processes, such as the workers of a cluster or of a pool.

A pickled `TokenSource` contains one access token, its expiry, the allowed hosts, and the address at
which its kernel can be asked for the next access token. It contains no refresh token: if two
processes used one, the tenant would take this for a theft (RFC 9700, 4.14).
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auth0_widget.base.background import task_is_over
from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.base.redaction import Secret
from auth0_widget.errors import Auth0WidgetError, KernelGoneError, LoginCancelledError
from auth0_widget.session.request_auth import SessionAuth
from auth0_widget.workers import dask_channel, kernel_socket, token_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Of an access token's lifetime. The kernel renews at `RENEW_BEFORE`, which is earlier.
_ASK_BEFORE = 1 / 40
_ASK_BEFORE_AT_MOST = 300.0  # seconds

ASK_AGAIN_AFTER = 5.0
"""Seconds until the kernel is asked again, if it had no new access token."""


@dataclass(frozen=True, slots=True)
class KernelAddress:
    """The address at which a kernel can be asked for an access token.

    Attributes:
        name: Identifies the session in that kernel. It cannot be guessed.
        socket: The path of the kernel's socket on its own machine, or None if it has none.
        dask: Whether the kernel listens to the workers of a Dask cluster.
    """

    name: str
    socket: str | None
    dask: bool


class TokenSource:
    """A source of access tokens that can be pickled. It works for as long as its kernel runs.

    `Session.token_source` returns it. Safe to use from several threads. In the process of the
    kernel, it uses the tokens of the session. In another process, it first uses the access token
    with which it was pickled. Shortly before that expires, or if an API rejects it, it asks the
    kernel for the next one: through the scheduler of the Dask cluster, or else through a socket on
    the kernel's machine that only its user can open.
    """

    def __init__(
        self, address: KernelAddress, urls: Iterable[str], tokens: token_requests.Tokens
    ) -> None:
        self._address, self._urls, self._tokens = address, tuple(urls), tokens
        self._asking = threading.Lock()
        self._ask_not_before = 0.0
        new_locks_after_fork(self)

    @property
    def access_token(self) -> str:
        """A valid access token, renewed first if need be. A secret: do not print it.

        Raises:
            KernelGoneError: Another one is needed, and the kernel cannot be asked for it.
            SessionEndedError: The person logged out, or somebody else logged in.
            SessionExpiredError: The session has expired and cannot be renewed.
            UnreachableError: It must be renewed and the tenant could not be asked.
        """
        return self.valid_access_token().reveal()

    @property
    def expires_at(self) -> float:
        """When the access token expires, in seconds since 1970. The next one expires later."""
        return self._current_tokens().expires_at

    @property
    def auth(self) -> SessionAuth:
        """For ``httpx.get(url, auth=source.auth)`` and ``requests.get(url, auth=source.auth)``.

        The access token is sent only to the hosts to which `Session.auth` sends it.
        """
        return SessionAuth(self, self._urls)

    def auth_for(self, url: str) -> SessionAuth:
        """Like `auth`, but the access token may be sent to one more host.

        Raises:
            UntrustedUrlError: The URL is neither https nor loopback.
        """
        return self.auth.allowing(url)

    def storage_options(self, url: str | None = None) -> dict[str, Any]:
        """For ``pandas.read_csv(url, storage_options=…)`` and other functions that use fsspec.

        The options contain a middleware for aiohttp 3.12 or newer. It adds a valid access token to
        each request, also if a file is read for hours, or by the workers of Dask.

        Args:
            url: Any URL of one more host to which the access token may be sent, as for `auth_for`.

        Raises:
            UntrustedUrlError: The URL is neither https nor loopback.
        """
        from auth0_widget.session.aiohttp_auth import AiohttpAuth  # noqa: PLC0415 - seldom needed

        auth = self.auth if url is None else self.auth_for(url)
        return {"client_kwargs": {"middlewares": [AiohttpAuth(auth, self._address.name)]}}

    @property
    def replaceable(self) -> bool:
        """Whether a new access token can be got for a rejected one. A worker asks its kernel."""
        provider = token_requests.provider_of(self._address.name)
        return True if provider is None else provider.replaceable

    @property
    def access_token_expired(self) -> bool:
        """Whether the access token has expired by the clock of this machine."""
        return time.time() >= self.expires_at

    def cached_access_token(self) -> Secret | None:
        """The access token, or None if it is time to ask for the next one. Sends no request."""
        tokens = self._current_tokens()
        return tokens.access_token if time.time() < tokens.expires_at - _ask_ahead(tokens) else None

    def valid_access_token(self, rejected: Secret | None = None) -> Secret:
        """A valid access token other than the rejected one, renewed first if need be."""
        provider = token_requests.provider_of(self._address.name)
        if provider is not None:
            return provider.valid_access_token(rejected)
        # One thread asks. The others wait, and then use its access token.
        with self._asking:
            before, now = self._tokens, time.time()
            if before.access_token == rejected:
                self._ask(rejected)
            elif now >= before.expires_at:
                self._ask(None)
            elif now >= max(self._ask_not_before, before.expires_at - _ask_ahead(before)):
                # The old access token is still valid, so a failure does not matter yet.
                with contextlib.suppress(Auth0WidgetError):
                    self._ask(None)
                if self._tokens.access_token == before.access_token:
                    self._ask_not_before = now + ASK_AGAIN_AFTER
            return self._tokens.access_token

    def _ask(self, rejected: Secret | None) -> None:
        tokens = None
        while tokens is None:  # the kernel may be waiting for a person
            if task_is_over():
                raise LoginCancelledError
            tokens = self._ask_once(rejected)
        self._tokens = tokens

    def _ask_once(self, rejected: Secret | None) -> token_requests.WorkerToken | None:
        name, path = self._address.name, self._address.socket
        if self._address.dask and dask_channel.is_worker():
            return dask_channel.ask(name, rejected)
        if path is not None:
            return kernel_socket.ask(path, name, rejected)
        raise KernelGoneError

    def _current_tokens(self) -> token_requests.Tokens:
        provider = token_requests.provider_of(self._address.name)
        return self._tokens if provider is None else provider.tokens

    def __reduce__(self) -> tuple[Callable[..., TokenSource], tuple[Any, ...]]:
        """Pickle the present access token, and nothing else that is secret."""
        tokens = self._current_tokens()
        plain = (tokens.access_token.reveal(), tokens.saved_at, tokens.expires_at)
        return _unpickled, (self._address, self._urls, plain)

    def __dask_tokenize__(self) -> str:
        """The same for every access token, so that Dask gives a task the same key."""
        return self._address.name

    def __repr__(self) -> str:
        """How long the access token is valid. Does not contain the access token."""
        seconds = max(0, int(self._tokens.expires_at - time.time()))
        return f"<TokenSource: access token good for {seconds // 60} min {seconds % 60} s>"


def token_source(
    provider: token_requests.TokenProvider,
    urls: Iterable[str],
    client: Any,  # noqa: ANN401 - Dask is no dependency of ours
) -> TokenSource:
    """A source of a session's access tokens, for other processes that ask this process.

    Args:
        provider: The session.
        urls: URLs of the hosts to which the access tokens may be sent.
        client: The ``distributed.Client`` of the Dask cluster whose workers may ask. None for the
            current client of this process, if there is one.
    """
    name = token_requests.register(provider)
    client = client or dask_channel.current_client()
    if client is not None:
        dask_channel.listen(client, name)
    address = KernelAddress(name, kernel_socket.path_of_this_kernel(), dask=client is not None)
    return TokenSource(address, urls, provider.tokens)


def _unpickled(
    address: KernelAddress, urls: tuple[str, ...], plain: tuple[str, float, float]
) -> TokenSource:
    token, saved_at, expires_at = plain
    return TokenSource(
        address, urls, token_requests.WorkerToken(Secret(token), saved_at, expires_at)
    )


def _ask_ahead(tokens: token_requests.Tokens) -> float:
    """How many seconds before the expiry the kernel is asked. It has renewed the token by then."""
    return min((tokens.expires_at - tokens.saved_at) * _ASK_BEFORE, _ASK_BEFORE_AT_MOST)
