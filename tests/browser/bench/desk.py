"""The browser that stays open from story to story, with JupyterLab in it.

Loading JupyterLab costs about eight seconds of a core, opening a notebook in it less than two. So
JupyterLab is open when a story begins, in a browser without any data of the story before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.notebook import TIMEOUT, Notebook

if TYPE_CHECKING:
    from pathlib import Path

    from bench.lab import Lab
    from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

VIEWPORT: ViewportSize = {"width": 1280, "height": 900}

MOST_PAGES = 2
"""The pages that are kept open. Many stories have two tabs, and few have three."""

# Disposed of and not closed, so that JupyterLab does not ask whether to save.
_PUT_AWAY = """() => {
    for (const document of [...window.jupyterapp.shell.widgets('main')]) document.dispose();
}"""

# False when a dialog of JupyterLab is still open, which would get the next story's first click.
_FORGET = """() => {
    localStorage.clear();
    sessionStorage.clear();
    return document.querySelector('.jp-Dialog') === null;
}"""


def fresh_context(browser: Browser) -> BrowserContext:
    """A new browser context, without cookies and stored data."""
    context = browser.new_context(viewport=VIEWPORT)
    context.set_default_timeout(TIMEOUT)
    return context


class Desk:
    """One browser context, and its free pages, in which JupyterLab is open.

    Attributes:
        lab: The server behind it.
    """

    def __init__(self, browser: Browser, lab: Lab) -> None:
        self._browser = browser
        self.lab = lab
        self._context: BrowserContext | None = None
        self._free: list[Page] = []
        self._opened: list[Notebook] = []

    @property
    def context(self) -> BrowserContext:
        """The context, without any data of the story before."""
        if self._context is None:
            self._context = fresh_context(self._browser)
        return self._context

    def open(self, path: Path) -> Notebook:
        """Open a notebook, in a free page if there is one."""
        if self._free:
            notebook = Notebook(self._free.pop(), self.lab, path)
            notebook.open_here()
        else:
            notebook = Notebook(self.context.new_page(), self.lab, path)
            notebook.open()
        self._opened.append(notebook)
        return notebook

    def tidy(self, *, keep: bool) -> None:
        """End a story: its kernels, the pages that it altered or opened, and the stored data.

        Args:
            keep: Whether the next story may use the browser.
        """
        opened, self._opened = self._opened, []
        used = [each for each in opened if keep and not each.page.is_closed()]
        for notebook in used:
            notebook.page.evaluate(_PUT_AWAY)
        # Before the storage is cleared, because a kernel's last message may store something.
        self.lab.shut_down()
        if self._context is None:
            return
        free = self._free + [each.page for each in used if not each.altered]
        self._free = free[:MOST_PAGES] if keep else []
        for page in self._context.pages:
            if page not in self._free:
                page.close()
        if not (self._free and all(_forget(page) for page in self._free)):
            # If no page is left with which to clear the storage, the whole context is closed.
            self._context.close()
            self._context, self._free = None, []


def _forget(page: Page) -> bool:
    page.context.clear_cookies()
    page.set_viewport_size(VIEWPORT)
    page.emulate_media(media="screen")
    return bool(page.evaluate(_FORGET))
