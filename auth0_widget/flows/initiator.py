"""Who began a login attempt and is told what becomes of it: in the flows of a page, that page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from auth0_widget.errors import Auth0WidgetError
    from auth0_widget.session.managed_session import ManagedSession


class Initiator(Protocol):
    """The page that began an attempt. A flow is given it when it is made."""

    def attempt_succeeded(self, session: ManagedSession) -> None:
        """Its attempt ended with this session. Listeners and waiting cells are told after it."""

    def attempt_failed(self, error: Auth0WidgetError) -> None:
        """Its attempt ended with this error, and the login's own status does not say so."""

    def code_issued(self) -> None:
        """There is a code for the person to type (RFC 8628)."""
