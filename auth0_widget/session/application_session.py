"""The session of an application that logs in as itself: tokens, but no person.

It is a subclass of `ManagedSession`, so ``auth``, ``access_token``, renewal and the end of the
session are the same code with the same locks. Only the source of the tokens differs, and there is
no user.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NoReturn

from auth0_widget.base.redaction import PrivateMapping, Secret
from auth0_widget.errors import NoUserError
from auth0_widget.session.managed_session import ManagedSession
from auth0_widget.session.session import Session
from auth0_widget.session.tokens import tokens_from_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.oauth.client import Tenant
    from auth0_widget.oauth.jwks import JwksCache
    from auth0_widget.oauth.token_response import TokenResponse

_NO_ID_TOKEN = Secret("")


class ApplicationSession(Session):
    """One login of an application as itself (client credentials, RFC 6749, 4.4).

    ``auth``, ``access_token``, ``scope`` and ``expires_at`` are as in every session. A renewal is
    another client credentials grant. ``user``, ``profile``, ``claims`` and ``id_token`` raise
    `NoUserError`.
    """

    __slots__ = ()

    @property
    def user(self) -> NoReturn:
        """Raises `NoUserError`: no person has logged in."""
        raise NoUserError

    @property
    def profile(self) -> NoReturn:
        """Raises `NoUserError`: no person has logged in."""
        raise NoUserError

    @property
    def claims(self) -> NoReturn:
        """Raises `NoUserError`: there is no ID token."""
        raise NoUserError

    @property
    def id_token(self) -> NoReturn:
        """Raises `NoUserError`: there is no ID token."""
        raise NoUserError

    @property
    def missing_scope(self) -> str:
        """Always empty: this flow requests no scopes."""
        return ""


class ManagedApplicationSession(ManagedSession):
    """The session of an application, as the login uses it.

    Args:
        tenant: The tenant that issues the tokens.
        jwks: The tenant's signing keys.
        ask: Requests tokens for the application.
    """

    def __init__(
        self, tenant: Tenant, jwks: JwksCache, *, ask: Callable[[], TokenResponse]
    ) -> None:
        self._ask = ask
        # Auth0 puts this `sub` into the access tokens of an application.
        claims = PrivateMapping({"sub": f"{tenant.settings.client_id}@clients"})
        # This flow requests no scopes, so only those in the response count as granted.
        tokens = tokens_from_response(ask(), _NO_ID_TOKEN, claims, scope="")
        super().__init__(
            tenant,
            jwks,
            tokens=tokens,
            profile=claims,
            refresh_token=None,
            session_id=secrets.token_urlsafe(16),
            logged_in_at=tokens.saved_at,
        )
        self.public = ApplicationSession(self)

    @property
    def renewable(self) -> bool:
        """Whether the session can be renewed: always, until it ends."""
        return self._ended is None

    def to_record(self) -> NoReturn:
        """Raises `NoUserError`: no browser stores this session."""
        raise NoUserError

    def _renew_once(self) -> None:
        response = self._ask()
        with self._lock:
            self._check_alive()  # there may have been a logout meanwhile
            before = self._tokens
            self._tokens = tokens_from_response(
                response, before.id_token, before.claims, scope=before.scope
            )
