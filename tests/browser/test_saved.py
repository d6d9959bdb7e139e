"""A saved notebook, opened later: with or without its kernel, the widget's state, and trust.

The gallery has the case with the state and without the kernel. docs/front-ends.md has them all.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.notebook import Notebook
    from playwright.sync_api import Locator

SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"
TEXT = "LoginWidget: run this cell in Jupyter to see the Log in button."


def _log_in(notebook: Notebook) -> Locator:
    return notebook.card.get_by_role("button", name="Log in", exact=True)


def _saved(open_notebook: Callable[..., Notebook]) -> Notebook:
    notebook = open_notebook(SHOW)
    notebook.run(0)
    expect(_log_in(notebook)).to_be_enabled()
    notebook.save()
    notebook.close()
    return notebook


@pytest.mark.long
def test_while_the_kernel_goes_on_the_card_is_back_and_without_it_running_the_cell_brings_it(
    open_notebook: Callable[..., Notebook],
) -> None:
    first = _saved(open_notebook)
    second = open_notebook(again=first)
    expect(_log_in(second)).to_be_enabled()
    second.close()
    second.shut_down()
    third = open_notebook(again=first)
    # JupyterLab's own words: without the saved state there is no code of ours in the page.
    third.expect_output(0, "model not found")
    third.run(0)
    expect(_log_in(third)).to_be_enabled()


def test_a_page_that_is_refreshed_before_the_next_save_finds_what_its_file_names(
    open_notebook: Callable[..., Notebook],
) -> None:
    notebook = open_notebook(SHOW)
    notebook.run(0)
    expect(_log_in(notebook)).to_be_enabled()
    notebook.save()
    for _ in range(2):
        notebook.run(0)
        expect(_log_in(notebook)).to_be_enabled()
    notebook.reload()
    expect(_log_in(notebook)).to_be_enabled()
    notebook.run(0)
    expect(_log_in(notebook)).to_be_enabled()
    expect(notebook.page.locator(".auth0-widget")).to_have_count(1)


def test_where_the_notebook_is_not_trusted_a_line_of_text_says_what_to_do(
    open_notebook: Callable[..., Notebook],
) -> None:
    first = _saved(open_notebook)
    first.shut_down()
    _change(first.path)
    second = open_notebook(again=first)
    second.expect_output(0, TEXT)
    expect(second.card).to_have_count(0)


def test_an_export_without_the_widgets_state_has_the_line_of_text(
    open_notebook: Callable[..., Notebook],
) -> None:
    html, _ = HTMLExporter().from_filename(str(_saved(open_notebook).path))
    assert TEXT in html
    assert "widget-view+json" not in html


def _change(path: Path) -> None:
    """Change a file outside JupyterLab, which trusts only what it has saved itself."""
    content = json.loads(path.read_text(encoding="utf-8"))
    content["metadata"]["title"] = "Somebody else's"
    path.write_text(json.dumps(content), encoding="utf-8")
