"""A session of the same login with an access token for another API.

With one refresh token, Auth0 issues access tokens for several APIs (Auth0 docs, "Multi-Resource
Refresh Token"). Each access token has an expiry and allowed hosts of its own. The sessions share
the refresh token, which rotates, so only one of them at a time exchanges it.
"""

# This module makes a session of the private parts of another session.
# ruff: noqa: SLF001

from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.base.forks import is_forked
from auth0_widget.base.redaction import Secret
from auth0_widget.errors import (
    AudienceNotGrantedError,
    Auth0WidgetError,
    ForkedProcessError,
    TokenRequestError,
)
from auth0_widget.session.managed_session import ManagedSession
from auth0_widget.session.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.session.refresh_tokens import Resource


class ManagedApiSession(ManagedSession):
    """A session that shares the refresh token of another session and has its own access token.

    Args:
        parent: The session of the login. When it ends, this session ends, too.
        resource: The API and its scopes.
    """

    def __init__(self, parent: ManagedSession, resource: Resource) -> None:
        before = parent.tokens
        settings = parent.settings.with_changes(audience=resource.audience, scope=resource.scope)
        super().__init__(
            parent._tenant.with_settings(settings),
            parent._jwks,
            # There is no access token yet. The first use of the session gets one.
            tokens=Tokens(
                before.id_token, before.claims, Secret(""), 0, "", 0, before.session_ends_at
            ),
            profile=parent._profile,
            refresh_token=None,
            session_id=parent.session_id,
            logged_in_at=parent.logged_in_at,
        )
        self._parent = parent
        self._resource, self.requested_scope = resource, resource.scope or ""
        self._refresh_tokens = parent._refresh_tokens
        self._lock, self._exchanging = parent._lock, parent._exchanging
        self.expiry_policy = parent.expiry_policy
        self.set_listener(lambda _: parent.notify_changed())
        parent.add_sharing(self)

    def wait_for_login(self, is_needed: Callable[[], bool]) -> bool:
        """Wait for a login as the parent does. Its refresh token renews this session, too."""
        return self._parent.wait_for_login(is_needed)


def session_for(parent: ManagedSession, resource: Resource) -> ManagedSession:
    """The session of the same login for another API. Each call returns the same session.

    Raises:
        AudienceNotGrantedError: The tenant gives this login no access token for that API.
        ScopeNotGrantedError: The access token does not have all the scopes.
        MfaRequiredError: The tenant requires a second factor for that API.
        SessionEndedError: The person logged out, or somebody else logged in.
        ForkedProcessError: This is a forked child of the process that logged in.
        UnreachableError: The tenant could not be asked.
    """
    with parent._lock:
        parent.tokens  # noqa: B018 - raises once the session has ended
        if is_forked(parent):
            raise ForkedProcessError
        if not parent.renewable:
            raise AudienceNotGrantedError(
                "An access token for another API needs a refresh token, which this session does "
                "not have in this kernel."
            )
        child = parent.api_sessions.setdefault(resource, ManagedApiSession(parent, resource))
    try:
        child.valid_access_token()
    except Auth0WidgetError as error:
        with parent._lock:
            if not child.tokens.access_token.reveal():
                parent.api_sessions.pop(resource, None)
        if isinstance(error, TokenRequestError) and error.error == "invalid_scope":
            raise TokenRequestError(
                error.message,
                error=error.error,
                error_description=error.error_description,
                next_step="In Auth0, check that the API has these permissions and that the "
                "application's refresh token policies name them; or use `await "
                "login.request(audience=..., scope=...)`, which asks for a click.",
            ) from None
        raise
    return child
