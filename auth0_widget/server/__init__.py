"""The Jupyter Server extension: the callback page, the keeper of refresh tokens, the top bar.

Installing auth0-widget beside Jupyter Server enables it. ``jupyter_server`` is imported only when
the server loads the extension: an environment with only a kernel does not need it.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from auth0_widget.config import CALLBACK_PAGE, HUB_CALLBACK_PAGE

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

CALLBACK_KEY = "auth0WidgetCallback"
"""The key, in the page config of JupyterLab and Notebook 7, of the callback page's path."""

CHANNEL_KEY = "auth0WidgetChannel"
"""The key in the page config of the path of the top bar's channel. It is set if the top bar has a
login."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "auth0_widget.server"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    from jupyter_server.auth.decorator import allow_unauthenticated  # noqa: PLC0415 - see above
    from jupyter_server.utils import url_path_join  # noqa: PLC0415 - as well

    from auth0_widget.server.callback_page import CallbackPageHandler  # noqa: PLC0415 - as well
    from auth0_widget.server.configuration import (  # noqa: PLC0415 - as well
        Auth0Widget,
        top_bar_settings,
    )
    from auth0_widget.server.keeper_host import start_keeper  # noqa: PLC0415 - as well
    from auth0_widget.server.top_bar import TopBarChannel  # noqa: PLC0415 - as well

    class PublicPageHandler(CallbackPageHandler):
        """The callback page, marked as public for servers that require each handler to say so."""

        get = allow_unauthenticated(CallbackPageHandler.get)

    base_url = server.web_app.settings["base_url"]
    page_config = server.web_app.settings.setdefault("page_config_data", {})
    callback = url_path_join(base_url, CALLBACK_PAGE)
    page_config[CALLBACK_KEY] = os.environ.get(HUB_CALLBACK_PAGE) or callback
    # Escaped, because a route is a regular expression, and a user name in base_url may have a dot.
    routes: list[tuple[Any, ...]] = [(re.escape(callback), PublicPageHandler)]

    configuration = Auth0Widget(config=server.config)
    settings = top_bar_settings(server, configuration)
    keeper_host = start_keeper(server, configuration, settings)
    if keeper_host is not None and settings is not None:
        channel = url_path_join(base_url, "auth0-widget/top-bar")
        page_config[CHANNEL_KEY] = channel
        arguments = {"keeper_host": keeper_host, "settings": settings}
        routes.append((re.escape(channel), TopBarChannel, arguments))
    server.web_app.add_handlers(".*", routes)  # type: ignore[no-untyped-call] # theirs
