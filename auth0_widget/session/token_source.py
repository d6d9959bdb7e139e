"""An access token for other processes: workers of a cluster, the children of a pool.

It pickles as one access token, its end, the hosts that it is for, and where its kernel can be asked
for the next one. There is no refresh token in it: with two processes renewing, the tenant would
take one for a thief (RFC 9700, 4.14).
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auth0_widget.base.forks import new_locks_after_fork
from auth0_widget.base.redaction import Secret
from auth0_widget.errors import Auth0WidgetError, KernelGoneError
from auth0_widget.session.request_auth import SessionAuth
from auth0_widget.workers import dask_channel, kernel_socket, token_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_ASK_BEFORE = (
    1 / 40
)  # of an access token's life; `session.tokens` renews twice as early, or a bit later
_ASK_BEFORE_AT_MOST = 300.0  # seconds

ASK_AGAIN_AFTER = 5.0
"""Seconds in which the old token is used and nobody is asked, once there was no next one."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a kernel can be asked.

    Attributes:
        name: Names the source there; nobody can guess it.
        socket: The path of the kernel's socket on its own machine, or None where it has none.
        dask: Whether the kernel listens in a Dask cluster.
    """

    name: str
    socket: str | None
    dask: bool


class TokenSource:
    """An access token that pickles, and stays good for as long as its kernel lives.

    Made by `Session.token_source`. Safe to use from several threads. In the kernel's own process it
    is the session's token. In another one it is the token as it was when it was pickled. Near its
    end, and when an API has rejected it, the kernel is asked for the next one: through the
    scheduler of the Dask cluster, or else, on the kernel's own machine, through a socket that only
    its user can open.
    """

    def __init__(
        self, address: Address, urls: Iterable[str], tokens: token_requests.Tokens
    ) -> None:
        self._address, self._urls, self._tokens = address, tuple(urls), tokens
        self._pending_tokens = threading.Lock()
        self._ask_not_before = 0.0
        new_locks_after_fork(self)

    @property
    def access_token(self) -> str:
        """An access token that is good now. A secret: do not print it.

        Raises:
            KernelGoneError: It has ended, and the kernel cannot be asked for the next one.
            SessionEndedError: The person logged out, or somebody else logged in.
            SessionExpiredError: The session has expired and cannot be renewed.
            UnreachableError: It must be renewed and the tenant could not be asked.
        """
        return self.valid_access_token().reveal()

    @property
    def expires_at(self) -> float:
        """When the access token ends, in seconds since 1970; the next one moves it."""
        return self._current_tokens().expires_at

    @property
    def auth(self) -> SessionAuth:
        """For ``httpx.get(url, auth=source.auth)`` and ``requests.get(url, auth=source.auth)``.

        The token goes to the hosts that `Session.auth` sends it to, and nowhere else.
        """
        return SessionAuth(self, self._urls)

    def auth_for(self, url: str) -> SessionAuth:
        """Like `auth`, for one more host that may have the access token.

        Raises:
            UntrustedUrlError: The URL is neither https nor loopback.
        """
        return self.auth.allowing(url)

    def storage_options(self, url: str | None = None) -> dict[str, Any]:
        """For ``pandas.read_csv(url, storage_options=…)`` and whatever else opens URLs with fsspec.

        They hold a middleware for aiohttp 3.12 or newer, which signs each request anew: a file that
        is read for hours, or by Dask's workers, always gets a token that is good.

        Args:
            url: A host that may have the token beside those of `auth`, as for `auth_for`.

        Raises:
            UntrustedUrlError: The URL is neither https nor loopback.
        """
        from auth0_widget.session.aiohttp_auth import AiohttpAuth  # noqa: PLC0415 - seldom needed

        auth = self.auth if url is None else self.auth_for(url)
        return {"client_kwargs": {"middlewares": [AiohttpAuth(auth, self._address.name)]}}

    @property
    def renewable(self) -> bool:
        """Whether a rejected token can be replaced: the kernel is asked."""
        return True

    def cached_access_token(self) -> Secret | None:
        """The access token, where it is not yet time to ask for the next one."""
        tokens = self._current_tokens()
        return tokens.access_token if time.time() < tokens.expires_at - _ask_ahead(tokens) else None

    def valid_access_token(self, rejected: Secret | None = None) -> Secret:
        """An access token that is good now, and is not the one an API has just rejected."""
        holder = token_requests.holder_of(self._address.name)
        if holder is not None:
            return holder.valid_access_token(rejected)
        with self._pending_tokens:  # one of many threads asks; the others find the next token here
            before, now = self._tokens, time.time()
            if before.access_token == rejected:
                self._ask(rejected)
            elif now >= before.expires_at:
                self._ask(None)
            elif now >= max(self._ask_not_before, before.expires_at - _ask_ahead(before)):
                # While the old token is good, a failure is not the caller's problem.
                with contextlib.suppress(Auth0WidgetError):
                    self._ask(None)
                if self._tokens.access_token == before.access_token:
                    self._ask_not_before = now + ASK_AGAIN_AFTER
            return self._tokens.access_token

    def _ask(self, rejected: Secret | None) -> None:
        tokens = None
        while tokens is None:  # the kernel may wait for a person; each time it takes some seconds
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
        holder = token_requests.holder_of(self._address.name)
        return self._tokens if holder is None else holder.tokens

    def __reduce__(self) -> tuple[Callable[..., TokenSource], tuple[Any, ...]]:
        """Pickle the token as it is now, and nothing else that is secret."""
        tokens = self._current_tokens()
        plain = (tokens.access_token.reveal(), tokens.saved_at, tokens.expires_at)
        return _unpickled, (self._address, self._urls, plain)

    def __dask_tokenize__(self) -> str:
        """The same for each of its tokens, so that a task keeps its key."""
        return self._address.name

    def __repr__(self) -> str:
        """For how long the token is good; what it is stays out of the notebook."""
        seconds = max(0, int(self._tokens.expires_at - time.time()))
        return f"<TokenSource: access token good for {seconds // 60} min {seconds % 60} s>"


def token_source(
    holder: token_requests.TokenHolder,
    urls: Iterable[str],
    client: Any,  # noqa: ANN401 - Dask is no dependency of ours
) -> TokenSource:
    """The source of a session's tokens, for the processes that may ask this one.

    Args:
        holder: Whose tokens they are.
        urls: Where they may be sent.
        client: The ``distributed.Client`` in whose cluster they may ask; None for the current one
            of this process, if there is one.
    """
    name = token_requests.register(holder)
    client = client or dask_channel.current_client()
    if client is not None:
        dask_channel.listen(client, name)
    address = Address(name, kernel_socket.path_of_this_kernel(), dask=client is not None)
    return TokenSource(address, urls, holder.tokens)


def _unpickled(
    address: Address, urls: tuple[str, ...], plain: tuple[str, float, float]
) -> TokenSource:
    token, saved_at, expires_at = plain
    return TokenSource(
        address, urls, token_requests.WorkerToken(Secret(token), saved_at, expires_at)
    )


def _ask_ahead(tokens: token_requests.Tokens) -> float:
    """How many seconds before its end the next token is asked for: its kernel has it by then."""
    return min((tokens.expires_at - tokens.saved_at) * _ASK_BEFORE, _ASK_BEFORE_AT_MOST)
