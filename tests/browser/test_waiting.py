"""Cells that wait, kernels that are busy: every front end with every ipykernel.

``make test`` runs the newest kernel in JupyterLab and in Notebook 7. ``make test-matrix`` installs
the others beside it, runs every story with each of them, and also what they do by themselves. Each
prints what it ran as a grid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.kernels import NEWEST_KERNEL, older_kernels
from bench.matrix import SAID
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.notebook import Notebook
    from bench.person import Person

SHOW = "from auth0_widget import LoginWidget\nlogin = LoginWidget()\nlogin"
AWAIT = "session = await login\nprint('hello', session.user.name)"
WAIT = "session = login.wait(timeout=300)\nprint('hello', session.user.name)"
WAITING = {"await": AWAIT, "wait": WAIT}
NEXT = "print('then', session.user.email)"
# A cell that is busy until the test lets it go.
BUSY = """
import pathlib, time
print("busy")
while not pathlib.Path("go-on").exists():
    time.sleep(0.05)
print("released")
"""

# A widget that knows nothing of all this: what do kernels do by themselves?
BELL = """
import anywidget, asyncio, pathlib, time

class Bell(anywidget.AnyWidget):
    _esm = '''export default { render({ model, el }) {
        const button = document.createElement("button");
        button.textContent = "Ring";
        button.onclick = () => model.send("ring");
        el.append(button);
    }};'''

rung = []

def listening():
    # Until it rings, or for two seconds after the click: a message takes milliseconds.
    clicked = None
    while not rung and (clicked is None or time.monotonic() < clicked + 2):
        if clicked is None and pathlib.Path("clicked").exists():
            clicked = time.monotonic()
        yield

bell = Bell()
bell.on_msg(lambda *_: rung.append(1))
bell
"""
LISTEN = {
    "await": "for _ in listening():\n    await asyncio.sleep(0.05)\nprint(f'heard {len(rung)}')",
    "blocking": "for _ in listening():\n    time.sleep(0.05)\nprint(f'heard {len(rung)}')",
}

pytestmark = [
    pytest.mark.parametrize("front_end", ["lab", "notebook"]),
    pytest.mark.parametrize(
        "kernel",
        [
            NEWEST_KERNEL,
            *(pytest.param(name, marks=pytest.mark.matrix) for name in older_kernels()),
        ],
    ),
]


@pytest.fixture
def open_story(
    open_notebook: Callable[..., Notebook], kernel: str, front_end: str
) -> Callable[..., Notebook]:
    return lambda *cells, **more: open_notebook(*cells, kernel=kernel, front_end=front_end, **more)


@pytest.mark.column("Run All, {waiting}")
@pytest.mark.parametrize("waiting", WAITING)
def test_run_all_waits_for_the_person_and_then_goes_on_in_order(
    open_story: Callable[..., Notebook], ada: Person, waiting: str
) -> None:
    notebook = open_story(
        SHOW, WAITING[waiting], NEXT, "count = globals().get('count', 0) + 1; print(count)"
    )
    notebook.run_all_until(1)
    expect(notebook.card).to_contain_text("A cell is waiting")
    ada.log_in(notebook)
    notebook.expect_output(1, "hello Ada Lovelace")
    notebook.expect_output(2, "then ada@example.com")
    notebook.expect_output(3, "1")
    expect(notebook.card).not_to_contain_text("A cell is waiting")


@pytest.mark.column("Stop, {waiting}")
@pytest.mark.parametrize("waiting", WAITING)
def test_stop_ends_the_wait_at_once_and_the_widget_still_works(
    open_story: Callable[..., Notebook], ada: Person, waiting: str
) -> None:
    notebook = open_story(SHOW, WAITING[waiting])
    notebook.run_all_until(1)
    expect(notebook.card).to_contain_text("A cell is waiting")
    notebook.interrupt()
    notebook.expect_output(1, "KeyboardInterrupt")
    notebook.expect_finished(1)
    ada.log_in(notebook)
    notebook.run(1)
    assert notebook.output_text(1) == "hello Ada Lovelace"


@pytest.mark.column("busy kernel")
def test_a_login_while_another_cell_keeps_the_kernel_busy(
    open_story: Callable[..., Notebook],
    ada: Person,
    kernel: str,
    record_property: Callable[[str, str], None],
) -> None:
    notebook = open_story(SHOW, BUSY, AWAIT)
    notebook.run(0)
    expect(notebook.card.get_by_role("button", name="Log in", exact=True)).to_be_enabled()
    notebook.run(1, wait=False)
    notebook.expect_output(1, "busy")
    ada.finish(ada.open_popup(notebook))
    if "-6." in kernel:
        # It has one thread for cells and messages, and the cell is not ours.
        status = notebook.card.get_by_role("status")
        expect(status).to_contain_text("Waiting for the kernel")
        record_property(SAID, status.inner_text())
    else:
        expect(notebook.card).to_contain_text("Ada Lovelace")
    release = notebook.path.with_name("go-on")
    release.touch()
    notebook.expect_output(1, "released")
    release.unlink()
    expect(notebook.card).to_contain_text("Ada Lovelace")
    notebook.run(2)
    assert notebook.output_text(2) == "hello Ada Lovelace"


@pytest.mark.column("refresh mid-login")
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


@pytest.mark.column("restart mid-login")
def test_a_restart_in_the_middle_of_a_login(
    open_story: Callable[..., Notebook], ada: Person
) -> None:
    notebook = open_story(SHOW, AWAIT)
    notebook.run(0)
    popup = ada.open_popup(notebook)
    notebook.restart_kernel()
    expect(notebook.card).to_contain_text("run this cell")
    # The window is still there, and these are about it.
    expect(notebook.live_buttons).to_have_text(["Show window", "Cancel"])
    with popup.expect_event("close"):
        notebook.card.get_by_role("button", name="Cancel").click()
    expect(notebook.live_buttons).to_have_count(0)
    notebook.run(0)
    ada.log_in(notebook)
    notebook.run(1)
    assert notebook.output_text(1) == "hello Ada Lovelace"


@pytest.mark.matrix
@pytest.mark.column("by itself: {listening}")
@pytest.mark.parametrize("listening", LISTEN)
def test_what_a_kernel_hears_by_itself_is_what_the_table_says(
    open_story: Callable[..., Notebook],
    kernel: str,
    listening: str,
    record_property: Callable[[str, str], None],
) -> None:
    notebook = open_story(BELL, LISTEN[listening])
    notebook.run(0)
    notebook.run(1, wait=False)
    notebook.expect_running(1)
    notebook.page.get_by_role("button", name="Ring").click()
    clicked = notebook.path.with_name("clicked")
    clicked.touch()
    notebook.expect_output(1, "heard")
    clicked.unlink()
    heard = notebook.output_text(1) == "heard 1"
    record_property(SAID, "yes" if heard else "no")
    # The table is in auth0_widget/kernels.py; a kernel that has changed is to be written there.
    by_itself = {"await": "-6." not in kernel, "blocking": "-7." in kernel}
    assert heard == by_itself[listening]
