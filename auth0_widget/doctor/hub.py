"""A check of the JupyterHub whose login ``flow="hub"`` uses."""

from __future__ import annotations

from auth0_widget.doctor.report import Finding
from auth0_widget.errors import Auth0WidgetError
from auth0_widget.flows.hub_api import HubApi


def hub_login() -> Finding:
    """Whether the hub keeps a login of this server's owner, and lets the server read it."""
    try:
        HubApi().auth_state()
    except Auth0WidgetError as error:
        return Finding.of_error(error)
    return Finding("good", "JupyterHub lets this server read the tokens of your login")
