"""The ways to log in. Each results in a session.

To add a flow that needs no page, add a module to this package and a line to `KERNEL_FLOWS`. The
pages make the popup flow and the device flow of the card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth0_widget.errors import InvalidSettingError
from auth0_widget.flows.client_credentials import check_client_credentials, log_in_as_application
from auth0_widget.flows.device import check_device_flow, instructions, log_in_by_device
from auth0_widget.flows.hub import check_hub, log_in_by_hub
from auth0_widget.flows.loopback import invitation, log_in_by_loopback
from auth0_widget.flows.on_demand import OnDemand

if TYPE_CHECKING:
    from collections.abc import Callable

    from auth0_widget.config import Flow, Settings
    from auth0_widget.flows.on_demand import Pause
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.authorization_options import AuthorizationOptions
    from auth0_widget.session.managed_session import ManagedSession


@dataclass(frozen=True, slots=True)
class KernelFlow:
    """A way to log in that needs no page.

    Attributes:
        log_in: Returns a session. It is called in a thread (see `OnDemand`), and tells the person
            what to do by its last argument.
        check: Raises `InvalidSettingError` where the settings lack what the flow needs, or have
            what it does not support.
        unattended: Whether it logs in without the person, so that a page starts it by itself.
    """

    log_in: Callable[[Login, Pause, Callable[[str], object]], ManagedSession]
    check: Callable[[Settings], None] = lambda _: None
    unattended: bool = False


KERNEL_FLOWS: dict[Flow, KernelFlow] = {
    "loopback": KernelFlow(
        lambda login, pause, say: log_in_by_loopback(
            login, pause, lambda url: say(invitation(url))
        ),
    ),
    "device": KernelFlow(
        lambda login, pause, say: log_in_by_device(
            login, pause, lambda codes: say(instructions(codes))
        ),
        check_device_flow,
    ),
    "hub": KernelFlow(lambda login, _, __: log_in_by_hub(login), check_hub, unattended=True),
    "client_credentials": KernelFlow(
        lambda login, pause, _: log_in_as_application(login, pause), check_client_credentials
    ),
}


def check_flow(settings: Settings, options: AuthorizationOptions) -> None:
    """Check that the flow of the settings has what it needs and supports what is requested.

    Raises:
        InvalidSettingError: It does not.
    """
    flow = KERNEL_FLOWS.get(settings.flow)
    if flow is None:
        return
    flow.check(settings)
    if options.conditions and settings.flow != "client_credentials":  # no person logs in there
        named = ", ".join(options.conditions)
        raise InvalidSettingError(
            f"The flow {settings.flow} cannot pass these arguments on to Auth0: {named}.",
            next_step=f"Log in in a window (flow='popup'), or leave {named} out.",
        )


def flow_of(login: Login, say: Callable[[str], object]) -> OnDemand | None:
    """The flow of a login's settings, or None where the pages start the logins.

    Args:
        login: The login.
        say: Tells the person what to do, in plain text.
    """
    flow = KERNEL_FLOWS.get(login.settings.flow)
    if flow is None:
        return None
    return OnDemand(
        login, lambda login, pause: flow.log_in(login, pause, say), unattended=flow.unattended
    )
