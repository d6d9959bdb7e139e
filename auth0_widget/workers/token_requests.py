"""The requests of workers for an access token, and the kernel's responses.

A request contains the name of a session, which cannot be guessed, and the digest of an access token
that an API has rejected, if any. A response contains an access token and its expiry, or an error.
It contains no refresh token.
"""

from __future__ import annotations

import os
import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from auth0_widget.base.background import in_background
from auth0_widget.base.error_codes import error_class
from auth0_widget.base.redaction import Secret
from auth0_widget.errors import Auth0WidgetError, KernelGoneError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Tokens(Protocol):
    """The part of a session's tokens that workers need, see `session.tokens.Tokens`."""

    @property
    def access_token(self) -> Secret:
        """The access token."""

    @property
    def saved_at(self) -> float:
        """When the kernel got it, in seconds since 1970."""

    @property
    def expires_at(self) -> float:
        """When it expires, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class WorkerToken:
    """An access token that a worker has got from its kernel."""

    access_token: Secret
    saved_at: float
    expires_at: float


class TokenProvider(Protocol):
    """The part of a session that workers need."""

    @property
    def tokens(self) -> Tokens:
        """The present tokens. They are not renewed first."""

    @property
    def replaceable(self) -> bool:
        """Whether a rejected access token can be replaced by a new one."""

    def valid_access_token(self, rejected: Secret | None = None) -> Secret:
        """A valid access token other than the rejected one, renewed first if need be."""


RESPONSE_TIMEOUT = 15.0
"""Seconds for which a worker waits for the kernel's response."""

TOKEN_TIMEOUT = 5.0
"""Seconds after which the kernel responds that the worker has to ask again.

The kernel itself may be waiting for a person to log in.
"""

_providers: dict[str, TokenProvider] = {}
_owner = os.getpid()


@dataclass(eq=False)
class _PendingToken:
    """A call of `TokenProvider.valid_access_token`, for which several workers may wait."""

    done: threading.Event = field(default_factory=threading.Event)
    error: Auth0WidgetError | None = None

    def fail(self, error: Auth0WidgetError) -> None:
        """End with an error."""
        self.error = error
        self.done.set()


_pending: dict[tuple[str, bool], _PendingToken] = {}


def register(provider: TokenProvider) -> str:
    """Let workers ask for the tokens of a session. Returns the name that they have to use."""
    global _owner  # noqa: PLW0603 - a forked child has workers of its own
    if os.getpid() != _owner:
        _providers.clear()
        _owner = os.getpid()
    for name, known in _providers.items():
        if known is provider:
            return name
    name = secrets.token_urlsafe(24)
    _providers[name] = provider
    return name


def provider_of(name: str) -> TokenProvider | None:
    """The session with this name, or None if this process has none. A fork does not inherit it."""
    return _providers.get(name) if os.getpid() == _owner else None


def request(name: str, rejected: Secret | None) -> dict[str, str | None]:
    """The request of a worker for a valid access token other than the rejected one."""
    return {"source": name, "rejected": None if rejected is None else rejected.digest}


def response_to(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The kernel's response to a request. It may have to ask the tenant first."""
    try:
        provider = provider_of(str(asked.get("source")))
        if provider is None:
            raise KernelGoneError
        current = provider.tokens.access_token
        was_rejected = asked.get("rejected") == current.digest
        pending = _ask(str(asked.get("source")), provider, current if was_rejected else None)
        if not pending.done.wait(TOKEN_TIMEOUT):
            return {"waiting": True}
        if pending.error is not None:
            raise pending.error.with_traceback(None)
        tokens = provider.tokens
    except Auth0WidgetError as error:
        return {"error": error.code, "message": error.message, "next_step": error.next_step}
    return {
        "access_token": tokens.access_token.reveal(),
        "saved_at": float(tokens.saved_at),
        "expires_at": float(tokens.expires_at),
    }


def _ask(name: str, provider: TokenProvider, rejected: Secret | None) -> _PendingToken:
    """Ask a session for a token in the background. Concurrent callers share one call."""
    key = name, rejected is not None
    pending = _pending.get(key)
    if pending is None or pending.done.is_set():
        pending = _pending[key] = _PendingToken()

        def work() -> None:
            provider.valid_access_token(rejected)
            pending.done.set()

        in_background(work, pending.fail)
    return pending


def token_from_response(response: Mapping[str, Any]) -> WorkerToken | None:
    """The access token in a kernel's response, or None if the kernel has to be asked again.

    Raises:
        KernelGoneError: The response is malformed.
        Auth0WidgetError: The error that the kernel sent.
    """
    match response:
        case {"access_token": str(token), "saved_at": float(saved_at), "expires_at": float(end)}:
            return WorkerToken(Secret(token), saved_at, end)
        case {"waiting": True}:
            return None
        case {"error": str(code), "message": str(message), "next_step": str(next_step)}:
            raise error_class(code, KernelGoneError)(message, next_step=next_step)
        case _:
            raise KernelGoneError
