"""Revocation of refresh tokens that are no longer needed (RFC 7009)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background

if TYPE_CHECKING:
    from auth0_widget.base.redaction import Secret
    from auth0_widget.oauth.client import Tenant

log = logging.getLogger(__name__)


def revoke_in_background(tenant: Tenant, refresh_token: Secret | None) -> None:
    """Ask the tenant in a thread to revoke a refresh token, if there is one.

    A program that ends meanwhile waits for the thread, because many programs log out last.
    """
    if refresh_token is not None:
        in_background(
            lambda: tenant.revoke(refresh_token),
            lambda error: log.warning("the refresh token could not be revoked: %s", error.code),
            at_exit="finish",
        )
