"""The settings of the Jupyter Server extension, as the server's administrator writes them."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from traitlets import Bool, Unicode
from traitlets.config import Configurable

from auth0_widget.config import FLOW_FACTS, Settings
from auth0_widget.errors import ConfigurationError

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


class Auth0Widget(Configurable):
    """What may be set as ``c.Auth0Widget.… = …`` in the server's configuration."""

    domain = Unicode(help="The tenant of the top bar's login; or AUTH0_DOMAIN.").tag(config=True)
    client_id = Unicode(help="Its application; or AUTH0_CLIENT_ID.").tag(config=True)
    audience = Unicode(help="Its API; or AUTH0_AUDIENCE.").tag(config=True)
    scope = Unicode(help="Its scopes; or AUTH0_SCOPE.").tag(config=True)
    organization = Unicode(help="Its organization; or AUTH0_ORGANIZATION.").tag(config=True)
    keep_refresh_tokens = Bool(
        default_value=True,
        help="Whether this server keeps the refresh tokens of its kernels' logins, in memory, so "
        "that all notebooks of a user share one login, which is renewed.",
    ).tag(config=True)
    revoke_on_exit = Bool(
        default_value=False,
        help="Whether the refresh tokens are revoked when this server ends. Kernels that outlive "
        "it go on until their access tokens expire.",
    ).tag(config=True)


def top_bar_settings(server: ServerApp, configuration: Auth0Widget) -> Settings | None:
    """The settings of the top bar's login; None where no application is configured for it."""
    try:
        settings = Settings.resolve(
            domain=configuration.domain or None,
            client_id=configuration.client_id or None,
            audience=configuration.audience or None,
            scope=configuration.scope or None,
            organization=configuration.organization or None,
        )
    except ConfigurationError as error:
        # Most servers have no top bar: only one that names an application logs a warning.
        if configuration.client_id or "AUTH0_CLIENT_ID" in os.environ:
            server.log.warning("auth0-widget shows no top bar: %s", error)
        return None
    if FLOW_FACTS[settings.flow].needs_person:
        return settings
    # With these flows, the environment names an application to which nobody logs in with a click.
    return replace(settings, flow="auto") if configuration.client_id else None
