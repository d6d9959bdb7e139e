"""The ways to log in. Each ends in a session, with tokens from ``oauth.client``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.flows.client_credentials import check_client_credentials, log_in_as_application
from auth0_widget.flows.device import log_in_by_device
from auth0_widget.flows.on_demand import OnDemand

if TYPE_CHECKING:
    from auth0_widget.login.login import Login


def attach_flow(login: Login) -> None:
    """Give a login the flow that its settings name, once; the popup belongs to the pages.

    Raises:
        InvalidSettingError: The flow lacks something.
    """
    if login.settings.flow == "client_credentials":
        check_client_credentials(login.settings)
    if login.flow is not None:
        return
    match login.settings.flow:
        case "device":
            login.flow = OnDemand(login, log_in_by_device)
        case "client_credentials":
            login.flow = OnDemand(login, log_in_as_application)
        case "popup":
            pass
