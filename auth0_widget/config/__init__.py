"""The settings of a login: what each may be, and where it comes from."""

from __future__ import annotations

from auth0_widget.config.checks import (
    check_choice,
    check_duration,
    checked_client_id,
    checked_remember,
)
from auth0_widget.config.choices import (
    CALLBACK_PAGE,
    DEFAULT_LEEWAY,
    DEFAULT_LOOPBACK_PORT,
    DEFAULT_SCOPE,
    HUB_CALLBACK_PAGE,
    KEEPER_VARIABLE,
    REMEMBER_VARIABLE,
    Flow,
    OnExpiry,
    Remember,
    ResponseDelivery,
    Show,
    StorageKind,
    Way,
)
from auth0_widget.config.flow_facts import FLOW_FACTS
from auth0_widget.config.settings import (
    Settings,
    flow_and_port_from_environment,
    is_callback_page,
    resolve_callback,
)

__all__ = [
    "CALLBACK_PAGE",
    "DEFAULT_LEEWAY",
    "DEFAULT_LOOPBACK_PORT",
    "DEFAULT_SCOPE",
    "FLOW_FACTS",
    "HUB_CALLBACK_PAGE",
    "KEEPER_VARIABLE",
    "REMEMBER_VARIABLE",
    "Flow",
    "OnExpiry",
    "Remember",
    "ResponseDelivery",
    "Settings",
    "Show",
    "StorageKind",
    "Way",
    "check_choice",
    "check_duration",
    "checked_client_id",
    "checked_remember",
    "flow_and_port_from_environment",
    "is_callback_page",
    "resolve_callback",
]
