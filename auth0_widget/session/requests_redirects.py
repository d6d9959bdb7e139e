"""What keeps a signed request of requests signed when it is redirected on its own host.

At each redirect requests looks into ``.netrc`` again, and what it finds there for the host takes
the place of the token (``Session.rebuild_auth``). Where the host is another one, it takes the
token away first, as it should, and may then write what it likes.
"""

from __future__ import annotations

import functools
from typing import Any


def protect_authorization(request: Any) -> None:  # noqa: ANN401 - requests is not a dependency of ours
    """Have the ``Authorization`` of a ``PreparedRequest`` replaced by one of its own kind only."""
    kind: Any = type(request.headers)
    if not getattr(kind, "is_protected", False):
        # In place: a copy of the headers would take longer than all the rest of signing.
        request.headers.__class__ = _protected(kind)


@functools.cache
def _protected(headers: Any) -> Any:  # noqa: ANN401 - as above
    """The class of headers, with an ``Authorization`` that stays until it is deleted."""

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
