"""A service of JupyterHub that serves the callback page, at one address for all its users.

The hub starts ``python -m auth0_widget.server.hub_service``. Two environment variables say where
the service listens and below which path (JupyterHub docs, "Services"). If the service is named
``auth0-widget``, the page is at ``/services/auth0-widget/callback``; the service serves nothing
else. It authenticates nobody and sends the hub no request. It logs no request, because the code is
in the URL.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from urllib.parse import urlsplit

from tornado.web import Application

from auth0_widget.config import CALLBACK_PAGE
from auth0_widget.errors import InvalidSettingError
from auth0_widget.server.callback_page import CallbackPageHandler


def make_application(prefix: str) -> Application:
    """The service below this path.

    Args:
        prefix: As the hub gives it; begins and ends with a slash.

    Raises:
        InvalidSettingError: The service has another name than ``auth0-widget``, so that kernels
            would refuse the address of its page.
    """
    path = f"{prefix}callback"
    if not path.endswith(f"/{CALLBACK_PAGE}"):
        raise InvalidSettingError(
            f"The callback page would be at {path}, an address that kernels refuse.",
            next_step='In jupyterhub_config.py, name the service "auth0-widget".',
        )
    return Application([(re.escape(path), CallbackPageHandler)], log_function=lambda _: None)


async def serve() -> None:
    """Serve the page until the hub ends this process.

    Raises:
        InvalidSettingError: The hub's variables are missing, or name another service.
    """
    url = urlsplit(os.environ.get("JUPYTERHUB_SERVICE_URL", ""))
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "")
    if not url.port or not url.hostname or not prefix:
        raise InvalidSettingError(
            "JupyterHub has not started this process: JUPYTERHUB_SERVICE_URL and "
            "JUPYTERHUB_SERVICE_PREFIX are not set.",
            next_step="Give the service a url, and let the hub start it: see "
            "docs/howto/shared-server.md.",
        )
    make_application(prefix).listen(url.port, url.hostname)
    await asyncio.Event().wait()


if __name__ == "__main__":
    # A hub that was started in the background has its services ignore SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):  # the hub stops a service with SIGINT
        asyncio.run(serve())
