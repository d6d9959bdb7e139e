"""The requests that the local tenant has received."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auth0_widget.local_tenant import LocalTenant


def asked(tenant: LocalTenant) -> dict[str, int]:
    """Path → number of requests, without pictures, which the browser may cache."""
    return {path: n for path, n in tenant.requests.counts.items() if "/pictures/" not in path}
