"""The top bar's channel: what a browser page and this server's own login tell each other.

JupyterLab and Notebook 7 open it, behind Jupyter's authentication and its check of the origin. Over
it go the messages of ``pages.messages``, to a `Bridge` as a widget has one; the login is the
keeper's, the same that this user's kernels have.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from auth0_widget.base.strict_json import json_object

if TYPE_CHECKING:
    from auth0_widget.config import Settings
    from auth0_widget.pages.bridge import Bridge
    from auth0_widget.pages.messages import ToPage
    from auth0_widget.server.keeping import Keeping

MAX_MESSAGE = 512 * 1024
"""Characters of one message; a record in it has 256 K at most."""


class TopBarChannel(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One page's connection."""

    auth_resource = "kernels"  # who may run kernels may use the login that they have

    def initialize(self, keeping: Keeping, settings: Settings) -> None:
        """Called by tornado, with what the route was made with."""
        self._keeping, self._settings = keeping, settings
        self._bridge: Bridge | None = None
        # Pages' messages are taken in their order, and none of them holds up the server.
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="auth0-widget")

    def set_default_headers(self) -> None:
        """None: those of `JupyterHandler` make no sense here."""

    @ws_authenticated
    async def get(self) -> None:
        """Open the WebSocket, for who may run kernels."""
        allowed = self.authorizer.is_authorized(self, self.current_user, "execute", "kernels")
        if not (allowed if isinstance(allowed, bool) else await allowed):
            raise HTTPError(403)
        await super().get()

    def open(self) -> None:
        """The page is connected."""
        super().open()
        self._loop = IOLoop.current()
        self._worker.submit(self._begin)

    def on_message(self, message: str | bytes) -> None:
        """Take a message of the page's; what is none is dropped, as a kernel does."""
        content = json_object(message, limit=MAX_MESSAGE)
        self._worker.submit(self._receive, content)

    def on_close(self) -> None:
        """The page has gone."""
        super().on_close()
        self._worker.submit(self._end)
        self._worker.shutdown(wait=False)

    def _begin(self) -> None:
        # Not before a page asks: the server starts without loading any of this.
        from auth0_widget.config import resolve_callback  # noqa: PLC0415 - see above
        from auth0_widget.pages.bridge import Bridge  # noqa: PLC0415 - as well
        from auth0_widget.pages.display import Display  # noqa: PLC0415 - as well

        login = self._keeping.keeper.login_of(self._settings)
        display = Display(login=login, send=self._send, callback=resolve_callback())
        self._bridge = Bridge(display)

    def _receive(self, content: dict[str, Any] | None) -> None:
        if self._bridge is not None:
            self._bridge.receive(content)

    def _end(self) -> None:
        if self._bridge is not None:
            self._bridge.close()

    def _send(self, message: ToPage) -> None:
        text = json.dumps(message, ensure_ascii=False)
        self._loop.add_callback(self._write, text)

    def _write(self, text: str) -> None:
        with suppress(WebSocketClosedError):  # the page has gone
            self.write_message(text)
