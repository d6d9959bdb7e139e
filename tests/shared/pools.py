"""Functions that tests run in other processes: workers, children of a pool, kernels that end."""

from __future__ import annotations

import hashlib
import os
import pickle
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from auth0_widget.errors import Auth0WidgetError

if TYPE_CHECKING:
    from auth0_widget.session.session import Session
    from auth0_widget.session.token_source import TokenSource


def read_notes(source: TokenSource, url: str) -> int:
    """Call the protected API with the source's token. Returns the HTTP status."""
    with httpx.Client(trust_env=False) as client:
        return client.get(f"{url}/notes", auth=source.auth_for(url), timeout=60).status_code


def read_until_the_next_token(source: TokenSource, url: str) -> set[int]:
    """Call the protected API until the token is another one. Returns the statuses."""
    first, statuses = source.access_token, set()
    while source.access_token == first:
        statuses.add(read_notes(source, url))
    return statuses | {read_notes(source, url)}


def die_reading(source: TokenSource, url: str, marker: str) -> set[int]:
    """Call the protected API. The first process that does so is killed instead."""
    try:
        Path(marker).touch(exist_ok=False)
    except FileExistsError:
        return {read_notes(source, url)}
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def told(source: TokenSource | Session) -> str:
    """What a process has: the digest of its token, or the code of the error that it got."""
    try:
        return digest(source.access_token)
    except Auth0WidgetError as error:
        return error.code


def told_of(pickled: bytes) -> str:
    """The same, of a source that comes as a pickle which was made before."""
    return told(pickle.loads(pickled))


def digest(token: str) -> str:
    """What is said of a token here: not the token."""
    return hashlib.sha256(token.encode()).hexdigest()
