"""The session of somebody who has logged in to JupyterHub, which keeps its access token fresh."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from auth0_widget.base.forks import is_forked
from auth0_widget.errors import HubNotRenewedError
from auth0_widget.session.managed_session import ManagedSession

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.base.redaction import PrivateMapping
    from auth0_widget.oauth.client import Tenant
    from auth0_widget.oauth.jwks import JwksCache
    from auth0_widget.session.tokens import Tokens


class ManagedHubSession(ManagedSession):
    """A hub's login, as the login of this kernel manages it. It has no refresh token.

    Args:
        tenant: Who has issued the tokens.
        jwks: The tenant's signing keys.
        tokens: What the hub gave, verified.
        profile: Of the person.
        ask: Asks the hub again. It is given the ``sub`` of the person, and verifies what comes.
    """

    stored_in_browsers = False  # the hub remembers it

    def __init__(
        self,
        tenant: Tenant,
        jwks: JwksCache,
        *,
        tokens: Tokens,
        profile: PrivateMapping,
        ask: Callable[[str], Tokens],
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
        before = self.tokens
        tokens = self._ask(self.subject)
        if tokens.access_token == before.access_token:
            raise HubNotRenewedError
        with self._state:
            self._check_alive()  # a logout that came meanwhile wins
            self._tokens = tokens
