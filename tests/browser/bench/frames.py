"""A front end in a page of its own or in a frame: VS Code's widget manager, and a real kernel.

Cells run as in a notebook, and their output is added to the page. See front_end/page.js.
"""

from __future__ import annotations

import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import httpx
from bench.notebook import Widget
from playwright.sync_api import expect

if TYPE_CHECKING:
    from bench.lab import Lab
    from playwright.sync_api import Frame, Page, Route
    from typing_extensions import Self

FRONT_END = Path(__file__).parent / "front_end"
BUILT = FRONT_END / "node_modules" / ".built" / "page.js"

VS_CODE = {
    "sandbox": "allow-same-origin allow-pointer-lock allow-scripts allow-downloads allow-forms",
    # The last two: here the frame itself speaks to the kernel, in place of VS Code.
    "allow": "clipboard-read; clipboard-write; local-network-access; loopback-network",
}
"""The frame of VS Code's webviews, in microsoft/vscode at 03ed752 (pre/index.html): no windows."""

VS_CODE_ON_THE_WEB = "https://1a2b3c.vscode-cdn.net"
"""What the origin of such a frame looks like at vscode.dev and in Codespaces."""

VS_CODE_PAGE = """
// The scheme cannot be had in a browser; the origin that a page there reads can.
Object.defineProperty(window, 'origin', { value: 'vscode-webview://1a2b3c' });
// Clicks on links are taken over (handleInnerClick in pre/index.html).
window.followed = [];
document.addEventListener('click', event => {
  for (const node of event.composedPath()) {
    if (node.tagName?.toLowerCase() === 'a' && node.href) {
      followed.push(node.href);
      event.preventDefault();
      return;
    }
  }
});
"""

NO_STORAGE = """
for (const name of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } });
"""


class Site:
    """Serves the page, at two origins, and has it as a file.

    Args:
        folder: Where to put what it serves.

    Attributes:
        origin: The one of the page that has the frame in it.
        other_origin: Another one, of the same files.
        container: Another one, whose host is named as a container.
    """

    def __init__(self, folder: Path) -> None:
        for name, file in {
            "page.html": FRONT_END / "page.html",
            "outer.html": FRONT_END / "outer.html",
            "page.js": BUILT,
            "require.js": FRONT_END / "node_modules" / "requirejs" / "require.js",
            "nbextensions": Path(sys.prefix, "share", "jupyter", "nbextensions"),
        }.items():
            folder.joinpath(name).symlink_to(file)
        self.folder = folder
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=folder))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        port = self._server.server_address[1]
        self.origin, self.other_origin = f"http://127.0.0.1:{port}", f"http://localhost:{port}"
        self.container = f"http://jupyter_lab:{port}"

    def fulfill(self, route: Route) -> None:
        """Answer for another host."""
        route.fulfill(path=self.folder / urlsplit(route.request.url).path.removeprefix("/"))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


class FrontEnd(Widget):
    """The page, and the kernel behind it, with a widget in it.

    Args:
        page: Where to show it.
        lab: Whose kernel it is.
        site: Where the page is served.
        origin: The page's; "file" for the file.
        frame: The attributes of the frame that it is in; None where it is in none.
        script: What runs in the page before anything else.

    Attributes:
        origin: As given.
    """

    def __init__(
        self,
        page: Page,
        lab: Lab,
        site: Site,
        *,
        origin: str | None = None,
        frame: dict[str, str] | None = None,
        script: str = "",
    ) -> None:
        super().__init__(page)
        self._api = httpx.Client(
            base_url=lab.root, headers={"Authorization": f"token {lab.token}"}, trust_env=False
        )
        kernel = self._api.post("/api/kernels").raise_for_status().json()["id"]
        self._kernel = f"/api/kernels/{kernel}"
        self.origin = origin or site.origin
        root = site.folder.as_uri() if origin == "file" else self.origin
        query = urlencode({"server": f"{lab.root}/", "token": lab.token, "kernel": kernel})
        address = f"{root}/page.html?{query}"
        if script:
            page.add_init_script(script)
        if frame is not None:
            outer = urlencode({"frame": address} | frame)
            page.goto(f"{site.origin}/outer.html?{outer}")
        else:
            page.goto(address)
        self.cells: Frame = page.frames[-1]
        self.body = self.cells.locator("body")
        self.card = self.cells.locator(".auth0-widget").first
        self.live_buttons = self.card.locator("button:visible:not([aria-disabled=true])")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._api.delete(self._kernel)
        self._api.close()
        self.page.close()

    def run(self, *cells: str) -> None:
        """Have these cells run, one after the other, beside what the person does."""
        for cell in cells:
            self.cells.evaluate("code => run(code)", cell)

    def expect(self, text: Any) -> None:
        """Wait until the page says this: the card, or the output of a cell."""
        expect(self.body).to_contain_text(text)
