"""A JupyterLab, a Chromium, the local tenant and Ada: what the benchmarks in a browser share.

They are those of the browser tests (tests/browser/bench).
"""

from __future__ import annotations

import json
import socket
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.chromium import OPTIONS, find_chromium
from bench.desk import fresh_context
from bench.lab import Lab
from bench.notebook import TIMEOUT, Notebook
from bench.person import Person
from playwright.sync_api import expect, sync_playwright

from auth0_widget.local_tenant import LocalTenant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext

SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"

# In the page: when the widget is there, and when its card is. All clocks are the machine's, in
# milliseconds since 1970. The console tells Playwright of the card. Its locators would be evaluated
# in the page, in the very thread that draws the card, and take 20 to 50 ms of it in JupyterLab.
WATCH_CARD = """() => {
    const now = () => performance.timeOrigin + performance.now();
    const bench = (window.bench = {});
    new MutationObserver(() => {
        const card = document.querySelector('.auth0-widget');
        if (!bench.shown && card) bench.shown = now();
        if (bench.card || !card?.textContent.includes('Ada Lovelace')) return;
        bench.card = now();
        console.debug('the card is drawn');
    }).observe(document, { childList: true, subtree: true, characterData: true });
}"""

# Jupyter Server leaves Nagle's algorithm on: a small message waits until the browser has
# acknowledged the one before, which it delays by up to 40 ms (RFC 1122, 4.2.3.2 and 4.2.3.4).
_WITHOUT_NAGLE = """
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

opened = KernelWebsocketHandler.open

async def open_without_delay(self, kernel_id):
    self.set_nodelay(True)
    await opened(self, kernel_id)

KernelWebsocketHandler.open = open_without_delay
"""


@dataclass
class FrontEnd:
    """What a person sits at."""

    lab: Lab
    context: BrowserContext
    tenant: LocalTenant
    ada: Person

    def open(self, *cells: str) -> Notebook:
        """A notebook in a page of its own."""
        notebook = Notebook(self.context.new_page(), self.lab, self.lab.write(*cells))
        notebook.open()
        return notebook

    def open_beside(self, notebook: Notebook, *cells: str) -> Notebook:
        """Another notebook, in the page of one that is open."""
        other = Notebook(notebook.page, self.lab, self.lab.write(*cells))
        other.open_here()
        return other


@contextmanager
def front_end(*, without_nagle: bool = False) -> Iterator[FrontEnd]:
    """All of it, and nothing of it left afterwards.

    Args:
        without_nagle: Whether Jupyter Server sends the messages of kernels without delay, which it
            does not by itself.
    """
    expect.set_options(timeout=TIMEOUT)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {
            "AUTH0_DOMAIN": f"http://127.0.0.1:{port}",
            "AUTH0_CLIENT_ID": LocalTenant().client_id,
        }
        lab = Lab(folder, environment)
        if without_nagle:
            config = folder / "config" / "jupyter_server_config.py"
            config.parent.mkdir(parents=True)
            config.write_text(_WITHOUT_NAGLE, encoding="utf-8")
        stack.callback(lab.stop)
        lab.start()
        tenant = stack.enter_context(LocalTenant(port=port, origins=[lab.origin]))
        executable = find_chromium()
        if executable is None:
            raise FileNotFoundError("no Chromium was found: run 'make chromium'")
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=executable, args=list(OPTIONS))
        stack.callback(browser.close)
        yield FrontEnd(lab, fresh_context(browser), tenant, Person(tenant, "ada@example.com"))


def wait_for_card(notebook: Notebook, act: Callable[[], object]) -> None:
    """Do something, and wait until the page, which runs `WATCH_CARD`, has drawn the card."""
    with notebook.page.expect_console_message(lambda told: told.text == "the card is drawn"):
        act()


def printed(notebook: Notebook, index: int) -> Any:  # noqa: ANN401 - JSON
    """What a cell, run again, prints as JSON."""
    notebook.run(index)
    return json.loads(notebook.output_text(index))
