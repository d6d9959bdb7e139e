"""The Jupyter Server extension: it serves the callback page, and keeps refresh tokens.

Installing auth0-widget beside Jupyter Server enables it. Only here is ``jupyter_server`` imported,
and only by the server itself: an environment with nothing but a kernel does without.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from auth0_widget.config import CALLBACK_PAGE, HUB_CALLBACK_PAGE

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

PAGE_CONFIG_KEY = "auth0WidgetCallback"
"""Under this name JupyterLab and Notebook 7 tell their pages the path of the callback page."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "auth0_widget.server"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    from jupyter_server.auth.decorator import allow_unauthenticated  # noqa: PLC0415 - see above
    from jupyter_server.utils import url_path_join  # noqa: PLC0415 - as well

    from auth0_widget.server.callback_page import CallbackPageHandler  # noqa: PLC0415 - as well
    from auth0_widget.server.keeping import start_keeping  # noqa: PLC0415 - as well

    class PublicPageHandler(CallbackPageHandler):
        """The page for everybody, also where the server wants each handler to say so."""

        get = allow_unauthenticated(CallbackPageHandler.get)

    path = url_path_join(server.web_app.settings["base_url"], CALLBACK_PAGE)
    # Escaped: a route is a regular expression, and a person's name in base_url may have a dot.
    routes = [(re.escape(path), PublicPageHandler)]
    server.web_app.add_handlers(".*", routes)  # type: ignore[no-untyped-call] # theirs
    page_config = server.web_app.settings.setdefault("page_config_data", {})
    page_config[PAGE_CONFIG_KEY] = os.environ.get(HUB_CALLBACK_PAGE) or path
    start_keeping(server)
