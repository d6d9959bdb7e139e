"""What all pages that display one widget have in common: what its author chose, and the login."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auth0_widget.flows.on_demand import OnDemandFlow
from auth0_widget.oauth.authorization_options import AuthorizationOptions
from auth0_widget.pages import messages
from auth0_widget.pages.ways import Choice, choose
from auth0_widget.session.seal import seal_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import Callback, Show, StorageKind
    from auth0_widget.flows.loopback_in_card import LoopbackInCard
    from auth0_widget.flows.popup import PopupFlow
    from auth0_widget.login.login import Login


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """One widget, as its pages display it. Made once, by the widget.

    Attributes:
        login: The login that they show.
        send: Sends a message to the pages; all of them hear it.
        storage: Where browsers keep the record of the login.
        show: How much of itself the widget shows.
        callback: How the response comes back from the login window.
        remote_kernel: Why this kernel cannot be on the person's own machine; None where it may be.
        options: What is added to each authorization request.
        end_auth0_session: Whether Log out ends the tenant's own session too.
        seal_key: The key that records are sealed with.
    """

    login: Login
    send: Callable[[messages.ToPage], None]
    storage: StorageKind = "local"
    show: Show = "card"
    callback: Callback = "message"
    remote_kernel: str | None = None
    options: AuthorizationOptions = field(default_factory=AuthorizationOptions)
    end_auth0_session: bool = False
    seal_key: bytes = field(default_factory=seal_key, repr=False)

    @property
    def unattended(self) -> OnDemandFlow | None:
        """The flow that logs in without the person, where that is the login's; else None."""
        flow = self.login.flow
        return flow if isinstance(flow, OnDemandFlow) and flow.unattended else None

    def choose(self, hello: messages.Hello) -> Choice:
        """The way to log in for one page."""
        flow = self.login.settings.flow
        return choose(hello, flow=flow, callback=self.callback, remote_kernel=self.remote_kernel)

    def ready(
        self, hello: messages.Hello, choice: Choice, popup: PopupFlow, link: LoopbackInCard
    ) -> messages.Ready:
        """The message that tells a page where its next login goes and where the record is kept."""
        settings, tenant, origin = self.login.settings, self.login.tenant, hello.origin
        return messages.Ready(
            type="ready",
            to=hello.page,
            tenant=settings.origin,
            storage=self.storage if hello.storage or self.storage == "memory" else "denied",
            key=self.login.identity.record_key,
            way=choice.way,
            why=choice.why,
            callback=popup.callback,
            authorize_url=popup.authorize_url
            if choice.window and self.unattended is None
            else None,
            link_url=link.url if choice.link else None,
            logout_url=tenant.logout_url(origin) if self.end_auth0_session and origin else None,
            show=self.show,
        )
