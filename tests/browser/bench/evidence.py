"""What a failed story leaves in test-results/: screenshots, the console, the cells' outputs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from playwright.sync_api import Error

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, WebError

_CELLS = """() => (window.jupyterapp?.shell?.currentWidget?.content?.widgets ?? [])
    .map(cell => cell.model.toJSON())"""


class Evidence:
    """Records the console and the errors of the pages of a browser context.

    Attributes:
        console: One line for each console message and each uncaught error, in order.
    """

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self.console: list[str] = []
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)

    def write(self, directory: Path, name: str, server_log: str) -> None:
        """Write everything into a folder named after the test."""
        folder = directory / re.sub(r"[^\w.-]+", "-", name)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "console.log").write_text("\n".join(self.console), encoding="utf-8")
        (folder / "jupyterlab.log").write_text(server_log, encoding="utf-8")
        for number, page in enumerate(self._context.pages):
            self._write_page(page, folder / f"page-{number}")

    def stop(self) -> None:
        """Stop recording."""
        self._context.remove_listener("console", self._on_console)
        self._context.remove_listener("weberror", self._on_error)

    def _write_page(self, page: Page, stem: Path) -> None:
        try:
            page.screenshot(path=stem.with_suffix(".png"))
            cells = page.evaluate(_CELLS)
        except Error as error:
            # An error of a page that closes or hangs must not replace the test's own failure.
            cells = [f"{page.url}: {error}"]
        stem.with_suffix(".cells.json").write_text(json.dumps(cells, indent=1), encoding="utf-8")

    def _on_console(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")

    def _on_error(self, error: WebError) -> None:
        self.console.append(f"uncaught: {error.error}")
