"""The session of an application that logs in as itself: tokens, but no person.

A subclass of `ManagedSession`: what a library does with a session (``auth``, ``access_token``,
renewal, the end of it) is the same code, with the same locks. Only where the tokens come from
differs, and that there is nobody to name.
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

    ``auth``, ``access_token``, ``scope`` and ``expires_at`` are as in every session. It renews by
    asking again. ``user``, ``profile``, ``claims`` and ``id_token`` raise `NoUserError`.
    """

    __slots__ = ()

    @property
    def user(self) -> NoReturn:
        """Nobody: raises `NoUserError`."""
        raise NoUserError

    @property
    def profile(self) -> NoReturn:
        """Nobody's: raises `NoUserError`."""
        raise NoUserError

    @property
    def claims(self) -> NoReturn:
        """Of no ID token: raises `NoUserError`."""
        raise NoUserError

    @property
    def id_token(self) -> NoReturn:
        """There is none: raises `NoUserError`."""
        raise NoUserError

    @property
    def missing_scope(self) -> str:
        """None: this flow asks for no scopes."""
        return ""


class ManagedApplicationSession(ManagedSession):
    """One login of an application as itself, as its login manages it.

    Args:
        tenant: Whom to ask.
        jwks: The tenant's signing keys.
        ask: Gets new tokens for the application.
    """

    def __init__(
        self, tenant: Tenant, jwks: JwksCache, *, ask: Callable[[], TokenResponse]
    ) -> None:
        self._ask = ask
        # As Auth0 names an application in its access tokens.
        itself = PrivateMapping({"sub": f"{tenant.settings.client_id}@clients"})
        # What is granted is the tenant's word alone: this flow asks for no scopes.
        tokens = tokens_from_response(ask(), _NO_ID_TOKEN, itself, scope="")
        super().__init__(
            tenant,
            jwks,
            tokens=tokens,
            profile=itself,
            refresh_token=None,
            session_id=secrets.token_urlsafe(16),
            logged_in_at=tokens.saved_at,
        )
        self.public = ApplicationSession(self)

    @property
    def renewable(self) -> bool:
        """Whether it goes on: as long as the application may ask."""
        return self._ended is None

    def to_record(self) -> NoReturn:
        """Never into a browser: raises `NoUserError`."""
        raise NoUserError

    def _renew_once(self) -> None:
        response = self._ask()
        with self._state:
            self._check_alive()  # a logout that came meanwhile wins
            before = self._tokens
            self._tokens = tokens_from_response(
                response, before.id_token, before.claims, scope=before.scope
            )
