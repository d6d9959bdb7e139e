"""A front end that shows a widget in a frame, as VS Code and Colab do, and a real kernel behind it.

The frame hosts the widget as anywidget does: it imports the module from a Blob URL and gives it a
model. What the model sends goes to the kernel as a comm message, and back, through this module: it
stands where VS Code has its extension.
"""

from __future__ import annotations

import queue
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from bench.notebook import TIMEOUT, Widget
from real_kernel import RealKernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Frame, Page
    from typing_extensions import Self

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

VS_CODE = "allow-same-origin allow-pointer-lock allow-scripts allow-downloads allow-forms"
"""The sandbox of VS Code's webviews, in microsoft/vscode at 03ed752: no windows."""

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

_FRAME = """<!doctype html><meta charset="utf-8"><body><div id="output"></div><script>
%s
const listeners = {};
const sent = [];
const model = {
  on: (event, listener) => (listeners[event] ??= new Set()).add(listener),
  off: (event, listener) => listeners[event]?.delete(listener),
  send: message => sent.push(message),
};
window.show = async (esm, css) => {
  document.head.append(Object.assign(document.createElement('style'), { textContent: css }));
  const url = URL.createObjectURL(new Blob([esm], { type: 'text/javascript' }));
  const widget = await (await import(url)).default();
  await widget.initialize({ model });
  await widget.render({ model, el: document.getElementById('output') });
};
window.hear = message => [...(listeners['msg:custom'] ?? [])].forEach(heard => heard(message));
window.take = () => sent.splice(0);
</script>"""

_OUTER = '<!doctype html><meta charset="utf-8"><iframe name="output" src="%s" %s></iframe>'


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        html = _FRAME % query["script"] if "script" in query else _OUTER % _attributes(query)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(html.encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


def _attributes(query: dict[str, str]) -> tuple[str, str]:
    sandbox = f'sandbox="{query["sandbox"]}"' if "sandbox" in query else ""
    return query["frame"].replace("&", "&amp;"), sandbox


class FramedWidget(Widget):
    """The widget in a frame of a page, and the kernel that it belongs to.

    Args:
        page: Where to show it.
        environment: What the kernel finds in its environment.
        sandbox: The frame's attribute; None for a frame without one.
        script: What runs in the frame before anything else.
        another_origin: Whether the frame is of another origin than the page around it.

    Attributes:
        origin: The origin of the frame's address.
        printed: What the cells have printed and raised.
    """

    def __init__(
        self,
        page: Page,
        environment: dict[str, str],
        *,
        sandbox: str | None = None,
        script: str = "",
        another_origin: bool = False,
    ) -> None:
        super().__init__(page)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        port = self._server.server_address[1]
        outer = f"http://127.0.0.1:{port}"
        self.origin = f"http://localhost:{port}" if another_origin else outer
        self._kernel = RealKernel(**environment)
        self._comm: dict[str, Any] = {}
        self.printed = ""
        query = {"frame": f"{self.origin}/?{urlencode({'script': script or ' '})}"}
        page.goto(f"{outer}/?{urlencode(query | ({'sandbox': sandbox} if sandbox else {}))}")
        self.card = page.frame_locator("iframe").locator(".auth0-widget")
        self.live_buttons = self.card.locator("button:visible:not([aria-disabled=true])")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._kernel.close()

    @property
    def frame(self) -> Frame:
        frame = self.page.frame(name="output")
        assert frame is not None
        return frame

    def run(self, *cells: str) -> None:
        """Have these cells run, one after the other, beside what the person does."""
        for cell in cells:
            self._kernel.client.execute(cell, store_history=False)

    def wait_until(self, condition: Callable[[], object]) -> None:
        """Carry messages between page and kernel until this is so."""
        ends = time.monotonic() + TIMEOUT / 1000
        while not condition():
            assert time.monotonic() < ends, self.printed
            self._carry()

    def expect_card(self, text: str) -> None:
        """Carry messages until the card says this."""
        self.wait_until(lambda: self.card.count() and text in self.card.inner_text())

    def click(self, name: str, role: Any = "button") -> None:
        """Wait for this button or link of the card, and click it."""
        target = self.card.get_by_role(role, name=name, exact=True)
        self.wait_until(lambda: target.count() and target.is_visible())
        target.click()

    def _carry(self) -> None:
        if self._comm:
            for content in self.frame.evaluate("take()"):
                data = {"method": "custom", "content": content}
                message = self._kernel.client.session.msg(
                    "comm_msg", {"comm_id": self._comm["comm_id"], "data": data}
                )
                self._kernel.client.shell_channel.send(message)
        try:
            message = self._kernel.client.get_iopub_msg(timeout=0.05)
        except queue.Empty:
            return
        content = message["content"]
        match message["msg_type"]:
            case "comm_open" if "_esm" in content["data"].get("state", {}):
                self._comm = content
            case "display_data" | "execute_result" if WIDGET_VIEW in content["data"]:
                state = self._comm["data"]["state"]
                self.frame.evaluate(
                    "([esm, css]) => show(esm, css)", [state["_esm"], state["_css"]]
                )
            case "comm_msg" if content["data"].get("method") == "custom":
                self.frame.evaluate("message => hear(message)", content["data"]["content"])
            case "stream":
                self.printed += content["text"]
            case "error":
                self.printed += f"{content['ename']}: {content['evalue']}"
