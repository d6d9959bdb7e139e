"""Pictures of the stories for the documentation, which are written only with an option."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator

DOCS = Path(__file__).parents[3] / "docs"


class Pictures:
    """Writes PNG files below ``docs/`` when the run has the option ``--pictures``.

    Args:
        wanted: Whether the files are to be written; otherwise only their existence is checked.
    """

    def __init__(self, *, wanted: bool) -> None:
        self.wanted = wanted

    def take(self, subject: Locator, name: str, *, margin: int = 8, scale: int = 1) -> None:
        """Write ``docs/<name>.png``. Without the option, check that the file exists.

        Args:
            subject: What to show, in a page that no longer changes. The picture is of all elements
                that it matches.
            name: The path below ``docs/``, without its ending.
            margin: Pixels of the notebook that are seen around it.
            scale: Device pixels for each CSS pixel.
        """
        path = DOCS / f"{name}.png"
        if self.wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_png(subject, margin, scale))
        assert path.exists(), f"docs/{name}.png is missing: run 'make gallery'"


def _png(subject: Locator, margin: int, scale: int) -> bytes:
    subject.first.scroll_into_view_if_needed()
    boxes = [box for each in subject.all() if (box := each.bounding_box()) is not None]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right = max(box["x"] + box["width"] for box in boxes)
    bottom = max(box["y"] + box["height"] for box in boxes)
    # Not Playwright's own screenshot: that cannot be larger than the screen it was made on.
    browser = subject.page.context.new_cdp_session(subject.page)
    answer = browser.send(
        "Page.captureScreenshot",
        {
            "clip": {
                "x": max(0, left - margin),
                "y": max(0, top - margin),
                "width": right - left + 2 * margin,
                "height": bottom - top + 2 * margin,
                "scale": scale,
            }
        },
    )
    browser.detach()
    return base64.b64decode(answer["data"])
