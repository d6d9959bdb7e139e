"""The tutorials as a person runs them: Run All, and log in at the cell that waits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.notebook import Notebook
    from bench.person import Person

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture
def read_on(open_notebook: Callable[..., Notebook], ada: Person) -> Callable[[str], Notebook]:
    """Open a tutorial without its stored outputs, run it whole, and log in when it asks."""

    def read(name: str) -> Notebook:
        notebook = open_notebook(file=NOTEBOOKS / name)
        notebook.execute("editmenu:clear-all")
        expect(notebook.page.locator(".jp-OutputArea-output")).to_have_count(0)
        notebook.run_all(wait=False)
        ada.finish(ada.open_popup(notebook))
        return notebook

    return read


def expect_to_read(notebook: Notebook, *texts: str) -> None:
    for text in texts:
        outputs = notebook.page.locator(".jp-Notebook .jp-OutputArea-output", has_text=text)
        expect(outputs.first).to_be_visible()
    notebook.wait_until_idle()
    errors = notebook.page.locator('[data-mime-type="application/vnd.jupyter.error"]')
    expect(errors).to_have_count(0)


def test_the_first_notebook_runs_as_it_is_shipped(read_on: Callable[[str], Notebook]) -> None:
    expect_to_read(read_on("01_login.ipynb"), "Hello, Ada Lovelace", "(200,")


def test_the_notebook_on_session_handling_goes_from_login_to_logout(
    read_on: Callable[[str], Notebook],
) -> None:
    notebook = read_on("02_session_handling.ipynb")
    expect_to_read(notebook, "renews itself: True", "('logged_out', None)", "session_ended")
    expect(notebook.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()
    (record,) = (
        value for key, value in notebook.local_storage().items() if key.startswith("auth0-widget:")
    )
    # As the notebook tells its readers: only the time of the logout is left.
    assert "ended_at" in record
    assert "token" not in record


def test_the_notebook_on_the_profile_shows_who_it_is(
    read_on: Callable[[str], Notebook],
) -> None:
    expect_to_read(
        read_on("03_user_profile.ipynb"),
        "family_name: Lovelace",
        "Until next time.",
        "invalid_domain",
    )


def test_the_notebook_on_apis_reads_and_writes(read_on: Callable[[str], Notebook]) -> None:
    expect_to_read(
        read_on("04_calling_an_api.ipynb"),
        "Write a program for the engine",
        "401 invalid_token",
    )
