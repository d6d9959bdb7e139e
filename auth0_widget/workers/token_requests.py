"""What a kernel gives its workers, and the words in which they ask for it.

A request names a source, which nobody can guess, and a token that an API has rejected, by its
digest. The response is an access token and its end, or an error. There is no refresh token in it.
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
    """What workers need of a session's tokens; see `session.tokens.Tokens`."""

    @property
    def access_token(self) -> Secret:
        """The access token."""

    @property
    def saved_at(self) -> float:
        """When the kernel got it, in seconds since 1970."""

    @property
    def expires_at(self) -> float:
        """When it ends, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class WorkerToken:
    """An access token as a kernel gives it to another process, which is all that this one has."""

    access_token: Secret
    saved_at: float
    expires_at: float


class TokenHolder(Protocol):
    """What workers need of a session."""

    @property
    def tokens(self) -> Tokens:
        """The tokens as they are; nothing is asked of the tenant for them."""

    def valid_access_token(self, rejected: Secret | None = None) -> Secret:
        """An access token that is good now, and is not the one an API has just rejected."""


RESPONSE_TIMEOUT = 15.0
"""Seconds for which a worker waits for the kernel's response."""

TOKEN_TIMEOUT = 5.0
"""Seconds after which the kernel responds that the worker has to ask again.

The kernel itself may be waiting for a person to log in.
"""

_holders: dict[str, TokenHolder] = {}
_owner = os.getpid()


@dataclass(eq=False)
class _PendingToken:
    """The kernel asks its session for a token, for all workers that want one meanwhile."""

    done: threading.Event = field(default_factory=threading.Event)
    error: Auth0WidgetError | None = None

    def fail(self, error: Auth0WidgetError) -> None:
        """End with an error."""
        self.error = error
        self.done.set()


_pending: dict[tuple[str, bool], _PendingToken] = {}


def register(holder: TokenHolder) -> str:
    """The name under which the workers of this process may ask for the holder's tokens."""
    global _owner  # noqa: PLW0603 - a forked child has workers of its own
    if os.getpid() != _owner:
        _holders.clear()
        _owner = os.getpid()
    for name, known in _holders.items():
        if known is holder:
            return name
    name = secrets.token_urlsafe(24)
    _holders[name] = holder
    return name


def holder_of(name: str) -> TokenHolder | None:
    """Whose tokens have this name, if that is in this very process and not in its parent."""
    return _holders.get(name) if os.getpid() == _owner else None


def request(name: str, rejected: Secret | None) -> dict[str, str | None]:
    """What a worker asks for: a token that is good now, and is not the one that was rejected."""
    return {"source": name, "rejected": None if rejected is None else rejected.digest}


def response_to(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the kernel responds to a worker; it may have to ask the tenant first."""
    try:
        holder = holder_of(str(asked.get("source")))
        if holder is None:
            raise KernelGoneError
        current = holder.tokens.access_token
        was_rejected = asked.get("rejected") == current.digest
        pending = _ask(str(asked.get("source")), holder, current if was_rejected else None)
        if not pending.done.wait(TOKEN_TIMEOUT):
            return {"waiting": True}
        if pending.error is not None:
            raise pending.error.with_traceback(None)
        tokens = holder.tokens
    except Auth0WidgetError as error:
        return {"error": error.code, "message": error.message, "next_step": error.next_step}
    return {
        "access_token": tokens.access_token.reveal(),
        "saved_at": float(tokens.saved_at),
        "expires_at": float(tokens.expires_at),
    }


def _ask(name: str, holder: TokenHolder, rejected: Secret | None) -> _PendingToken:
    """Ask a session for a token, in the background; who comes meanwhile waits for the same one."""
    key = name, rejected is not None
    pending = _pending.get(key)
    if pending is None or pending.done.is_set():
        pending = _pending[key] = _PendingToken()

        def work() -> None:
            holder.valid_access_token(rejected)
            pending.done.set()

        in_background(work, pending.fail)
    return pending


def token_from_response(response: Mapping[str, Any]) -> WorkerToken | None:
    """The offer in a kernel's response; None where the kernel is to be asked again.

    Raises:
        KernelGoneError: It is no response of a kernel.
        Auth0WidgetError: The kernel's own error.
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
