"""Each state of the card in each theme and width: checked by axe-core, measured, and pictured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.notebook import Notebook
    from bench.pictures import Pictures
    from playwright.sync_api import Locator

AXE = Path(__file__).parents[3] / "js" / "node_modules" / "axe-core" / "axe.min.js"

LIGHT, DARK, CONTRAST = "JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"
NARROW = 320  # CSS pixels: a phone, or a window of 1280 at 400 % (WCAG 2.2, 1.4.10)

_TALL = 1400  # CSS pixels: what is unfolded is in the picture as a whole

_DRESSES = {
    "light-wide": (LIGHT, None),
    "light-narrow": (LIGHT, NARROW),
    "dark-narrow": (DARK, NARROW),
    "dark-wide": (DARK, None),
}

# By default each theme and each width once, which saves two minutes. With ``--pictures``, all
# combinations.
_USUAL = {"light-wide", "dark-narrow"}

_SET_THEME = """theme => document.body.dataset.jpThemeName === theme ||
    window.jupyterapp.commands.execute('apputils:change-theme', { theme })"""

_FITS = """card => card.scrollWidth <= card.clientWidth && card.getBoundingClientRect().right
    <= card.parentElement.getBoundingClientRect().right"""

# JupyterLab's body has no height and hides its overflow. axe-core therefore takes everything in it
# for invisible, and does not check its contrast.
_VIOLATIONS = """async card => {
    document.body.style.minHeight = '100vh';
    const { violations, passes, incomplete } = await window.axe.run(card);
    const looked = [violations, passes, incomplete].flat().map(({ id }) => id);
    const found = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(node => node.failureSummary).join(' ')}`);
    return looked.includes('color-contrast') ? found : ['contrast was not looked at', ...found];
}"""


class Gallery:
    """Shows a card in each theme and width, checks it, and takes its picture."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    def show(self, notebook: Notebook, name: str) -> None:
        """Check the notebook's card, and write ``docs/gallery/<name>-<dress>.png``.

        Raises:
            AssertionError: axe-core finds something, or something does not fit.
        """
        card = notebook.card
        notebook.page.mouse.move(0, 0)
        notebook.page.set_viewport_size({"width": 1280, "height": _TALL})
        try:
            for dress, (theme, width) in _DRESSES.items():
                if dress in _USUAL or self._pictures.wanted:
                    _dress(card, theme, width)
                    _check(card)
                self._pictures.take(card, f"gallery/{name}-{dress}")
            _dress(card, CONTRAST, None)
            _check(card)
        finally:
            # JupyterLab saves the theme as a setting, which the next story would have, too.
            _dress(card, LIGHT, None)


def violations(card: Locator) -> list[str]:
    """What axe-core finds in a card with all of its rules, or that it has checked nothing."""
    if not card.page.evaluate("() => 'axe' in window"):
        card.page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
    found: list[str] = card.evaluate(_VIOLATIONS)
    return found


def _dress(card: Locator, theme: str, width: int | None) -> None:
    page = card.page
    page.evaluate(_SET_THEME, theme)
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
    card.evaluate(
        "(card, width) => { card.parentElement.style.maxWidth = width ? `${width}px` : '' }", width
    )
    # Two frames, because the first may still be drawn with the earlier style.
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def _check(card: Locator) -> None:
    assert violations(card) == []
    assert card.evaluate(_FITS), "something is cut off or sticks out"
