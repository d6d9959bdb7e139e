"""One notebook, open in one JupyterLab page: what a person does with it, and what they see.

Cells are counted from 0. Nothing here waits for a time: every wait is for something to be so, and
fails after ``TIMEOUT``. JupyterLab's own commands are used (``--expose-app-in-browser``) where a
menu entry would do the same; what belongs to us is clicked and typed.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.lab import Lab
    from playwright.sync_api import Locator, Page

TIMEOUT = 60_000
"""Milliseconds; generous, because two cores may be shared with another test run."""

SAVE_WIDGET_STATE = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"

# A command's promise is kept in the page, so that a caller may go on while its cell still runs.
_EXECUTE = """([command, name]) => {
    const done = (window.benchDone ??= {});
    done[name] = false;
    window.jupyterapp.commands.execute(command).catch(() => {}).finally(() => done[name] = true);
}"""

# JupyterLab draws outputs in frames of their own, a moment after the cell has finished.
_DRAWN = """index => {
    const { outputArea } = window.jupyterapp.shell.currentWidget.content.widgets[index];
    const drawn = [...outputArea.node.querySelectorAll('.jp-OutputArea-output')];
    return drawn.length >= outputArea.model.length && drawn.every(output => output.firstChild);
}"""

# What has become of the widgets of a page just loaded: "there", "lost", or null for not yet known.
_WIDGETS = """() => {
    const texts = [...document.querySelectorAll('.jp-OutputArea-output')].map(
        output => output.textContent);
    if (texts.includes('Loading widget...')) return null;
    return texts.includes('Error displaying widget: model not found') ? 'lost' : 'there';
}"""


class Widget:
    """The widget in some page.

    Attributes:
        page: Playwright's page.
        card: The widget's card; the first one if it is shown several times.
        live_buttons: Those on the card that can be clicked.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.card = page.locator(".auth0-widget").first
        self.live_buttons = self.card.locator("button:visible:not([aria-disabled=true])")


class Notebook(Widget):
    """A notebook file and the page it is open in.

    Attributes:
        path: The file on disk.
        altered: Whether the page is no longer as JupyterLab made it, so that no other story may
            have it.
    """

    def __init__(self, page: Page, lab: Lab, path: Path, front_end: str = "lab") -> None:
        super().__init__(page)
        self.path = path
        self.altered = False
        self._lab = lab
        self._front_end = front_end

    def open(self) -> None:
        """Open the file in a JupyterLab without other tabs, and wait for its kernel."""
        self.page.goto(self._address)
        self._wait_for_widgets()

    def open_here(self) -> None:
        """Open the file in a page in which JupyterLab is open already, and wait for its kernel."""
        self._open_tab()
        self._wait_for_widgets()

    def reopen(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Close the notebook's tab in JupyterLab and open it again, whatever its kernel does."""
        self.close_tab()
        meanwhile()
        self._open_tab()

    def alter(self, script: str) -> None:
        """Run a script that changes how the page works, and say so."""
        self.altered = True
        self.page.evaluate(f"{script}; 0")

    def reload(self) -> None:
        """Refresh the page, as F5 does: the kernel goes on, what was not saved is gone."""
        self._refresh()
        self._wait_for_widgets()

    def duplicate(self) -> Notebook:
        """Open the same address in a second tab, which gets a copy of sessionStorage."""
        with self.page.expect_popup() as tab:
            self.page.evaluate("() => { window.open(location.href); }")
        copy = Notebook(tab.value, self._lab, self.path, self._front_end)
        copy._wait_for_page()
        return copy

    def close(self) -> None:
        """Close the page; the kernel goes on."""
        self.page.close()

    def close_tab(self) -> None:
        """Close the notebook's tab in JupyterLab; the page stays, and the kernel goes on."""
        self.page.evaluate("window.jupyterapp.shell.currentWidget.dispose()")

    def shut_down(self) -> None:
        """End the kernel; the page stays."""
        self._lab.shut_down(self.path.name)

    def cell(self, index: int) -> Locator:
        """The cell: input, output and prompt."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def output(self, index: int) -> Locator:
        """The output area of a cell, prompts included; for ``expect(…)``."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def output_text(self, index: int) -> str:
        """What a cell has printed and returned by now, as text."""
        self.page.wait_for_function(_DRAWN, arg=index, timeout=TIMEOUT)
        outputs = self.output(index).locator(".jp-OutputArea-output")
        return "\n".join(text.strip() for text in outputs.all_inner_texts())

    def expect_output(self, index: int, text: str | re.Pattern[str]) -> None:
        """Wait until the output of a cell contains the text."""
        expect(self.output(index)).to_contain_text(text, timeout=TIMEOUT)

    def expect_running(self, index: int) -> None:
        """Wait until a cell shows ``[*]``: it runs, or waits for its turn."""
        expect(self._prompt(index)).to_have_text("[*]:", timeout=TIMEOUT)

    def expect_finished(self, index: int) -> None:
        """Wait until a cell shows its number: it ran to its end, or to an error."""
        expect(self._prompt(index)).to_have_text(re.compile(r"\[\d+\]:"), timeout=TIMEOUT)

    def run(self, index: int, *, wait: bool = True) -> None:
        """Run one cell; with ``wait=False`` return while it runs."""
        self.page.evaluate(
            "index => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = index }",
            index,
        )
        self.execute("notebook:run-cell", wait=wait)
        if wait:
            # After a restart the command may return while the cell still waits for its turn.
            expect(self._prompt(index)).not_to_have_text("[*]:", timeout=TIMEOUT)

    def run_all(self, *, wait: bool = True) -> None:
        """Run All; with ``wait=False`` return while the cells run."""
        self.execute("notebook:run-all-cells", wait=wait)

    def run_all_until(self, index: int) -> None:
        """Run All, and return when a cell waits for the person: ``[*]``."""
        self.run_all(wait=False)
        self.expect_running(index)

    def restart_kernel(self) -> None:
        """Restart the kernel through the menu's command and its question."""
        self.execute("notebook:restart-kernel", wait=False)
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self._wait_for_command("notebook:restart-kernel")
        self.wait_until_idle()

    def interrupt(self) -> None:
        """Interrupt the kernel, as the stop button does."""
        self.execute("notebook:interrupt-kernel")

    def wait_until_idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        self.page.wait_for_function(
            """() => window.jupyterapp.shell.currentWidget.sessionContext.session
                ?.kernel?.status === 'idle'""",
            timeout=TIMEOUT,
        )

    def save(self, *, widget_state: bool = False) -> dict[str, Any]:
        """Save, and return the file's content; ``widget_state`` saves that into it as well."""
        if widget_state:
            # JupyterLab keeps this as a setting for all notebooks: off again for the next one.
            self.execute(SAVE_WIDGET_STATE)
            self._save()
            self.execute(SAVE_WIDGET_STATE)
        else:
            self._save()
        content: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return content

    def local_storage(self) -> dict[str, str]:
        """What the page's origin keeps in localStorage."""
        items: dict[str, str] = self.page.evaluate("() => ({...window.localStorage})")
        return items

    def execute(self, command: str, *, wait: bool = True) -> None:
        """Run one of JupyterLab's commands, as its command palette does."""
        self.page.evaluate(_EXECUTE, [command, command])
        if wait:
            self._wait_for_command(command)

    @property
    def _address(self) -> str:
        return f"{self._lab.url_in(self._front_end, self.path.name)}&reset"

    def _open_tab(self) -> None:
        self.page.evaluate(
            "path => window.jupyterapp.commands.execute('docmanager:open', { path }).then(() => 0)",
            self.path.name,
        )

    def _prompt(self, index: int) -> Locator:
        return self.cell(index).locator(".jp-InputArea-prompt")

    def _wait_for_command(self, command: str) -> None:
        self.page.wait_for_function("name => window.benchDone[name]", arg=command, timeout=TIMEOUT)

    def _refresh(self) -> None:
        # The tabs of earlier stories do not come back with it.
        self.page.evaluate("address => history.replaceState(null, '', address)", self._address)
        self.page.reload()

    def _wait_for_page(self) -> None:
        self.page.wait_for_function(
            """name => {
                const widget = window.jupyterapp?.shell?.currentWidget;
                return widget?.context?.isReady && widget.context.path === name;
            }""",
            arg=self.path.name,
            timeout=TIMEOUT,
        )
        self.wait_until_idle()

    def _wait_for_widgets(self) -> None:
        self._wait_for_page()
        if self._widgets() == "lost":
            # jupyterlab_widgets 3.0.17 begins a second restore when the kernel's connection comes
            # up during the first. If the second is ready before, what the first has not brought
            # yet is given up. A person refreshes the page once more.
            self._refresh()
            self._wait_for_page()
            self._widgets()

    def _widgets(self) -> str:
        answer: str = self.page.wait_for_function(_WIDGETS, timeout=TIMEOUT).json_value()
        return answer

    def _save(self) -> None:
        self.execute("docmanager:save")
        self.page.wait_for_function(
            "() => !window.jupyterapp.shell.currentWidget.context.model.dirty", timeout=TIMEOUT
        )
