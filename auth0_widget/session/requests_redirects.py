"""What keeps a signed request of requests signed when it is redirected on its own host.

At each redirect requests looks into ``.netrc`` again, and what it finds there for the host takes
the place of the token (``Session.rebuild_auth``). Where the host is another one, it takes the
token away first, as it should, and may then write what it likes.
"""

from __future__ import annotations

import functools
from typing import Any


def keep_signed(request: Any) -> None:  # noqa: ANN401 - requests is not a dependency of ours
    """Have the ``Authorization`` of a ``PreparedRequest`` replaced by one of its own kind only."""
    kind: Any = type(request.headers)
    if not getattr(kind, "keeps_authorization", False):
        # In place: a copy of the headers would take longer than all the rest of signing.
        request.headers.__class__ = _kept(kind)


@functools.cache
def _kept(headers: Any) -> Any:  # noqa: ANN401 - as above
    """The class of headers, with an ``Authorization`` that stays until it is deleted."""

    class Kept(headers):  # type: ignore[misc] # as above
        keeps_authorization = True

        def __setitem__(self, name: str, value: object) -> None:
            if name.lower() == "authorization" and type(self.get(name)) not in {
                type(None),
                type(value),
            }:
                return
            super().__setitem__(name, value)

        def copy(self) -> Kept:
            return type(self)(self.items())

    return Kept
