"""Runs the keeper in the Jupyter Server, and passes its address to kernels and terminals."""

from __future__ import annotations

import atexit
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from auth0_widget.config import KEEPER_VARIABLE
from auth0_widget.keeper.listener import Listener

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from auth0_widget.config import Settings
    from auth0_widget.keeper.channel import Connection
    from auth0_widget.keeper.keeper import Keeper
    from auth0_widget.server.configuration import Auth0Widget


class KeeperHost:
    """The keeper of one server, and the socket at which kernels reach it.

    Args:
        configuration: The settings of the extension.
        folder: Where the socket is made.
        top_bar: The settings of the top bar's login; None if there is no top bar.
    """

    def __init__(
        self, configuration: Auth0Widget, folder: Path, top_bar: Settings | None = None
    ) -> None:
        self._configuration, self._top_bar = configuration, top_bar
        self._keeper: Keeper | None = None
        self._keeper_lock = threading.Lock()
        self._listener = Listener(self._serve, folder)
        # Kernels and terminals get the server's environment.
        os.environ[KEEPER_VARIABLE] = str(self._listener.address_file)

    def stop(self) -> None:
        """Close every connection and forget the refresh tokens; revoke them if that is set."""
        self._listener.close()
        if self._keeper is not None and self._configuration.revoke_on_exit:
            self._keeper.revoke_all()

    @property
    def keeper(self) -> Keeper:
        """The keeper, made when it is first asked for."""
        with self._keeper_lock:
            if self._keeper is None:
                # Imported here, so that a server whose notebooks do not log in loads none of this.
                from auth0_widget.keeper.keeper import Keeper  # noqa: PLC0415 - see above

                self._keeper = Keeper()
                if self._top_bar is not None:
                    # Before any kernel's: a login has the scopes of whoever asks for it first.
                    self._keeper.login_of(self._top_bar)
            return self._keeper

    def _serve(self, connection: Connection) -> None:
        self.keeper.serve(connection)


def start_keeper(
    server: ServerApp, configuration: Auth0Widget, top_bar: Settings | None = None
) -> KeeperHost | None:
    """Start the keeper; None where it is switched off, or where its socket cannot be made."""
    # A server that was started in a terminal of another one has the variable of that one.
    os.environ.pop(KEEPER_VARIABLE, None)
    if not configuration.keep_refresh_tokens:
        return None
    try:
        keeper_host = KeeperHost(configuration, Path(server.runtime_dir), top_bar)
    except OSError as error:
        server.log.warning("auth0-widget: each kernel keeps its own refresh token: %s", error)
        return None
    atexit.register(keeper_host.stop)
    return keeper_host
