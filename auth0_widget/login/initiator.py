"""The protocol of the object that started a login attempt and is told its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.session.managed_session import ManagedSession


class Initiator(Protocol):
    """The page that started an attempt, as its flow sees it."""

    def attempt_succeeded(self, session: ManagedSession) -> None:
        """The attempt ended with this session. Called before listeners and waiting cells."""

    def attempt_failed(self, error: Auth0WidgetError) -> None:
        """The attempt ended with this error, without a change of the login's status."""

    def code_issued(self) -> None:
        """The tenant issued a code for the person to type (RFC 8628)."""
