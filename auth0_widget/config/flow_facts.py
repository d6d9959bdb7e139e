"""What the rest of the package has to know about each flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auth0_widget.config.choices import Flow, Way


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFacts:
    """What distinguishes a flow from the others.

    Attributes:
        needs_person: Whether a login needs a person each time. If not, this package neither keeps
            nor remembers it: JupyterHub keeps it, or the application logs in as itself.
        as_application: Whether the application logs in as itself, so that there is no card.
        clicked: Whether the person starts the login in a page.
        opens_window: Whether a page may open a login window.
        has_code: Whether the person types a code on another device (RFC 8628).
        passes_conditions: Whether it passes authorization parameters on, or needs none.
        stored_in_browsers: Whether browsers store the session.
        way: What **Log in** does in a page. None if that depends on what the page can do.
        without_page: The flow that starts in its place if there is no page, or None.
    """

    needs_person: bool = True
    as_application: bool = False
    clicked: bool = False
    opens_window: bool = False
    has_code: bool = False
    passes_conditions: bool = True
    stored_in_browsers: bool = True
    way: Way | None = None
    without_page: Flow | None = None


FLOW_FACTS: dict[Flow, FlowFacts] = {
    "auto": FlowFacts(clicked=True, opens_window=True, without_page="device"),
    "popup": FlowFacts(clicked=True, opens_window=True, way="window"),
    "loopback": FlowFacts(clicked=True, way="link", without_page="loopback"),
    "device": FlowFacts(has_code=True, passes_conditions=False, way="code"),
    "hub": FlowFacts(
        needs_person=False, passes_conditions=False, stored_in_browsers=False, way="unattended"
    ),
    "client_credentials": FlowFacts(needs_person=False, as_application=True),
}
