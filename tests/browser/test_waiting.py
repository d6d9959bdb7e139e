"""Cells that wait, kernels that are busy: every front end with every ipykernel.

``make test`` runs the newest kernel in JupyterLab. ``make test-matrix`` installs the others beside
it, runs them all, in Notebook 7 too, and prints what ``auth0_widget/kernels.py`` claims.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.kernels import kernelspecs
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.notebook import Notebook
    from bench.person import Person

SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"
AWAIT = "session = await login\nprint('hello', session.user.name)"
WAIT = "session = login.wait(timeout=300)\nprint('hello', session.user.name)"
NEXT = "print('then', session.user.email)"
# A cell that is busy until the test lets it go.
BUSY = """
import pathlib, time
print("busy")
while not pathlib.Path("go-on").exists():
    time.sleep(0.05)
print("released")
"""

pytestmark = [
    pytest.mark.parametrize(
        "front_end", ["lab", pytest.param("notebook", marks=pytest.mark.matrix)]
    ),
    pytest.mark.parametrize("kernel", kernelspecs()),
]


@pytest.fixture
def open_story(
    open_notebook: Callable[..., Notebook], kernel: str, front_end: str
) -> Callable[..., Notebook]:
    return lambda *cells, **more: open_notebook(*cells, kernel=kernel, front_end=front_end, **more)


@pytest.mark.parametrize("waiting", [AWAIT, WAIT], ids=["await", "wait"])
def test_run_all_waits_for_the_person_and_then_goes_on_in_order(
    open_story: Callable[..., Notebook], ada: Person, waiting: str
) -> None:
    notebook = open_story(
        SHOW, waiting, NEXT, "count = globals().get('count', 0) + 1; print(count)"
    )
    notebook.run_all(wait=False)
    notebook.expect_running(1)
    expect(notebook.card).to_contain_text("A cell is waiting")
    ada.log_in(notebook)
    notebook.expect_output(1, "hello Ada Lovelace")
    notebook.expect_output(2, "then ada@example.com")
    notebook.expect_output(3, "1")
    expect(notebook.card).not_to_contain_text("A cell is waiting")


@pytest.mark.parametrize("waiting", [AWAIT, WAIT], ids=["await", "wait"])
def test_stop_ends_the_wait_at_once_and_the_widget_still_works(
    open_story: Callable[..., Notebook], ada: Person, waiting: str
) -> None:
    notebook = open_story(SHOW, waiting)
    notebook.run_all(wait=False)
    notebook.expect_running(1)
    expect(notebook.card).to_contain_text("A cell is waiting")
    notebook.interrupt()
    notebook.expect_output(1, "KeyboardInterrupt")
    notebook.expect_finished(1)
    ada.log_in(notebook)
    notebook.run(1)
    assert notebook.output_text(1) == "hello Ada Lovelace"


def test_a_login_while_another_cell_keeps_the_kernel_busy(
    open_story: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_story(SHOW, BUSY, AWAIT)
    notebook.run(0)
    expect(notebook.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()
    notebook.run(1, wait=False)
    notebook.expect_output(1, "busy")
    ada.finish(ada.open_popup(notebook))
    release = notebook.path.with_name("go-on")
    release.touch()
    notebook.expect_output(1, "released")
    release.unlink()
    expect(notebook.card).to_contain_text("Ada Lovelace")
    notebook.run(2)
    assert notebook.output_text(2) == "hello Ada Lovelace"


def test_a_refresh_in_the_middle_of_a_login(
    open_story: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_story(SHOW, AWAIT)
    notebook.run(0)
    notebook.save()
    popup = ada.open_popup(notebook)
    notebook.reload()
    popup.close()
    ada.log_in(notebook)
    notebook.run(1)
    assert notebook.output_text(1) == "hello Ada Lovelace"


def test_a_restart_in_the_middle_of_a_login(
    open_story: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_story(SHOW, AWAIT)
    notebook.run(0)
    popup = ada.open_popup(notebook)
    notebook.restart_kernel()
    popup.close()
    notebook.run(0)
    ada.log_in(notebook)
    notebook.run(1)
    assert notebook.output_text(1) == "hello Ada Lovelace"
