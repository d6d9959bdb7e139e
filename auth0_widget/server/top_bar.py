"""The top bar's channel: the WebSocket between a browser page and the server's own login.

JupyterLab and Notebook 7 open it, after Jupyter's authentication and its check of the origin. It
carries the messages of ``pages.messages`` to a `Bridge`, like that of a widget. The login is the
keeper's, which this user's kernels share.
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from auth0_widget.base.redaction import frames_without_values
from auth0_widget.base.strict_json import json_object

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from auth0_widget.config import Settings
    from auth0_widget.pages.bridge import Bridge
    from auth0_widget.pages.messages import ToPage
    from auth0_widget.server.keeper_host import KeeperHost

log = logging.getLogger(__name__)

MAX_MESSAGE = 512 * 1024
"""The characters of one message, at most. A record in it has 256 K at most."""


class TopBarChannel(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """The connection of one page."""

    auth_resource = "kernels"  # whoever may run kernels may use the login that the kernels share

    def initialize(self, keeper_host: KeeperHost, settings: Settings) -> None:
        """Called by tornado, with the arguments of the route."""
        self._keeper_host, self._settings = keeper_host, settings
        self._bridge: Bridge | None = None
        # One thread handles the messages, in order, so that none of them blocks the server.
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="auth0-widget")

    def set_default_headers(self) -> None:
        """Set none: those of `JupyterHandler` are for HTML pages."""

    @ws_authenticated
    async def get(self) -> None:
        """Open the WebSocket for a user who may run kernels."""
        allowed = self.authorizer.is_authorized(self, self.current_user, "execute", "kernels")
        if not (allowed if isinstance(allowed, bool) else await allowed):
            raise HTTPError(403)
        await super().get()

    def open(self, *_arguments: str, **_named: str) -> None:
        """Called by tornado when the page has connected."""
        super().open()
        self._loop = IOLoop.current()
        self._in_order(self._begin)

    def on_message(self, message: str | bytes) -> None:
        """Pass a message on to the bridge, which drops a malformed one."""
        content = json_object(message, limit=MAX_MESSAGE)
        self._in_order(self._receive, content)

    def on_close(self) -> None:
        """Called by tornado when the page has disconnected."""
        super().on_close()
        self._in_order(self._end)
        self._worker.shutdown(wait=False)

    def _in_order(self, work: Callable[..., None], *arguments: object) -> None:
        self._worker.submit(work, *arguments).add_done_callback(_log_failure)

    def _begin(self) -> None:
        # Imported here, so that a server without an open top bar loads none of this.
        from auth0_widget.config import resolve_callback  # noqa: PLC0415 - see above
        from auth0_widget.pages.bridge import Bridge  # noqa: PLC0415 - as well
        from auth0_widget.pages.display import Display  # noqa: PLC0415 - as well

        login = self._keeper_host.keeper.login_of(self._settings)
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
        with suppress(WebSocketClosedError):
            self.write_message(text)


def _log_failure(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        # The text of the error may hold secrets.
        log.error("unexpected: %s", frames_without_values(error))
