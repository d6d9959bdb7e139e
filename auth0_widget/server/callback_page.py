"""The callback page: where the tenant sends the login window with its answer in the address.

It is always the same few lines, whatever it is asked with, and needs no login: the answer it passes
on is of no use without the kernel's state and verifier. Its script hands the answer to the page
that began the login by BroadcastChannel, which needs no ``window.opener``: a login page that sends
``Cross-Origin-Opener-Policy: same-origin``, as Google's does, cuts that for good (HTML Standard,
7.1.3; auth0-spa-js issue 1418).
"""

from __future__ import annotations

from pathlib import Path

from tornado.web import RequestHandler

from auth0_widget.base.fixed_pages import headers_for

_HTML = (Path(__file__).parent / "callback.html").read_text(encoding="utf-8")

HEADERS = headers_for(_HTML)
"""What the page is served with. The code is in its address, so nothing may pass that on."""


class CallbackPageHandler(RequestHandler):
    """Answers GET, and nothing else, with the page.

    Not a JupyterHandler: those look at who is asking, and may set cookies. A service of JupyterHub
    serves it as well, in an environment without Jupyter Server.
    """

    def get(self) -> None:
        """The page, the same for everybody."""
        for name, value in HEADERS.items():
            self.set_header(name, value)
        self.finish(_HTML)
