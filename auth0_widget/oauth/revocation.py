"""Refresh tokens that nobody is to use any more."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from auth0_widget.base.background import in_background

if TYPE_CHECKING:
    from auth0_widget.base.redaction import Secret
    from auth0_widget.oauth.client import Tenant

log = logging.getLogger(__name__)


def revoke_later(tenant: Tenant, refresh_token: Secret | None) -> None:
    """Have the tenant revoke it (RFC 7009) in the background; nobody waits for that.

    A program that ends meanwhile ends after it: many log out as their last act.
    """
    if refresh_token is not None:
        in_background(
            lambda: tenant.revoke(refresh_token),
            lambda error: log.warning("the refresh token is not revoked: %s", error.code),
            at_exit="finish",
        )
