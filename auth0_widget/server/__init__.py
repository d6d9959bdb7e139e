"""The Jupyter Server extension: the callback page, the keeper of refresh tokens, the top bar.

Installing auth0-widget beside Jupyter Server enables it. Only here is ``jupyter_server`` imported,
and only by the server itself: an environment with nothing but a kernel does without.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from auth0_widget.config import CALLBACK_PAGE, HUB_CALLBACK_PAGE

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

CALLBACK_KEY = "auth0WidgetCallback"
"""Under this name JupyterLab and Notebook 7 tell their pages the path of the callback page."""

CHANNEL_KEY = "auth0WidgetChannel"
"""And under this one the path of the top bar's channel, where an application is named for it."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "auth0_widget.server"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    from jupyter_server.auth.decorator import allow_unauthenticated  # noqa: PLC0415 - see above
    from jupyter_server.utils import url_path_join  # noqa: PLC0415 - as well

    from auth0_widget.server.callback_page import CallbackPageHandler  # noqa: PLC0415 - as well
    from auth0_widget.server.keeping import (  # noqa: PLC0415 - as well
        Auth0Widget,
        start_keeping,
        top_bar_settings,
    )
    from auth0_widget.server.top_bar import TopBarChannel  # noqa: PLC0415 - as well

    class PublicPageHandler(CallbackPageHandler):
        """The page for everybody, also where the server wants each handler to say so."""

        get = allow_unauthenticated(CallbackPageHandler.get)

    base_url = server.web_app.settings["base_url"]
    page_config = server.web_app.settings.setdefault("page_config_data", {})
    callback = url_path_join(base_url, CALLBACK_PAGE)
    page_config[CALLBACK_KEY] = os.environ.get(HUB_CALLBACK_PAGE) or callback
    # Escaped: a route is a regular expression, and a person's name in base_url may have a dot.
    routes: list[tuple[Any, ...]] = [(re.escape(callback), PublicPageHandler)]

    configuration = Auth0Widget(config=server.config)
    keeping = start_keeping(server, configuration)
    settings = top_bar_settings(server, configuration)
    if keeping is not None and settings is not None:
        channel = url_path_join(base_url, "auth0-widget/top-bar")
        page_config[CHANNEL_KEY] = channel
        parts = {"keeping": keeping, "settings": settings}
        routes.append((re.escape(channel), TopBarChannel, parts))
    server.web_app.add_handlers(".*", routes)  # type: ignore[no-untyped-call] # theirs
