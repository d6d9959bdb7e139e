"""What the local tenant was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auth0_widget.local_tenant import LocalTenant


def asked(tenant: LocalTenant) -> dict[str, int]:
    """Path → requests. Without pictures: the browser fetches them when it likes."""
    return {path: n for path, n in tenant.requests.counts.items() if "/pictures/" not in path}
