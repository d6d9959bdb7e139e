"""The ways to log in. Each ends in a session, with tokens from ``oauth.client``.

A new way that needs no page is one file in this package and one line in `KERNEL_FLOWS`. The popup
flow and the device flow of the card belong to the pages, which make them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth0_widget.flows.client_credentials import check_client_credentials, log_in_as_application
from auth0_widget.flows.device import log_in_by_device
from auth0_widget.flows.loopback import log_in_by_loopback
from auth0_widget.flows.on_demand import OnDemand

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import Flow, Settings
    from auth0_widget.flows.on_demand import Pause
    from auth0_widget.login.login import Login
    from auth0_widget.session.managed_session import ManagedSession


@dataclass(frozen=True, slots=True)
class KernelFlow:
    """A way to log in that needs no page.

    Attributes:
        log_in: Gives a session, in a thread of its own; see `OnDemand`.
        check: Raises `InvalidSettingError` where the settings lack what the flow needs.
    """

    log_in: Callable[[Login, Pause], ManagedSession]
    check: Callable[[Settings], None] = lambda _: None


KERNEL_FLOWS: dict[Flow, KernelFlow] = {
    "loopback": KernelFlow(log_in_by_loopback),
    "device": KernelFlow(log_in_by_device),
    "client_credentials": KernelFlow(log_in_as_application, check_client_credentials),
}


def check_flow(settings: Settings) -> None:
    """Check that the flow that the settings name has what it needs.

    Raises:
        InvalidSettingError: It lacks something.
    """
    if settings.flow in KERNEL_FLOWS:
        KERNEL_FLOWS[settings.flow].check(settings)


def flow_of(login: Login) -> OnDemand | None:
    """The flow that a login's settings name; None leaves it to the pages."""
    flow = KERNEL_FLOWS.get(login.settings.flow)
    return OnDemand(login, flow.log_in) if flow is not None else None
