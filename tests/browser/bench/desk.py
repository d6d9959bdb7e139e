"""The browser that stays open from story to story, with JupyterLab in it.

Loading JupyterLab costs about eight seconds of a core, opening a notebook in it less than two. So a
story finds JupyterLab open, as most people do, in a browser that has forgotten the story before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.notebook import TIMEOUT, Notebook

if TYPE_CHECKING:
    from pathlib import Path

    from bench.lab import Lab
    from playwright.sync_api import Browser, BrowserContext, Page

VIEWPORT = {"width": 1280, "height": 900}

# Disposed of, not closed: nobody asks whether to save. False when a question of JupyterLab's is
# still open, which would eat the next story's first click.
_TIDY = """() => {
    for (const document of [...window.jupyterapp.shell.widgets('main')]) document.dispose();
    localStorage.clear();
    sessionStorage.clear();
    return document.querySelector('.jp-Dialog') === null;
}"""


def fresh_context(browser: Browser) -> BrowserContext:
    """A browser of its own: nobody's cookies, nobody's storage."""
    context = browser.new_context(viewport=VIEWPORT)
    context.set_default_timeout(TIMEOUT)
    return context


class Desk:
    """One browser context and, once a story has wanted it, JupyterLab open in a page of it.

    Attributes:
        lab: The server behind it.
    """

    def __init__(self, browser: Browser, lab: Lab) -> None:
        self._browser = browser
        self.lab = lab
        self._context: BrowserContext | None = None
        # Where JupyterLab is open, and the notebook that a story has opened there.
        self._page: Page | None = None
        self._notebook: Notebook | None = None

    @property
    def context(self) -> BrowserContext:
        """The context; it remembers nothing of the story before."""
        if self._context is None:
            self._context = fresh_context(self._browser)
        return self._context

    def open(self, path: Path) -> Notebook:
        """Open a notebook: in the JupyterLab that is open if no other one is, or in a new page."""
        if self._page and not self._notebook:
            self._notebook = Notebook(self._page, self.lab, path)
            self._notebook.open_here()
            return self._notebook
        notebook = Notebook(self.context.new_page(), self.lab, path)
        notebook.open()
        if not self._notebook or self._notebook.page.is_closed():
            self._page, self._notebook = notebook.page, notebook
        return notebook

    def tidy(self, *, keep: bool) -> None:
        """End a story: close its pages, forget what it left behind.

        Args:
            keep: Whether the next story may have the browser, if the page was not altered.
        """
        notebook, self._notebook = self._notebook, None
        if self._context is None:
            return
        keep = keep and not (notebook and notebook.altered)
        for page in self._context.pages:
            if page is not self._page:
                page.close()
        if not (keep and self._page and not self._page.is_closed() and _forget(self._page)):
            self._context.close()
            self._context = self._page = None


def _forget(page: Page) -> bool:
    page.context.clear_cookies()
    page.set_viewport_size(VIEWPORT)
    page.emulate_media(media="screen")
    return bool(page.evaluate(_TIDY))
