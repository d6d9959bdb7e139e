"""The ways to log in. Each results in a session.

To add a flow that needs no page, add a module to this package, its name to `config.Flow`, a line to
`FLOW_FACTS` and one to `KERNEL_FLOWS`. A flow that a click in a page starts is a class instead, of
which each `pages.page.Page` has one object. See "Add a flow" in CONTRIBUTING.md.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auth0_widget.config import FLOW_FACTS
from auth0_widget.errors import NoPageError
from auth0_widget.flows.client_credentials import check_client_credentials, log_in_as_application
from auth0_widget.flows.conditions import check_no_conditions
from auth0_widget.flows.device import check_device_flow, code_instructions, log_in_by_device
from auth0_widget.flows.hub import check_hub, log_in_by_hub
from auth0_widget.flows.loopback import link_instructions, log_in_by_loopback
from auth0_widget.flows.on_demand import OnDemandFlow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auth0_widget.config import Flow, Settings
    from auth0_widget.flows.on_demand import Pause
    from auth0_widget.login.login import Login
    from auth0_widget.oauth.authorization_options import AuthorizationOptions
    from auth0_widget.session.managed_session import ManagedSession


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KernelFlow:
    """A way to log in that needs no page.

    Attributes:
        log_in: Returns a session. It is called in a thread (see `OnDemandFlow`). Its last argument
            prints a text that tells the person what to do.
        check: Raises `InvalidSettingError` where the settings lack what the flow needs, or have
            what it does not support.
    """

    log_in: Callable[[Login, Pause, Callable[[str], object]], ManagedSession]
    check: Callable[[Settings], None] = lambda _: None


KERNEL_FLOWS: dict[Flow, KernelFlow] = {
    "loopback": KernelFlow(
        lambda login, pause, print_text: log_in_by_loopback(
            login, pause, lambda url: print_text(link_instructions(url))
        ),
    ),
    "device": KernelFlow(
        lambda login, pause, print_text: log_in_by_device(
            login, pause, lambda codes: print_text(code_instructions(codes))
        ),
        check_device_flow,
    ),
    "hub": KernelFlow(lambda login, _, __: log_in_by_hub(login), check_hub),
    "client_credentials": KernelFlow(
        lambda login, pause, _: log_in_as_application(login, pause), check_client_credentials
    ),
}


def check_flow(settings: Settings, options: AuthorizationOptions) -> None:
    """Check that the flow of the settings has what it needs and supports what is requested.

    Raises:
        InvalidSettingError: The flow lacks something, or does not support what is requested.
    """
    flow = KERNEL_FLOWS.get(settings.flow)
    if flow is None:
        return
    flow.check(settings)
    # A link in a page passes the same parameters on as a window. No person logs in with client
    # credentials.
    if not FLOW_FACTS[settings.flow].passes_conditions:
        check_no_conditions(settings.flow, options.conditions)


def flow_of(login: Login, print_text: Callable[[str], object]) -> OnDemandFlow | None:
    """The flow of a login's settings, or None if the pages start the logins.

    Args:
        login: The login.
        print_text: Prints a text that tells the person what to do.
    """
    name = login.settings.flow
    return None if FLOW_FACTS[name].clicked else _on_demand_flow(login, name, print_text)


def flow_without_page(flow: Flow, why: str) -> tuple[Flow, str]:
    """The flow that starts in place of another because there is no page, and one sentence on it.

    Args:
        flow: A flow that the person starts in a page.
        why: Why there is no page, as the beginning of a sentence.

    Raises:
        NoPageError: The flow needs a page.
    """
    instead = FLOW_FACTS[flow].without_page
    if instead is None:
        raise NoPageError(f"{why}, so nobody can click on Log in.")
    printed = "a code" if FLOW_FACTS[instead].has_code else "a link"
    return instead, f"{why}, so that {printed} is printed."


def use_flow_without_page(
    login: Login, why: str, print_text: Callable[[str], object], conditions: Sequence[str]
) -> bool:
    """Give a login the flow that starts when a cell waits, because there is no page.

    Args:
        login: The login.
        why: Why there is no page, as the beginning of a sentence.
        print_text: Prints a text that tells the person what to do.
        conditions: The names of authorization parameters that such a flow cannot pass on. If there
            are any, the flow fails with an `InvalidSettingError`.

    Returns:
        False if the settings name a flow that needs a page.
    """
    try:
        name, reason = flow_without_page(login.settings.flow, why)
    except NoPageError:
        return False
    if login.set_flow_once(
        lambda login: _on_demand_flow(login, name, print_text, conditions), reason
    ):
        log.info("the way to log in: %s. %s", name, reason)
    return True


def _on_demand_flow(
    login: Login, name: Flow, print_text: Callable[[str], object], conditions: Sequence[str] = ()
) -> OnDemandFlow | None:
    flow = KERNEL_FLOWS.get(name)
    if flow is None:
        return None

    def log_in(login: Login, pause: Pause) -> ManagedSession:
        check_no_conditions(name, conditions)
        return flow.log_in(login, pause, print_text)

    return OnDemandFlow(login, log_in, unattended=FLOW_FACTS[name].way == "unattended")
