"""Signs the requests of aiohttp, and so those of fsspec's ``http`` file system.

pandas, Dask, xarray and others open URLs with fsspec, which sends its requests with aiohttp. They
pass their argument ``storage_options`` on to fsspec.
"""

# It does for aiohttp what `SessionAuth` does for httpx and requests, and uses its private methods.
# ruff: noqa: SLF001

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from auth0_widget.base.background import run_in_thread
from auth0_widget.session.challenges import challenge_error
from auth0_widget.session.request_auth import REDIRECTS, REFUSED, UNAUTHORIZED, Bearer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from auth0_widget.base.redaction import Secret
    from auth0_widget.session.request_auth import SessionAuth

    _Handler: TypeAlias = Callable[[Any], Awaitable[Any]]

# The URL to which the last response in this task redirected. A request for it needs no token.
_redirected_to: ContextVar[str | None] = ContextVar("redirected_to", default=None)


class AiohttpAuth:
    """A middleware for ``aiohttp.ClientSession(middlewares=[…])`` that signs requests.

    Args:
        auth: Has the tokens and the allowed hosts.
        name: Identifies the token source. fsspec must not reuse a file system of another session.
    """

    def __init__(self, auth: SessionAuth, name: str) -> None:
        self._auth, self._name = auth, name

    async def __call__(self, request: Any, handler: _Handler) -> Any:  # noqa: ANN401 - aiohttp is no dependency of ours
        """Called by aiohttp for each request, including the requests of redirects."""
        url, redirected_to = str(request.url), _redirected_to.get()
        _redirected_to.set(None)
        if not self._auth._allows(url) and url == redirected_to:
            return await handler(request)  # without the token, as httpx and requests do
        self._auth._check(url)
        token = self._auth._source.cached_access_token()
        if token is None:
            token = await run_in_thread(self._auth._source.valid_access_token)
        response = await self._send(request, handler, token)
        if response.status == UNAUTHORIZED and self._auth._source.replaceable:
            rejected, repeatable = token, _is_repeatable(request)
            renewed = await run_in_thread(
                lambda: self._auth._replacement(rejected, repeatable=repeatable)
            )
            if renewed is not None:
                response.close()
                response = await self._send(request, handler, renewed)
        if response.status in REDIRECTS and "Location" in response.headers:
            target = request.url.join(type(request.url)(response.headers["Location"]))
            _redirected_to.set(str(target))
        return response

    async def _send(self, request: Any, handler: _Handler, token: Secret) -> Any:  # noqa: ANN401 - as above
        request.headers["Authorization"] = Bearer(token)
        response = await handler(request)
        header = response.headers.get("WWW-Authenticate") if response.status in REFUSED else None
        error = challenge_error(header)
        if error is not None:
            response.close()
            raise error
        return response

    def __repr__(self) -> str:
        """The same text for the same source: fsspec caches file systems by their options' repr."""
        digest = hashlib.sha256(self._name.encode()).hexdigest()
        return f"<AiohttpAuth {digest[:16]}>"


def _is_repeatable(request: Any) -> bool:  # noqa: ANN401 - as above
    """Whether the body of a request can be read again. aiohttp rewinds files and forms."""
    body = request.body
    return not body or not body.consumed
