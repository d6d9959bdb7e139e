"""The session of a login to JupyterHub, whose access token the hub renews."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from auth0_widget.base.forks import is_forked
from auth0_widget.session.managed_session import ManagedSession

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.base.redaction import PrivateMapping
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.oauth.jwks import JwksCache
    from auth0_widget.session.tokens import Tokens


class ManagedHubSession(ManagedSession):
    """The session of a login to JupyterHub, as the login uses it. It has no refresh token.

    Args:
        tenant: The tenant that issued the tokens.
        jwks: The tenant's signing keys.
        tokens: The tokens that the hub gave. They have been verified.
        profile: The profile of the person.
        ask: Called with the present tokens. Returns the hub's new tokens of the same person,
            verified; raises `HubNotRenewedError` if the hub has no new ones.
    """

    stored_in_browsers = False  # the hub stores the login

    def __init__(
        self,
        tenant: Tenant,
        jwks: JwksCache,
        *,
        tokens: Tokens,
        profile: PrivateMapping,
        ask: Callable[[Tokens], Tokens],
    ) -> None:
        self._ask = ask
        super().__init__(
            tenant,
            jwks,
            tokens=tokens,
            profile=profile,
            refresh_token=None,
            session_id=secrets.token_urlsafe(16),
            logged_in_at=time.time(),
        )

    @property
    def renewable(self) -> bool:
        """Whether the hub may be asked again."""
        return (
            self._ended is None
            and time.time() < self._tokens.session_ends_at
            and not is_forked(self)
        )

    def _renew_once(self) -> None:
        tokens = self._ask(self.tokens)
        with self._lock:
            self._check_alive()  # there may have been a logout meanwhile
            self._tokens = tokens
