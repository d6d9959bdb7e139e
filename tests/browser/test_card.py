"""The card as people meet it: what it looks like, and that everybody can use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.notebook import Notebook
    from bench.person import Person
    from bench.pictures import Pictures

SHOW = "from auth0_widget import LoginWidget\n\nlogin = LoginWidget()\nlogin"


def test_the_picture_in_the_readme_is_of_a_real_cell(
    open_notebook: Callable[..., Notebook], ada: Person, pictures: Pictures
) -> None:
    notebook = open_notebook(SHOW, "session = await login\nprint('Hello,', session.user.name)")
    notebook.run(0)
    ada.log_in(notebook)
    expect(notebook.card.locator("img")).to_be_visible()
    # Where the pointer and the caret happen to be is not part of the picture.
    notebook.run(1)
    notebook.page.mouse.move(0, 0)
    pictures.take(notebook.cell(0), "card", margin=0, scale=2)
