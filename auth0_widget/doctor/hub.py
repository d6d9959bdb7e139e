"""A check of the JupyterHub whose login ``flow="hub"`` uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auth0_widget.doctor.report import Finding
from auth0_widget.errors import Auth0WidgetError
from auth0_widget.flows.hub import ask_hub
from auth0_widget.oauth.jwks import JwksCache

if TYPE_CHECKING:
    from auth0_widget.oauth.client import Tenant


def hub_finding(tenant: Tenant) -> Finding:
    """Whether the hub gives this server tokens of its owner's login that a session can use."""
    try:
        ask_hub(tenant, JwksCache(tenant))
    except Auth0WidgetError as error:
        return Finding.of_error(error)
    return Finding("good", "JupyterHub gives this server tokens of your login, which are valid")
