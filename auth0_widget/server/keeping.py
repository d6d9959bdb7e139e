"""Starts the keeper in the Jupyter Server, and tells the server's kernels and terminals of it."""

from __future__ import annotations

import atexit
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Bool, Unicode
from traitlets.config import Configurable

from auth0_widget.config import KEEPER_VARIABLE, Settings
from auth0_widget.errors import ConfigurationError
from auth0_widget.keeper.listener import Listener

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from auth0_widget.keeper.channel import Connection
    from auth0_widget.keeper.keeper import Keeper


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
        "that every notebook of a user has one login that renews.",
    ).tag(config=True)
    revoke_on_exit = Bool(
        default_value=False,
        help="Whether the refresh tokens are revoked when this server ends. Kernels that outlive "
        "it go on until their access tokens end.",
    ).tag(config=True)


class Keeping:
    """The keeper of one server.

    Args:
        settings: What the administrator has set.
        folder: Where its socket is made.
    """

    def __init__(self, settings: Auth0Widget, folder: Path) -> None:
        self._settings = settings
        self._keeper: Keeper | None = None
        self._making = threading.Lock()
        self._listener = Listener(self._serve, folder)
        # Kernels and terminals get the server's environment.
        os.environ[KEEPER_VARIABLE] = str(self._listener.address_file)

    def stop(self) -> None:
        """Hang up on every kernel and forget the refresh tokens; revoke them if that is set."""
        self._listener.close()
        if self._keeper is not None and self._settings.revoke_on_exit:
            self._keeper.revoke_all()

    @property
    def keeper(self) -> Keeper:
        """The keeper, made when it is first asked for."""
        with self._making:
            if self._keeper is None:
                # Only now: a server whose notebooks log in nowhere loads none of this.
                from auth0_widget.keeper.keeper import Keeper  # noqa: PLC0415 - see above

                self._keeper = Keeper()
            return self._keeper

    def _serve(self, connection: Connection) -> None:
        self.keeper.serve(connection)


def start_keeping(server: ServerApp, settings: Auth0Widget) -> Keeping | None:
    """Start the keeper; None where the administrator has switched it off, or it cannot be."""
    if not settings.keep_refresh_tokens:
        return None
    try:
        keeping = Keeping(settings, Path(server.runtime_dir))
    except OSError as error:
        server.log.warning("auth0-widget: each kernel keeps its own refresh token: %s", error)
        return None
    atexit.register(keeping.stop)
    return keeping


def top_bar_settings(server: ServerApp, settings: Auth0Widget) -> Settings | None:
    """The application that the top bar logs in to; None where none is named."""
    try:
        return Settings.resolve(
            domain=settings.domain or None,
            client_id=settings.client_id or None,
            audience=settings.audience or None,
            scope=settings.scope or None,
            organization=settings.organization or None,
        )
    except ConfigurationError as error:
        # Nothing was set: most people have no top bar, and need not read why.
        if settings.client_id or "AUTH0_CLIENT_ID" in os.environ:
            server.log.warning("auth0-widget shows no top bar: %s", error)
        return None
