"""Keeps the access token in a request of requests that is redirected to the same host.

At each redirect, requests reads ``.netrc`` again, and replaces the ``Authorization`` header with
what it finds there (``Session.rebuild_auth``). If the redirect is to another host, requests removes
the header first. After that, it may set any other header.
"""

from __future__ import annotations

import functools
from typing import Any


def protect_authorization(request: Any) -> None:  # noqa: ANN401 - requests is not a dependency of ours
    """Prevent requests from replacing the access token of a ``PreparedRequest``.

    A new ``Authorization`` header is ignored unless its value is of the same type as the old one.
    """
    kind: Any = type(request.headers)
    if not getattr(kind, "is_protected", False):
        # Changes the class in place, because requests goes on with this object.
        request.headers.__class__ = _protected(kind)


@functools.cache
def _protected(headers: Any) -> Any:  # noqa: ANN401 - as above
    """A subclass of the headers' class, in which ``Authorization`` stays until it is deleted."""

    class Protected(headers):  # type: ignore[misc] # as above
        is_protected = True

        def __setitem__(self, name: str, value: object) -> None:
            if name.lower() == "authorization" and type(self.get(name)) not in {
                type(None),
                type(value),
            }:
                return
            super().__setitem__(name, value)

        def copy(self) -> Protected:
            return type(self)(self.items())

    return Protected
