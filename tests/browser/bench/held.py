"""A tenant that takes its time, for what a page shows meanwhile."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auth0_widget.local_tenant import LocalTenant

LONGEST = 300
"""Seconds after which a response is sent all the same."""


@contextmanager
def held_token_responses(tenant: LocalTenant) -> Iterator[None]:
    """Let the tenant send the responses of its token endpoint only at the end of the block."""
    go_on = threading.Event()

    def hold(response: dict[str, Any]) -> dict[str, Any]:
        go_on.wait(LONGEST)
        return response

    tenant.mutate_response["/oauth/token"] = hold
    try:
        yield
    finally:
        go_on.set()
        del tenant.mutate_response["/oauth/token"]
