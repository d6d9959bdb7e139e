"""What all pages that show one widget have in common: the login, and the author's choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auth0_widget.oauth.authorization_options import AuthorizationOptions
from auth0_widget.pages import messages
from auth0_widget.pages.ways import Choice, choose

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import ResponseDelivery, Show, StorageKind
    from auth0_widget.flows.loopback_in_card import LoopbackInCard
    from auth0_widget.flows.popup import PopupFlow
    from auth0_widget.login.login import Login
    from auth0_widget.login.login_flow import LoginFlow


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """The settings with which the pages show one widget. The widget creates it once.

    Attributes:
        login: The login.
        send: Sends a message to all pages.
        storage: Where browsers store the record.
        show: How much of the card is shown.
        callback: How the response comes back from the login window.
        remote_kernel: Why this kernel is not on the person's machine, or None if it may be.
        no_page: Why no page can show the widget, as the beginning of a sentence, or None.
        options: Parameters that are added to each authorization request.
        end_auth0_session: Whether **Log out** also ends the session at the tenant.
    """

    login: Login
    send: Callable[[messages.ToPage], None]
    storage: StorageKind = "local"
    show: Show = "card"
    callback: ResponseDelivery = "message"
    remote_kernel: str | None = None
    no_page: str | None = None
    options: AuthorizationOptions = field(default_factory=AuthorizationOptions)
    end_auth0_session: bool = False

    @property
    def unattended(self) -> LoginFlow | None:
        """The flow of the login if it logs in without the person, else None."""
        flow = self.login.flow
        return flow if flow is not None and flow.unattended else None

    def choose(self, hello: messages.Hello) -> Choice:
        """Choose the way to log in for a page."""
        flow = self.login.settings.flow
        return choose(hello, flow=flow, callback=self.callback, remote_kernel=self.remote_kernel)

    def ready(
        self, hello: messages.Hello, choice: Choice, popup: PopupFlow, link: LoopbackInCard
    ) -> messages.Ready:
        """The message with the URL of the next login and the place of the record."""
        settings, tenant, origin = self.login.settings, self.login.tenant, hello.origin
        return messages.Ready(
            type="ready",
            to=hello.page,
            tenant=settings.origin,
            storage=self.storage if hello.storage or self.storage == "memory" else "denied",
            key=self.login.record_identity.record_key,
            way=choice.way,
            why=choice.why,
            callback=popup.callback,
            authorize_url=popup.next_authorize_url()
            if choice.window and self.unattended is None
            else None,
            link_url=link.next_authorize_url() if choice.link else None,
            logout_url=tenant.logout_url(origin) if self.end_auth0_session and origin else None,
            show=self.show,
        )
