"""The protocol of the flow that a login has, if logins do not start by a click in a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from auth0_widget.login.initiator import Initiator


class LoginFlow(Protocol):
    """The flow of one login, which starts when a cell waits. See `flows.on_demand`."""

    @property
    def unattended(self) -> bool:
        """Whether it logs in without the person."""

    def start_for(self, initiator: Initiator) -> None:
        """Start the flow for a page, even if no cell waits, unless it runs already."""
