"""The callback page: the tenant redirects the login window to it, with the response in the URL.

The page is the same for every request and needs no login: the response is of no use without the
kernel's state and verifier. Its script sends the response to the page that began the login, by
BroadcastChannel. ``window.opener`` is not used, because a login page that sends
``Cross-Origin-Opener-Policy: same-origin``, as Google's does, removes it for good (HTML Standard,
7.1.3; auth0-spa-js issue 1418).
"""

from __future__ import annotations

from pathlib import Path

from tornado.web import RequestHandler

from auth0_widget.base.fixed_pages import headers_for

_HTML = (Path(__file__).parent / "callback.html").read_text(encoding="utf-8")

HEADERS = headers_for(_HTML)
"""The headers of the page. Its URL contains the code; the headers keep the browser from
sending that URL to other sites."""


class CallbackPageHandler(RequestHandler):
    """Responds with the page to GET, and to no other method.

    It is no JupyterHandler: those authenticate the request and may set cookies, and JupyterHub's
    service (hub_service.py) runs in an environment without Jupyter Server.
    """

    def get(self) -> None:
        """Send the page."""
        for name, value in HEADERS.items():
            self.set_header(name, value)
        self.finish(_HTML)
